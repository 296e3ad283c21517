"""One of several steps in a row: its number, what it is, and whether it is done, now, or later."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from vip_manager.ui.components.button import icon
from vip_manager.ui.language import t


def step_card(
    number: int, title: Any, state: Any, *children: Any, done: Sequence[Any], later: Sequence[Any], first: bool
) -> rx.Component:
    """`state` is done, now or later; `children` are shown now, and afterwards too where there is no `done`; else a
    line or so, `done` or `later`. `first`: nothing stands above it in the page's outline but the page's own title."""
    heading = rx.el.h2 if first else rx.el.h3
    now = state == "now"
    return rx.el.li(
        rx.el.div(
            rx.match(
                state,
                ("done", rx.el.span(icon("check"), class_name=_BADGE + "bg-green-soft text-green pop")),
                ("now", rx.el.span(number, class_name=_BADGE + "bg-ink text-surface font-semibold")),
                rx.el.span(number, class_name=_BADGE + "border border-edge text-soft"),
            ),
            rx.el.div(
                heading(title, class_name=rx.cond(now, "text-base font-semibold", "text-sm font-medium text-soft")),
                rx.match(
                    state,
                    ("done", rx.el.p(t("Done"), class_name="text-xs text-green")),
                    ("now", rx.el.p(t("Next step"), class_name="text-xs text-ink")),
                    rx.el.p(t("Later"), class_name="text-xs text-faint"),
                ),
                class_name="min-w-0",
            ),
            class_name="flex items-center gap-3",
        ),
        rx.match(
            state,
            ("done", rx.el.div(*done, class_name=_LINE) if done else rx.el.div(*children, class_name="mt-4")),
            ("now", rx.el.div(*children, class_name="mt-4")),
            rx.el.div(*later, class_name=_LINE),
        ),
        custom_attrs={"data-state": state, "aria-current": rx.cond(now, "step", "false")},
        class_name=rx.cond(
            now,
            "rounded-lg border border-edge bg-surface p-5 min-w-0",
            "rounded-lg border border-line p-5 min-w-0 max-lg:py-3",
        ),
    )


_BADGE = "numbers grid size-8 flex-none place-items-center rounded-full text-sm "
_LINE = "mt-3 text-soft max-lg:mt-1 max-lg:pl-11 max-lg:text-xs"
