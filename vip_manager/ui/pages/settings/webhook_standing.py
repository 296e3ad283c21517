"""A webhook's name, what it is told of, and how it does."""

from typing import Any

import reflex as rx

from vip_manager.services.health import FAILS_AFTER
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.components.browser import Moment, Until
from vip_manager.ui.components.button import icon
from vip_manager.ui.hook_words import EVENTS, NOT_DELIVERED
from vip_manager.ui.language import rich, t


def called(hook: Any) -> Any:
    """By its name, or else its host: never all of its address."""
    return rx.cond(hook.name != "", hook.name, rx.cond(hook.host != "", hook.host, t("Address not readable")))


def told_of(event: Any) -> rx.Component:
    return rx.el.li(
        rx.match(event, *((one.value, t(short)) for one, (_, short) in EVENTS.items()), event),
        class_name="rounded bg-raised px-1.5 py-0.5 text-xs text-soft",
        key=event,
    )


def standing(hook: Any) -> rx.Component:
    """One line: how it stands, and what comes next."""
    now = ChannelPage.picture.now
    arrived = Moment.create(at=hook.arrived_at, now=now)
    return rx.cond(
        hook.host == "",
        _line(
            "circle_alert",
            "text-red",
            t("The secrets of this installation were changed, so it can't be read. Remove it, and add it again."),
        ),
        rx.cond(
            ~hook.on,
            rx.cond(
                hook.stopped != "",
                _line(
                    "circle_alert",
                    "text-red",
                    rich("Turned off, because nothing arrived there any more. {why}", why=_why(hook.stopped)),
                ),
                _line("circle_pause", "text-soft", t("Off: nothing is sent there.")),
            ),
            rx.cond(
                hook.failed_at > 0,
                _failing(hook, now),
                rx.cond(
                    hook.arrived_at > 0,
                    _line("circle_check", "text-green", rich("Works, last delivered {at}", at=arrived)),
                    _line(
                        "circle_dashed",
                        "text-soft",
                        rich("On since {at}, nothing to tell yet", at=Moment.create(at=hook.made_at, now=now)),
                    ),
                ),
            ),
        ),
    )


def _failing(hook: Any, now: Any) -> rx.Component:
    """Amber for as long as it may pass by itself."""
    at, why = Moment.create(at=hook.failed_at, now=now), _why(hook.error)
    return rx.el.div(
        rx.el.p(
            icon("circle_alert"),
            rx.el.span(
                rx.cond(
                    hook.next_at > 0,
                    rich(
                        "The post of {at} did not arrive. {why} It is tried again {when}.",
                        at=at,
                        why=why,
                        when=Until.create(at=hook.next_at, now=now),
                    ),
                    rich("The post of {at} did not arrive. {why} It is not tried again.", at=at, why=why),
                ),
                class_name="min-w-0",
            ),
            class_name=rx.cond(
                hook.failures >= FAILS_AFTER,
                "flex gap-2 text-red [&>svg]:mt-0.5",
                "flex gap-2 text-amber [&>svg]:mt-0.5",
            ),
        ),
        rx.cond(
            hook.arrived_at > 0,
            rx.el.p(
                rich("Last delivered {at}", at=Moment.create(at=hook.arrived_at, now=now)),
                class_name="pl-6 text-xs text-soft",
            ),
        ),
        class_name="grid gap-1",
    )


def _why(code: Any) -> rx.Component:
    return rx.el.span(rx.match(code, *((why.value, t(said)) for why, said in NOT_DELIVERED.items()), ""))


def _line(mark: str, tone: str, said: Any) -> rx.Component:
    return rx.el.p(icon(mark), rx.el.span(said, class_name="min-w-0"), class_name=f"flex gap-2 {tone} [&>svg]:mt-0.5")
