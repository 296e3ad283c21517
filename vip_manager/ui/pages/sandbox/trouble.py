"""The switches that break Twitch, each with what it does and what should come of it."""

from typing import Any

import reflex as rx

from vip_manager.services.mishaps import Mishap
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.field import switch
from vip_manager.ui.language import rich, t
from vip_manager.ui.pages.sandbox.panel import panel, part
from vip_manager.ui.pages.sandbox.state import Stage
from vip_manager.ui.pages.sandbox.trouble_words import ALL, ANSWERS, CHANNEL, EVENTS, ONCE


def trouble_panel() -> rx.Component:
    return panel(
        "zap",
        t("Break things"),
        _group(t("Twitch's answers"), ANSWERS),
        _group(t("Twitch's events"), EVENTS),
        rx.el.div(
            part(
                t("Seats and lists of this channel"),
                rx.el.ul(*(_switch(kind, *about) for kind, about in CHANNEL.items()), class_name=_grid(2)),
            ),
            part(
                t("Once, at the press of a button"),
                rx.el.ul(*(_strike(*one) for one in ONCE), class_name=_grid(4)),
                class_name="max-xl:border-t border-line",
            ),
            class_name="grid border-t border-line xl:grid-cols-[2fr_3fr]",
        ),
        aside=t("Until you switch it off"),
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
                rich(
                    "{broken}: {what}",
                    broken=rx.el.b(t("Broken on purpose"), class_name="font-semibold text-amber"),
                    what=rx.fragment(rx.foreach(on, _named)),
                ),
                class_name="min-w-0 flex-1 basis-56",
            ),
            button(t("All healthy again"), icon_name="heart_pulse", small=True, on_click=Stage.heal),
            class_name="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-amber bg-amber-soft "
            "px-4 py-2",
        ),
    )


def _named(name: Any, index: Any) -> rx.Component:
    return rx.fragment(
        rx.cond(index > 0, ", ", ""),
        rx.match(name, *((kind.value, t(title)) for kind, (title, _) in ALL.items()), name),
    )


def _grid(columns: int) -> str:
    wide = {2: "", 4: "xl:grid-cols-4", 5: "lg:grid-cols-3 xl:grid-cols-5"}[columns]
    return f"mt-1 grid gap-x-8 sm:grid-cols-2 {wide}"


def _group(title: Any, switches: dict[Mishap, tuple[str, str]]) -> rx.Component:
    return part(
        title,
        rx.el.ul(*(_switch(kind, *about) for kind, about in switches.items()), class_name=_grid(5)),
        class_name="[&+section]:border-t border-line",
    )


def _switch(kind: Mishap, title: str, sentence: str) -> rx.Component:
    on = Stage.picture.mishaps.contains(kind.value)
    return rx.el.li(
        rx.el.div(
            rx.el.p(t(title), class_name=rx.cond(on, "font-medium text-amber", "font-medium")),
            rx.el.p(t(sentence), id=f"mishap-{kind.value}", class_name="text-xs text-soft"),
            class_name="min-w-0",
        ),
        switch(t(title), on, on_click=Stage.switch(kind.value, ~on), aria_describedby=f"mishap-{kind.value}"),
        class_name="flex items-start justify-between gap-4 py-2.5",
    )


def _strike(name: str, icon_name: str, label: str, sentence: str) -> rx.Component:
    return rx.el.li(
        button(
            t(label),
            icon_name=icon_name,
            small=True,
            kind="danger" if name == "disconnect" else "quiet",
            on_click=Stage.strike(name),
            aria_describedby=f"strike-{name}",
        ),
        rx.el.p(t(sentence), id=f"strike-{name}", class_name="mt-1.5 text-xs text-soft"),
        class_name="py-2.5",
    )
