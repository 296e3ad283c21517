"""The stage: Twitch's side and ours, in step, and what breaks them."""

from typing import Any

import reflex as rx

from vip_manager.ui import words
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.button import button, look
from vip_manager.ui.components.card import centre, skeleton
from vip_manager.ui.language import t, told
from vip_manager.ui.pages.sandbox.head import controls, head, verdict
from vip_manager.ui.pages.sandbox.journal import journal_panel
from vip_manager.ui.pages.sandbox.our_side import our_side
from vip_manager.ui.pages.sandbox.state import Stage
from vip_manager.ui.pages.sandbox.trouble import trouble_line, trouble_panel
from vip_manager.ui.pages.sandbox.twitch_side import twitch_side
from vip_manager.ui.pages.sandbox.viewer import viewer_dialog
from vip_manager.ui.template import page

STAGE = "mx-auto w-full max-w-[92rem] px-4 sm:px-6"


def sandbox() -> rx.Component:
    return page(
        rx.cond(
            Stage.broken.template != "",
            _alone(_broken()),
            rx.cond(
                Site.ready & ~Site.sandbox,
                _alone(real()),
                rx.cond(Stage.loaded, _stage(), _loading()),
            ),
        ),
        viewer_dialog(),
        width=STAGE,
        frame=STAGE,
        there=Stage.loaded | (Stage.broken.template != "") | (Site.ready & ~Site.sandbox),
    )


def _stage() -> rx.Component:
    return rx.el.div(
        head(),
        rx.cond(
            (Stage.subject == "") & (Stage.error_at == ""),
            rx.el.div(
                error_line(on_dismiss=Stage.dismiss),
                class_name="sticky top-2 z-30 has-[div:empty]:hidden",
            ),
        ),
        controls(),
        verdict(),
        trouble_line(),
        rx.el.div(
            twitch_side(),
            our_side(),
            class_name="live grid gap-4 max-lg:items-start lg:grid-cols-[minmax(0,8fr)_minmax(0,5fr)]",
        ),
        trouble_panel(),
        journal_panel(),
        rx.el.p(
            rx.el.a(
                t("The components of these pages"),
                href="/sandbox/components",
                class_name="inline-flex min-h-9 items-center rounded underline underline-offset-4 hover:text-ink",
            ),
            class_name="text-xs text-soft",
        ),
        class_name="grid grid-cols-[minmax(0,1fr)] gap-4 py-6",
    )


def real() -> rx.Component:
    """Where there is no sandbox."""
    return centre(
        "lock",
        t("There is no sandbox here"),
        rx.el.p(t(words.REAL), class_name="mt-2 text-soft"),
        rx.el.div(rx.el.a(t("To your dashboard"), href="/dashboard", class_name=look("quiet")), class_name="mt-6"),
        tone="text-soft bg-raised",
    )


def _broken() -> rx.Component:
    return centre(
        "cloud_off",
        t("The stage can't be shown"),
        rx.el.p(told(Stage.broken), class_name="mt-2 text-soft", role="alert"),
        rx.el.div(
            button(t("Try again"), icon_name="rotate_cw", on_click=Stage.enter),
            rx.el.a(t("To the first channel"), href="/sandbox?channel=streamer", class_name=look("ghost")),
            class_name="mt-6 flex flex-wrap gap-2",
        ),
        tone="text-red bg-red-soft",
    )


def _loading() -> rx.Component:
    return rx.el.div(
        rx.el.p(t("Loading the stage"), class_name="sr-only", role="status"),
        skeleton("h-14 w-80 max-w-full"),
        skeleton("h-16"),
        skeleton("h-12"),
        rx.el.div(
            skeleton("h-[36rem]"),
            skeleton("h-[36rem] max-lg:hidden"),
            class_name="grid gap-4 lg:grid-cols-[minmax(0,8fr)_minmax(0,5fr)]",
        ),
        class_name="grid gap-4 py-6",
    )


def _alone(child: Any) -> rx.Component:
    return rx.el.div(child, class_name="py-12 sm:py-20")
