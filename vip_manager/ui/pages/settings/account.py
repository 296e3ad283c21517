"""The account of somebody without a channel: a viewer, or one of somebody's team."""

import reflex as rx

from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.components.browser import PlainForm
from vip_manager.ui.components.button import button, look, sign_in
from vip_manager.ui.components.dialog import dialog, way_back
from vip_manager.ui.components.menu import form_token
from vip_manager.ui.components.rule import rule
from vip_manager.ui.language import t


def account() -> rx.Component:
    return rx.fragment(
        rule(
            t("Your own channel"),
            t("You have connected none, so nothing happens on your channel."),
            rx.el.div(sign_in(t("Connect with Twitch"), connect=True), class_name="flex items-start"),
            section=True,
        ),
        rule(
            t("Your account"),
            t("Your name and picture, as Twitch has them, and where you are signed in."),
            rx.el.div(
                button(
                    t("Delete my account…"),
                    kind="danger",
                    icon_name="trash_2",
                    on_click=ChannelPage.show_dialog("forget"),
                ),
                class_name="flex items-start",
            ),
            section=True,
        ),
    )


def account_dialog() -> rx.Component:
    return dialog(
        t("Delete your account?"),
        rx.el.div(
            rx.el.ul(
                rx.el.li(t("Your account and all of your sign-ins are deleted here, and you are signed out.")),
                rx.el.li(t("VIP that you have stays as it is, with its clock.")),
                rx.el.li(t("If you asked a board not to show you, it goes on not to.")),
                rx.el.li(t("If you are in somebody's team, your name stays there until they take you off.")),
                class_name="grid list-disc gap-1.5 pl-5 text-base",
            ),
            PlainForm.create(
                form_token(),
                rx.el.div(
                    way_back(ChannelPage.close),
                    rx.el.button(t("Delete my account"), type="submit", class_name=look("danger")),
                    class_name="flex justify-end gap-2",
                ),
                action="/api/account/delete",
                method="post",
            ),
            class_name="grid gap-5",
        ),
        is_open=ChannelPage.dialog == "forget",
        on_close=ChannelPage.close,
    )
