"""Who is VIP, and the dialogs about one of them."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from vip_manager.domain.rules import VipClock
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.browser import Left, plain_link
from vip_manager.ui.components.button import button, icon, look
from vip_manager.ui.components.card import card, empty, heading
from vip_manager.ui.components.days import Exact
from vip_manager.ui.components.dialog import dialog, question
from vip_manager.ui.components.field import field
from vip_manager.ui.components.finding import Clear, order, search, sifted
from vip_manager.ui.components.keys import pressed_by
from vip_manager.ui.components.vip import SIGN_IN, clock_of, over_row, staff_row, until_stream_ends, why
from vip_manager.ui.language import lasting, message, rich, t
from vip_manager.ui.pages.dashboard import permanents
from vip_manager.ui.pages.dashboard.state import Dashboard

GONE = t("That VIP has ended already.")
BARRED = Dashboard.picture.connection == "reconnect"
MANY = 6
"""More of them can be searched and sorted."""


def vip_list() -> rx.Component:
    picture = Dashboard.picture
    return card(
        rx.el.div(
            heading(t("VIPs now"), count=_found(), landing=True),
            rx.cond(
                picture.vips.length() > MANY,
                rx.el.div(
                    search(),
                    order(),
                    class_name="flex min-w-0 flex-1 justify-end gap-2 max-sm:order-1 max-sm:basis-full "
                    "sm:[&>input]:max-w-56",
                ),
            ),
            rx.cond(
                Dashboard.may.give,
                button(
                    t("Give VIP"),
                    kind="primary",
                    icon_name="plus",
                    disabled=BARRED,
                    title=rx.cond(BARRED, SIGN_IN, ""),
                    on_click=Dashboard.show_dialog("give"),
                    custom_attrs=pressed_by("g"),
                ),
            ),
            class_name="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line px-4 py-2 "
            "min-h-14",
        ),
        rx.foreach(
            picture.just_over,
            lambda one: over_row(
                one,
                picture.now,
                busy=Site.busy,
                may=Dashboard.may,
                barred=BARRED,
                on_again=Dashboard.again(one.session_id),
            ),
        ),
        rx.cond(
            picture.vips.length() > 0,
            _rows(),
            empty(
                "gem",
                t("Nobody is VIP through VIP Manager right now"),
                t("As soon as a viewer redeems the reward, they appear here with their clock."),
            ),
        ),
        permanents.line(),
        class_name="overflow-hidden",
    )


def _found() -> rx.Component:
    """How many, while somebody is looked for."""
    every = Dashboard.picture.vips
    found = sifted(every).length()
    return rx.el.span(
        rx.cond(found < every.length(), t("{found, number} of {all, number}", found=found, all=every.length()), ""),
        role="status",
    )


def _rows() -> rx.Component:
    found = sifted(Dashboard.picture.vips)
    return rx.cond(
        found.length() > 0,
        rx.el.ul(
            rx.foreach(
                found,
                lambda vip: staff_row(
                    vip,
                    Dashboard.picture.now,
                    busy=Site.busy,
                    may=Dashboard.may,
                    known=(vip.error == Dashboard.picture.connection_error)
                    | (vip.error == Dashboard.picture.connection),
                    barred=BARRED,
                    on_hour=Dashboard.hour(vip.session_id, vip.mark),
                    on_end=Dashboard.ask("end", vip.session_id),
                    on_more=Dashboard.ask("more", vip.session_id),
                    on_again=Dashboard.try_session(vip.session_id),
                ),
            ),
            class_name="live divide-y divide-line",
        ),
        rx.el.div(
            rx.el.p(t("Nobody of that name is VIP now."), role="status", class_name="font-medium"),
            Clear.create(t("Show all of them"), class_name=look("quiet", small=True)),
            class_name="flex flex-col items-center gap-3 px-6 py-12 text-center",
        ),
    )


def give() -> rx.Component:
    hours = Dashboard.picture.reward.hours
    return dialog(
        t("Give VIP"),
        rx.el.form(
            field(t("Twitch name"), "login", "give", first=True, placeholder=t("mira"), max_length=26, required=True),
            field(
                t("For"),
                "hours",
                "give",
                unit=t("hours"),
                default_value=rx.cond(hours != "", hours, "24"),
                input_mode="decimal",
                required=True,
            ),
            error_line(id_="give-error"),
            _buttons(t("Give VIP"), "give"),
            on_submit=Dashboard.give,
            class_name="grid gap-4",
        ),
        is_open=Dashboard.dialog == "give",
        on_close=Dashboard.close,
    )


def more() -> rx.Component:
    return dialog(
        t("About this VIP"),
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
                    t("Profile on Twitch"),
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
        rx.el.div(
            clock_of(vip, Dashboard.picture.now),
            rx.cond(vip.expires_at > 0, rx.el.p(_to_when(vip), class_name="mt-1 text-xs text-soft")),
            rx.el.p(why(vip), class_name="text-xs text-soft [overflow-wrap:anywhere]"),
        ),
        rx.cond(
            until_stream_ends(vip) | ~Dashboard.may.give,
            rx.fragment(),
            rx.el.form(
                rx.el.div(
                    field(
                        t("Add time"), "hours", "add", unit=t("hours"), first=True, input_mode="decimal", required=True
                    ),
                    button(
                        t("Add"),
                        kind="primary",
                        type="submit",
                        busy=Site.busy == "add",
                        disabled=BARRED | (Site.busy != ""),
                        title=rx.cond(BARRED, SIGN_IN, ""),
                    ),
                    class_name="grid grid-cols-[1fr_auto] items-end gap-2",
                ),
                on_submit=Dashboard.add_time,
            ),
        ),
        error_line(id_="add-error"),
        rx.cond(Dashboard.may.end, _ways_out(vip)),
        class_name="grid gap-4",
    )


def _to_when(vip: Any) -> rx.Component:
    """On a phone nothing is said on hover."""
    when = Exact.create(at=vip.expires_at)
    return rx.cond(
        vip.clock == VipClock.LIVE.value,
        rich("Until {when}, if the stream goes on", when=when),
        rich("Until {when}", when=when),
    )


def _ways_out(vip: Any) -> rx.Component:
    return rx.el.div(
        button(t("Make permanent…"), icon_name="infinity", on_click=Dashboard.ask("permanent", vip.session_id)),
        button(
            t("End now…"),
            kind="danger",
            icon_name="log_out",
            disabled=BARRED,
            title=rx.cond(BARRED, SIGN_IN, ""),
            on_click=Dashboard.ask("end", vip.session_id),
        ),
        class_name="grid gap-2 sm:grid-cols-2 border-t border-line pt-4",
    )


def end() -> rx.Component:
    return question(
        t("End this VIP now?"),
        _of_subject(
            lambda vip: rx.el.p(
                rich(
                    _ending(vip),
                    who=rx.el.b("@", vip.username),
                    left=rx.el.b(
                        Left.create(until=vip.expires_at, now=Dashboard.picture.now, left=vip.left),
                        class_name="numbers",
                    ),
                    hours=rx.el.b(lasting(vip.owed), class_name="numbers"),
                ),
                class_name="text-base [&_b]:font-semibold",
            )
        ),
        gone=GONE,
        label=t("End now"),
        kind="danger",
        busy="end",
        act=Dashboard.end_now,
        is_open=Dashboard.dialog == "end",
        on_close=Dashboard.close,
    )


def _ending(vip: Any) -> rx.Var[str]:
    """What exactly will happen."""
    endless = until_stream_ends(vip) & (vip.expires_at == 0)
    return rx.match(
        vip.state,
        (
            "granting",
            rx.cond(
                vip.granted_at > 0,
                message("{who} does not become VIP again, and loses the {hours, duration} that wait."),
                message("{who} does not become VIP. Points that wait for it are given back."),
            ),
        ),
        (
            "aside",
            rx.cond(
                endless,
                message("{who} does not become VIP again in this stream. Points are not given back."),
                message("{who} loses the {left} that are left. Points are not given back."),
            ),
        ),
        rx.cond(
            endless,
            message("{who} loses VIP now, before the stream ends. Points are not given back."),
            message("{who} loses VIP now, {left} early. Points are not given back."),
        ),
    )


def permanent() -> rx.Component:
    return question(
        t("Make this VIP permanent?"),
        _of_subject(
            lambda vip: rx.el.p(
                rich(
                    "{who} stays VIP for good. The clock stops, and VIP Manager never takes it away; you can do so on "
                    "Twitch.",
                    who=rx.el.b("@", vip.username),
                ),
                class_name="text-base [&_b]:font-semibold",
            )
        ),
        gone=GONE,
        label=t("Make permanent"),
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
        button(t("Cancel"), on_click=Dashboard.close),
        button(label, kind="primary", type="submit", busy=Site.busy == busy, disabled=Site.busy != ""),
        class_name="flex justify-end gap-2",
    )
