"""The switches that break Twitch, each with what it does and what should come of it."""

import reflex as rx

from vip_manager.services.mishaps import Mishap
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.field import switch
from vip_manager.ui.pages.sandbox.panel import panel, part
from vip_manager.ui.pages.sandbox.state import Stage

ANSWERS: dict[Mishap, tuple[str, str]] = {
    Mishap.DOWN: (
        "Twitch is down",
        "Every request gets 503, signing in too. What is redeemed now is kept, and done when Twitch is back.",
    ),
    Mishap.SLOW: ("Twitch is slow", "Each answer takes 2 seconds longer."),
    Mishap.LIMITED: ("Too many requests", "Every request gets 429. VIP Manager slows down, and loses nothing."),
    Mishap.LOST: (
        "Answers get lost",
        "Every second change is made, and its answer never comes. It must look, and do nothing twice.",
    ),
    Mishap.LOST_ADDS: ("“VIP given” gets lost", "Twitch gives the badge each time, and never says so."),
}
CHANNEL: dict[Mishap, tuple[str, str]] = {
    Mishap.FULL: (
        "No seat is free",
        "Twitch says so to each new VIP, who gets the points back. The seats stay as they are.",
    ),
    Mishap.LAG: ("The VIP list lags", "Twitch lists who was VIP 20 seconds ago."),
}
EVENTS: dict[Mishap, tuple[str, str]] = {
    Mishap.TWICE: ("Events come twice", "The same message again, under the same id."),
    Mishap.TWIN: ("Events have a twin", "One redemption, told under two message ids."),
    Mishap.LATE: ("Events are late", "Each comes 8 seconds after it happened."),
    Mishap.REORDERED: ("Events overtake one another", "Each waits until the next has gone, 5 seconds at most."),
    Mishap.DROPPED: (
        "Events are dropped",
        "None comes. The next catch-up finds what was missed: cut the socket to see one at once.",
    ),
}
ALL = {**ANSWERS, **CHANNEL, **EVENTS}

_ONCE = (
    ("cut", "unplug", "Cut the socket", "VIP Manager connects again, and catches up with what it missed."),
    ("move", "shuffle", "Move the socket", "Twitch asks for another connection, as it does when it is updated."),
    ("tokens", "key_round", "Let the tokens die", "The next request is refused; a fresh token is fetched."),
    (
        "disconnect",
        "log_out",
        "Disconnect the app",
        "As in Twitch's settings. Nothing more can be done for this channel until its streamer signs in again; "
        "what is redeemed meanwhile is kept.",
    ),
)


def trouble_panel() -> rx.Component:
    return panel(
        "zap",
        "Break things",
        _group("Twitch's answers", ANSWERS),
        _group("Twitch's events", EVENTS),
        rx.el.div(
            part(
                "Seats and lists of this channel",
                rx.el.ul(*(_switch(kind, *about) for kind, about in CHANNEL.items()), class_name=_grid(2)),
            ),
            part(
                "Once, at the press of a button",
                rx.el.ul(*(_strike(*one) for one in _ONCE), class_name=_grid(4)),
                class_name="max-xl:border-t border-line",
            ),
            class_name="grid border-t border-line xl:grid-cols-[2fr_3fr]",
        ),
        aside="Until you switch it off",
        closed=True,
        tone="text-amber",
    )


def trouble_line() -> rx.Component:
    """What is broken at the moment, where it can't be overlooked."""
    on = Stage.picture.mishaps
    return rx.cond(
        on.length() > 0,
        rx.el.div(
            rx.el.span(icon("zap", 18), class_name="text-amber"),
            rx.el.p(
                rx.el.b("Broken on purpose: ", class_name="font-semibold text-amber"),
                rx.foreach(
                    on,
                    lambda name, index: rx.fragment(
                        rx.cond(index > 0, " · ", ""),
                        rx.match(name, *((kind.value, title) for kind, (title, _) in ALL.items()), name),
                    ),
                ),
                class_name="min-w-0 flex-1",
            ),
            button("All healthy again", icon_name="heart_pulse", small=True, on_click=Stage.heal),
            class_name="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-amber bg-amber-soft "
            "px-4 py-2",
        ),
    )


def _grid(columns: int) -> str:
    wide = {2: "", 4: "xl:grid-cols-4", 5: "lg:grid-cols-3 xl:grid-cols-5"}[columns]
    return f"mt-1 grid gap-x-8 sm:grid-cols-2 {wide}"


def _group(title: str, switches: dict[Mishap, tuple[str, str]]) -> rx.Component:
    return part(
        title,
        rx.el.ul(*(_switch(kind, *about) for kind, about in switches.items()), class_name=_grid(5)),
        class_name="[&+section]:border-t border-line",
    )


def _switch(kind: Mishap, title: str, sentence: str) -> rx.Component:
    on = Stage.picture.mishaps.contains(kind.value)
    return rx.el.li(
        rx.el.div(
            rx.el.p(title, class_name=rx.cond(on, "font-medium text-amber", "font-medium")),
            rx.el.p(sentence, id=f"mishap-{kind.value}", class_name="text-xs text-soft"),
            class_name="min-w-0",
        ),
        switch(title, on, on_click=Stage.switch(kind.value, ~on), aria_describedby=f"mishap-{kind.value}"),
        class_name="flex items-start justify-between gap-4 py-2.5",
    )


def _strike(name: str, icon_name: str, label: str, sentence: str) -> rx.Component:
    return rx.el.li(
        button(
            label,
            icon_name=icon_name,
            small=True,
            kind="danger" if name == "disconnect" else "quiet",
            on_click=Stage.strike(name),
            aria_describedby=f"strike-{name}",
        ),
        rx.el.p(sentence, id=f"strike-{name}", class_name="mt-1.5 text-xs text-soft"),
        class_name="py-2.5",
    )
