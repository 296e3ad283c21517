"""A chart by day, and the same as a table. Only this page's modules know recharts, so that no other page loads it."""

from typing import Any, NamedTuple

import reflex as rx

from vip_manager.ui.components.button import icon
from vip_manager.ui.components.card import card
from vip_manager.ui.components.days import Day, formatter
from vip_manager.ui.language import number, t
from vip_manager.ui.pages.insights.state import Insights

HEIGHT = 200


class Series(NamedTuple):
    """`field` of services.insights.Figures, and its colour's variable in `assets/theme.css`. A `hollow` one is told
    from others by more than its colour."""

    field: str
    name: Any
    color: str
    hollow: bool = False

    @property
    def fill(self) -> str:
        return f"var(--{self.color}-soft)" if self.hollow else f"var(--{self.color})"


def by_day(title: Any, about: Any, *series: Series) -> rx.Component:
    """Several stand on one another."""
    return card(
        rx.el.div(
            rx.el.div(
                rx.el.h2(title, class_name="text-base font-semibold"),
                rx.el.p(about, class_name="text-soft"),
                class_name="min-w-0",
            ),
            _legend(series) if len(series) > 1 else None,
            class_name="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 px-4 pt-4",
        ),
        rx.el.div(_bars(title, series), class_name="mt-3 h-[200px] pl-3 pr-4"),
        _as_table(title, series),
        class_name="min-w-0",
    )


def _legend(series: tuple[Series, ...]) -> rx.Component:
    return rx.el.ul(
        *(
            rx.el.li(
                rx.el.span(
                    class_name="size-2.5 flex-none rounded-[3px] border",
                    style={"background": one.fill, "borderColor": f"var(--{one.color})"},
                    custom_attrs={"aria-hidden": True},
                ),
                one.name,
                class_name="flex items-center gap-2",
            )
            for one in series
        ),
        class_name="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft",
    )


def _bars(title: Any, series: tuple[Series, ...]) -> rx.Component:
    """Its axes are read by eyes, the keyboard moves along its days, and the table has it all."""
    tick = {"fill": "var(--faint)", "fontSize": 13}
    last = len(series) - 1
    return rx.recharts.bar_chart(
        rx.recharts.cartesian_grid(vertical=False, stroke="var(--line)", stroke_dasharray=""),
        rx.recharts.x_axis(
            data_key="day",
            tick_formatter=formatter("shortDay"),
            tick=tick,
            tick_line=False,
            axis_line=False,
            interval="equidistantPreserveStart",
            min_tick_gap=28,
        ),
        rx.recharts.y_axis(
            tick_formatter=formatter("compact"),
            # Recharts parts what it finds there by the number of ticks.
            domain=rx.Var.create([0, formatter("top")]),
            tick_count=5,
            tick=tick,
            tick_line=False,
            axis_line=False,
            allow_decimals=False,
            width="auto",
        ),
        rx.recharts.graphing_tooltip(
            cursor={"fill": "var(--raised)"},
            content_style={
                "background": "var(--raised)",
                "border": "1px solid var(--edge)",
                "borderRadius": "8px",
                "padding": "8px 12px",
            },
            label_style={"color": "var(--ink)", "fontWeight": 600},
            item_style={"color": "var(--ink)", "padding": 0},
            separator=": ",
            is_animation_active=False,
            custom_attrs={"labelFormatter": formatter("longDay"), "formatter": formatter("written")},
        ),
        *(
            rx.recharts.bar(
                data_key=one.field,
                name=one.name,
                fill=one.fill,
                stroke=f"var(--{one.color})",
                stroke_width=1 if one.hollow else 0,
                stack_id="one",
                radius=[3, 3, 0, 0] if place == last else 0,
                max_bar_size=32,
                is_animation_active=False,
            )
            for place, one in enumerate(series)
        ),
        data=Insights.report.days.to(list[dict[str, Any]]),
        margin={"top": 8, "right": 0, "bottom": 0, "left": 0},
        bar_category_gap="22%",
        height=HEIGHT,
        custom_attrs={"accessibilityLayer": True, "title": title},
    )


def _as_table(title: Any, series: tuple[Series, ...]) -> rx.Component:
    """Every day with its figures."""
    cell = "px-4 py-1.5 text-right numbers"
    return rx.el.details(
        rx.el.summary(
            rx.el.span(icon("chevron_down"), class_name="inline-grid transition-transform group-open:rotate-180"),
            rx.el.span(t("Show as a table")),
            class_name="flex min-h-10 items-center gap-2 px-4 text-xs text-soft hover:text-ink",
        ),
        rx.el.div(
            rx.el.table(
                rx.el.caption(title, class_name="sr-only"),
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th(t("Day"), scope="col", class_name="px-4 py-1.5 text-left font-medium"),
                        *(rx.el.th(one.name, scope="col", class_name=f"{cell} font-medium") for one in series),
                    ),
                    class_name="sticky top-0 bg-surface text-xs text-soft",
                ),
                rx.el.tbody(
                    rx.foreach(
                        Insights.report.days,
                        lambda day: rx.el.tr(
                            rx.el.th(
                                Day.create(day=day.day), scope="row", class_name="px-4 py-1.5 text-left font-normal"
                            ),
                            *(rx.el.td(number(round(getattr(day, one.field))), class_name=cell) for one in series),
                            key=day.day,
                        ),
                    ),
                    class_name="divide-y divide-line",
                ),
                class_name="w-full",
            ),
            tab_index=0,
            role="region",
            aria_label=title,
            class_name="max-h-72 overflow-auto border-t border-line",
        ),
        class_name="group mt-2 border-t border-line",
    )
