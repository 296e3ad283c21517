"""The permission table in words; the domain's own, so that it can't say anything else."""

import reflex as rx

from vip_manager.domain.team import ALLOWED, May, Role
from vip_manager.ui.components.button import icon
from vip_manager.ui.components.card import card
from vip_manager.ui.language import rich, t
from vip_manager.ui.pages.team.state import Team
from vip_manager.ui.team_words import MAYS, ROLES, TITLES


def permissions() -> rx.Component:
    """On a phone each line is stacked: the roles say that it is a table still."""
    return card(
        rx.el.h2(t("What each may do"), class_name="text-base font-semibold"),
        rx.el.table(
            rx.el.caption(t("What each role may do"), class_name="sr-only"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.td(role="cell"),
                    *(_head(role) for role in ALLOWED),
                    role="row",
                ),
                role="rowgroup",
                class_name="max-sm:sr-only",
            ),
            rx.el.tbody(
                *(_line(act, words) for act, words in MAYS.items()), role="rowgroup", class_name="max-sm:block"
            ),
            role="table",
            class_name="mt-2 w-full border-collapse max-sm:block [&_tr]:border-b [&_tr]:border-line",
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
        role="columnheader",
        class_name=rx.cond(
            mine,
            "w-16 px-1 py-2 text-center text-xs font-semibold text-ink sm:w-24",
            "w-16 px-1 py-2 text-center text-xs font-medium text-soft sm:w-24",
        ),
    )


def _line(act: May, words: str) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            t(words),
            scope="row",
            role="rowheader",
            class_name="text-left font-normal sm:py-2.5 sm:pr-3",
        ),
        *(_mark(role, act in ALLOWED[role]) for role in ALLOWED),
        role="row",
        class_name="max-sm:flex max-sm:flex-wrap max-sm:gap-x-4 max-sm:gap-y-1 max-sm:py-2.5 max-sm:[&>th]:basis-full",
    )


def _mark(role: Role, allowed: bool) -> rx.Component:
    mark, word, tone = ("check", t("yes"), "text-green") if allowed else ("minus", t("no"), "text-faint")
    return rx.el.td(
        rx.el.span(icon(mark), rx.el.span(word, class_name="sr-only"), class_name=f"inline-flex {tone}"),
        rx.el.span(t(TITLES[role]), class_name="text-xs text-soft sm:hidden", custom_attrs={"aria-hidden": True}),
        role="cell",
        class_name="text-center align-middle max-sm:inline-flex max-sm:items-center max-sm:gap-1.5",
    )
