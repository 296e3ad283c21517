"""Somebody who is VIP, as a row of the dashboard; their name and their clock, for wherever they stand."""

from typing import Any

import reflex as rx

from vip_manager.domain.rules import VipClock
from vip_manager.ui.components.activity import trouble
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.browser import Clock, plain_link
from vip_manager.ui.components.button import button, icon_button


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
        ("reward", rx.fragment(rx.cond(vip.reward_title != "", vip.reward_title, "An earlier reward"))),
        ("manual", rx.fragment("Given by ", rx.cond(vip.given_by != "", vip.given_by, "hand"))),
        ("api", rx.fragment("Through the API")),
        ("import", rx.fragment("Taken over from before")),
        rx.fragment(vip.source),
    )


def _stuck(vip: Any, busy: Any, may: Any, on_again: Any) -> rx.Component:
    return rx.el.p(
        trouble(vip.error),
        " It is tried again. ",
        rx.cond(
            may.decide,
            rx.el.button(
                "Try now",
                type="button",
                on_click=on_again,
                disabled=busy != "",
                aria_label="Try again now for " + vip.username,
                class_name="rounded font-medium underline underline-offset-4 hover:text-ink disabled:opacity-55",
            ),
        ),
        class_name="text-xs text-amber",
    )


def aside(vip: Any) -> rx.Component:
    """Why somebody with time left is not VIP."""
    return rx.cond(
        vip.seat_taken,
        "Seat taken; VIP again when one is free. The clock runs on.",
        rx.cond(
            vip.moderator,
            "Moderator now, so not VIP. The clock runs on; VIP comes back if that changes before the end.",
            "The badge is gone on Twitch. Why, shows within a minute or so.",
        ),
    )


def staff_row(
    vip: Any, now: Any, *, busy: Any, may: Any, on_hour: Any, on_end: Any, on_more: Any, on_again: Any
) -> rx.Component:
    """`may` is what the person in front of the page may do (ui.channel_page.Mays)."""
    running = vip.state == "active"
    return rx.el.li(
        avatar(vip.avatar_url, vip.username),
        rx.el.div(
            name_link(vip.login, vip.username, class_name="block w-fit max-w-full truncate leading-6"),
            rx.el.p(
                why(vip), rx.cond(vip.hidden, " · hidden on the board", ""), class_name="truncate text-xs text-soft"
            ),
            rx.cond((vip.state == "aside") | vip.seat_taken, rx.el.p(aside(vip), class_name="text-xs text-amber")),
            rx.cond(vip.error != "", _stuck(vip, busy, may, on_again)),
            class_name="min-w-0",
        ),
        rx.el.div(
            clock_of(vip, now),
            class_name="col-span-3 row-start-2 lg:col-span-1 lg:row-start-auto min-w-0",
        ),
        rx.el.div(
            rx.cond(
                may.give,
                button(
                    "1 h",
                    icon_name="plus",
                    small=True,
                    busy=busy == "hour:" + vip.session_id,
                    disabled=~running | until_stream_ends(vip) | (busy != ""),
                    on_click=on_hour,
                    aria_label="Give " + vip.username + " 1 hour more",
                    custom_attrs={"title": "1 hour more"},
                ),
            ),
            rx.cond(
                may.end,
                button(
                    "End",
                    small=True,
                    disabled=(vip.state == "ending") | (busy != ""),
                    on_click=on_end,
                    aria_label="End the VIP of " + vip.username,
                    class_name="max-sm:hidden",
                ),
            ),
            icon_button("ellipsis", "More about " + vip.username, on_click=on_more),
            class_name="flex items-center gap-1.5",
        ),
        class_name="row-in grid grid-cols-[auto_minmax(0,1fr)_auto] "
        "lg:grid-cols-[auto_minmax(0,1fr)_minmax(0,1.1fr)_auto] items-center gap-x-3 lg:gap-x-5 gap-y-2 px-4 py-3",
        key=vip.session_id,
    )
