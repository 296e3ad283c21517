"""The page of the rewards: what VIP costs and how long it lasts, and the rules for everything else."""

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, page_error
from vip_manager.ui.components.card import skeleton
from vip_manager.ui.pages.rewards import block_list, rules, tiers
from vip_manager.ui.pages.rewards.state import Rewards


def rewards() -> rx.Component:
    return channel_frame("rewards", _rewards(), tiers.create(), tiers.edit(), tiers.delete(), enter=Rewards.enter)


def _rewards() -> rx.Component:
    picture = Rewards.picture
    said_there = (Rewards.error_at == "rules") | (Rewards.error_at == "block")
    return rx.el.div(
        headline("Rewards and rules"),
        connection_trouble(),
        page_error(said_there & (Site.error.template != "")),
        tiers.tiers(),
        rx.cond(Rewards.of == picture.channel_id, rules.rules(), skeleton("h-96")),
        block_list.block_list(),
        class_name="grid gap-4",
    )
