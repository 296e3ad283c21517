"""Somebody who is VIP, as a row of the dashboard; their name and their clock, for wherever they stand."""

from typing import Any

import reflex as rx

from vip_manager.domain.rules import VipClock
from vip_manager.ui.components.activity import trouble
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.browser import Briefly, Clock, plain_link
from vip_manager.ui.components.button import button, icon, icon_button, unless
from vip_manager.ui.language import rich, t

BRIEFLY = 10_000
"""Milliseconds for which the end of a VIP is shown where its row was."""

SIGN_IN = t("Not before the channel's owner has signed in with Twitch again")
"""Why what Twitch must do for us can't be begun."""


def name_link(login: Any, *name: Any, class_name: str = "") -> rx.Component:
    """Somebody's name, leading to their page on Twitch."""
    return plain_link(
        *name,
        href="https://www.twitch.tv/" + login,
        target="_blank",
        rel="noreferrer",
        class_name=f"rounded font-semibold underline-offset-4 hover:underline {class_name}".strip(),
    )


def clock_of(vip: Any, now: Any) -> rx.Component:
    """The time of somebody's VIP, by whichever clock."""
    return Clock.create(
        since=vip.granted_at, until=vip.expires_at, now=now, state=vip.state, clock=vip.clock, left=vip.left
    )


def until_stream_ends(vip: Any) -> Any:
    """Whether there are no hours to add to."""
    return vip.clock == VipClock.STREAM.value


def why(vip: Any) -> rx.Component:
    """Through what, and by whom."""
    return rx.match(
        vip.source,
        ("reward", rx.fragment(rx.cond(vip.reward_title != "", vip.reward_title, t("An earlier reward")))),
        (
            "manual",
            rx.fragment(rx.cond(vip.given_by != "", t("Given by {who}", who=vip.given_by), t("Given by hand"))),
        ),
        (
            "api",
            rx.fragment(
                rx.cond(vip.given_by != "", t("Through the API by {who}", who=vip.given_by), t("Through the API"))
            ),
        ),
        ("import", rx.fragment(t("Taken over from before"))),
        rx.fragment(vip.source),
    )


def _stuck(vip: Any, busy: Any, may: Any, on_again: Any) -> rx.Component:
    return rx.el.p(
        t("{trouble} It is tried again.", trouble=trouble(vip.error)),
        rx.cond(
            may.decide,
            rx.el.button(
                t("Try now"),
                type="button",
                on_click=on_again,
                **unless(busy != ""),
                aria_label=t("Try again now for {who}", who=vip.username),
                class_name="ml-2 min-h-6 rounded font-medium underline underline-offset-4 hover:text-ink "
                "aria-disabled:opacity-55",
            ),
        ),
        class_name="text-xs text-amber",
    )


def aside(vip: Any) -> rx.Var[str]:
    """Why somebody with time left is not VIP."""
    return rx.cond(
        vip.seat_taken,
        t("Seat taken; VIP again when one is free. The clock runs on."),
        rx.cond(
            vip.moderator,
            t("Moderator now, so not VIP. The clock runs on; VIP comes back if that changes before the end."),
            t("The badge is gone on Twitch. The reason shows within a minute or so."),
        ),
    )


def staff_row(
    vip: Any,
    now: Any,
    *,
    busy: Any,
    may: Any,
    known: Any,
    barred: Any,
    on_hour: Any,
    on_end: Any,
    on_more: Any,
    on_again: Any,
) -> rx.Component:
    """`may` is what the person in front of the page may do (ui.channel_page.Mays); `known`: what stands in its way is
    said above all of them already; `barred`: Twitch takes nothing of us (`SIGN_IN`)."""
    stuck = (vip.error != "") & ~known
    return rx.el.li(
        avatar(vip.avatar_url, vip.username),
        rx.el.div(
            name_link(vip.login, vip.username, class_name="block w-fit max-w-full truncate"),
            rx.el.p(
                why(vip),
                rx.cond(
                    vip.hidden,
                    rx.el.span(
                        icon("eye_off", 12),
                        t("hidden on the board"),
                        class_name="ml-2 inline-flex items-center gap-1 align-bottom",
                    ),
                ),
                class_name="truncate text-xs leading-4 text-soft",
            ),
            class_name="min-w-0",
        ),
        rx.el.div(clock_of(vip, now), class_name="beside order-1 col-span-3 min-w-0 sm:order-none sm:col-span-1"),
        _acts(vip, busy, may, barred, on_hour, on_end, on_more),
        rx.cond(
            (vip.state == "aside") | vip.seat_taken | stuck,
            rx.el.div(
                rx.cond((vip.state == "aside") | vip.seat_taken, rx.el.p(aside(vip), class_name="text-xs text-amber")),
                rx.cond(stuck, _stuck(vip, busy, may, on_again)),
                class_name="order-2 col-span-full min-w-0 sm:pl-12",
            ),
        ),
        class_name="row-in grid grid-cols-[auto_minmax(0,1fr)_auto] "
        "sm:grid-cols-[auto_minmax(0,1fr)_minmax(0,1.5fr)_auto] items-center gap-x-3 sm:gap-x-4 gap-y-1 px-4 py-2",
        key=vip.session_id,
    )


def _acts(vip: Any, busy: Any, may: Any, barred: Any, on_hour: Any, on_end: Any, on_more: Any) -> rx.Component:
    running = vip.state == "active"
    return rx.el.div(
        rx.cond(
            may.give,
            button(
                t("{hours, number} h", hours=1),
                icon_name="plus",
                small=True,
                busy=busy == "hour:" + vip.session_id,
                disabled=barred | ~running | until_stream_ends(vip) | (busy != ""),
                on_click=on_hour,
                aria_label=t("Give {who} 1 h more", who=vip.username),
                title=rx.cond(barred, SIGN_IN, t("1 hour more")),
            ),
        ),
        rx.cond(
            may.end,
            button(
                t("End"),
                small=True,
                disabled=barred | (vip.state == "ending") | (busy != ""),
                title=rx.cond(barred, SIGN_IN, ""),
                on_click=on_end,
                aria_label=t("End the VIP of {who}", who=vip.username),
                class_name="max-sm:hidden",
            ),
        ),
        icon_button("ellipsis", t("More about {who}", who=vip.username), on_click=on_more),
        class_name="flex items-center gap-1.5",
    )


def over_row(one: Any, now: Any, *, busy: Any, may: Any, barred: Any, on_again: Any) -> rx.Component:
    """Where somebody's row was that has just gone: for some seconds, VIP can go on. `barred`: see `staff_row`."""
    return Briefly.create(
        rx.el.span(icon("check"), class_name="grid size-9 flex-none place-items-center text-faint"),
        rx.el.p(
            rich("{who}'s VIP is over", who=name_link(one.login, "@", one.username)),
            class_name="min-w-0 flex-1 text-soft [overflow-wrap:anywhere]",
        ),
        rx.cond(
            may.give,
            button(
                t("Give 1 h more"),
                small=True,
                busy=busy == "again:" + one.session_id,
                disabled=barred | (busy != ""),
                title=rx.cond(barred, SIGN_IN, ""),
                on_click=on_again,
                aria_label=t("Give {who} 1 h more", who=one.username),
            ),
        ),
        until=one.ended_at + BRIEFLY,
        now=now,
        key=one.session_id,
    )
