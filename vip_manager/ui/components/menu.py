"""A button that opens a panel below it, and what stands in the one that every page has."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.browser import ColorMode, Menu, PlainForm
from vip_manager.ui.components.button import icon
from vip_manager.ui.language import Language, t

ROW = "flex w-full items-center gap-3 rounded-lg px-3 min-h-10 text-left text-ink hover:bg-raised"


def menu(face: Any, *rows: Any, label: Any, look: str = "", where: str = "right-0 top-full mt-1") -> rx.Component:
    """`face` is what the button shows and `label` its name; `where` the panel hangs."""
    return Menu.create(
        face,
        *rows,
        label=label,
        class_name=look,
        panel=f"absolute z-40 w-64 rounded-lg border border-edge bg-surface p-2 {where}",
    )


def page_menu(*, where: str = "right-0 top-full mt-1", wide: bool = False) -> rx.Component:
    """Who is signed in, and how the page is to look. `wide`: with the name beside the picture."""
    signed_in = Site.me.signed_in
    named = "min-w-0 truncate font-medium" if wide else "sr-only"
    look = "grid size-10 place-items-center rounded-lg text-soft hover:bg-raised hover:text-ink"
    wide_look = "flex w-full items-center gap-3 rounded-lg px-3 min-h-11 text-soft hover:bg-raised hover:text-ink"
    return menu(
        rx.cond(
            signed_in,
            rx.fragment(
                avatar(Site.me.avatar_url, Site.me.username, "size-7", "text-xs"),
                rx.el.span(Site.me.username, class_name=named),
            ),
            rx.fragment(icon("sliders_horizontal", 18), rx.el.span(t("Preferences"), class_name=named)),
        ),
        rx.cond(
            signed_in,
            rx.fragment(
                rx.el.a(icon("layout_dashboard"), t("Your dashboard"), href="/dashboard", class_name=ROW),
                PlainForm.create(
                    form_token(),
                    rx.el.button(icon("log_out"), t("Sign out"), type="submit", class_name=ROW),
                    action="/api/auth/logout",
                    method="post",
                ),
                rx.el.hr(class_name="my-2 border-line"),
            ),
        ),
        ColorMode.create(class_name=ROW),
        rx.el.div(
            icon("languages"),
            Language.create(label=t("Language"), class_name="field slim-field min-w-0 flex-1"),
            class_name="flex items-center gap-3 px-3 py-1",
        ),
        label=rx.cond(signed_in, t("Account: {who}", who=Site.me.username), t("Preferences")),
        look=wide_look if wide else look,
        where=where,
    )


def form_token() -> rx.Component:
    """For each form that a browser posts to a route of ours, which asks for it."""
    return rx.el.input(type="hidden", name="token", value=Site.form_token)
