"""Colours, type, buttons, icons, pictures of people."""

from typing import Any

import reflex as rx

from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.browser import CopyAddress, CopyText, plain_link
from vip_manager.ui.components.button import button, icon, icon_button, look, sign_in, spinner
from vip_manager.ui.components.reward_card import gem
from vip_manager.ui.language import message, number, t
from vip_manager.ui.pages.components.shelf import shelf, thing
from vip_manager.ui.pages.components.state import Components

GROUNDS = ("ground", "surface", "raised", "line", "edge")
WORDS = ("ink", "soft", "faint", "gem-text", "amber", "red", "green")
FILLS = ("gem", "gem-strong", "gem-soft", "amber-soft", "red-soft", "green-soft", "track", "twitch")
SIZES = (
    ("text-xs", "13"),
    ("text-sm", "14"),
    ("text-base", "16"),
    ("text-lg", "20"),
    ("text-xl", "28"),
)
KINDS = (
    ("primary", message("Primary")),
    ("quiet", message("Quiet")),
    ("ghost", message("Ghost")),
    ("danger", message("Danger")),
)
ON = rx.Var.create(True)
OFF = rx.Var.create(False)


def colours() -> rx.Component:
    tokens = "grid grid-cols-2 gap-3 sm:grid-cols-4"
    return shelf(
        t("Colours"),
        thing(t("Surfaces and lines"), rx.foreach(list(GROUNDS), _swatch), look=tokens),
        thing(t("Fills"), rx.foreach(list(FILLS), _swatch), look=tokens),
        thing(t("Words"), rx.foreach(list(WORDS), _word), look="grid grid-cols-2 gap-x-3 gap-y-2 sm:grid-cols-4"),
    )


def _swatch(name: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(
            class_name="size-8 flex-none rounded-lg border border-edge",
            style={"background": "var(--" + name + ")"},
        ),
        rx.el.span(name, class_name="min-w-0 truncate text-xs text-soft"),
        class_name="flex min-w-0 items-center gap-2",
    )


def _word(name: Any) -> rx.Component:
    return rx.el.p(name, class_name="font-medium", style={"color": "var(--" + name + ")"})


def type_scale() -> rx.Component:
    return shelf(
        t("Type"),
        *(
            rx.el.p(
                rx.el.span(size, class_name="numbers w-8 flex-none text-xs text-soft"),
                rx.el.span(t("Given at once, taken back on time."), class_name=f"min-w-0 {look}"),
                class_name="flex items-baseline gap-3",
            )
            for look, size in SIZES
        ),
        thing(
            t("Figures that don't jump"),
            rx.el.p(*(rx.el.span(number(one), class_name="block") for one in (1111, 8888)), class_name="numbers"),
        ),
        look="mt-5 grid gap-3",
    )


def buttons() -> rx.Component:
    return shelf(
        t("Buttons"),
        thing(t("Kinds"), *(button(t(word), kind=kind) for kind, word in KINDS)),
        thing(
            t("Small, with an icon"), *(button(t(word), kind=kind, icon_name="gem", small=True) for kind, word in KINDS)
        ),
        thing(t("Busy"), *(button(t(word), kind=kind, busy=ON, disabled=True) for kind, word in KINDS)),
        thing(t("Disabled"), *(button(t(word), kind=kind, disabled=True) for kind, word in KINDS)),
        thing(
            t("Links that look like them"),
            plain_link(t("To the sandbox"), href="/sandbox", class_name=look("quiet")),
            CopyAddress.create(path="/sandbox/components", class_name=look("ghost")),
            CopyText.create(text="VIP", class_name=look("ghost")),
        ),
        thing(t("Twitch's own colour, for signing in alone"), sign_in(after="/sandbox/components")),
    )


def icons() -> rx.Component:
    return shelf(
        t("Icons"),
        thing(
            t("Buttons of an icon alone have a name"),
            icon_button("plus", t("One more")),
            icon_button("ellipsis", t("More")),
            icon_button("x", t("Close")),
            icon_button("minus", t("One less"), disabled=True),
        ),
        thing(
            t("Our mark, an icon in three sizes, and work going on"),
            rx.el.span(gem(28), class_name="text-gem-text"),
            icon("timer", 13),
            icon("timer"),
            icon("timer", 18),
            spinner(),
        ),
    )


def avatars() -> rx.Component:
    return shelf(
        t("Pictures of people"),
        thing(
            t("Without one: the first letter"),
            rx.foreach(
                Components.vips[:3],
                lambda vip: rx.el.span(
                    avatar(vip.avatar_url, vip.username, "size-9"),
                    rx.el.span(vip.username),
                    class_name="flex items-center gap-2",
                ),
            ),
        ),
        thing(
            t("Sizes"),
            *(
                avatar("", Components.vips[0].username, size, text)
                for size, text in (("size-7", "text-xs"), ("size-9", "text-sm"), ("size-12", "text-base"))
            ),
        ),
    )
