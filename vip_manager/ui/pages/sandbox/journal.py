"""Twitch's journal: what was asked of it and what it did, in words, the newest first."""

from typing import Any

import reflex as rx

from vip_manager.ui.components.button import button
from vip_manager.ui.language import message, t
from vip_manager.ui.pages.sandbox.browser import Stamp
from vip_manager.ui.pages.sandbox.panel import panel
from vip_manager.ui.pages.sandbox.state import Stage

_SAID = {
    "request": message("asked"),
    "effect": message("happened"),
    "event": message("told"),
    "fault": message("broke"),
}
_NOTHING = {
    "request": message("No requests so far."),
    "effect": message("No effects so far."),
    "event": message("No events so far."),
    "fault": message("No faults so far."),
}
_KINDS = (
    ("all", message("Everything")),
    ("request", message("Requests")),
    ("effect", message("Effects")),
    ("event", message("Events")),
    ("fault", message("Faults")),
)


def journal_panel() -> rx.Component:
    return panel(
        "scroll_text",
        t("Twitch's journal"),
        rx.el.div(
            rx.el.div(
                *(_kind(kind, label) for kind, label in _KINDS),
                role="group",
                aria_label=t("Which lines"),
                class_name="flex flex-wrap gap-1",
            ),
            button(
                rx.cond(Stage.paused, t("Go on"), t("Pause")),
                small=True,
                on_click=Stage.pause(~Stage.paused),
                class_name="ml-auto min-w-20",
            ),
            class_name="flex flex-wrap items-center gap-2 px-4 py-2.5",
        ),
        rx.el.ol(
            rx.foreach(rx.cond(Stage.paused, Stage.held, Stage.picture.journal), _line),
            class_name="live journal peer max-h-80 overflow-y-auto border-t border-line px-4 py-2 empty:hidden",
            tab_index=0,
            aria_label=t("Twitch's journal, newest first"),
        ),
        rx.el.p(
            rx.match(
                Stage.kind,
                *((kind, t(words)) for kind, words in _NOTHING.items()),
                t("Nothing has happened on Twitch since the program was started."),
            ),
            class_name="hidden peer-empty:block border-t border-line px-4 py-4 text-soft",
        ),
        aside=rx.cond(Stage.paused, t("standing still"), t("newest first")),
        closed=True,
    )


def _kind(kind: str, label: str) -> rx.Component:
    chosen = Stage.kind == kind
    return rx.el.button(
        t(label),
        type="button",
        aria_pressed=rx.cond(chosen, "true", "false"),
        on_click=Stage.show(kind),
        class_name=rx.cond(
            chosen,
            "rounded-lg px-3 min-h-9 text-xs font-medium bg-raised text-ink",
            "rounded-lg px-3 min-h-9 text-xs font-medium text-soft hover:text-ink",
        ),
    )


def _line(line: Any) -> rx.Component:
    return rx.cond(
        (Stage.kind == "all") | (Stage.kind == line.kind),
        rx.el.li(
            rx.el.span(Stamp.create(at=line.at), class_name="text-faint"),
            rx.el.span(
                rx.match(line.kind, *((kind, t(word)) for kind, word in _SAID.items()), line.kind),
                class_name="text-faint",
            ),
            rx.el.span(
                line.text,
                class_name=rx.match(
                    line.tone,
                    ("fault", "text-amber"),
                    ("bad", "text-red"),
                    rx.cond(line.kind == "effect", "text-ink", "text-soft"),
                ),
            ),
            rx.el.span(
                line.status,
                class_name=rx.match(line.tone, ("bad", "text-red"), ("refused", "text-amber"), "text-faint"),
            ),
            key=line.id,
        ),
        rx.fragment(key=line.id),
    )
