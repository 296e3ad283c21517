"""The page of the settings: what the public sees, who is signed in where, and how to leave."""

import reflex as rx

from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, navigation, page_error
from vip_manager.ui.pages.settings.sign_ins import sign_ins
from vip_manager.ui.pages.settings.state import Settings


def settings() -> rx.Component:
    return channel_frame(_of_the_channel(), enter=Settings.enter, unconnected=_of_the_person())


def _of_the_channel() -> rx.Component:
    return rx.el.div(
        navigation("settings"),
        headline("Settings"),
        connection_trouble(),
        page_error(False),
        sign_ins(),
        class_name="grid gap-4 py-6",
    )


def _of_the_person() -> rx.Component:
    """For who has no channel here."""
    return rx.el.div(
        navigation("settings"),
        rx.el.h1("Settings", class_name="text-lg font-semibold"),
        page_error(False),
        sign_ins(),
        class_name="grid gap-4 py-6",
    )
