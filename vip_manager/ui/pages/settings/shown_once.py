"""Something to be copied that no page has again."""

from typing import Any

import reflex as rx

from vip_manager.ui.components.browser import CopyText
from vip_manager.ui.components.button import button, icon, look
from vip_manager.ui.language import t


def shown_once(told: rx.Component, secret: Any, stowed: Any) -> rx.Component:
    """`told` says what it is; `stowed` is the event that takes it off the page."""
    return rx.el.div(
        rx.el.p(
            icon("key_round"),
            rx.el.span(told, class_name="min-w-0"),
            class_name="flex gap-2.5 [&>svg]:mt-0.5 [&>svg]:text-gem-text",
        ),
        rx.el.code(
            secret,
            class_name="block select-all rounded-lg bg-ground px-3 py-2 [overflow-wrap:anywhere]",
            custom_attrs={"data-secret": "true"},
        ),
        rx.el.div(
            CopyText.create(icon("copy"), text=secret, class_name=look("primary")),
            button(t("I have it"), icon_name="check", on_click=stowed),
            class_name="flex flex-wrap gap-2",
        ),
        role="status",
        class_name="grid gap-3 rounded-lg border border-gem bg-raised p-4",
    )
