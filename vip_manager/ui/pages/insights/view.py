"""The page of insights."""

import reflex as rx

from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, page_error
from vip_manager.ui.pages.insights.state import Insights


def insights() -> rx.Component:
    return channel_frame("insights", _insights(), enter=Insights.enter)


def _insights() -> rx.Component:
    return rx.el.div(
        headline("Insights"),
        connection_trouble(),
        page_error(False),
        class_name="grid gap-4",
    )
