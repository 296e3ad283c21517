"""The page of the settings: what the public sees, who is signed in where, and how to leave."""

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, navigation, page_error
from vip_manager.ui.pages.settings.account import account, account_dialog
from vip_manager.ui.pages.settings.board import board
from vip_manager.ui.pages.settings.leave import data, leave, leave_dialog
from vip_manager.ui.pages.settings.state import Settings


def settings() -> rx.Component:
    """Also for whoever has no channel, or has left: there is something to take along, or to delete."""
    return channel_frame(_settings(), leave_dialog(), account_dialog(), enter=Settings.enter, unconnected=_settings())


def _settings() -> rx.Component:
    said_there = Settings.error_at != ""
    has_channel = Settings.picture.login != ""
    stays = Settings.picture.leaving.since == 0
    return rx.el.div(
        navigation("settings"),
        rx.cond(has_channel, headline("Settings"), rx.el.h1("Settings", class_name="text-lg font-semibold")),
        rx.cond(has_channel, connection_trouble()),
        page_error(said_there & (Site.error != "")),
        rx.cond(Settings.may.board & has_channel & stays, board()),
        rx.cond(Settings.may.data & has_channel, rx.fragment(data(), leave())),
        rx.cond(~has_channel, account()),
        class_name="grid gap-4 py-6",
    )
