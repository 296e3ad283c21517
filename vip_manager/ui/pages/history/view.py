"""The page of history."""

from typing import Any

import reflex as rx

from vip_manager.domain.audit import Action
from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, page_error
from vip_manager.ui.components.activity import activity_row
from vip_manager.ui.components.browser import plain_link
from vip_manager.ui.components.button import button, icon, look
from vip_manager.ui.components.card import card, skeleton
from vip_manager.ui.components.days import Exact, ZoneField
from vip_manager.ui.components.vip import name_link
from vip_manager.ui.history_words import TOPICS
from vip_manager.ui.language import lasting, message, t, told
from vip_manager.ui.pages.history.state import FOUND, PATH, History

FILTER = "filter"


def history() -> rx.Component:
    return channel_frame("history", _history(), enter=History.enter)


def _history() -> rx.Component:
    return rx.el.div(
        headline(
            message("History"),
            plain_link(
                icon("download"),
                rx.el.span(rx.cond(History.narrowed, t("Download these as CSV"), t("Download as CSV"))),
                href=History.file,
                class_name=look("quiet"),
            ),
            about=t("Everything that happened, who did it, and when."),
        ),
        connection_trouble(),
        page_error(False),
        _filter(),
        rx.cond(
            History.away.template != "",
            _away(),
            rx.cond(History.looked, _found(), _looking()),
        ),
        class_name="grid grid-cols-1 gap-4",
    )


def _filter() -> rx.Component:
    wrong = Site.error_field
    return card(
        rx.el.form(
            _part(
                t("About"),
                "kind",
                rx.el.select(
                    rx.el.option(t("Everything"), value=""),
                    *(rx.el.option(t(text), value=topic.value) for topic, text in TOPICS.items()),
                    id="filter-kind",
                    name="kind",
                    default_value=History.kind,
                    class_name="field slim-field min-h-10",
                ),
                "",
            ),
            _part(
                t("Who"),
                "who",
                rx.el.input(
                    id="filter-who",
                    name="who",
                    default_value=History.who,
                    placeholder=t("Twitch name"),
                    auto_complete="off",
                    max_length=26,
                    aria_invalid=(wrong == "login"),
                    class_name="field slim-field min-h-10",
                    custom_attrs={"autoCapitalize": "off", "spellCheck": False},
                ),
                "",
            ),
            *(
                _part(
                    label,
                    name,
                    rx.el.input(
                        id=f"filter-{name}",
                        name=name,
                        type="date",
                        default_value=value,
                        aria_invalid=(wrong == field),
                        class_name="field slim-field numbers min-h-10",
                    ),
                    "",
                )
                for label, name, field, value in (
                    (t("From"), "first", "from", History.first),
                    (t("To"), "last", "to", History.last),
                )
            ),
            rx.el.div(
                ZoneField.create(name="zone"),
                button(t("Show"), icon_name="search", type="submit", busy=Site.busy == "narrow"),
                rx.cond(
                    History.narrowed,
                    rx.el.a(t("Show everything"), href=PATH + History.query, class_name=look("ghost")),
                ),
                class_name="col-span-full flex flex-wrap items-end gap-2 sm:col-span-4 xl:col-span-1 xl:flex-nowrap",
            ),
            # Another address has other fields.
            key=History.top,
            on_submit=History.narrow,
            aria_label=t("What to show"),
            role="search",
            class_name="grid grid-cols-2 max-[359px]:grid-cols-1 items-end gap-3 sm:grid-cols-4 "
            "xl:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)_10rem_10rem_auto]",
        ),
        class_name="p-4",
    )


def _part(label: Any, name: str, control: rx.Component, class_name: str) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"filter-{name}", class_name="mb-1 block text-xs text-soft"),
        control,
        class_name=f"min-w-0 {class_name}".strip(),
    )


def _found() -> rx.Component:
    activity = History.picture.activity
    news = (History.newer == "") & (activity.length() > 0) & (activity[0].at > History.seen)
    return card(
        rx.el.div(
            rx.el.h2(
                _heading(),
                id=FOUND,
                tab_index=-1,
                class_name="rounded text-base font-semibold",
            ),
            rx.el.div(
                rx.cond(
                    news,
                    rx.fragment(
                        rx.el.span(t("Something new happened."), class_name="text-soft"),
                        button(
                            t("Show it"),
                            small=True,
                            icon_name="arrow_up",
                            busy=Site.busy == "again",
                            on_click=History.read_again,
                        ),
                    ),
                ),
                role="status",
                class_name="flex flex-wrap items-center gap-x-3 gap-y-1",
            ),
            class_name="flex min-h-14 flex-wrap items-center justify-between gap-x-6 gap-y-1 border-b border-line px-4 "
            "py-2",
        ),
        rx.cond(
            History.rows.length() > 0,
            rx.fragment(_table(), _pages()),
            rx.cond(
                History.unknown,
                _nothing(
                    "user_round_x",
                    t("Nobody by the name {who}", who=History.who),
                    t("Neither here nor on Twitch. Names there have letters, digits and _ only."),
                ),
                _nothing(
                    "search_x",
                    t("Nothing like that"),
                    t("Nothing that happened fits all of what you asked for. Ask for less, or for more days."),
                ),
            ),
        ),
        class_name="min-w-0",
    )


