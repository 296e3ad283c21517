"""Several rewards: each as viewers see it and what it does now; and deleting one."""

from typing import Any

import reflex as rx

from vip_manager.services.rewards import MOST_TIERS
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.card import card, empty, heading
from vip_manager.ui.components.dialog import question
from vip_manager.ui.components.reward_card import lasts, points, viewer_card
from vip_manager.ui.language import rich, t
from vip_manager.ui.pages.rewards.state import Rewards
from vip_manager.ui.pages.rewards.tier_form import of_subject
from vip_manager.ui.prospect_words import PROSPECTS


def tiers() -> rx.Component:
    every = Rewards.picture.tiers
    return card(
        heading(
            t("Rewards"),
            rx.cond(Rewards.may.rewards & (every.length() > 0), _add()),
            count=every.length(),
            landing=True,
        ),
        rx.cond(
            every.length() > 0,
            rx.el.ul(rx.foreach(every, _tier), class_name="mt-4 grid gap-4 lg:grid-cols-2"),
            _none(),
        ),
    )


def _add() -> rx.Component:
    full = Rewards.picture.tiers.length() >= MOST_TIERS
    return rx.fragment(
        rx.cond(full, rx.el.p(t("As many as there can be"), id="most-rewards", class_name="text-xs text-soft")),
        button(
            t("Add a reward"),
            icon_name="plus",
            disabled=(Site.busy != "") | full,
            aria_describedby=rx.cond(full, "most-rewards", ""),
            on_click=Rewards.show_dialog("new"),
        ),
    )


def _none() -> rx.Component:
    lost = Rewards.picture.reward_lost
    return rx.el.div(
        rx.cond(
            lost != "",
            empty(
                "circle_alert",
                t("“{reward}” was deleted on Twitch", reward=lost),
                t("Who is VIP by it stays it to the end. To go on, make it again: it can be another."),
            ),
            empty(
                "ticket",
                t("No reward yet"),
                t("As soon as there is one, it stands among the rewards under the chat."),
            ),
        ),
        rx.cond(
            Rewards.may.rewards,
            button(
                rx.cond(lost != "", t("Make it again"), t("Add a reward")),
                kind="primary",
                icon_name="gem",
                disabled=Site.busy != "",
                on_click=Rewards.show_dialog("new"),
                class_name="-mt-4 mb-4",
            ),
            rx.el.p(
                t("{owner} or a manager makes it.", owner=Rewards.picture.username), class_name="-mt-8 mb-6 text-soft"
            ),
        ),
        class_name="flex flex-col items-center",
    )


def _tier(tier: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(viewer_card(tier.title, points(tier.cost), muted=~tier.open), class_name="sm:row-span-2"),
        rx.el.div(
            rx.el.p(
                rich(
                    "VIP {lasts} at {cost} points.",
                    lasts=lasts(tier),
                    cost=rx.el.b(points(tier.cost), class_name="numbers"),
                ),
                class_name="[&_b]:font-semibold",
            ),
            _comes(tier),
            class_name="min-w-0",
        ),
        rx.cond(Rewards.may.rewards, _acts(tier)),
        class_name="grid grid-cols-[auto_minmax(0,1fr)] grid-rows-[1fr_auto] gap-x-4 gap-y-3 rounded-lg border "
        "border-line bg-ground p-4 only:lg:col-span-2",
        key=tier.id,
    )


def _acts(tier: Any) -> rx.Component:
    return rx.el.div(
        rx.cond(
            tier.closed_on_twitch,
            button(
                t("Open it again"),
                icon_name="play",
                small=True,
                busy=Site.busy == "turn",
                disabled=Site.busy != "",
                on_click=Rewards.turn(True),
                aria_label=t("Open the reward {reward} again", reward=tier.title),
            ),
        ),
        button(
            t("Edit…"),
            icon_name="pencil",
            small=True,
            disabled=Site.busy != "",
            on_click=Rewards.ask("tier", tier.id),
            aria_label=t("Edit the reward {reward}", reward=tier.title),
        ),
        button(
            t("Delete…"),
            icon_name="trash_2",
            kind="ghost",
            small=True,
            disabled=Site.busy != "",
            on_click=Rewards.ask("delete", tier.id),
            aria_label=t("Delete the reward {reward}", reward=tier.title),
        ),
        class_name="flex flex-wrap gap-2 max-sm:col-span-2",
    )


def _comes(tier: Any) -> rx.Component:
    """What it does right now."""
    rules = Rewards.picture.rules
    known = {"channel": Rewards.picture.username, "approval": rules.approval_hours, "wait": rules.wait_hours}
    return rx.match(
        tier.comes,
        *(
            (
                prospect.value,
                rx.el.p(
                    icon(mark, 14),
                    rx.el.span(t(says, **{name: value for name, value in known.items() if f"{{{name}" in says})),
                    class_name=f"mt-1.5 flex gap-2 text-xs {tone} [&>svg]:mt-[3px]",
                ),
            )
            for prospect, (mark, tone, says) in PROSPECTS.items()
        ),
        rx.fragment(),
    )


def delete() -> rx.Component:
    return question(
        t("Delete this reward?"),
        of_subject(
            lambda tier: rx.el.p(
                rich(
                    "Everybody whose redemption of {reward} is still open gets the points back. Then it is deleted on "
                    "Twitch. Who is VIP stays it to the end.",
                    reward=rx.el.b(t("“{reward}”", reward=tier.title)),
                ),
                class_name="text-base [&_b]:font-semibold",
            )
        ),
        gone=t("That reward is gone already."),
        label=t("Give back and delete"),
        kind="danger",
        busy="delete",
        act=Rewards.delete_tier,
        is_open=Rewards.dialog == "delete",
        on_close=Rewards.close,
    )
