"""The frame of the page's sections: a heading that folds on a phone."""

from typing import Any

import reflex as rx

from vip_manager.ui.components.button import icon
from vip_manager.ui.pages.sandbox.browser import Fold


def panel(
    icon_name: str,
    title: Any,
    *children: Any,
    what: Any = None,
    aside: Any = None,
    closed: bool = False,
    tone: str = "text-soft",
) -> rx.Component:
    """`what` goes on after the title where there is room, `aside` stands at the right; `closed`: folded on a phone
    until it is asked for."""
    return Fold.create(
        rx.el.summary(
            rx.el.span(icon(icon_name, 18), class_name=tone),
            rx.el.h2(
                title,
                rx.el.span(", ", what, class_name="max-xl:hidden font-normal text-soft") if what is not None else None,
                class_name="text-base font-semibold whitespace-nowrap",
            ),
            rx.el.span(aside, class_name="ml-auto min-w-0 truncate text-right text-xs text-soft")
            if aside is not None
            else None,
            rx.el.span(icon("chevron_down"), class_name="fold-mark flex-none text-soft lg:hidden"),
            class_name="flex items-center gap-2.5 border-b border-line px-4 min-h-12",
        ),
        *children,
        closed=closed,
        class_name="min-w-0 rounded-lg border border-line bg-surface",
    )


def part(title: Any, *children: Any, aside: Any = None, class_name: str = "") -> rx.Component:
    """A smaller section within a panel."""
    return rx.el.section(
        rx.el.div(
            rx.el.h3(title, class_name="text-xs font-semibold text-soft"),
            rx.el.div(aside, class_name="text-xs text-soft") if aside is not None else None,
            class_name="flex min-h-6 items-center justify-between gap-3",
        ),
        *children,
        class_name=f"px-4 py-3 {class_name}".strip(),
    )


def chip(icon_name: str, text: Any, tone: str = "text-soft") -> rx.Component:
    """A small mark with its word: never colour alone."""
    return rx.el.span(
        icon(icon_name, 12), text, class_name=f"inline-flex items-center gap-1 whitespace-nowrap text-xs {tone}"
    )
