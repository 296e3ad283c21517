"""The page of the settings: how it looks to you, what the public sees, who is signed in where, and how to leave."""

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, page_error
from vip_manager.ui.channel_switch import owns
from vip_manager.ui.language import t
from vip_manager.ui.pages.settings.account import account, account_dialog
from vip_manager.ui.pages.settings.api_tokens import api_tokens, revoke_dialog
from vip_manager.ui.pages.settings.board import board
from vip_manager.ui.pages.settings.leave import data, leave, leave_dialog
from vip_manager.ui.pages.settings.looks import looks
from vip_manager.ui.pages.settings.sign_ins import sign_ins
from vip_manager.ui.pages.settings.state import Settings
from vip_manager.ui.pages.settings.webhook_dialogs import webhook_dialogs
from vip_manager.ui.pages.settings.webhooks import webhooks


def settings() -> rx.Component:
    """Also for whoever has left: there is something to take along, or to delete."""
    has_channel = Settings.picture.login != ""
    return channel_frame(
        "settings",
        _of_the_channel(),
        leave_dialog(),
        account_dialog(),
        revoke_dialog(),
        webhook_dialogs(),
        enter=Settings.enter,
        unconnected=rx.cond(has_channel, _of_the_channel(), _of_the_person()),
    )


def _of_the_channel() -> rx.Component:
    """Whoever serves it and has none of their own finds their account here: no other page of settings is theirs."""
    stays = Settings.picture.leaving.since == 0
    return rx.el.div(
        headline(t("Settings")),
        connection_trouble(),
        _error(),
        looks(),
        rx.cond(Settings.may.board & stays, board()),
        rx.cond((Settings.role != "") & stays, rx.fragment(api_tokens(), webhooks())),
        sign_ins(),
        rx.cond(Settings.may.data, rx.fragment(data(), leave()), rx.cond(owns(), rx.fragment(), account())),
        class_name="grid grid-cols-1 gap-4",
    )


def _of_the_person() -> rx.Component:
    """For who has no channel here."""
    return rx.el.div(
        headline(t("Settings")),
        _error(),
        looks(),
        sign_ins(),
        account(),
        class_name="grid grid-cols-1 gap-4",
    )


def _error() -> rx.Component:
    """What no section says where it went wrong."""
    return page_error((Settings.error_at != "") & (Site.error.template != ""))
