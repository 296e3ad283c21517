"""The page of the settings: what the public sees, who is signed in where, and how to leave."""

import reflex as rx

from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, navigation, page_error
from vip_manager.ui.pages.settings.state import Settings


def settings() -> rx.Component:
    return channel_frame(_settings(), enter=Settings.enter)


def _settings() -> rx.Component:
    return rx.el.div(
        navigation("settings"),
        headline("Settings"),
        connection_trouble(),
        page_error(False),
        class_name="grid gap-4 py-6",
    )
