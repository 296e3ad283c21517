"""Redemptions that are not done: those that wait and are tried again by themselves, and those that need a person."""

from typing import Any

import reflex as rx

from vip_manager.domain.reasons import Refusal
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.activity import refusal, trouble
from vip_manager.ui.components.browser import Moment, Until
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.dialog import question
from vip_manager.ui.components.vip import name_link
from vip_manager.ui.language import message, number, rich, t
from vip_manager.ui.pages.dashboard.band import band, line, lines
from vip_manager.ui.pages.dashboard.state import Dashboard


def waiting() -> rx.Component:
    """Those that need somebody come first."""
    every = Dashboard.picture.pending
    title = t("Waiting")
    return rx.cond(
        every.length() > 0,
        band(
            "clock_alert",
            title,
            t("Nothing is lost: what can be tried again is, by itself."),
            lines(rx.el.ul, rx.foreach(every, _row), label=title),
            tone=rx.cond(every[0].needs_you, "red", "amber"),
            count=number(every.length()),
        ),
    )


def _row(one: Any) -> rx.Component:
    kept = one.state == "kept"
    now = Dashboard.picture.now
    when = Moment.create(at=one.redeemed_at, now=now)
    return line(
        rx.cond(
            one.needs_you,
            rx.el.span(icon("hand"), class_name="grid size-6 flex-none place-items-center text-red"),
            rx.el.span(icon("rotate_cw"), class_name="grid size-6 flex-none place-items-center text-amber"),
        ),
        rx.cond(one.needs_you, rx.el.p(t("Needs you"), class_name="text-xs font-semibold text-red")),
        rx.el.p(rich(_what(one), who=name_link(one.login, "@", one.username)), class_name="[overflow-wrap:anywhere]"),
        rx.el.p(
            rx.cond(kept, refusal(one.refusal), trouble(one.error)),
            class_name=rx.match(
                rx.cond(kept, "kept", one.error), ("kept", "text-soft"), ("reconnect", "text-red"), "text-amber"
            ),
        ),
        when=rx.cond(
            kept,
            rich("Redeemed {when}", when=when),
            rich("Redeemed {when} · next try {next}", when=when, next=Until.create(at=one.next_at, now=now)),
        ),
        acts=rx.cond(Dashboard.may.decide, _decisions(one)),
        key=one.redemption_id,
    )


def _decisions(one: Any) -> rx.Component:
    return rx.fragment(
        button(
            t("Try again"),
            icon_name="rotate_cw",
            small=True,
            busy=Site.busy == "again:" + one.redemption_id,
            disabled=Site.busy != "",
            on_click=Dashboard.try_again(one.redemption_id),
            aria_label=t("Try again for {who}", who=one.username),
        ),
        rx.match(
            one.state,
            (
                "kept",
                leave_it_button(one),
            ),
            ("refunding", rx.fragment()),
            give_back_button(one),
        ),
    )


def leave_it_button(one: Any) -> rx.Component:
    """`one` is a redemption that was KEPT."""
    return button(
        t("Leave it"),
        small=True,
        busy=Site.busy == "leave:" + one.redemption_id,
        disabled=Site.busy != "",
        on_click=Dashboard.let_be(one.redemption_id),
        aria_label=t("Leave the redemption of {who} as it is", who=one.username),
    )


def give_back_button(one: Any) -> rx.Component:
    """Asks first; `one` is any redemption whose points can still go back."""
    return button(
        t("Give back…"),
        small=True,
        disabled=Site.busy != "",
        on_click=Dashboard.ask("giveback", one.redemption_id),
        aria_label=t("Give the points back to {who}", who=one.username),
    )


def _what(one: Any) -> rx.Var[str]:
    return rx.match(
        one.state,
        ("refunding", message("{who} is to get the points back")),
        ("granted", message("{who} is VIP; Twitch is yet to be told that the redemption is done")),
        (
            "kept",
            rx.cond(
                one.refusal == Refusal.UNRECORDED.value,
                message("{who} paid, and whether VIP was given is in no record."),
                message(
                    "{who} paid and was not made VIP. On Twitch the redemption is done, so the points can't go back."
                ),
            ),
        ),
        message("{who} is to become VIP"),
    )


def give_back() -> rx.Component:
    return question(
        t("Give the points back?"),
        rx.fragment(
            rx.foreach(
                Dashboard.picture.pending,
                lambda one: rx.cond(one.redemption_id == Dashboard.subject, _giving_back(one), rx.fragment()),
            ),
            rx.foreach(
                Dashboard.picture.held,
                lambda one: rx.cond(one.redemption_id == Dashboard.subject, _saying_no(one), rx.fragment()),
            ),
        ),
        gone=t("That redemption is done already."),
        label=t("Give back"),
        kind="danger",
        busy="giveback",
        act=Dashboard.give_back,
        is_open=Dashboard.dialog == "giveback",
        on_close=Dashboard.close,
    )


def _giving_back(one: Any) -> rx.Component:
    return _asked(
        rx.cond(
            one.state == "granted",
            message(
                "{who} gets the {points} points back, and loses the hours that they were for. Where there are no "
                "others, VIP ends now."
            ),
            message("{who} gets the {points} points back, and does not become VIP by them."),
        ),
        one,
    )


def _saying_no(one: Any) -> rx.Component:
    return _asked(
        message("{who} gets the {points} points back, does not become VIP by them, and waits no longer."), one
    )


def _asked(template: Any, one: Any) -> rx.Component:
    return rx.el.p(
        rich(template, who=rx.el.b("@", one.username), points=rx.el.b(number(one.cost), class_name="numbers")),
        class_name="text-base [&_b]:font-semibold",
    )
