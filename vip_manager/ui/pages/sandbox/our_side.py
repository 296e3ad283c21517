"""The right of the stage: what VIP Manager made of it. The streamer sees the dashboard's picture, anybody else the
board's."""

from typing import Any

import reflex as rx

from vip_manager.domain.team import Role
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.activity import activity_row, held, trouble
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.browser import Until
from vip_manager.ui.components.button import icon, look, sign_in
from vip_manager.ui.components.vip import clock_of, why
from vip_manager.ui.language import number, rich, t
from vip_manager.ui.pages.board.state import BoardPage
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.sandbox.panel import chip, panel, part
from vip_manager.ui.pages.sandbox.state import Stage


def is_unconnected() -> Any:
    """The streamer has signed in, and has not let VIP Manager act yet."""
    return Dashboard.picture.login == ""


def is_staff() -> Any:
    """The dashboard's picture is there, and it is this channel's."""
    return (
        Site.me.signed_in
        & (Dashboard.picture.channel_id != "")
        & (Dashboard.picture.channel_id == Stage.picture.channel_id)
    )


def _dashboard() -> Any:
    """Of this channel, whoever's it is."""
    return rx.cond(Dashboard.role == Role.OWNER.value, "/dashboard", "/dashboard?channel=" + Stage.picture.channel_id)


def is_known() -> Any:
    """The channel uses VIP Manager, as anybody may know."""
    return BoardPage.picture.known & (BoardPage.picture.login == Stage.picture.login)


def anybody_ends() -> Any:
    """Whether a clock runs on our side."""
    return rx.cond(is_staff(), Dashboard.picture.vips.length() > 0, is_known() & (BoardPage.picture.vips.length() > 0))


def our_side() -> rx.Component:
    return panel(
        "gem",
        "VIP Manager",
        rx.cond(
            is_staff(), _staff(), rx.cond(is_known(), _public(), rx.cond(BoardPage.picture.off, _off(), _nobody()))
        ),
        aside=rx.cond(is_staff(), _hearing(), rx.cond(is_known(), chip("eye", t("as anybody sees it")), "")),
        what=t("what it made of it"),
        tone="text-gem-text",
    )


def _staff() -> rx.Component:
    picture = Dashboard.picture
    return rx.fragment(
        rx.cond(
            (picture.connection == "reconnect") | is_unconnected(),
            _call(
                "plug",
                rx.cond(is_unconnected(), t("Not connected yet"), t("Twitch no longer lets VIP Manager act")),
                rx.cond(
                    is_unconnected(),
                    t("Allow on Twitch what is asked. Then create the reward, come back here, and press Redeem."),
                    t(
                        "What is redeemed is kept, and done as soon as {who} has signed in again.",
                        who=Stage.picture.username,
                    ),
                ),
                _sign_in(t("Connect as {who}", who=Stage.picture.username)),
            ),
            rx.cond(
                picture.reward.id == "",
                _call(
                    "ticket",
                    t("One thing is missing: the reward"),
                    rx.cond(
                        Dashboard.may.rewards,
                        t("VIP Manager makes it on the channel. Then viewers have something to redeem."),
                        t("{who} can make it, or a manager of the channel.", who=Stage.picture.username),
                    ),
                    rx.cond(
                        Dashboard.may.rewards,
                        rx.el.a(t("Create it on the dashboard"), href=_dashboard(), class_name=look("primary")),
                        rx.el.a(t("To the dashboard"), href=_dashboard(), class_name=look("quiet")),
                    ),
                ),
            ),
        ),
        rx.cond(picture.pending.length() > 0, _pending()),
        rx.cond(picture.held.length() > 0, _held()),
        _vips(picture.vips, picture.now, lambda vip: why(vip)),
        part(
            t("What happened"),
            rx.cond(
                picture.activity.length() > 0,
                rx.el.ol(
                    rx.foreach(picture.activity, lambda line: activity_row(line, picture.now)),
                    class_name="activity divide-y divide-line max-h-72 lg:max-h-[40rem] overflow-y-auto pr-1",
                    tab_index=0,
                    aria_label=t("What happened, newest first"),
                ),
                rx.el.p(t("Nothing yet."), class_name="mt-1 text-soft"),
            ),
            class_name="border-t border-line",
        ),
    )


def _public() -> rx.Component:
    picture = BoardPage.picture
    return rx.fragment(
        _vips(picture.vips, picture.now, lambda vip: rx.fragment()),
        rx.el.div(
            rx.el.p(
                t("This is the public board. Who waits, who got points back, and why, is for the streamer:"),
                class_name="text-soft",
            ),
            _sign_in(t("Sign in as {who}", who=Stage.picture.username)),
            class_name="flex flex-wrap items-center gap-3 border-t border-line px-4 py-4",
        ),
    )


def _off() -> rx.Component:
    return _call(
        "eye_off",
        t("{who} has turned the public board off", who=Stage.picture.username),
        t("What happens here is for the streamer and the team."),
        _sign_in(t("Sign in as {who}", who=Stage.picture.username)),
    )


