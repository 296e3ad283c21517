"""What is said across the page: troubles, the sandbox, the lost connection."""

from typing import Any

import reflex as rx
from reflex_components_core.base.error_boundary import ErrorBoundary  # type: ignore[import-untyped]
from reflex_components_core.core.banner import connection_error, connection_errors_count  # type: ignore[import-untyped]

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.browser import Broken, ConnectionLost
from vip_manager.ui.components.button import icon, icon_button
from vip_manager.ui.language import t, told
from vip_manager.ui.words import STALE

_TONES = {
    "red": "border-red bg-red-soft text-red",
    "amber": "border-amber bg-amber-soft text-amber",
    "plain": "border-line bg-surface text-ink",
}


def banner(icon_name: str, title: Any, text: Any, *actions: Any, tone: str = "amber", role: str = "") -> rx.Component:
    props = {"role": role} if role else {}
    return rx.el.div(
        rx.el.div(
            rx.el.span(icon(icon_name, 18), class_name="mt-px"),
            rx.el.div(
                rx.el.p(title, class_name="font-semibold"),
                rx.el.p(text, class_name="text-ink"),
                class_name="min-w-0",
            ),
            class_name="flex gap-3 min-w-0",
        ),
        rx.el.div(*actions, class_name="flex flex-wrap gap-2 empty:hidden") if actions else None,
        class_name=f"flex flex-wrap items-center justify-between gap-x-6 gap-y-3 rounded-lg border px-4 py-3 "
        f"{_TONES[tone]}",
        **props,
    )


def out_of_reach() -> rx.Component:
    """What is shown may be old by now."""
    return banner("database", t("What is stored is out of reach"), t(STALE), role="status")


def error_line(*, here: Any = True, id_: str = "", on_dismiss: Any = None) -> rx.Component:
    """What went wrong, where it was tried: `here`. `id_` is for the fields that it is about (see `field`)."""
    return rx.el.div(
        rx.cond(
            (Site.error.template != "") & here,
            rx.el.div(
                icon("circle_alert"),
                rx.el.p(told(Site.error), class_name="min-w-0 flex-1", **({"id": id_} if id_ else {})),
                icon_button("x", t("Dismiss the error"), on_click=on_dismiss, class_name="-my-2 -mr-2")
                if on_dismiss is not None
                else None,
                class_name="flex items-start gap-2 rounded-lg border border-red bg-red-soft px-3 py-2 text-red "
                "[&>svg]:mt-0.5",
            ),
        ),
        role="alert",
        class_name="empty:hidden",
    )


def connection_lost() -> rx.Component:
    """Stands in for Reflex's own overlay, which would name raw addresses."""
    return ConnectionLost.create(errors=connection_errors_count, said=connection_error)


def broken() -> rx.Component:
    """Stands in for Reflex's own, which would show a stack trace, and a button that the page's policy stops."""
    return ErrorBoundary.create(fallback_render=Broken.create())
