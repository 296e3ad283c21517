"""Redemptions that are not done: those that wait and are tried again by themselves, and those that need a person."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.activity import refusal, trouble
from vip_manager.ui.components.browser import Moment, Until
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.card import card
from vip_manager.ui.components.dialog import question
from vip_manager.ui.components.reward_card import points
from vip_manager.ui.components.vip import name_link
from vip_manager.ui.pages.dashboard.state import Dashboard


def waiting() -> rx.Component:
    """Those that need somebody come first."""
    every = Dashboard.picture.pending
    return rx.cond(
        every.length() > 0,
        card(
            rx.el.div(
                rx.el.span(icon("clock_alert", 18), class_name="text-amber"),
                rx.el.h2("Waiting", class_name="text-base font-semibold"),
                rx.el.span(every.length(), class_name="numbers text-soft"),
                rx.el.p(
                    "Nothing is lost: what can be tried again is, by itself.",
                    class_name="ml-auto text-xs text-soft max-sm:hidden",
                ),
                class_name="flex items-baseline gap-2 border-b border-line px-4 py-3 [&>span:first-child]:self-center",
            ),
            rx.el.ul(rx.foreach(every, _row), class_name="divide-y divide-line"),
            class_name="border-amber",
        ),
    )


def _row(one: Any) -> rx.Component:
    kept = one.state == "kept"
    return rx.el.li(
        rx.el.div(
            rx.cond(
                one.needs_you,
                rx.el.p(
                    icon("hand", 14), "Needs you", class_name="flex items-center gap-1.5 text-xs font-semibold text-red"
                ),
            ),
            rx.el.p(name_link(one.login, "@", one.username), rx.el.span(" ", _what(one))),
            rx.cond(
                kept,
                rx.el.p(refusal(one.refusal), class_name="text-soft"),
                rx.el.p(trouble(one.error), class_name=rx.cond(one.error == "reconnect", "text-red", "text-amber")),
            ),
            rx.el.p(
                "Redeemed ",
                Moment.create(at=one.redeemed_at, now=Dashboard.picture.now),
                rx.cond(kept, "", rx.fragment(" · next try ", Until.create(at=one.next_at, now=Dashboard.picture.now))),
                class_name="text-xs text-soft",
            ),
            class_name="min-w-0",
        ),
        rx.cond(Dashboard.may.decide, _decisions(one)),
        class_name="flex items-center justify-between gap-x-4 gap-y-2 px-4 py-3 max-sm:flex-wrap",
        key=one.redemption_id,
    )


def _decisions(one: Any) -> rx.Component:
    return rx.el.div(
        button(
            "Try again",
            icon_name="rotate_cw",
            small=True,
            busy=Site.busy == "again:" + one.redemption_id,
            disabled=Site.busy != "",
            on_click=Dashboard.try_again(one.redemption_id),
            aria_label="Try again for " + one.username,
        ),
        rx.match(
            one.state,
            (
                "kept",
                button(
                    "Leave it",
                    small=True,
                    busy=Site.busy == "leave:" + one.redemption_id,
                    disabled=Site.busy != "",
                    on_click=Dashboard.let_be(one.redemption_id),
                    aria_label="Leave the redemption of " + one.username + " as it is",
                ),
            ),
            ("refunding", rx.fragment()),
            give_back_button(one),
        ),
        class_name="flex flex-none flex-wrap gap-1.5",
    )


def give_back_button(one: Any) -> rx.Component:
    """Asks first; `one` is any redemption whose points can still go back."""
    return button(
        "Give back…",
        small=True,
        disabled=Site.busy != "",
        on_click=Dashboard.ask("giveback", one.redemption_id),
        aria_label="Give the points back to " + one.username,
    )


def _what(one: Any) -> rx.Component:
    return rx.match(
        one.state,
        ("refunding", "is to get the points back"),
        ("granted", "is VIP; Twitch is yet to be told that the redemption is done"),
        ("kept", "paid and was not made VIP. On Twitch the redemption is done, so the points can't go back."),
        "is to become VIP",
    )


def give_back() -> rx.Component:
    return question(
        "Give the points back?",
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
        gone="That redemption is done already.",
        label="Give back",
        kind="danger",
        busy="giveback",
        act=Dashboard.give_back,
        is_open=Dashboard.dialog == "giveback",
        on_close=Dashboard.close,
    )


def _giving_back(one: Any) -> rx.Component:
    return rx.el.p(
        rx.el.b("@", one.username),
        " gets the ",
        rx.el.b(points(one.cost), class_name="numbers"),
        rx.cond(
            one.state == "granted",
            " points back, and loses the hours that they were for. Where there are no others, VIP ends now.",
            " points back, and does not become VIP by them.",
        ),
        class_name="text-base [&_b]:font-semibold",
    )


def _saying_no(one: Any) -> rx.Component:
    return rx.el.p(
        rx.el.b("@", one.username),
        " gets the ",
        rx.el.b(points(one.cost), class_name="numbers"),
        " points back, does not become VIP by them, and waits no longer.",
        class_name="text-base [&_b]:font-semibold",
    )
