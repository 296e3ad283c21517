"""One line of what can be counted."""

from typing import Any

import reflex as rx

from vip_manager.ui.components.button import icon
from vip_manager.ui.components.keys import Keys
from vip_manager.ui.language import number, t
from vip_manager.ui.pages.dashboard.state import Dashboard


def counters() -> rx.Component:
    picture = Dashboard.picture
    waiting = picture.pending.length() + picture.held.length()
    return rx.el.div(
        rx.el.dl(
            _counter(t("VIPs now"), number(picture.vips_now)),
            _seats(),
            _counter(t("Waiting"), number(waiting), tone=rx.cond(waiting > 0, "text-amber", "text-ink")),
            _counter(t("Redeemed (24 h)"), number(picture.today)),
            _counter(t("Refunds (24 h)"), number(picture.refunds_today)),
            class_name="flex flex-wrap items-baseline gap-x-6 gap-y-1",
        ),
        Keys.create(class_name="key-button max-sm:hidden"),
        class_name="flex items-center justify-between gap-4 px-1",
    )


def _counter(label: Any, value: Any, *, tone: Any = "text-ink") -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="text-xs text-soft"),
        rx.el.dd(value, class_name=rx.Var.create("numbers text-base font-semibold ") + tone),
        class_name="flex items-baseline gap-1.5 whitespace-nowrap",
    )


def _seats() -> rx.Component:
    """Twitch never tells how many there are: until somebody says so, or it refuses one, nobody knows."""
    picture = Dashboard.picture
    why = t(
        "Twitch does not tell how many VIP seats a channel has. It is known once you type it under Rewards, or once "
        "Twitch refuses somebody for it."
    )
    unknown = rx.el.div(
        rx.el.dt(t("Seats"), class_name="text-xs text-soft"),
        rx.el.dd(
            rx.el.span(t("Twitch does not tell"), custom_attrs={"aria-hidden": True}),
            rx.el.span(why, class_name="sr-only"),
            rx.el.span(icon("circle_help", 14), class_name="text-faint"),
            class_name="flex items-center gap-1 self-center text-xs text-soft",
            title=why,
        ),
        class_name="flex items-baseline gap-1.5 whitespace-nowrap",
    )
    known = _counter(
        t("Seats"),
        rx.cond(
            picture.seats_free >= 0,
            t("{free, number} free of {seats, number}", free=picture.seats_free, seats=picture.seats),
            number(picture.seats),
        ),
        tone=rx.cond(picture.seats_free == 0, "text-amber", "text-ink"),
    )
    return rx.cond(picture.seats == 0, unknown, known)
