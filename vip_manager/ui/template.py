"""The frame of every page: skip link, sandbox banner, navigation, what went wrong, footer."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.browser import ColorMode, Content, Notice, PlainForm, plain_link
from vip_manager.ui.components.button import icon
from vip_manager.ui.components.reward_card import gem

WIDE = "mx-auto w-full max-w-6xl px-4 sm:px-6"


def page(*children: Any, width: str = WIDE, frame: str = WIDE, background: str = "") -> rx.Component:
    """`width` is the content's; `frame` that of what stands above and below it."""
    return rx.el.div(
        plain_link(
            "Skip to the content",
            href="#content",
            class_name="sr-only focus:not-sr-only focus:absolute focus:left-4 focus:top-4 focus:z-50 focus:rounded-lg "
            "focus:bg-raised focus:px-4 focus:py-2",
        ),
        rx.cond(Site.sandbox, _sandbox(frame)),
        _top(frame),
        Content.create(*children, class_name=f"flex-1 outline-none {width}"),
        _footer(frame),
        Notice.create(text=Site.notice, stamp=Site.notice_number),
        class_name=f"flex min-h-dvh flex-col {background}",
    )


def _sandbox(frame: str) -> rx.Component:
    return rx.el.aside(
        rx.el.details(
            rx.el.summary(
                rx.el.span(icon("flask_conical"), class_name="text-amber"),
                rx.el.span(
                    rx.el.strong("Sandbox", class_name="font-semibold"),
                    rx.el.span(" — a built-in stand-in for Twitch. Nothing here is real."),
                    class_name="min-w-0",
                ),
                rx.el.span(
                    "How it works", class_name="ml-auto whitespace-nowrap underline underline-offset-4 text-soft"
                ),
                class_name=f"flex items-center gap-3 py-2 {frame}",
            ),
            rx.el.ol(
                rx.el.li("Sign in and choose who you are: ", rx.el.b("streamer"), " has a channel to try things in."),
                rx.el.li("Create the VIP reward on the dashboard, then let a viewer redeem it under “Simulate”."),
                rx.el.li("Jump ahead in time and watch VIP being taken away when the hours are up."),
                rx.el.li(
                    "Or stand ",
                    rx.el.a("behind the curtain", href="/sandbox", class_name="underline underline-offset-4 text-ink"),
                    ": be all the viewers at once, have a busy evening, and break Twitch.",
                ),
                class_name=f"list-decimal list-inside space-y-1 pb-3 text-soft {frame}",
            ),
        ),
        aria_label="Sandbox",
        class_name="border-b border-line bg-amber-soft text-sm",
    )


def _top(frame: str) -> rx.Component:
    return rx.el.header(
        rx.el.nav(
            rx.el.a(
                rx.el.span(gem(), class_name="text-gem-text"),
                rx.el.span("VIP Manager", class_name="font-semibold tracking-tight"),
                href="/",
                class_name="flex items-center gap-2.5 rounded-lg py-2 pr-2 text-base",
            ),
            rx.el.div(
                rx.cond(
                    Site.me.signed_in,
                    rx.fragment(
                        rx.el.a(
                            avatar(Site.me.avatar_url, Site.me.username, "size-7", "text-xs"),
                            rx.el.span(Site.me.username, class_name="max-sm:sr-only"),
                            href="/dashboard",
                            aria_label="Your dashboard, " + Site.me.username,
                            class_name="flex items-center gap-2 rounded-lg px-2 min-h-10 font-medium hover:bg-raised",
                        ),
                        PlainForm.create(
                            form_token(),
                            rx.el.button(
                                icon("log_out"),
                                rx.el.span("Sign out", class_name="max-sm:sr-only"),
                                type="submit",
                                class_name="flex items-center gap-2 rounded-lg px-3 min-h-10 text-soft "
                                "hover:bg-raised hover:text-ink",
                            ),
                            action="/api/auth/logout",
                            method="post",
                        ),
                    ),
                ),
                ColorMode.create(),
                class_name="flex items-center gap-1",
            ),
            aria_label="Main",
            class_name=f"flex items-center justify-between min-h-14 {frame}",
        ),
        class_name="border-b border-line",
    )


def form_token() -> rx.Component:
    """For each form that a browser posts to a route of ours, which asks for it."""
    return rx.el.input(type="hidden", name="token", value=Site.form_token)


def _footer(frame: str) -> rx.Component:
    return rx.el.footer(
        rx.el.div(
            rx.el.p("VIP Manager is not part of Twitch. Twitch's name and marks are theirs."),
            class_name=f"py-6 text-xs text-faint {frame}",
        ),
        class_name="mt-16 border-t border-line",
    )
