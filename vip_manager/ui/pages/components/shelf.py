"""What the page is made of: a shelf for each kind, and a label for each thing on it."""

from typing import Any

import reflex as rx

from vip_manager.ui.components.card import card, heading


def shelf(title: Any, *things: Any, look: str = "mt-5 grid gap-6") -> rx.Component:
    return card(heading(title), rx.el.div(*things, class_name=look), class_name="min-w-0 p-4 sm:p-5")


def thing(label: Any, *shown: Any, look: str = "flex flex-wrap items-center gap-3") -> rx.Component:
    return rx.el.div(
        rx.el.p(label, class_name="mb-2 text-xs text-soft"),
        rx.el.div(*shown, class_name=look),
        class_name="min-w-0",
    )
