"""In the sandbox: a viewer redeems, and time jumps ahead."""

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.card import card
from vip_manager.ui.language import t
from vip_manager.ui.pages.dashboard.state import Dashboard


def simulate() -> rx.Component:
    return card(
        rx.el.h2(
            icon("flask_conical"),
            rx.el.span(t("Simulate")),
            class_name="flex items-center gap-2 text-base font-semibold",
        ),
        rx.cond(
            Dashboard.picture.reward.id != "",
            rx.el.form(
                rx.el.label(
                    t("A viewer redeems"), html_for="sim-viewer", class_name="block text-sm font-medium mb-1.5"
                ),
                rx.el.div(
                    rx.el.select(
                        rx.foreach(Dashboard.viewers, lambda viewer: rx.el.option(viewer, value=viewer)),
                        id="sim-viewer",
                        name="viewer",
                        class_name="field min-w-0 flex-1",
                    ),
                    button(
                        t("Redeem"),
                        icon_name="ticket",
                        type="submit",
                        busy=Site.busy == "redeem",
                        disabled=Site.busy != "",
                    ),
                    class_name="flex gap-2",
                ),
                rx.cond(Dashboard.picture.tiers.length() > 1, _which()),
                on_submit=Dashboard.redeem,
                class_name="mt-3",
            ),
        ),
        rx.el.form(
            rx.el.label(t("Jump ahead"), html_for="sim-hours", class_name="block text-sm font-medium mb-1.5"),
            rx.el.div(
                rx.el.div(_jump("1"), _jump("24"), class_name="flex gap-2"),
                rx.el.div(
                    rx.el.input(
                        id="sim-hours",
                        name="hours",
                        placeholder=t("hours"),
                        input_mode="decimal",
                        auto_complete="off",
                        aria_invalid=Site.error_field == "jump",
                        aria_describedby=rx.cond(Site.error_field == "jump", "page-error", ""),
                        class_name="field min-w-0 flex-1",
                    ),
                    button(t("Jump"), type="submit", busy=Site.busy == "jump:custom", disabled=Site.busy != ""),
                    class_name="flex min-w-0 flex-1 basis-48 gap-2",
                ),
                class_name="flex flex-wrap gap-2",
            ),
            on_submit=Dashboard.jump_form,
            reset_on_submit=True,
            class_name="mt-4",
        ),
        rx.el.a(
            icon("theater"),
            rx.el.span(t("Behind the curtain: a busy evening, and what breaks Twitch")),
            href="/sandbox?channel=" + Dashboard.picture.login,
            class_name="mt-4 flex items-center gap-2 rounded-lg border border-edge px-3 py-2.5 text-sm font-medium "
            "transition-colors hover:bg-raised",
        ),
        rx.el.p(
            t("Only time and points are pretended. What happens then is the real thing."),
            class_name="mt-3 text-xs text-soft",
        ),
        class_name="p-5 border-dashed",
    )


def _jump(hours: str) -> rx.Component:
    return button(
        t("{hours, number} h", hours=hours),
        busy=Site.busy == f"jump:{hours}",
        disabled=Site.busy != "",
        on_click=Dashboard.jump(hours),
        aria_label=t("Jump {hours, number} h ahead", hours=hours),
        class_name="px-3",
    )


def _which() -> rx.Component:
    return rx.el.select(
        rx.foreach(Dashboard.picture.tiers, lambda tier: rx.el.option(tier.title, value=tier.id)),
        name="reward",
        aria_label=t("Which reward"),
        class_name="field mt-2 w-full",
    )
