"""The channel's chat on Twitch, in which anybody may be made to write."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.browser import Moment
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.language import t
from vip_manager.ui.pages.sandbox.panel import part
from vip_manager.ui.pages.sandbox.state import Stage


def chat() -> rx.Component:
    lines = Stage.picture.chat
    here = Stage.error_at == "chat"
    wrong = here & (Site.error_field == "text")
    return part(
        t("Chat"),
        rx.cond(
            lines.length() > 0,
            rx.el.ol(
                rx.foreach(lines, _line),
                class_name="mt-1 max-h-56 overflow-y-auto pr-1",
                tab_index=0,
                aria_label=t("Chat, newest first"),
            ),
            rx.el.p(t("Nobody has written anything yet."), class_name="mt-1 text-soft"),
        ),
        rx.cond(
            here,
            rx.el.div(error_line(id_="chat-error", on_dismiss=Stage.dismiss), class_name="mt-3 has-[div:empty]:hidden"),
        ),
        rx.el.form(
            rx.el.label(t("Who writes"), html_for="chat-viewer", class_name="sr-only"),
            rx.el.select(
                rx.foreach(Stage.picture.viewers, lambda one: rx.el.option(one.username, value=one.login)),
                id="chat-viewer",
                name="viewer",
                class_name="field !w-auto max-w-36",
            ),
            rx.el.label(t("What they write"), html_for="chat-text", class_name="sr-only"),
            rx.el.input(
                id="chat-text",
                name="text",
                placeholder=t("Write something, for example !vip"),
                max_length=500,
                auto_complete="off",
                aria_invalid=wrong,
                aria_describedby=rx.cond(wrong, "chat-error", ""),
                class_name="field min-w-0 flex-1 basis-40",
            ),
            button(t("Say"), icon_name="send", type="submit"),
            on_submit=Stage.say,
            class_name="mt-3 flex flex-wrap gap-2",
        ),
        class_name="border-t border-line",
    )


def _line(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(Moment.create(at=one.at, now=Stage.picture.now), class_name="numbers text-xs text-faint"),
        rx.el.p(
            rx.cond(one.answers, rx.el.span(icon("reply", 13), class_name="mr-1 inline-block align-middle text-faint")),
            rx.el.b(one.username, class_name=rx.cond(one.streamer, "font-semibold text-gem-text", "font-semibold")),
            rx.el.span(": ", one.text),
            class_name="min-w-0 [overflow-wrap:anywhere]",
        ),
        class_name="row-in grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-3 py-1",
        key=one.id,
    )
