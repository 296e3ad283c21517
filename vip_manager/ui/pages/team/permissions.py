"""The permission table in words; the domain's own, so that it can't say anything else."""

import reflex as rx

from vip_manager.domain.team import ALLOWED, May, Role
from vip_manager.ui.components.button import icon
from vip_manager.ui.components.card import card
from vip_manager.ui.language import rich, t
from vip_manager.ui.pages.team.state import Team
from vip_manager.ui.team_words import MAYS, ROLES, TITLES


def permissions() -> rx.Component:
    return card(
        rx.el.h2(t("What each may do"), class_name="text-base font-semibold"),
        rx.el.table(
            rx.el.caption(t("What each role may do"), class_name="sr-only"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.td(),
                    *(_head(role) for role in ALLOWED),
                )
            ),
            rx.el.tbody(*(_line(act, words) for act, words in MAYS.items())),
            class_name="mt-2 w-full border-collapse [&_tr]:border-b [&_tr]:border-line",
        ),
        rx.el.ul(
            *(
                rx.el.li(
                    rich(
                        "{role}: {what}",
                        role=rx.el.b(t(TITLES[role]), class_name="font-semibold text-ink"),
                        what=t(words),
                    )
                )
                for role, words in ROLES.items()
            ),
            class_name="mt-3 grid gap-1 text-xs text-soft",
        ),
        rx.el.p(
            t(
                "Whatever somebody does is written down with their name. What they may do is looked up for every "
                "single act, so a change counts at once."
            ),
            class_name="mt-3 text-xs text-soft",
        ),
    )


def _head(role: Role) -> rx.Component:
    mine = Team.role == role.value
    return rx.el.th(
        t(TITLES[role]),
        rx.cond(mine, rx.el.span(t("(you)"), class_name="sr-only")),
        scope="col",
        class_name=rx.cond(
            mine,
            "w-16 px-1 py-2 text-center text-xs font-semibold text-ink sm:w-24",
            "w-16 px-1 py-2 text-center text-xs font-medium text-soft sm:w-24",
        ),
    )


def _line(act: May, words: str) -> rx.Component:
    return rx.el.tr(
        rx.el.th(t(words), scope="row", class_name="py-2.5 pr-3 text-left font-normal"),
        *(_mark(act in ALLOWED[role]) for role in ALLOWED),
    )


def _mark(allowed: bool) -> rx.Component:
    if allowed:
        return rx.el.td(
            rx.el.span(icon("check"), rx.el.span(t("yes"), class_name="sr-only"), class_name="inline-flex text-green"),
            class_name="text-center align-middle",
        )
    return rx.el.td(
        rx.el.span(icon("minus"), rx.el.span(t("no"), class_name="sr-only"), class_name="inline-flex text-faint"),
        class_name="text-center align-middle",
    )