def _nobody() -> rx.Component:
    return _call(
        "plug",
        t("{who} does not use VIP Manager yet", who=Stage.picture.username),
        t(
            "Sign in with Twitch, choose to be {who}, and allow what is asked. Then create the reward, come back here, "
            "and press Redeem.",
            who=Stage.picture.username,
        ),
        _sign_in(t("Sign in as {who}", who=Stage.picture.username)),
    )


def _sign_in(label: Any) -> rx.Component:
    return sign_in(label, connect=True, after="/sandbox%3Fchannel%3D" + Stage.picture.login)


def _call(icon_name: str, title: Any, text: Any, act: Any) -> rx.Component:
    """The one thing to do next."""
    return rx.el.div(
        rx.el.span(
            icon(icon_name, 20),
            class_name="grid size-10 flex-none place-items-center rounded-lg bg-gem-soft text-gem-text",
        ),
        rx.el.div(
            rx.el.p(title, class_name="text-base font-semibold"),
            rx.el.p(text, class_name="mt-1 text-soft"),
            rx.el.div(act, class_name="mt-4 flex"),
            class_name="min-w-0",
        ),
        class_name="flex gap-4 px-4 py-6",
    )


def _hearing() -> rx.Component:
    return rx.cond(is_unconnected(), "", _connection())


def _connection() -> rx.Component:
    return rx.match(
        Dashboard.picture.connection,
        (
            "live",
            rx.cond(
                Dashboard.picture.connection_error == "",
                chip("wifi", t("live with Twitch"), "text-green"),
                chip("wifi_off", t("trouble with Twitch"), "text-amber"),
            ),
        ),
        ("reconnect", chip("unplug", t("not connected to Twitch"), "text-red")),
        chip("wifi_off", t("connecting to Twitch"), "text-amber"),
    )


def _vips(vips: Any, now: Any, reason: Any) -> rx.Component:
    return part(
        t("VIPs"),
        rx.cond(
            vips.length() > 0,
            rx.el.ul(
                rx.foreach(vips, lambda vip: _vip(vip, now, reason)),
                class_name="mt-1 grid gap-x-5 sm:grid-cols-2 max-h-96 lg:max-h-[34rem] overflow-y-auto",
                tab_index=0,
                aria_label=t("VIPs"),
            ),
            rx.el.p(
                rx.cond(
                    Stage.picture.rewards.length() > 0,
                    t("Nobody yet. Press Redeem for one of the viewers."),
                    t("Nobody yet."),
                ),
                class_name="mt-1 text-soft",
            ),
        ),
        aside=rx.el.span(number(vips.length()), class_name="numbers"),
    )


def _vip(vip: Any, now: Any, reason: Any) -> rx.Component:
    return rx.el.li(
        avatar(vip.avatar_url, vip.username, "size-8"),
        rx.el.div(
            rx.el.p(
                rx.el.span(vip.username, class_name="font-medium"),
                " ",
                rx.el.span(reason(vip), class_name="text-xs text-faint"),
                class_name="truncate leading-5",
            ),
            clock_of(vip, now),
            class_name="min-w-0",
        ),
        class_name="row-in slim grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-2.5 py-1.5",
        key=vip.user_id,
    )


def _held() -> rx.Component:
    """Who waits because the streamer wants it so."""
    every = Dashboard.picture.held
    return part(
        t("Waiting by the rules"),
        rx.el.ol(
            rx.foreach(
                every,
                lambda one: rx.el.li(
                    rx.el.span(number(one.place), class_name="numbers min-w-5 text-right text-xs text-faint"),
                    rx.el.p(
                        rx.el.span(one.username, class_name="font-medium"),
                        " ",
                        rx.el.span(held(one.held_for), class_name="text-soft"),
                        class_name="min-w-0 truncate",
                    ),
                    class_name="row-in grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-2.5 py-1",
                    key=one.redemption_id,
                ),
            ),
            class_name="mt-1 max-h-48 overflow-y-auto",
            tab_index=0,
            aria_label=t("Waiting by the rules"),
        ),
        aside=rx.el.span(number(every.length()), class_name="numbers"),
        class_name="border-b border-line",
    )


def _pending() -> rx.Component:
    picture = Dashboard.picture
    return part(
        t("Waiting"),
        rx.el.ul(
            rx.foreach(
                picture.pending,
                lambda one: rx.el.li(
                    rx.el.span(icon("clock_alert"), class_name="mt-0.5 text-amber"),
                    rx.el.p(
                        rx.el.span(one.username, class_name="font-medium"),
                        " ",
                        rx.el.span(trouble(one.error), class_name="text-soft"),
                        class_name="min-w-0",
                    ),
                    rx.el.span(
                        rich("next try {when}", when=Until.create(at=one.next_at, now=picture.now)),
                        class_name="text-xs text-faint",
                    ),
                    class_name="row-in grid grid-cols-[auto_minmax(0,1fr)_auto] gap-x-2.5 py-1.5",
                    key=one.redemption_id,
                ),
            ),
            class_name="mt-1 max-h-56 lg:max-h-72 overflow-y-auto",
            tab_index=0,
            aria_label=t("Waiting"),
        ),
        aside=t("Nothing is lost: each is tried again."),
        class_name="border-b border-line bg-amber-soft",
    )
