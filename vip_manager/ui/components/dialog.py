"""A dialog's frame: title, body, and the way out."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.browser import Sheet
from vip_manager.ui.components.button import button, icon_button, look
from vip_manager.ui.language import t


def dialog(title: Any, *children: Any, is_open: Any, on_close: Any) -> rx.Component:
    """Focus goes to what is marked `data-first`, else to the first thing that takes it."""
    return Sheet.create(
        rx.el.div(
            rx.el.h2(title, class_name="text-lg font-semibold"),
            icon_button("x", t("Close"), on_click=on_close),
            class_name="flex items-start justify-between gap-4 -mr-2 -mt-1 mb-3",
        ),
        *children,
        open=is_open,
        label=title,
        on_dismiss=on_close,
    )


def way_back(on_cancel: Any) -> rx.Component:
    """Comes first at the end of a dialog that asks, and has the focus."""
    return rx.el.button(
        t("Cancel"),
        type="button",
        class_name=look("quiet"),
        custom_attrs={"data-first": "true"},
        on_click=on_cancel,
    )


def confirm(label: Any, kind: str, busy: str, act: Any, *, on_cancel: Any) -> rx.Component:
    """The end of a dialog that asks. `busy` names the work."""
    return rx.el.div(
        way_back(on_cancel),
        button(label, kind=kind, busy=Site.busy == busy, disabled=Site.busy != "", on_click=act),
        class_name="flex justify-end gap-2",
    )


def question(
    title: Any, about: Any, *, gone: Any, label: Any, kind: str, busy: str, act: Any, is_open: Any, on_close: Any
) -> rx.Component:
    """Asks before something is done. `about` is empty where what it is about is not there any more: `gone` says so."""
    return dialog(
        title,
        rx.el.div(about, class_name="peer"),
        rx.el.p(gone, class_name="hidden peer-empty:block text-base"),
        rx.el.div(error_line(), class_name="mt-4 empty:hidden"),
        rx.el.div(confirm(label, kind, busy, act, on_cancel=on_close), class_name="mt-5"),
        is_open=is_open,
        on_close=on_close,
    )
