"""The page of the rewards: what VIP costs and how long it lasts, and the rules for everything else."""

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, page_error
from vip_manager.ui.components.button import look
from vip_manager.ui.components.card import skeleton
from vip_manager.ui.language import message, t
from vip_manager.ui.pages.rewards import block_list, rules, tier_form, tiers
from vip_manager.ui.pages.rewards.browser import Unsaved
from vip_manager.ui.pages.rewards.state import Rewards


def rewards() -> rx.Component:
    return channel_frame(
        "rewards", _rewards(), tier_form.create(), tier_form.edit(), tiers.delete(), enter=Rewards.enter
    )


def _rewards() -> rx.Component:
    """Not a grid: what is to be saved sticks to the window's edge for as long as any of the page is seen."""
    picture = Rewards.picture
    here = Rewards.of == picture.channel_id
    said_there = (Rewards.error_at == "rules") | (Rewards.error_at == "block")
    return rx.el.div(
        headline(
            message("Rewards and rules"),
            about=t("What VIP costs, what each reward does right now, and the rules for everything else."),
        ),
        connection_trouble(),
        page_error(said_there & (Site.error.template != "")),
        tiers.tiers(),
        rx.cond(here, rules.rules(), skeleton("h-96")),
        rx.cond(here & Rewards.may.rules, rules.save()),
        block_list.block_list(),
        Unsaved.create(unsaved=Rewards.unsaved, look=look("quiet")),
        class_name="space-y-4",
    )