def _heading() -> rx.Var[str]:
    return rx.cond(
        History.newer == "",
        rx.cond(History.narrowed, t("What you asked for, the newest first"), t("The newest first")),
        rx.cond(History.narrowed, t("What you asked for, further back"), t("Further back")),
    )


def _nothing(mark: str, title: Any, text: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(icon(mark, 20), class_name="grid size-10 place-items-center rounded-lg bg-raised text-soft"),
        rx.el.p(title, class_name="mt-3 font-medium [overflow-wrap:anywhere]"),
        rx.el.p(text, class_name="mt-1 max-w-sm text-soft"),
        rx.cond(
            History.narrowed,
            rx.el.a(t("Show everything"), href=PATH + History.query, class_name=look("quiet") + " mt-4"),
        ),
        class_name="flex flex-col items-center px-6 py-12 text-center",
    )


_COLUMNS = (
    (message("When"), "w-[13rem]"),
    (message("What"), ""),
    (message("Who"), "w-44"),
    (message("Hours"), "w-32 text-right"),
    (message("By"), "w-40"),
)


def _table() -> rx.Component:
    """On a phone each row is stacked: the roles say that it is a table still."""
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(
                *(
                    rx.el.th(
                        t(text),
                        role="columnheader",
                        scope="col",
                        class_name=f"px-2 py-2 text-left text-xs font-medium text-soft first:pl-4 last:pr-4 {width}",
                    )
                    for text, width in _COLUMNS
                ),
                role="row",
            ),
            role="rowgroup",
            class_name="border-b border-line max-lg:sr-only",
        ),
        rx.el.tbody(
            rx.foreach(History.rows, _row),
            role="rowgroup",
            class_name="divide-y divide-line max-lg:block",
        ),
        role="table",
        aria_label=t("What happened"),
        class_name="w-full table-fixed border-collapse max-lg:block",
    )


_CELL = "min-w-0 align-top lg:px-2 lg:py-2.5 lg:first:pl-4 lg:last:pr-4 [overflow-wrap:anywhere] "


def _row(line: Any) -> rx.Component:
    mark, sentence = activity_row(line, 0).children[:2]
    by = rx.cond(
        line.actor != "", line.actor, rx.cond(line.action == Action.REDEEMED.value, line.username, "VIP Manager")
    )
    return rx.el.tr(
        rx.el.td(
            Exact.create(at=line.at),
            role="cell",
            class_name=_CELL + "text-xs text-soft lg:whitespace-nowrap lg:pt-3 max-lg:order-2 max-lg:pl-7",
        ),
        rx.el.td(
            rx.el.div(mark, sentence, class_name="flex gap-3"),
            role="cell",
            class_name=_CELL + "max-lg:order-1 max-lg:col-span-2",
        ),
        rx.el.td(
            rx.cond(
                line.username != "",
                rx.cond(line.login != "", name_link(line.login, line.username), line.username),
            ),
            role="cell",
            class_name=_CELL + "max-lg:hidden",
        ),
        rx.el.td(lasting(line.hours), role="cell", class_name=_CELL + "numbers text-right max-lg:hidden"),
        rx.el.td(
            by,
            role="cell",
            class_name=_CELL + "text-soft max-lg:order-3 max-lg:text-right max-lg:text-xs",
        ),
        role="row",
        key=line.id,
        custom_attrs={"data-request": line.request},
        class_name="max-lg:grid max-lg:grid-cols-[auto_minmax(0,1fr)] max-lg:gap-x-3 max-lg:gap-y-0.5 max-lg:px-4 "
        "max-lg:py-3",
    )


def _pages() -> rx.Component:
    def way(label: Any, mark: str, address: Any, *, last: bool = False) -> rx.Component:
        """Where it leads nowhere its place stays, so that the other does not move."""
        sides = [icon(mark), rx.el.span(label)]
        return rx.cond(
            address != "",
            rx.el.a(*(sides[::-1] if last else sides), href=address, class_name=look("quiet")),
            rx.el.span(),
        )

    return rx.cond(
        (History.older != "") | (History.newer != ""),
        rx.el.nav(
            rx.el.div(
                rx.cond(
                    History.newer != "",
                    rx.el.a(icon("chevrons_left"), rx.el.span(t("Newest")), href=History.top, class_name=look("ghost")),
                ),
                way(t("Newer"), "chevron_left", History.newer),
                class_name="flex gap-2",
            ),
            way(t("Older"), "chevron_right", History.older, last=True),
            aria_label=t("Pages of the history"),
            class_name="flex items-center justify-between gap-3 border-t border-line px-4 py-3",
        ),
    )


def _away() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.div(
                icon("database", 20), class_name="grid size-10 place-items-center rounded-lg bg-amber-soft text-amber"
            ),
            rx.el.p(t("The history can't be read"), class_name="mt-3 font-medium"),
            rx.el.p(told(History.away), class_name="mt-1 max-w-sm text-soft"),
            button(
                t("Try again"),
                icon_name="rotate_cw",
                busy=Site.busy == "again",
                on_click=History.read_again,
                class_name="mt-4",
            ),
            role="alert",
            class_name="flex flex-col items-center px-6 py-12 text-center",
        ),
        class_name="",
    )


def _looking() -> rx.Component:
    return rx.el.div(
        rx.el.p(t("Reading the history"), role="status", class_name="sr-only"),
        skeleton("h-[120rem]"),
    )
