"""Who is VIP and what happened; and the dialogs about one VIP."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.activity import activity_row
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.browser import Left, plain_link
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.card import card, empty, heading
from vip_manager.ui.components.dialog import dialog, question
from vip_manager.ui.components.field import field
from vip_manager.ui.components.vip import clock_of, staff_row, until_stream_ends
from vip_manager.ui.pages.dashboard.state import Dashboard

GONE = "That VIP has ended already."


def vip_list() -> rx.Component:
    vips = Dashboard.picture.vips
    return card(
        rx.el.div(
            heading(
                "VIPs now",
                rx.cond(
                    Dashboard.may.give,
                    button("Give VIP", kind="primary", icon_name="plus", on_click=Dashboard.show_dialog("give")),
                ),
                count=Dashboard.picture.vips_now,
                landing=True,
            ),
            class_name="px-4 py-3 border-b border-line",
        ),
        rx.cond(
            vips.length() > 0,
            rx.el.ul(
                rx.foreach(
                    vips,
                    lambda vip: staff_row(
                        vip,
                        Dashboard.picture.now,
                        busy=Site.busy,
                        may=Dashboard.may,
                        on_hour=Dashboard.hour(vip.session_id, vip.mark),
                        on_end=Dashboard.ask("end", vip.session_id),
                        on_more=Dashboard.ask("more", vip.session_id),
                        on_again=Dashboard.try_session(vip.session_id),
                    ),
                ),
                class_name="divide-y divide-line",
            ),
            empty(
                "gem",
                "Nobody is VIP through VIP Manager right now",
                "As soon as a viewer redeems the reward, they appear here with their clock.",
            ),
        ),
        class_name="",
    )


def activity() -> rx.Component:
    lines = Dashboard.picture.activity
    return card(
        heading("Recent activity"),
        rx.cond(
            lines.length() > 0,
            rx.el.ol(
                rx.foreach(lines, lambda line: activity_row(line, Dashboard.picture.now)),
                class_name="mt-1 divide-y divide-line -mb-2.5 max-h-[34rem] overflow-y-auto pr-1",
                tab_index=0,
                aria_label="Recent activity",
            ),
            rx.el.p("Whatever happens with VIP on the channel is written down here.", class_name="text-soft"),
        ),
    )


def give() -> rx.Component:
    return dialog(
        "Give VIP",
        rx.el.form(
            field("Twitch name", "login", "give", first=True, placeholder="mira", max_length=26, required=True),
            field(
                "For",
                "hours",
                "give",
                unit="hours",
                default_value=rx.cond(Dashboard.picture.reward.hours != "", Dashboard.picture.reward.hours, "24"),
                input_mode="decimal",
                required=True,
            ),
            error_line(id_="give-error"),
            _buttons("Give VIP", "give"),
            on_submit=Dashboard.give,
            class_name="grid gap-4",
        ),
        is_open=Dashboard.dialog == "give",
        on_close=Dashboard.close,
    )


def more() -> rx.Component:
    return dialog(
        "About this VIP",
        rx.el.div(_of_subject(_more), class_name="peer"),
        rx.el.p(GONE, class_name="hidden peer-empty:block text-base"),
        is_open=Dashboard.dialog == "more",
        on_close=Dashboard.close,
    )


def _more(vip: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            avatar(vip.avatar_url, vip.username, "size-12", "text-base"),
            rx.el.div(
                rx.el.p(vip.username, class_name="text-base font-semibold truncate"),
                plain_link(
                    "Profile on Twitch",
                    icon("external_link", 14),
                    href="https://www.twitch.tv/" + vip.login,
                    target="_blank",
                    rel="noopener noreferrer",
                    class_name="inline-flex items-center gap-1.5 text-soft underline underline-offset-4 hover:text-ink",
                ),
                class_name="min-w-0",
            ),
            class_name="flex items-center gap-3",
        ),
        clock_of(vip, Dashboard.picture.now),
        rx.cond(
            until_stream_ends(vip) | ~Dashboard.may.give,
            rx.fragment(),
            rx.el.form(
                rx.el.div(
                    field("Add time", "hours", "add", unit="hours", first=True, input_mode="decimal", required=True),
                    button("Add", kind="primary", type="submit", busy=Site.busy == "add", disabled=Site.busy != ""),
                    class_name="grid grid-cols-[1fr_auto] items-end gap-2",
                ),
                on_submit=Dashboard.add_time,
            ),
        ),
        error_line(id_="add-error"),
        rx.cond(Dashboard.may.end, _ways_out(vip)),
        class_name="grid gap-4",
    )


def _ways_out(vip: Any) -> rx.Component:
    return rx.el.div(
        button("Make permanent…", icon_name="infinity", on_click=Dashboard.ask("permanent", vip.session_id)),
        button("End now…", kind="danger", icon_name="log_out", on_click=Dashboard.ask("end", vip.session_id)),
        class_name="grid gap-2 sm:grid-cols-2 border-t border-line pt-4",
    )


def end() -> rx.Component:
    return question(
        "End this VIP now?",
        _of_subject(
            lambda vip: rx.el.p(rx.el.b("@", vip.username), _ending(vip), class_name="text-base [&_b]:font-semibold")
        ),
        gone=GONE,
        label="End now",
        kind="danger",
        busy="end",
        act=Dashboard.end_now,
        is_open=Dashboard.dialog == "end",
        on_close=Dashboard.close,
    )


def _ending(vip: Any) -> rx.Component:
    left = rx.el.b(Left.create(until=vip.expires_at, now=Dashboard.picture.now, left=vip.left), class_name="numbers")
    endless = until_stream_ends(vip) & (vip.expires_at == 0)
    return rx.match(
        vip.state,
        (
            "granting",
            rx.cond(
                vip.granted_at > 0,
                rx.fragment(" does not become VIP again, and loses the ", rx.el.b(vip.owed, " h"), " that wait."),
                rx.fragment(" does not become VIP. Points that wait for it are given back."),
            ),
        ),
        (
            "aside",
            rx.cond(
                endless,
                rx.fragment(" does not become VIP again in this stream. Points are not given back."),
                rx.fragment(" loses the ", left, " that are left. Points are not given back."),
            ),
        ),
        rx.cond(
            endless,
            rx.fragment(" loses VIP now, before the stream ends. Points are not given back."),
            rx.fragment(" loses VIP now, ", left, " early. Points are not given back."),
        ),
    )


def permanent() -> rx.Component:
    return question(
        "Make this VIP permanent?",
        _of_subject(
            lambda vip: rx.el.p(
                rx.el.b("@", vip.username),
                " stays VIP for good. The clock stops, and VIP Manager never takes it away; you can do so on Twitch.",
                class_name="text-base [&_b]:font-semibold",
            )
        ),
        gone=GONE,
        label="Make permanent",
        kind="primary",
        busy="permanent",
        act=Dashboard.make_permanent,
        is_open=Dashboard.dialog == "permanent",
        on_close=Dashboard.close,
    )


def _of_subject(body: Callable[[Any], rx.Component]) -> rx.Component:
    """What is said about the VIP in question, as it is at this moment; nothing where it is over."""
    return rx.foreach(
        Dashboard.picture.vips,
        lambda vip: rx.cond(vip.session_id == Dashboard.subject, body(vip), rx.fragment()),
    )


def _buttons(label: str, busy: str) -> rx.Component:
    return rx.el.div(
        button("Cancel", on_click=Dashboard.close),
        button(label, kind="primary", type="submit", busy=Site.busy == busy, disabled=Site.busy != ""),
        class_name="flex justify-end gap-2",
    )
