"""A VIP of somebody else's hand is put on a clock: named by the streamer, warned of, and confirmed."""

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.dialog import dialog, question
from vip_manager.ui.components.field import field
from vip_manager.ui.language import rich, t
from vip_manager.ui.pages.dashboard.state import Dashboard


def line() -> rx.Component:
    """Below those with a clock: how many have none."""
    count = Dashboard.picture.permanent
    return rx.cond(
        count > 0,
        rx.el.div(
            rx.el.p(
                t("{count, plural, one {# permanent VIP} other {# permanent VIPs}}, never touched", count=count),
                class_name="numbers",
            ),
            rx.cond(
                Dashboard.may.end,
                rx.el.button(
                    t("Put one on a clock…"),
                    type="button",
                    on_click=Dashboard.show_dialog("permanents"),
                    class_name="min-h-6 rounded underline underline-offset-4 hover:text-ink",
                ),
            ),
            class_name="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-t border-line px-4 py-2 "
            "text-xs text-soft",
        ),
    )


def which() -> rx.Component:
    return dialog(
        t("Put a permanent VIP on a clock"),
        rx.el.form(
            rx.el.div(
                icon("triangle_alert"),
                rx.el.p(
                    t(
                        "VIP Manager never touches a VIP that somebody else gave. Whom you name here is the exception: "
                        "their VIP has an end then, and when the hours are over VIP Manager takes it away on Twitch. "
                        "It does so to nobody else."
                    ),
                    class_name="min-w-0",
                ),
                class_name="flex gap-2.5 rounded-lg border border-amber bg-amber-soft px-3 py-2.5 text-ink "
                "[&>svg]:mt-0.5 [&>svg]:text-amber",
            ),
            field(t("Twitch name"), "login", "clock", first=True, placeholder=t("mira"), max_length=26, required=True),
            field(
                t("VIP for another"),
                "hours",
                "clock",
                unit=t("hours"),
                default_value=Dashboard.clock_hours,
                input_mode="decimal",
                required=True,
            ),
            error_line(id_="clock-error"),
            rx.el.div(
                button(t("Cancel"), on_click=Dashboard.close),
                button(t("Go on…"), type="submit", disabled=Site.busy != ""),
                class_name="flex justify-end gap-2",
            ),
            on_submit=Dashboard.weigh_clock,
            class_name="grid gap-4",
        ),
        is_open=Dashboard.dialog == "permanents",
        on_close=Dashboard.close,
    )


def sure() -> rx.Component:
    return question(
        t("Take over this VIP?"),
        rx.el.p(
            rich(
                "{who} was made VIP by somebody else, without an end. In {time} VIP Manager takes VIP away from them. "
                "Until then you can make it permanent again.",
                who=rx.el.b("@", Dashboard.subject),
                time=rx.el.b(t("{hours, number} h", hours=Dashboard.clock_hours), class_name="numbers"),
            ),
            class_name="text-base [&_b]:font-semibold",
        ),
        gone="",
        label=t("Put on the clock"),
        kind="danger",
        busy="clock",
        act=Dashboard.put_on_clock,
        is_open=Dashboard.dialog == "clock",
        on_close=Dashboard.close,
    )
