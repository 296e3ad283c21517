"""What waits for somebody, above all else: a band of lines, each with what can be decided about it."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from vip_manager.ui.components.button import icon

_TONES = {
    "red": ("border-red", "bg-red-soft text-red"),
    "amber": ("border-amber", "bg-amber-soft text-amber"),
    "plain": ("border-line", "text-soft"),
}


def band(mark: str, title: Any, about: Any, *children: Any, tone: Any, count: Any = None) -> rx.Component:
    """`tone` is red, amber or plain, or a Var that says which of these."""
    if isinstance(tone, str):
        edge, head = _TONES[tone]
    else:
        edge, head = (
            rx.match(tone, *((name, look[part]) for name, look in _TONES.items()), _TONES["plain"][part]).to(str)
            for part in (0, 1)
        )
    return rx.el.section(
        rx.el.div(
            icon(mark, 18),
            rx.el.h2(title, class_name="font-semibold text-ink"),
            rx.el.span(count, class_name="numbers text-soft") if count is not None else None,
            rx.el.p(about, class_name="ml-auto truncate text-xs text-soft max-sm:hidden"),
            class_name=rx.Var.create("flex items-center gap-2 px-4 py-2 ") + head,
        ),
        *children,
        class_name=rx.Var.create("overflow-hidden rounded-lg border bg-surface ") + edge,
    )


def lines(element: Callable[..., rx.Component], rows: rx.Component, *, label: Any) -> rx.Component:
    """However many there are, they leave room for who is VIP."""
    return element(
        rows,
        class_name="max-h-72 divide-y divide-line overflow-y-auto border-t border-line",
        aria_label=label,
        tab_index=0,
    )


def line(mark: Any, *said: Any, when: Any, acts: Any, key: Any) -> rx.Component:
    """One redemption. On a phone all stands below one another."""
    return rx.el.li(
        mark,
        rx.el.div(
            rx.el.div(*said, class_name="min-w-0 flex-1 max-lg:basis-full sm:[&>p]:inline [&>p]:mr-3"),
            rx.el.p(when, class_name="min-w-0 text-xs text-soft"),
            class_name="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 max-sm:basis-[calc(100%-3rem)]",
        ),
        rx.el.div(acts, class_name="flex flex-none flex-wrap gap-1.5 empty:hidden max-sm:w-full max-sm:pl-9"),
        class_name="row-in flex items-center gap-x-3 gap-y-2 px-4 py-2 max-sm:flex-wrap max-sm:items-start",
        key=key,
    )
