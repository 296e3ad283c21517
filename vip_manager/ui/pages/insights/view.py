"""The page of insights."""

from typing import Any

import reflex as rx

from vip_manager.domain.insights import PERIODS
from vip_manager.services.insights import Course
from vip_manager.ui import words
from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, page_error
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.card import card, skeleton
from vip_manager.ui.components.days import Zone
from vip_manager.ui.components.vip import name_link
from vip_manager.ui.language import message, number, t, told
from vip_manager.ui.pages.insights.charts import Series, by_day
from vip_manager.ui.pages.insights.state import PATH, Insights


def insights() -> rx.Component:
    return channel_frame("insights", _insights(), enter=Insights.enter)


def _insights() -> rx.Component:
    return rx.el.div(
        Zone.create(known=Insights.zone, on_tell=Insights.sum_up),
        headline(message("Insights"), _periods(), about=t("What the rewards brought, day by day.")),
        connection_trouble(),
        page_error(False),
        rx.cond(
            Insights.away.template != "",
            _away(),
            rx.cond(Insights.computed, rx.cond(Insights.report.nothing, _nothing(), _report()), _computing()),
        ),
        class_name="grid grid-cols-1 gap-4",
    )


def _periods() -> rx.Component:
    joined = rx.cond(Insights.query == "", "?days=", Insights.query + "&days=")

    def way(days: int) -> rx.Component:
        return rx.el.a(
            t("{days, plural, one {# day} other {# days}}", days=days),
            href=PATH + joined + str(days),
            class_name=rx.cond(
                Insights.period == days,
                "grid min-h-9 place-items-center rounded-md bg-raised px-3 font-medium text-ink",
                "grid min-h-9 place-items-center rounded-md px-3 text-soft hover:text-ink",
            ),
            custom_attrs={"aria-current": rx.cond(Insights.period == days, "true", "false")},
        )

    return rx.el.nav(
        *(way(days) for days in PERIODS),
        aria_label=t("For how long"),
        class_name="flex flex-wrap gap-1 rounded-lg border border-line bg-surface p-1",
    )


def _report() -> rx.Component:
    return rx.el.div(
        _heads(),
        rx.el.div(
            by_day(
                t("Redemptions"),
                t("By the day on which they were made"),
                Series("kept", t("Spent"), "gem"),
                Series("given_back", t("Given back"), "amber", hollow=True),
            ),
            by_day(t("Points spent"), t("Without those that went back"), Series("points", t("Points"), "gem")),
            by_day(t("Hours given"), t("By rewards and by hand"), Series("hours", t("Hours"), "gem")),
            by_day(
                t("VIPs at one time"),
                t("The most on each day, without permanent ones"),
                Series("vips", t("VIPs"), "gem"),
            ),
            class_name="grid grid-cols-1 items-start gap-4 xl:grid-cols-2",
        ),
        _supporters(),
        _what_counts(),
        class_name="grid grid-cols-1 gap-4",
    )


def _heads() -> rx.Component:
    total, before, changes = Insights.report.total, Insights.report.before, Insights.report.changes
    return rx.el.dl(
        _head(
            t("Redemptions"),
            total.redemptions,
            before.redemptions,
            changes.redemptions,
            rx.cond(
                total.given_back > 0,
                t("{count, number} of them given back", count=total.given_back),
                t("None given back"),
            ),
        ),
        _head(t("Points spent"), total.points, before.points, changes.points),
        _head(t("Hours given"), round(total.hours), round(before.hours), changes.hours),
        _head(t("Most VIPs at one time"), total.vips, before.vips, changes.vips),
        class_name="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line xl:grid-cols-4",
    )


def _head(label: Any, value: Any, before: Any, change: Any, more: Any = None) -> rx.Component:
    def course(mark: str, text: Any) -> rx.Component:
        return rx.el.span(icon(mark, 14), rx.el.span(text), class_name="flex items-center gap-1.5")

    return rx.el.div(
        rx.el.dt(label, class_name="text-xs text-soft"),
        rx.el.dd(number(value), class_name="numbers mt-1 text-xl font-semibold"),
        rx.el.dd(
            rx.match(
                change.course,
                (
                    Course.UP.value,
                    course(
                        "trending_up",
                        t(
                            "{percent, number} % more than {before, number} before",
                            percent=change.percent,
                            before=before,
                        ),
                    ),
                ),
                (
                    Course.DOWN.value,
                    course(
                        "trending_down",
                        t(
                            "{percent, number} % less than {before, number} before",
                            percent=change.percent,
                            before=before,
                        ),
                    ),
                ),
                (Course.NEW.value, course("sparkles", t("None in the days before"))),
                course("equal", t("As in the days before")),
            ),
            class_name="mt-1 text-xs text-soft",
        ),
        rx.el.dd(more, class_name="text-xs text-soft") if more is not None else None,
        class_name="min-w-0 bg-surface px-4 py-3",
    )


