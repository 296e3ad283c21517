"""From one channel to another, for whoever has a part in more than their own."""

from typing import Any

import reflex as rx

from vip_manager.domain.team import Role
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.browser import plain_link
from vip_manager.ui.components.button import icon, look
from vip_manager.ui.components.card import card
from vip_manager.ui.language import t

_ROW = "flex min-h-11 items-center gap-3 rounded-lg px-3 py-1.5 hover:bg-raised"


def switcher() -> rx.Component:
    """Which channel this is, and the way to the others; nothing for whoever has a part in no other's."""
    picture = ChannelPage.picture
    return rx.cond(
        ChannelPage.channels.length() > 0,
        rx.el.details(
            rx.el.summary(
                avatar(picture.avatar_url, picture.username, "size-6", "text-xs"),
                rx.el.span(picture.username, class_name="truncate font-medium"),
                rx.el.span(
                    rx.cond(
                        ChannelPage.role == Role.OWNER.value,
                        t("your own channel"),
                        t("you are a {role}", role=t(ChannelPage.role)),
                    ),
                    class_name="truncate text-soft max-sm:hidden",
                ),
                rx.el.span(t("Go to another channel"), class_name="sr-only"),
                icon("chevrons_up_down"),
                class_name=look("quiet", small=True) + " max-w-full min-w-0 cursor-pointer list-none !text-sm",
            ),
            card(
                _list(),
                rx.cond(owns(), rx.fragment(), _connect_own()),
                class_name="absolute left-0 top-full z-30 mt-1 w-80 max-w-[calc(100vw-2rem)] p-2",
                aria_label=t("Channels"),
            ),
            class_name="relative min-w-0 flex-1 basis-40 sm:flex-initial sm:basis-auto",
            key=picture.channel_id,
        ),
    )


def chooser() -> rx.Component:
    """Where the address names none of several."""
    return card(
        rx.el.h1(t("Which channel?"), class_name="text-lg font-semibold"),
        rx.el.p(t("You help in more than one. Choose where to go."), class_name="mt-1 text-soft"),
        rx.el.div(_list(), class_name="-mx-3 mt-4"),
        rx.el.div(
            rx.el.p(t("You have a channel of your own?"), class_name="text-soft"),
            plain_link(
                t("Connect your own channel"),
                href="/api/auth/login?connect=channel&next=/dashboard",
                class_name=look("quiet", small=True),
            ),
            class_name="mt-4 flex flex-wrap items-center justify-between gap-3 border-t border-line pt-4",
        ),
        class_name="mx-auto w-full max-w-lg p-6 sm:p-8",
    )


def owns() -> Any:
    """Whether a channel of their own is among those that the person may go to."""
    return ChannelPage.channels.map(lambda one: one.role).contains(Role.OWNER.value)


def _list() -> rx.Component:
    return rx.el.ul(rx.foreach(ChannelPage.channels, _way))


def _way(one: Any) -> rx.Component:
    here = one.id == ChannelPage.picture.channel_id
    return rx.el.li(
        plain_link(
            avatar(one.avatar_url, one.username, "size-8", "text-xs"),
            rx.el.span(
                rx.el.span(one.username, class_name="block truncate font-medium"),
                rx.el.span(
                    rx.cond(
                        one.role == Role.OWNER.value, t("your own channel"), t("you are a {role}", role=t(one.role))
                    ),
                    class_name="block text-xs text-soft",
                ),
                class_name="min-w-0 flex-1",
            ),
            rx.cond(here, icon("check")),
            href=rx.cond(one.role == Role.OWNER.value, "/dashboard", "/dashboard?channel=" + one.id),
            aria_current=rx.cond(here, "page", "false"),
            class_name=_ROW,
        ),
        key=one.id,
    )


def _connect_own() -> rx.Component:
    return plain_link(
        rx.el.span(icon("plus"), class_name="grid size-8 place-items-center text-soft"),
        t("Connect your own channel"),
        href="/api/auth/login?connect=channel&next=/dashboard",
        class_name=_ROW + " mt-1 border-t border-line text-soft",
    )
