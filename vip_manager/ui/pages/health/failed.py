"""What could not be done, one line each, and the way to try it again."""

from typing import Any

import reflex as rx

from vip_manager.domain.reasons import Refusal
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.activity import refusal, trouble
from vip_manager.ui.components.browser import Until
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.card import card
from vip_manager.ui.components.vip import name_link
from vip_manager.ui.language import rich, t
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.dashboard.waiting import leave_it_button
from vip_manager.ui.pages.health.state import Health


def failed() -> rx.Component:
    picture = Health.picture
    return rx.cond(
        picture.health.failed > 0,
        card(
            rx.el.div(
                rx.el.span(icon("clock_alert", 18), class_name="text-amber"),
                rx.el.h2(t("Waits for another try, or for you"), class_name="text-base font-semibold"),
                rx.el.span(picture.health.failed, class_name="numbers text-soft"),
                rx.cond(
                    Health.may.decide & (picture.health.failed > 1),
                    button(
                        t("Try all again"),
                        icon_name="rotate_cw",
                        small=True,
                        busy=Site.busy == "all",
                        disabled=Site.busy != "",
                        on_click=Health.try_all,
                        class_name="ml-auto",
                    ),
                ),
                class_name="flex min-h-14 flex-wrap items-center gap-2 border-b border-line px-4 py-2 sm:px-5",
            ),
            rx.el.ul(
                rx.foreach(picture.pending, _redemption),
                rx.foreach(
                    picture.vips,
                    lambda vip: rx.cond(
                        picture.health.failed_sessions.contains(vip.session_id), _session(vip), rx.fragment()
                    ),
                ),
                class_name="divide-y divide-line",
            ),
            class_name="border-amber",
        ),
    )


def _redemption(one: Any) -> rx.Component:
    kept = one.state == "kept"
    who = name_link(one.login, "@", one.username)
    return _row(
        one.needs_you,
        rx.match(
            one.state,
            ("refunding", rich("{who} is to get the points back", who=who)),
            ("granted", rich("{who} is VIP; Twitch is yet to be told that the redemption is done", who=who)),
            (
                "kept",
                rx.cond(
                    one.refusal == Refusal.UNRECORDED.value,
                    rich("{who} paid, and whether VIP was given is in no record", who=who),
                    rich("{who} paid, and was not made VIP; Twitch has the points as spent", who=who),
                ),
            ),
            rich("{who} is to become VIP", who=who),
        ),
        rx.cond(kept, refusal(one.refusal), trouble(one.error)),
        rx.cond(kept, rx.fragment(), _next(one.next_at)),
        _again(one.redemption_id, one.username, Dashboard.try_again(one.redemption_id)),
        rx.cond(
            kept,
            leave_it_button(one),
        ),
        key=one.redemption_id,
    )


def _session(vip: Any) -> rx.Component:
    who = name_link(vip.login, "@", vip.username)
    return _row(
        False,
        rx.match(
            vip.state,
            ("ending", rich("{who} is losing VIP", who=who)),
            ("granting", rich("{who} is to become VIP", who=who)),
            rich("{who} is VIP", who=who),
        ),
        trouble(vip.error),
        rx.fragment(),
        _again(vip.session_id, vip.username, Dashboard.try_session(vip.session_id)),
        key=vip.session_id,
    )


def _row(needs_you: Any, what: Any, why: Any, when: Any, *actions: Any, key: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.cond(
                needs_you,
                rx.el.p(
                    icon("hand", 14),
                    t("Needs you"),
                    class_name="flex items-center gap-1.5 text-xs font-semibold text-red",
                ),
            ),
            rx.el.p(what),
            rx.el.p(rx.el.span(why), " ", when, class_name="text-soft"),
            class_name="min-w-0",
        ),
        rx.cond(
            Health.may.decide,
            rx.el.div(*actions, class_name="flex flex-none flex-wrap gap-1.5"),
        ),
        class_name="flex items-center justify-between gap-x-4 gap-y-2 px-4 py-3 sm:px-5 max-sm:flex-wrap",
        key=key,
    )


def _next(at: Any) -> rx.Component:
    return rx.cond(
        at > 0,
        rx.el.span(
            rich("The next try is {when}.", when=Until.create(at=at, now=Health.picture.now)),
            class_name="text-xs sm:whitespace-nowrap",
        ),
    )


def _again(record_id: Any, who: Any, act: Any) -> rx.Component:
    return button(
        t("Try again"),
        icon_name="rotate_cw",
        small=True,
        busy=Site.busy == "again:" + record_id,
        disabled=Site.busy != "",
        on_click=act,
        aria_label=t("Try again for {who}", who=who),
    )
