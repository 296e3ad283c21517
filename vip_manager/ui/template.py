"""The frame of every page: skip link, sandbox, top, content, what happened, footer."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.browser import Content, Notice, plain_link
from vip_manager.ui.components.button import icon
from vip_manager.ui.components.keys import key
from vip_manager.ui.components.menu import menu, page_menu
from vip_manager.ui.components.reward_card import gem
from vip_manager.ui.language import rich, t, told

WIDE = "mx-auto w-full max-w-6xl px-4 sm:px-6"


def page(*children: Any, width: str = WIDE, frame: str = WIDE, background: str = "", there: Any = True) -> rx.Component:
    """A page that anybody may see. `width` is the content's; `frame` that of what stands above and below it; `there`:
    whether the content has come, below which the footer stands: before that it would only be pushed away."""
    return rx.el.div(
        skip_link(),
        sandbox_tab(),
        _top(frame),
        Content.create(*children, class_name=f"flex-1 outline-none {width}"),
        footer(frame) if there is True else rx.cond(there, footer(frame)),
        notice(),
        class_name=f"flex min-h-dvh flex-col {background}",
    )


def skip_link() -> rx.Component:
    return plain_link(
        t("Skip to the content"),
        href="#content",
        class_name="sr-only focus:not-sr-only focus:absolute focus:left-4 focus:top-4 focus:z-50 focus:rounded-lg "
        "focus:bg-raised focus:px-4 focus:py-2",
    )


def notice(undo: Any = None) -> rx.Component:
    """`undo` is what its button does, while there is something to be undone."""
    if undo is None:
        return Notice.create(text=told(Site.notice), stamp=Site.notice_number)
    act = rx.cond(Site.undo != "", t("Undo"), "")
    return Notice.create(text=told(Site.notice), stamp=Site.notice_number, act=act, on_act=undo, keys=key("z"))


def brand(href: str = "/", words: str = "") -> rx.Component:
    """Our mark and name. `words`: classes of the name."""
    return rx.el.a(
        rx.el.span(gem(), class_name="text-gem-text"),
        rx.el.span("VIP Manager", class_name=f"font-semibold tracking-tight {words}"),
        href=href,
        class_name="flex items-center gap-2.5 rounded-lg py-2 pr-2 text-base",
    )


def sandbox_tab() -> rx.Component:
    """Hangs over the page instead of standing in it: nothing moves when it comes."""
    return rx.cond(
        Site.sandbox,
        rx.el.aside(
            menu(
                rx.fragment(icon("flask_conical", 13), t("Sandbox")),
                rx.el.p(t("A built-in stand-in for Twitch. Nothing here is real."), class_name="font-medium"),
                rx.el.ol(
                    rx.el.li(
                        rich(
                            "Sign in and choose who you are: {streamer} has a channel to try things in.",
                            streamer=rx.el.b("streamer", class_name="font-semibold"),
                        )
                    ),
                    rx.el.li(
                        t("Create the VIP reward on the dashboard, then let a viewer redeem it under “Simulate”.")
                    ),
                    rx.el.li(t("Jump ahead in time and watch VIP being taken away when the hours are up.")),
                    rx.el.li(
                        rich(
                            "Or stand {behind}: be all the viewers at once, have a busy evening, and break Twitch.",
                            behind=rx.el.a(
                                t("behind the curtain"),
                                href="/sandbox",
                                class_name="text-ink underline underline-offset-4",
                            ),
                        )
                    ),
                    class_name="mt-2 list-inside list-decimal space-y-1 text-soft",
                ),
                label=t("Sandbox: how it works"),
                look="sandbox-tab",
                where="top-full mt-1 p-4 max-sm:fixed max-sm:inset-x-4 max-sm:top-7 max-sm:w-auto sm:left-1/2 "
                "sm:w-[24rem] sm:-translate-x-1/2",
            ),
            aria_label=t("Sandbox"),
            class_name="sandbox",
        ),
    )


def _top(frame: str) -> rx.Component:
    return rx.el.header(
        rx.el.nav(
            brand(),
            page_menu(),
            aria_label=t("Main"),
            class_name=f"flex items-center justify-between min-h-14 {frame}",
        ),
        class_name="border-b border-line",
    )


def footer(frame: str) -> rx.Component:
    return rx.el.footer(
        rx.el.div(
            rx.el.p(t("VIP Manager is not part of Twitch. Twitch's name and marks are theirs.")),
            class_name=f"py-6 text-xs text-faint {frame}",
        ),
        class_name="mt-16 border-t border-line",
    )
