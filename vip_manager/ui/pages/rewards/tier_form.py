"""Making a reward and changing one: a form, and above it the card as viewers will see it."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.dialog import dialog
from vip_manager.ui.components.field import field
from vip_manager.ui.components.reward_card import viewer_card
from vip_manager.ui.language import rich, t
from vip_manager.ui.pages.rewards.browser import Typed, WhileNumbers
from vip_manager.ui.pages.rewards.state import Rewards


def create() -> rx.Component:
    return dialog(
        t("Add a reward"),
        _form(None, "new", t("Add the reward"), Rewards.create_tier),
        is_open=Rewards.dialog == "new",
        on_close=Rewards.close,
    )


def edit() -> rx.Component:
    return dialog(
        t("Edit the reward"),
        rx.el.div(of_subject(_editing), class_name="peer"),
        rx.el.p(t("That reward is gone already."), class_name="hidden peer-empty:block text-base"),
        is_open=Rewards.dialog == "tier",
        on_close=Rewards.close,
    )


def of_subject(body: Any) -> rx.Component:
    """Of the reward that the open dialog is about; nothing where it is gone."""
    return rx.foreach(
        Rewards.picture.tiers, lambda tier: rx.cond(tier.id == Rewards.subject, body(tier), rx.fragment())
    )


def _form(tier: Any, form: str, label: Any, act: Any, *extra: Any) -> rx.Component:
    """`tier` is None for a new one."""
    filled = {} if tier is None else {"title": tier.title, "cost": tier.cost.to(str), "hours": tier.hours}
    return rx.el.form(
        _preview(),
        field(
            t("Name"), "title", form, first=True, default_value=filled.get("title", ""), max_length=45, required=True
        ),
        rx.el.div(
            field(
                t("Cost"),
                "cost",
                form,
                unit=t("points"),
                default_value=filled.get("cost", ""),
                input_mode="numeric",
                required=True,
            ),
            field(
                t("VIP for"),
                "hours",
                form,
                unit=t("hours"),
                default_value=filled.get("hours", ""),
                input_mode="decimal",
                required=True,
            ),
            class_name="grid grid-cols-[repeat(auto-fit,minmax(min(100%,9.5rem),1fr))] items-end gap-4",
        ),
        *extra,
        error_line(id_=f"{form}-error"),
        rx.el.div(
            button(t("Cancel"), on_click=Rewards.close),
            button(label, kind="primary", type="submit", busy=Site.busy == "tier", disabled=Site.busy != ""),
            class_name="flex justify-end gap-2",
        ),
        on_submit=act,
        class_name="grid gap-4",
    )


def _preview() -> rx.Component:
    """Follows what is typed below it."""
    hours = rx.el.b(rich("{hours} h", hours=Typed.create(field="hours")), class_name="numbers")
    cost = rx.el.b(Typed.create(field="cost"), class_name="numbers")
    return rx.el.figure(
        viewer_card(Typed.create(field="title"), Typed.create(field="cost")),
        rx.el.figcaption(
            rx.el.p(t("What a viewer sees"), class_name="text-xs text-soft"),
            rx.el.p(
                rx.match(
                    Rewards.picture.rules.clock,
                    (
                        "stream",
                        WhileNumbers.create(
                            rich("VIP until the stream ends, for {cost} points.", cost=cost), fields=["cost"]
                        ),
                    ),
                    (
                        "live",
                        WhileNumbers.create(
                            rich("VIP for {hours} of live time, for {cost} points.", hours=hours, cost=cost),
                            fields=["hours", "cost"],
                        ),
                    ),
                    WhileNumbers.create(
                        rich("VIP for {hours}, for {cost} points.", hours=hours, cost=cost), fields=["hours", "cost"]
                    ),
                ),
                class_name="mt-1 [&_b]:font-semibold [overflow-wrap:anywhere]",
            ),
            class_name="min-w-0",
        ),
        class_name="flex min-h-40 items-center gap-4 rounded-lg border border-line bg-ground p-4",
    )


def _editing(tier: Any) -> rx.Component:
    late = rx.cond(
        tier.default,
        field(
            t("Give the points back instead, if older than"),
            "refund_after",
            "tier",
            unit=t("hours"),
            default_value=Rewards.picture.reward.refund_after,
            input_mode="decimal",
            hint=t(
                "For redemptions of any reward that were found late, after the program or Twitch was away. 0: never."
            ),
        ),
    )
    counts = rx.el.p(
        icon("info"),
        rx.el.span(t("It counts for redemptions from now on. Hours already given stay as they are.")),
        class_name="flex gap-2 text-xs text-soft",
    )
    return _form(tier, "tier", t("Save"), Rewards.change_tier, late, counts)
