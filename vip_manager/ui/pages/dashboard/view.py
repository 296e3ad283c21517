"""The streamer's page: first the way to a working reward, then who is VIP and what needs a decision."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.activity import trouble
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.banner import banner, error_line
from vip_manager.ui.components.browser import CopyAddress, OnAir, plain_link
from vip_manager.ui.components.button import button, icon, look, sign_in
from vip_manager.ui.components.card import card, centre, counter, heading, skeleton
from vip_manager.ui.pages.dashboard import reward, sandbox, vips, waiting
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.template import page


def dashboard() -> rx.Component:
    """One thing at a time: trouble, the way in, the next step, or the channel."""
    return page(
        rx.cond(
            Dashboard.broken != "",
            _alone(_broken()),
            rx.cond(
                ~Site.ready,
                _loading(),
                rx.cond(
                    ~Site.me.signed_in,
                    _alone(_signed_out()),
                    rx.cond(
                        Dashboard.refused != "",
                        _alone(_no_permission()),
                        rx.cond(
                            ~Dashboard.loaded,
                            _loading(),
                            rx.cond(Dashboard.picture.connected | _at_work(), _channel(), _alone(_connect())),
                        ),
                    ),
                ),
            ),
        ),
        vips.give(),
        vips.more(),
        vips.end(),
        vips.permanent(),
        waiting.give_back(),
        reward.edit(),
        reward.retire(),
    )


def _at_work() -> Any:
    """There is a reward; or there was one, and who redeemed it is VIP or waits."""
    picture = Dashboard.picture
    return (picture.reward.id != "") | (picture.vips.length() > 0) | (picture.pending.length() > 0)


def _channel() -> rx.Component:
    picture = Dashboard.picture
    return rx.el.div(
        _header(),
        _connection_trouble(),
        rx.cond(
            (Dashboard.dialog == "") & ((Dashboard.error_at == "") | (picture.reward.id != "")),
            rx.el.div(
                error_line(Site.error, id_="page-error", on_dismiss=Dashboard.dismiss),
                class_name="sticky top-2 z-30 has-[div:empty]:hidden",
            ),
        ),
        rx.cond(picture.connected, reward.differences()),
        rx.cond((picture.reward.id == "") & picture.connected, reward.create()),
        rx.cond(
            _at_work(),
            rx.el.div(
                _counters(),
                rx.el.div(
                    rx.el.div(waiting.waiting(), vips.vip_list(), class_name="grid content-start gap-4 min-w-0"),
                    rx.el.div(
                        rx.cond(Site.sandbox, sandbox.simulate()),
                        rx.cond(picture.reward.id != "", reward.reward_card()),
                        _board_link(),
                        class_name="grid content-start gap-4 min-w-0 lg:col-start-2 lg:row-start-1 lg:row-span-2",
                    ),
                    rx.el.div(vips.activity(), class_name="min-w-0"),
                    class_name="grid gap-4 lg:grid-cols-[minmax(0,1fr)_22rem] lg:grid-rows-[auto_1fr]",
                ),
                class_name="grid gap-4",
            ),
            vips.activity(),
        ),
        class_name="grid gap-4 py-6",
    )


def _header() -> rx.Component:
    picture = Dashboard.picture
    return rx.el.div(
        avatar(picture.avatar_url, picture.username, "size-12", "text-base"),
        rx.el.div(
            rx.el.div(
                rx.el.h1(picture.username, class_name="text-lg font-semibold truncate max-w-full"),
                rx.cond(picture.live_since > 0, OnAir.create(since=picture.live_since, now=picture.now)),
                class_name="flex flex-wrap items-center gap-x-3 gap-y-0.5 min-w-0",
            ),
            _hearing(),
            class_name="min-w-0 flex-1",
        ),
        rx.cond(picture.reward.id != "", reward.reward_switch()),
        class_name="flex items-center gap-4",
    )


def _hearing() -> rx.Component:
    def state(dot: str, text: str, tone: str) -> rx.Component:
        return rx.el.p(
            rx.el.span(class_name=f"size-2 rounded-full {dot}", custom_attrs={"aria-hidden": True}),
            text,
            class_name=f"flex items-center gap-2 text-xs {tone}",
        )

    return rx.match(
        Dashboard.picture.connection,
        (
            "live",
            rx.cond(
                Dashboard.picture.connection_error == "",
                state("bg-green", "Live with Twitch", "text-green"),
                state("border-2 border-amber", "Trouble with Twitch", "text-amber"),
            ),
        ),
        ("reconnect", state("bg-red", "Not connected to Twitch", "text-red")),
        state("border-2 border-amber", "Connecting to Twitch", "text-amber"),
    )


def _connection_trouble() -> rx.Component:
    picture = Dashboard.picture
    return rx.match(
        picture.connection,
        (
            "reconnect",
            banner(
                "unplug",
                "Twitch needs you to sign in again",
                "Until then nobody becomes VIP here, and nobody's VIP can be ended. "
                "Redemptions are kept and done after.",
                sign_in("Sign in with Twitch again", connect=True),
                tone="red",
                role="alert",
            ),
        ),
        rx.cond(
            picture.connection_error != "",
            banner(
                "cloud_off",
                "Twitch is out of reach",
                rx.fragment(trouble(picture.connection_error), " It is tried again all the time; nothing is lost."),
                role="status",
            ),
        ),
    )


def _counters() -> rx.Component:
    picture = Dashboard.picture
    return rx.el.dl(
        counter("VIPs now", picture.vips_now),
        counter("Redeemed (24 h)", picture.today),
        counter("Refunds (24 h)", picture.refunds_today),
        counter(
            "Permanent VIPs",
            rx.cond(picture.permanent >= 0, picture.permanent.to(str), "–"),
            rx.cond(picture.permanent >= 0, "yours, never touched", "not known yet"),
        ),
        class_name="grid grid-cols-2 lg:grid-cols-4 gap-px overflow-hidden rounded-lg border border-line bg-line",
    )


def _board_link() -> rx.Component:
    path = "/board/" + Dashboard.picture.login
    return card(
        heading("Public board"),
        rx.el.p("Who is VIP, for everybody to see. Put the link on your channel page.", class_name="mt-1 text-soft"),
        rx.el.div(
            plain_link(
                "Open",
                icon("arrow_up_right"),
                href=path,
                target="_blank",
                rel="noopener",
                class_name=look("quiet", small=True),
            ),
            CopyAddress.create(icon("link"), path=path, class_name=look("quiet", small=True)),
            class_name="mt-3 flex flex-wrap gap-2",
        ),
    )


def _signed_out() -> rx.Component:
    return centre(
        "log_in",
        "Sign in to see your dashboard",
        rx.el.p("Signing in asks Twitch for nothing but your name.", class_name="mt-2 text-soft"),
        rx.el.div(sign_in(), class_name="mt-6"),
    )


def _connect() -> rx.Component:
    return centre(
        "plug",
        "Connect your channel",
        rx.el.p("Twitch will ask you to allow three things. Each has its reason:", class_name="mt-2 text-soft"),
        rx.el.ul(
            _asked(
                "Manage channel-point redemptions",
                "to make the reward, and to give points back when VIP can't be given.",
            ),
            _asked("Manage VIPs", "to give VIP, and to take it away when the hours are up."),
            _asked("See moderators", "because Twitch lets nobody be moderator and VIP at once."),
            class_name="mt-4 grid gap-3",
        ),
        rx.el.div(sign_in("Connect with Twitch", connect=True), class_name="mt-6"),
        rx.el.p(
            "Nothing else is read, and nothing is written in your chat. You can undo it on Twitch at any time.",
            class_name="mt-4 text-xs text-soft",
        ),
    )


def _asked(what: str, why: str) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon("check"), class_name="mt-0.5 text-green"),
        rx.el.p(rx.el.b(what, class_name="font-semibold"), rx.el.span(", " + why, class_name="text-soft")),
        class_name="flex gap-3",
    )


def _no_permission() -> rx.Component:
    return centre(
        "lock",
        "Not your channel",
        rx.el.p(Dashboard.refused, class_name="mt-2 text-soft"),
        # A plain page load: the channel in the address is what has to go.
        rx.el.div(plain_link("To my own dashboard", href="/dashboard", class_name=look("quiet")), class_name="mt-6"),
        tone="text-red bg-red-soft",
    )


def _broken() -> rx.Component:
    return centre(
        "database",
        "The dashboard can't be read",
        rx.el.p(Dashboard.broken, class_name="mt-2 text-soft", role="alert"),
        rx.el.div(button("Try again", icon_name="rotate_cw", on_click=Dashboard.enter), class_name="mt-6"),
        tone="text-red bg-red-soft",
    )


def _loading() -> rx.Component:
    return rx.el.div(
        rx.el.p("Loading your dashboard", class_name="sr-only", role="status"),
        rx.el.div(skeleton("size-12 rounded-full"), skeleton("h-8 w-40"), class_name="flex items-center gap-4"),
        skeleton("h-[74px]"),
        rx.el.div(
            skeleton("h-80"), skeleton("h-80 max-lg:hidden"), class_name="grid gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]"
        ),
        class_name="grid gap-4 py-6",
    )


def _alone(child: Any) -> rx.Component:
    return rx.el.div(child, class_name="py-12 sm:py-20")
