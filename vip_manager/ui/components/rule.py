"""A rule to choose: its name, its controls, and what it will do."""

from typing import Any

import reflex as rx

from vip_manager.ui.components.button import icon
from vip_manager.ui.components.card import card
from vip_manager.ui.language import all_told


def rule(
    title: Any, about: Any, *controls: Any, says: Any = None, wrong: Any = False, section: bool = False, **props: Any
) -> rx.Component:
    """`says` is the sentence for what is chosen now, `wrong` whether it says what can't be used; `section`: it stands
    by itself on the page, not among others of one heading."""
    named = rx.el.h2 if section else rx.el.h3
    return card(
        rx.el.div(
            named(title, class_name="text-base font-semibold"),
            rx.el.p(about, class_name="mt-1 text-soft"),
            class_name="min-w-0",
        ),
        rx.el.div(
            *controls,
            _sentence(says, wrong) if says is not None else None,
            class_name="grid content-start gap-4 min-w-0",
        ),
        class_name="grid gap-x-8 gap-y-4 p-5 lg:grid-cols-[18rem_minmax(0,1fr)]",
        role="group",
        aria_label=title,
        **props,
    )


def _sentence(says: Any, wrong: Any) -> rx.Component:
    return rx.el.p(
        rx.cond(wrong, icon("circle_alert"), icon("corner_down_right")),
        rx.el.span(all_told(says), class_name="min-w-0"),
        role="status",
        class_name=rx.cond(
            wrong,
            "flex gap-2.5 rounded-lg bg-amber-soft px-3 py-2.5 text-amber [&>svg]:mt-0.5",
            "flex gap-2.5 rounded-lg bg-raised px-3 py-2.5 text-ink [&>svg]:mt-0.5 [&>svg]:text-soft",
        ),
    )


def choice(name: str, value: str, label: Any, chosen: Any, on_choose: Any, *below: Any) -> rx.Component:
    """One of several; `below` are the fields that go with it, for while it is chosen."""
    id_ = f"rules-{name}-{value}"
    return rx.el.div(
        rx.el.label(
            rx.el.input(
                type="radio",
                id=id_,
                name=name,
                value=value,
                default_checked=chosen,
                on_change=on_choose,
                class_name="tick",
            ),
            rx.el.span(label, class_name="min-w-0"),
            html_for=id_,
            # Where it is shown only, a tick that can't be changed is pale: the words say what is chosen too.
            class_name="flex gap-3 py-1.5 cursor-pointer has-[:disabled:checked]:font-semibold",
        ),
        rx.cond(chosen, rx.el.div(*below, class_name="grid gap-4 pl-8 pt-1.5 pb-2 sm:max-w-72")) if below else None,
    )


def tick(name: str, label: Any, ticked: Any, on_tick: Any) -> rx.Component:
    id_ = f"rules-{name}"
    return rx.el.label(
        rx.el.input(type="checkbox", id=id_, name=name, default_checked=ticked, on_change=on_tick, class_name="tick"),
        rx.el.span(label, class_name="min-w-0"),
        html_for=id_,
        class_name="flex gap-3 py-1.5 cursor-pointer w-fit",
    )
