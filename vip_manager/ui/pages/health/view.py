"""The page of health."""

import reflex as rx

from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, page_error
from vip_manager.ui.pages.health.state import Health


def health() -> rx.Component:
    return channel_frame("health", _health(), enter=Health.enter)


def _health() -> rx.Component:
    return rx.el.div(
        headline("Health"),
        connection_trouble(),
        page_error(False),
        class_name="grid gap-4",
    )
