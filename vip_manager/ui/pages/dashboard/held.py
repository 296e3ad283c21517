"""Redemptions that wait because the streamer wants it so: for their yes, or for a VIP seat."""

from typing import Any

import reflex as rx

from vip_manager.domain.rules import Held
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.browser import Moment, Until
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.card import card
from vip_manager.ui.components.reward_card import points
from vip_manager.ui.components.vip import name_link
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.dashboard.waiting import give_back_button


def held() -> rx.Component:
    """A card for each of the two, where there is somebody."""
    return rx.fragment(
        _card(Held.APPROVAL, "hand", "Needs your yes", "The longest wait comes first."),
        _card(Held.SEAT, "hourglass", "Waiting for a seat", "The next free seat is for the first in line."),
    )


def _card(kind: Held, mark: str, title: str, about: str) -> rx.Component:
    there = Dashboard.picture.held.map(lambda one: one.held_for).contains(kind.value)
    return rx.cond(
        there,
        card(
            rx.el.div(
                rx.el.span(icon(mark, 18), class_name="text-soft"),
                rx.el.h2(title, class_name="text-base font-semibold"),
                rx.el.p(about, class_name="ml-auto text-xs text-soft max-sm:hidden"),
                class_name="flex items-baseline gap-2 border-b border-line px-4 py-3 [&>span:first-child]:self-center",
            ),
            rx.el.ol(
                rx.foreach(
                    Dashboard.picture.held,
                    lambda one: rx.cond(one.held_for == kind.value, _row(one, kind), rx.fragment()),
                ),
                class_name="divide-y divide-line",
                aria_label=title,
            ),
            class_name="",
        ),
    )


def _row(one: Any, kind: Held) -> rx.Component:
    now = Dashboard.picture.now
    return rx.el.li(
        rx.el.span(
            rx.el.span("Place ", class_name="sr-only"),
            one.place,
            class_name="numbers grid size-8 flex-none place-items-center rounded-full bg-raised text-soft",
        ),
        rx.el.div(
            rx.el.p(
                name_link(one.login, "@", one.username),
                rx.el.span(" · ", one.reward_title, " · "),
                rx.el.span(points(one.cost), class_name="numbers"),
                rx.el.span(" points"),
                class_name="[overflow-wrap:anywhere]",
            ),
            rx.el.p(
                "Since ",
                Moment.create(at=one.redeemed_at, now=now),
                " · points go back ",
                Until.create(at=one.until, now=now),
                class_name="text-xs text-soft",
            ),
            class_name="min-w-0 flex-1",
        ),
        rx.cond(Dashboard.may.decide, _decisions(one, kind)),
        class_name="row-in flex items-center gap-x-3 gap-y-2 px-4 py-3 max-sm:flex-wrap",
        key=one.redemption_id,
    )


def _decisions(one: Any, kind: Held) -> rx.Component:
    return rx.el.div(
        button(
            "Yes",
            icon_name="check",
            kind="primary",
            small=True,
            busy=Site.busy == "yes:" + one.redemption_id,
            disabled=Site.busy != "",
            on_click=Dashboard.approve(one.redemption_id),
            aria_label="Yes to " + one.username,
        )
        if kind is Held.APPROVAL
        else None,
        give_back_button(one),
        class_name="flex flex-none gap-1.5 max-sm:w-full max-sm:pl-11",
    )
