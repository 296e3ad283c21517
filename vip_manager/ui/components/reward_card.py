"""The reward as a viewer sees it in Twitch's list."""

from typing import Any

import reflex as rx

from vip_manager.ui.components.button import icon
from vip_manager.ui.language import number, rich, t


def gem(size: int = 20) -> rx.Component:
    """Our mark."""
    return rx.icon("gem", size=size, custom_attrs={"aria-hidden": True}, class_name="flex-none")


def viewer_card(title: Any, cost: Any, *, muted: Any = False) -> rx.Component:
    """About what Twitch shows: a coloured tile with the price, the name below."""
    return rx.el.div(
        rx.el.div(
            gem(30),
            rx.el.span(
                icon("circle_dot", 12),
                rx.el.span(cost, class_name="numbers"),
                class_name="absolute bottom-1.5 inline-flex items-center gap-1 rounded bg-black/55 px-1.5 text-xs "
                "font-semibold text-white",
            ),
            class_name=rx.cond(
                muted,
                "relative grid h-24 w-full place-items-center pb-5 rounded-lg bg-edge text-white grayscale",
                "relative grid h-24 w-full place-items-center pb-5 rounded-lg bg-gem text-white",
            ),
        ),
        rx.el.p(title, class_name="mt-2 text-center text-xs font-medium [overflow-wrap:anywhere]"),
        class_name="w-28 flex-none",
    )


def lasts(reward: Any) -> rx.Component:
    """For how long one is VIP, inside a sentence: "for 24 h", "for 24 h of live time", "until the stream ends"."""
    return rx.match(
        reward.clock,
        ("stream", rx.fragment(t("until the stream ends"))),
        ("live", rich("for {hours} of live time", hours=_hours(reward))),
        rich("for {hours}", hours=_hours(reward)),
    )


def vip_lasts(reward: Any) -> rx.Component:
    """The same where nothing else is said: "VIP for 24 h"."""
    return rx.match(
        reward.clock,
        ("stream", rx.fragment(t("VIP until the stream ends"))),
        ("live", rich("VIP for {hours} of live time", hours=_hours(reward))),
        rich("VIP for {hours}", hours=_hours(reward)),
    )


def _hours(reward: Any) -> rx.Component:
    return rx.el.b(t("{hours, number} h", hours=reward.hours), class_name="numbers whitespace-nowrap")


def points(cost: Any) -> rx.Var[str]:
    """A cost with its thousands parted: 5,000."""
    return number(cost)