def _supporters() -> rx.Component:
    cell = "py-2 pl-2 pr-2 last:pr-4 sm:pr-4 text-right numbers max-sm:pl-1"
    head = f"{cell} hyphens-auto font-medium [overflow-wrap:anywhere] max-sm:w-auto"
    heads = ((t("Redemptions"), "w-[7.5rem]"), (t("Points"), "w-24"), (t("Hours"), "w-20"))
    return card(
        rx.el.h2(t("Top supporters"), class_name="px-4 pt-4 text-base font-semibold", id="supporters"),
        rx.cond(
            Insights.report.top.length() > 0,
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th(t("Viewer"), scope="col", class_name="py-2 pl-4 pr-2 text-left font-medium sm:pr-4"),
                        *(
                            rx.el.th(
                                text,
                                scope="col",
                                class_name=f"{head} {width}",
                            )
                            for text, width in heads
                        ),
                    ),
                    class_name="border-b border-line text-xs text-soft",
                ),
                rx.el.tbody(
                    rx.foreach(
                        Insights.report.top,
                        lambda one: rx.el.tr(
                            rx.el.th(
                                name_link(one.login, one.username),
                                scope="row",
                                class_name="py-2 pl-4 pr-2 text-left font-normal [overflow-wrap:anywhere] sm:pr-4",
                            ),
                            rx.el.td(number(one.redemptions), class_name=cell),
                            rx.el.td(number(one.points), class_name=cell),
                            rx.el.td(number(round(one.hours)), class_name=cell),
                            key=one.login,
                        ),
                    ),
                    class_name="divide-y divide-line",
                ),
                aria_labelledby="supporters",
                class_name="mt-1 w-full",
            ),
            rx.el.p(t("Nobody redeemed in these days."), class_name="px-4 pb-4 pt-1 text-soft"),
        ),
        class_name="min-w-0",
    )


def _what_counts() -> rx.Component:
    lines = (
        t(
            "A redemption that was given back counts as given back on the day on which it was made, and not as points "
            "spent. One that still waits counts as spent."
        ),
        t("VIP given by hand counts for hours, not for points. VIP until the stream ends counts no hours."),
        t(
            "The days before are as many days, up to the same time of day as it is now. Days are those of your time "
            "zone, {zone}.",
            zone=Insights.report.zone,
        ),
        t("The figures are at most a minute old."),
    )
    return rx.el.div(
        rx.el.h2(t("What counts"), class_name="font-medium text-soft"),
        *(rx.el.p(line) for line in lines),
        class_name="grid max-w-3xl gap-1 px-1 text-xs text-soft",
    )


def _nothing() -> rx.Component:
    return card(
        _said(
            "chart_no_axes_column",
            "bg-raised text-soft",
            t("Nothing yet"),
            t("The first redemption shows here. Older ones may lie further back: choose more days."),
        ),
        class_name="",
    )


def _away() -> rx.Component:
    return card(
        rx.el.div(
            _said(
                "database",
                "bg-amber-soft text-amber",
                rx.cond(
                    Insights.away.template == words.STORE_DOWN,
                    t("The figures can't be read"),
                    t("The figures are not added up yet"),
                ),
                told(Insights.away),
            ),
            role="alert",
        ),
        rx.el.div(
            button(t("Try again"), icon_name="rotate_cw", busy=Site.busy == "again", on_click=Insights.sum_again),
            class_name="-mt-6 flex justify-center pb-12",
        ),
        class_name="",
    )


def _said(mark: str, tone: str, title: Any, text: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(icon(mark, 20), class_name=f"grid size-10 place-items-center rounded-lg {tone}"),
        rx.el.p(title, class_name="mt-3 font-medium"),
        rx.el.p(text, class_name="mt-1 max-w-sm text-soft"),
        class_name="flex flex-col items-center px-6 py-12 text-center",
    )


def _computing() -> rx.Component:
    """As large as what comes."""
    return rx.el.div(
        rx.el.p(t("Adding up"), role="status", class_name="sr-only"),
        skeleton("h-[261px] xl:h-[122px]"),
        rx.el.div(*(skeleton("h-[323px]") for _ in range(4)), class_name="grid gap-4 xl:grid-cols-2"),
        skeleton("h-[450px]"),
        class_name="grid gap-4",
    )
