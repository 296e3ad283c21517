"""The ways between the pages of a channel: beside them on a wide screen, below them on a phone."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.components.button import icon
from vip_manager.ui.components.menu import ROW, menu, page_menu
from vip_manager.ui.language import message, t
from vip_manager.ui.template import brand

PAGES = (
    ("now", message("Now"), "/dashboard", "gem"),
    ("rewards", message("Rewards"), "/dashboard/rewards", "ticket"),
    ("history", message("History"), "/dashboard/history", "history"),
    ("insights", message("Insights"), "/dashboard/insights", "chart_no_axes_column"),
    ("overlay", message("Overlay"), "/dashboard/overlay", "picture_in_picture_2"),
    ("chat", message("Chat"), "/dashboard/chat", "message_square"),
    ("team", message("Team"), "/dashboard/team", "users"),
    ("settings", message("Settings"), "/dashboard/settings", "settings"),
    ("health", message("Health"), "/dashboard/health", "activity"),
)
_WITHIN_REACH = 4
"""So many stand on a phone's bar; the others are in its menu."""


def beside(here: str) -> rx.Component:
    return rx.el.aside(
        brand(),
        rx.cond(
            ~Site.ready | Site.me.signed_in,
            rx.el.nav(
                *(_way(*one, here=here, look=ROW + " font-medium") for one in PAGES),
                aria_label=t("The channel's pages"),
                class_name="mt-4 grid gap-0.5",
            ),
        ),
        rx.el.div(
            page_menu(where="left-0 bottom-full mb-1", wide=True), class_name="mt-auto border-t border-line pt-2"
        ),
        aria_label=t("Main"),
        class_name="sticky top-0 flex h-dvh w-56 flex-none flex-col border-r border-line px-3 py-2 max-lg:hidden",
    )


def below(here: str) -> rx.Component:
    look = "flex-col justify-center gap-1 px-1 py-1.5 text-xs min-h-14 "
    within, behind = PAGES[:_WITHIN_REACH], PAGES[_WITHIN_REACH:]
    among = any(one[0] == here for one in behind)
    return rx.cond(
        ~Site.ready | Site.me.signed_in,
        rx.el.nav(
            *(_way(*one, here=here, look=f"flex min-w-0 flex-auto items-center rounded-lg {look}") for one in within),
            rx.el.div(
                menu(
                    rx.fragment(icon("ellipsis", 18), rx.el.span(t("More"), class_name=_LABEL)),
                    *(_way(*one, here=here, look=ROW) for one in behind),
                    label=t("More pages"),
                    look=f"flex w-full items-center rounded-lg {look}" + (_HERE if among else _THERE),
                    where="right-0 bottom-full mb-2",
                ),
                class_name="min-w-0 flex-auto",
            ),
            aria_label=t("The channel's pages"),
            class_name="fixed inset-x-0 bottom-0 z-30 flex gap-1 border-t border-line bg-ground px-2 "
            "pb-[env(safe-area-inset-bottom)] lg:hidden",
        ),
    )


_LABEL = "max-w-full truncate max-[359px]:sr-only"
"""Where there is no room for five words, their pictures stand alone."""
_HERE = "bg-raised text-ink"
_THERE = "text-soft hover:bg-raised hover:text-ink"


def _way(name: str, label: str, path: str, mark: str, *, here: str, look: str) -> rx.Component:
    current = name == here
    return rx.el.a(
        icon(mark, 18),
        rx.el.span(t(label), class_name=_LABEL),
        _health() if name == "health" else None,
        href=path + ChannelPage.query,
        custom_attrs={"aria-current": "page"} if current else {},
        class_name=f"{look} {_HERE if current else _THERE}",
    )


def _health() -> rx.Component:
    """How it is, in a dot, and in a word for who can't see it."""

    def dot(look: str, word: Any) -> rx.Component:
        return rx.el.span(
            rx.el.span(word, class_name="sr-only"), class_name=f"ml-auto size-2 flex-none rounded-full {look}"
        )

    picture = ChannelPage.picture
    return rx.cond(
        ChannelPage.loaded,
        rx.match(
            picture.connection,
            (
                "live",
                rx.cond(
                    picture.connection_error == "",
                    rx.cond(
                        picture.health.troubles == 0,
                        dot("bg-green", t("all well")),
                        dot("bg-red", t("something does not work")),
                    ),
                    dot("border-2 border-amber", t("trouble with Twitch")),
                ),
            ),
            ("reconnect", dot("bg-red", t("not connected"))),
            dot("border-2 border-amber", t("connecting")),
        ),
    )
