"""Redemptions that wait because the streamer wants it so: for their yes, or for a VIP seat."""

from typing import Any

import reflex as rx

from vip_manager.domain.rules import Held
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.browser import Moment, Until
from vip_manager.ui.components.button import button
from vip_manager.ui.components.vip import name_link
from vip_manager.ui.language import rich, t
from vip_manager.ui.pages.dashboard.band import band, line, lines
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.dashboard.waiting import give_back_button


def needs_your_yes() -> rx.Component:
    return _band(Held.APPROVAL, "hand", t("Needs your yes"), t("The longest wait comes first."), "amber")


def waits_for_seat() -> rx.Component:
    about = t("The next free seat is for the first in line.")
    return _band(Held.SEAT, "hourglass", t("Waiting for a seat"), about, "plain")


def _band(kind: Held, mark: str, title: Any, about: Any, tone: str) -> rx.Component:
    there = Dashboard.picture.held.map(lambda one: one.held_for).contains(kind.value)
    return rx.cond(
        there,
        band(
            mark,
            title,
            about,
            lines(
                rx.el.ol,
                rx.foreach(
                    Dashboard.picture.held,
                    lambda one: rx.cond(one.held_for == kind.value, _row(one, kind), rx.fragment()),
                ),
                label=title,
            ),
            tone=tone,
        ),
    )


def _row(one: Any, kind: Held) -> rx.Component:
    now = Dashboard.picture.now
    return line(
        rx.el.span(
            rx.el.span(t("Place {place, number}", place=one.place), class_name="sr-only"),
            rx.el.span(one.place, custom_attrs={"aria-hidden": True}),
            class_name="numbers grid size-6 flex-none place-items-center rounded-full bg-raised text-xs text-soft",
        ),
        rx.el.p(
            rich(
                "{who}: “{reward}”, {cost, number} points",
                who=name_link(one.login, "@", one.username),
                reward=one.reward_title,
                cost=one.cost,
            ),
            class_name="[overflow-wrap:anywhere]",
        ),
        when=rich(
            "Since {when} · points go back {until}",
            when=Moment.create(at=one.redeemed_at, now=now),
            until=Until.create(at=one.until, now=now),
        ),
        acts=rx.cond(Dashboard.may.decide, _decisions(one, kind)),
        key=one.redemption_id,
    )


def _decisions(one: Any, kind: Held) -> rx.Component:
    return rx.fragment(
        button(
            t("Yes"),
            icon_name="check",
            kind="primary",
            small=True,
            busy=Site.busy == "yes:" + one.redemption_id,
            disabled=Site.busy != "",
            on_click=Dashboard.approve(one.redemption_id),
            aria_label=t("Yes to {who}", who=one.username),
        )
        if kind is Held.APPROVAL
        else rx.fragment(),
        give_back_button(one),
    )
