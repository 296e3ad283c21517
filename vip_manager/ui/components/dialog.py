"""A dialog's frame: title, body, and the way out."""

from typing import Any

import reflex as rx

from vip_manager.ui.components.browser import Sheet
from vip_manager.ui.components.button import icon_button


def dialog(title: str, *children: Any, is_open: Any, on_close: Any) -> rx.Component:
    """Focus goes to what is marked `data-first`, else to the first thing that takes it."""
    return Sheet.create(
        rx.el.div(
            rx.el.h2(title, class_name="text-lg font-semibold"),
            icon_button("x", "Close", on_click=on_close),
            class_name="flex items-start justify-between gap-4 -mr-2 -mt-1 mb-3",
        ),
        *children,
        open=is_open,
        label=title,
        on_dismiss=on_close,
    )
