"""Surfaces: cards, section headings, counters, empty places, skeletons."""

from typing import Any, Literal

import reflex as rx

from vip_manager.ui.components.button import icon


def card(*children: Any, class_name: str = "p-5", **props: Any) -> rx.Component:
    return rx.el.section(*children, class_name=f"rounded-lg border border-line bg-surface {class_name}", **props)


def heading(text: Any, *right: Any, count: Any = None, landing: bool = False) -> rx.Component:
    """A section's title, with how many there are, and what one can do on the right. `landing`: here goes the focus
    when a dialog closes and what had opened it is gone."""
    extra = {"tab_index": -1, "custom_attrs": {"data-landing": "true"}} if landing else {}
    return rx.el.div(
        rx.el.div(
            rx.el.h2(text, class_name="text-base font-semibold rounded", **extra),
            rx.el.span(count, class_name="numbers text-soft") if count is not None else None,
            class_name="flex items-baseline gap-2 min-w-0",
        ),
        rx.el.div(*right, class_name="flex flex-wrap items-center gap-2") if right else None,
        class_name="flex flex-wrap items-center justify-between gap-x-3 gap-y-2",
    )


def counter(label: Any, value: Any, hint: Any = None) -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="text-xs text-soft"),
        rx.el.dd(
            rx.el.span(value, class_name="numbers text-lg font-semibold"),
            rx.el.span(hint, class_name="text-xs text-soft") if hint is not None else None,
            class_name="flex flex-wrap items-baseline gap-x-2",
        ),
        class_name="flex flex-col gap-0.5 bg-surface px-4 py-3 min-w-0",
    )


def centre(
    icon_name: str, title: Any, *children: Any, tone: str = "text-gem-text bg-gem-soft", level: Literal[1, 2] = 1
) -> rx.Component:
    """One thing to say or do, alone on the page; of `level` 2 where the page has another title."""
    titled = rx.el.h1 if level == 1 else rx.el.h2
    return card(
        rx.el.div(icon(icon_name, 22), class_name=f"grid size-11 place-items-center rounded-lg {tone}"),
        titled(title, class_name="text-lg font-semibold mt-4"),
        *children,
        class_name="mx-auto w-full max-w-lg p-6 sm:p-8",
    )


def empty(icon_name: str, title: Any, text: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(icon(icon_name, 20), class_name="grid size-10 place-items-center rounded-lg bg-raised text-soft"),
        rx.el.p(title, class_name="font-medium mt-3"),
        rx.el.p(text, class_name="text-soft mt-1 max-w-sm"),
        class_name="flex flex-col items-center text-center px-6 py-12",
    )


def skeleton(class_name: str) -> rx.Component:
    return rx.el.div(class_name=f"skeleton {class_name}", custom_attrs={"aria-hidden": True})
