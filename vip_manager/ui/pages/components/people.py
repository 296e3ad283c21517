"""Rewards, clocks, people, and what happened to them."""

from typing import Any

import reflex as rx

from vip_manager.ui.channel_page import Mays
from vip_manager.ui.components.activity import activity_row
from vip_manager.ui.components.browser import Example, Left, Moment, OnAir, Until
from vip_manager.ui.components.button import look
from vip_manager.ui.components.days import Day, Exact
from vip_manager.ui.components.finding import Clear, order, search, sifted
from vip_manager.ui.components.reward_card import lasts, points, viewer_card, vip_lasts
from vip_manager.ui.components.vip import aside, clock_of, name_link, over_row, staff_row, why
from vip_manager.ui.language import rich, t
from vip_manager.ui.pages.components.shelf import shelf, thing
from vip_manager.ui.pages.components.state import Components

MAY = rx.Var.create(Mays(decide=True, give=True, end=True))
HOUR = 3_600_000


def rewards() -> rx.Component:
    return shelf(
        t("A reward as viewers see it"),
        rx.el.ul(
            rx.foreach(
                Components.rewards,
                lambda one: rx.el.li(
                    viewer_card(one.title, points(one.cost), muted=~one.open),
                    rx.el.div(
                        rx.el.p(vip_lasts(one), class_name="font-medium"),
                        rx.el.p(
                            rich("VIP {lasts} at {cost} points.", lasts=lasts(one), cost=points(one.cost)),
                            class_name="mt-1 text-xs text-soft",
                        ),
                        class_name="min-w-0",
                    ),
                    class_name="flex items-center gap-4",
                    key=one.id,
                ),
            ),
            class_name="grid gap-4 sm:grid-cols-2 lg:grid-cols-3",
        ),
    )


def clocks() -> rx.Component:
    return shelf(
        t("Clocks"),
        rx.el.ul(
            rx.foreach(Components.vips, _clock),
            class_name="grid gap-x-8 gap-y-5 sm:grid-cols-2 lg:grid-cols-4",
        ),
        rx.el.div(
            thing(
                t("For show, from when the page is opened"),
                rx.el.div(Example.create(hours=24, left=9.7), class_name="w-full"),
            ),
            thing(
                t("Days and moments"), Day.create(day="2026-03-29"), Exact.create(at=Components.now), look="grid gap-1"
            ),
            thing(t("Live"), OnAir.create(since=Components.now - 2 * HOUR, now=Components.now)),
            thing(
                t("Inside a sentence"),
                rx.el.p(
                    rich(
                        "{left} left, {until}, since {moment}.",
                        left=Left.create(until=Components.now + 3 * HOUR, now=Components.now, left=""),
                        until=Until.create(at=Components.now + HOUR // 4, now=Components.now),
                        moment=Moment.create(at=Components.now - HOUR, now=Components.now),
                    )
                ),
            ),
            class_name="grid gap-x-8 gap-y-5 sm:grid-cols-2 lg:grid-cols-3",
        ),
    )


def _clock(vip: Any, index: Any) -> rx.Component:
    labels = (
        t("Far away"),
        t("In the last half hour"),
        t("In the last minute, in seconds"),
        t("Over, and Twitch has not said so yet"),
        t("Not begun yet"),
        t("Stands while the channel is not live"),
        t("Ends with the stream"),
        t("Runs on, and the badge is gone"),
    )
    return rx.el.li(
        rx.el.p(rx.match(index, *enumerate(labels), ""), class_name="mb-2 text-xs text-soft"),
        clock_of(vip, Components.now),
        key=vip.session_id,
    )


def activity() -> rx.Component:
    return shelf(
        t("What happened"),
        rx.el.ol(
            rx.foreach(Components.lines, lambda line: activity_row(line, Components.now)),
            class_name="divide-y divide-line",
        ),
        look="mt-2",
    )


def vips() -> rx.Component:
    return shelf(
        t("Who is VIP, for the staff"),
        thing(
            t("Searched and sorted in the browser"),
            search(),
            order(),
            Clear.create(t("Show all of them"), class_name=look("quiet", small=True)),
            look="grid items-center gap-3 sm:grid-cols-[minmax(0,1fr)_auto_auto]",
        ),
        rx.el.ul(
            rx.foreach(
                sifted(Components.vips),
                lambda vip: staff_row(
                    vip,
                    Components.now,
                    busy="",
                    may=MAY,
                    known=False,
                    barred=rx.Var.create(False),
                    on_hour=rx.noop(),
                    on_end=rx.noop(),
                    on_more=rx.noop(),
                    on_again=rx.noop(),
                ),
            ),
            class_name="-mx-4 divide-y divide-line sm:-mx-5",
        ),
        thing(
            t("Over just now: for some seconds it can go on"),
            rx.foreach(
                Components.over,
                lambda one: over_row(
                    one, Components.now, busy="", may=MAY, barred=rx.Var.create(False), on_again=rx.noop()
                ),
            ),
        ),
        thing(
            t("By what, and why not at the moment"),
            rx.el.ul(rx.foreach(Components.vips, _why), class_name="grid w-full gap-1"),
        ),
        look="mt-2 grid gap-6",
    )


def _why(vip: Any) -> rx.Component:
    return rx.el.li(
        name_link(vip.login, vip.username),
        rx.el.span(why(vip), class_name="text-soft"),
        rx.cond(vip.seat_taken, rx.el.span(aside(vip), class_name="text-amber")),
        class_name="flex flex-wrap gap-x-3",
        key=vip.session_id,
    )
