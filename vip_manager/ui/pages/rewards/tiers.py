"""Several rewards: each as viewers see it, making another, changing and deleting one."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.card import card, empty, heading
from vip_manager.ui.components.dialog import dialog, question
from vip_manager.ui.components.field import field
from vip_manager.ui.components.reward_card import lasts, points, viewer_card
from vip_manager.ui.pages.rewards.state import Rewards

GONE = "That reward is gone already."


def tiers() -> rx.Component:
    every = Rewards.picture.tiers
    return card(
        heading(
            "Rewards",
            rx.cond(
                Rewards.may.rewards,
                button(
                    "Add a reward",
                    icon_name="plus",
                    disabled=Site.busy != "",
                    on_click=Rewards.show_dialog("new"),
                ),
            ),
            count=every.length(),
            landing=True,
        ),
        rx.cond(
            every.length() > 0,
            rx.el.ul(rx.foreach(every, _tier), class_name="mt-4 grid gap-4 md:grid-cols-2"),
            empty("ticket", "No reward yet", "As soon as there is one, it stands among the rewards under the chat."),
        ),
    )


def _tier(tier: Any) -> rx.Component:
    return rx.el.li(
        viewer_card(tier.title, points(tier.cost), muted=~tier.open),
        rx.el.div(
            rx.el.p(
                "VIP ",
                lasts(tier),
                " at ",
                rx.el.b(points(tier.cost), class_name="numbers"),
                " points.",
                class_name="[&_b]:font-semibold",
            ),
            _standing(tier),
            rx.cond(Rewards.may.rewards, _acts(tier)),
            class_name="flex min-w-0 flex-1 flex-col",
        ),
        class_name="flex gap-4 rounded-lg border border-line bg-ground p-4",
        key=tier.id,
    )


def _acts(tier: Any) -> rx.Component:
    return rx.el.div(
        button(
            "Edit…",
            icon_name="pencil",
            small=True,
            disabled=Site.busy != "",
            on_click=Rewards.ask("tier", tier.id),
            aria_label="Edit the reward " + tier.title,
        ),
        button(
            "Delete…",
            icon_name="trash_2",
            kind="ghost",
            small=True,
            disabled=Site.busy != "",
            on_click=Rewards.ask("delete", tier.id),
            aria_label="Delete the reward " + tier.title,
        ),
        class_name="mt-auto flex flex-wrap gap-2 pt-3",
    )


def _standing(tier: Any) -> rx.Component:
    def line(mark: str, text: str, tone: str) -> rx.Component:
        return rx.el.p(icon(mark, 14), text, class_name=f"mt-1 flex items-center gap-1.5 text-xs {tone}")

    return rx.cond(
        tier.open,
        line("circle_check", "Open to everybody", "text-green"),
        rx.cond(
            tier.closed_on_twitch,
            line("circle_pause", "Paused on Twitch", "text-amber"),
            rx.cond(
                Rewards.picture.enabled & Rewards.picture.closed_for_full,
                line("circle_pause", "Paused until a VIP seat is free", "text-soft"),
                line("circle_pause", "Off: nobody can redeem it", "text-soft"),
            ),
        ),
    )


def _form(tier: Any, form: str, label: str, act: Any, *extra: Any) -> rx.Component:
    """`tier` is None for a new one."""
    filled = {} if tier is None else {"title": tier.title, "cost": tier.cost.to(str), "hours": tier.hours}
    return rx.el.form(
        field("Name", "title", form, first=True, default_value=filled.get("title", ""), max_length=45, required=True),
        rx.el.div(
            field(
                "Cost",
                "cost",
                form,
                unit="points",
                default_value=filled.get("cost", ""),
                input_mode="numeric",
                required=True,
            ),
            field(
                "VIP for",
                "hours",
                form,
                unit="hours",
                default_value=filled.get("hours", ""),
                input_mode="decimal",
                required=True,
            ),
            class_name="grid grid-cols-2 gap-4",
        ),
        *extra,
        error_line(id_=f"{form}-error"),
        rx.el.div(
            button("Cancel", on_click=Rewards.close),
            button(label, kind="primary", type="submit", busy=Site.busy == "tier", disabled=Site.busy != ""),
            class_name="flex justify-end gap-2",
        ),
        on_submit=act,
        class_name="grid gap-4",
    )


def create() -> rx.Component:
    return dialog(
        "Add a reward",
        _form(None, "new", "Add the reward", Rewards.create_tier),
        is_open=Rewards.dialog == "new",
        on_close=Rewards.close,
    )


def edit() -> rx.Component:
    return dialog(
        "Edit the reward",
        rx.el.div(_of_subject(_editing), class_name="peer"),
        rx.el.p(GONE, class_name="hidden peer-empty:block text-base"),
        is_open=Rewards.dialog == "tier",
        on_close=Rewards.close,
    )


def _editing(tier: Any) -> rx.Component:
    late = rx.cond(
        tier.default,
        field(
            "Give the points back instead, if older than",
            "refund_after",
            "tier",
            unit="hours",
            default_value=Rewards.picture.reward.refund_after,
            input_mode="decimal",
            hint="For redemptions of any reward that were found late, after the program or Twitch was away. 0: never.",
        ),
    )
    counts = rx.el.p(
        icon("info"),
        rx.el.span("It counts for redemptions from now on. Hours already given stay as they are."),
        class_name="flex gap-2 text-xs text-soft",
    )
    return _form(tier, "tier", "Save", Rewards.change_tier, late, counts)


def delete() -> rx.Component:
    return question(
        "Delete this reward?",
        _of_subject(
            lambda tier: rx.el.p(
                "Everybody whose redemption of ",
                rx.el.b("“", tier.title, "”"),
                " is still open gets the points back. Then it is deleted on Twitch. Who is VIP stays it to the end.",
                class_name="text-base [&_b]:font-semibold",
            )
        ),
        gone=GONE,
        label="Give back and delete",
        kind="danger",
        busy="delete",
        act=Rewards.delete_tier,
        is_open=Rewards.dialog == "delete",
        on_close=Rewards.close,
    )


def _of_subject(body: Any) -> rx.Component:
    return rx.foreach(
        Rewards.picture.tiers, lambda tier: rx.cond(tier.id == Rewards.subject, body(tier), rx.fragment())
    )
