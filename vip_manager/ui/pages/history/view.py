"""The page of history."""

import reflex as rx

from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, page_error
from vip_manager.ui.pages.history.state import History


def history() -> rx.Component:
    return channel_frame("history", _history(), enter=History.enter)


def _history() -> rx.Component:
    return rx.el.div(
        headline("History"),
        connection_trouble(),
        page_error(False),
        class_name="grid gap-4",
    )
