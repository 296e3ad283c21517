"""What stands around every page of a channel's staff: the way to the others, and what there is to say where there is
nothing to see."""

from typing import Any

import reflex as rx

from vip_manager.domain.team import Role
from vip_manager.ui import navigation
from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.channel_switch import chooser, switcher
from vip_manager.ui.components.activity import trouble
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.banner import banner, error_line, out_of_reach
from vip_manager.ui.components.browser import Content, OnAir, plain_link
from vip_manager.ui.components.button import button, look, sign_in
from vip_manager.ui.components.card import centre, skeleton
from vip_manager.ui.components.field import switch
from vip_manager.ui.components.menu import page_menu
from vip_manager.ui.first_run import way_in
from vip_manager.ui.language import t, told
from vip_manager.ui.template import brand, footer, notice, sandbox_tab, skip_link


def channel_frame(
    here: str, content: Any, *dialogs: rx.Component, enter: Any, unconnected: Any = None, undo: Any = None
) -> rx.Component:
    """One thing at a time: trouble, the way in, the next step, or `content`. `here` is the page's name in
    `navigation.PAGES`, `enter` reads everything anew; `unconnected` is what there is for who has no channel here, if
    not the way to one; `undo` is what a notice's button does."""
    return rx.el.div(
        skip_link(),
        sandbox_tab(),
        navigation.beside(here),
        rx.el.div(
            _phone_top(),
            Content.create(_one_thing(here, content, enter, unconnected), class_name=f"flex-1 outline-none {_WIDTH}"),
            # Before the content has come, it would only be pushed away by it.
            rx.cond(_is_there(), footer(_WIDTH)),
            class_name=rx.cond(
                ~Site.ready | Site.me.signed_in,
                "flex min-w-0 flex-1 flex-col max-lg:pb-16",
                "flex min-w-0 flex-1 flex-col",
            ),
        ),
        navigation.below(here),
        *dialogs,
        notice(undo),
        class_name="flex min-h-dvh",
    )


_WIDTH = "mx-auto w-full max-w-6xl px-4 sm:px-6"


def _phone_top() -> rx.Component:
    return rx.el.header(
        brand(),
        page_menu(),
        class_name="flex min-h-14 items-center justify-between border-b border-line px-4 sm:px-6 lg:hidden",
    )


def _is_there() -> Any:
    return (ChannelPage.broken.template != "") | (
        Site.ready
        & (~Site.me.signed_in | (ChannelPage.refused.template != "") | ChannelPage.choosing | ChannelPage.loaded)
    )


def _one_thing(here: str, content: Any, enter: Any, unconnected: Any) -> rx.Component:
    return rx.cond(
        ChannelPage.broken.template != "",
        _alone(_broken(enter)),
        rx.cond(
            ~Site.ready,
            _loading(here),
            rx.cond(
                ~Site.me.signed_in,
                _alone(_signed_out()),
                rx.cond(
                    ChannelPage.refused.template != "",
                    _alone(_no_permission()),
                    rx.cond(
                        ChannelPage.choosing,
                        _alone(chooser()),
                        rx.cond(
                            ~ChannelPage.loaded,
                            _loading(here),
                            rx.cond(
                                ChannelPage.picture.connected | at_work(),
                                rx.el.div(channel_top(), content, class_name="grid grid-cols-1 gap-4 py-4 lg:py-5"),
                                way_to_one()
                                if unconnected is None
                                else rx.el.div(unconnected, class_name="py-4 lg:py-5"),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    )


def channel_top() -> rx.Component:
    """Whose channel it is, whether it is live, and whether its reward can be had. It is as high whatever comes."""
    picture = ChannelPage.picture
    on_air = rx.cond(picture.live_since > 0, OnAir.create(since=picture.live_since, now=picture.now))
    return rx.el.div(
        rx.cond(
            ChannelPage.channels.length() > 0,
            rx.el.div(switcher(), on_air, class_name=_NAMED + "max-sm:min-h-16 max-sm:justify-center"),
            rx.el.div(
                avatar(picture.avatar_url, picture.username, "size-8", "text-sm"),
                rx.el.div(
                    rx.el.p(picture.username, class_name="max-w-full truncate text-base/5 font-semibold"),
                    on_air,
                    class_name=_NAMED,
                ),
                class_name="flex min-w-0 flex-1 items-center gap-3",
            ),
        ),
        rx.cond(picture.reward.id != "", _reward_switch()),
        class_name="flex min-h-14 items-center gap-3 border-b border-line pb-3 sm:min-h-12",
    )


_NAMED = "flex min-w-0 flex-1 gap-x-3 max-sm:flex-col max-sm:items-start sm:items-center "


def _reward_switch() -> rx.Component:
    on = ChannelPage.picture.enabled
    return rx.el.div(
        rx.el.span(
            rx.cond(on, t("Reward on"), t("Reward off")),
            # The switch says it too, where there is one.
            class_name=rx.cond(
                ChannelPage.may.rewards,
                "whitespace-nowrap text-soft max-[359px]:sr-only",
                "whitespace-nowrap text-soft",
            ),
        ),
        rx.cond(
            ChannelPage.may.rewards,
            switch(t("Reward can be redeemed"), on, disabled=Site.busy != "", on_click=ChannelPage.turn(~on)),
        ),
        class_name="ml-auto flex flex-none items-center gap-2.5",
    )


def way_to_one() -> rx.Component:
    """Where the channel is not connected: how it comes to be, or who can do that; and the way to the others."""
    return rx.cond(
        is_owner(),
        rx.el.div(switcher(), way_in(), class_name="grid gap-6 py-4 lg:py-8 [&>div:first-child:empty]:hidden"),
        _alone(rx.el.div(rx.el.div(switcher(), class_name="mx-auto mb-4 w-full max-w-lg"), _not_connected())),
    )


def is_owner() -> Any:
    """Whether the person in front of the page is whose channel it is."""
    return ChannelPage.role == Role.OWNER.value


def at_work() -> Any:
    """There is a reward; or there was one, and who redeemed it is VIP or waits."""
    picture = ChannelPage.picture
    return (
        (picture.reward.id != "")
        | (picture.vips.length() > 0)
        | (picture.pending.length() > 0)
        | (picture.held.length() > 0)
    )


def headline(title: Any, *right: Any, about: Any = None) -> rx.Component:
    """What the page is about, and what one can do there."""
    return rx.el.div(
        rx.el.div(
            rx.el.h1(t(title), class_name="text-lg font-semibold"),
            rx.el.p(about, class_name="text-soft") if about is not None else None,
            class_name="min-w-0",
        ),
        rx.el.div(*right, class_name="flex flex-wrap items-center gap-2") if right else None,
        class_name="flex flex-wrap items-center justify-between gap-x-6 gap-y-3",
    )


def page_error(elsewhere: Any) -> rx.Component:
    """What went wrong, at the top of the page, unless it is said `elsewhere`."""
    return rx.cond(
        (ChannelPage.dialog == "") & ~elsewhere,
        rx.el.div(
            error_line(id_="page-error", on_dismiss=ChannelPage.dismiss),
            class_name="sticky top-2 z-30 has-[div:empty]:hidden",
        ),
    )


def connection_trouble() -> rx.Component:
    picture = ChannelPage.picture
    leaving = picture.leaving
    return rx.fragment(
        rx.cond(picture.out_of_reach, out_of_reach()),
        rx.cond(leaving.since == 0, _twitch_trouble()),
        rx.cond((leaving.since > 0) & (leaving.left_at == 0), _leaving()),
    )


def _leaving() -> rx.Component:
    waits = ChannelPage.picture.leaving.waits
    return banner(
        "door_open",
        t("{channel} is leaving VIP Manager", channel=ChannelPage.picture.username),
        rx.cond(
            waits,
            t("Twitch takes our key to the channel no more, so it waits. Settings has the two ways on."),
            t("Nothing new begins here. Points go back, and what is left is done by itself as soon as Twitch lets us."),
        ),
        role="status",
    )


def _twitch_trouble() -> rx.Component:
    picture = ChannelPage.picture
    return rx.match(
        picture.connection,
        (
            "reconnect",
            banner(
                "unplug",
                rx.cond(
                    is_owner(),
                    t("Twitch needs you to sign in again"),
                    t("Twitch needs the channel's owner to sign in again"),
                ),
                rx.cond(
                    is_owner(),
                    t(
                        "Until then nobody becomes VIP here, and nobody's VIP can be ended. "
                        "Redemptions are kept and done after."
                    ),
                    t(
                        "Only {owner} can do that. Until then nobody becomes VIP here, and nobody's VIP can be ended. "
                        "Redemptions are kept and done after.",
                        owner=picture.username,
                    ),
                ),
                rx.cond(is_owner(), sign_in(t("Sign in with Twitch again"), connect=True)),
                tone="red",
                role="alert",
            ),
        ),
        rx.cond(
            picture.connection_error != "",
            banner(
                "cloud_off",
                t("Twitch is out of reach"),
                t(
                    "{trouble} It is tried again all the time; nothing is lost.",
                    trouble=trouble(picture.connection_error),
                ),
                role="status",
            ),
        ),
    )


def _signed_out() -> rx.Component:
    return centre(
        "log_in",
        t("Sign in to see your dashboard"),
        rx.el.p(t("Signing in asks Twitch for nothing but your name."), class_name="mt-2 text-soft"),
        rx.el.div(sign_in(), class_name="mt-6"),
    )


def _not_connected() -> rx.Component:
    """What a member sees where only the owner can do something."""
    picture = ChannelPage.picture
    return centre(
        "plug",
        t("{owner} has to connect the channel", owner=picture.username),
        rx.el.p(
            t(
                "Twitch lets VIP Manager act for a channel only where its owner has said yes. As soon as {owner} signs "
                "in here and connects it, it shows on this page.",
                owner=picture.username,
            ),
            class_name="mt-2 text-soft",
        ),
        rx.el.p(
            t("You are a {role} of this channel.", role=t(ChannelPage.role)),
            " ",
            rx.el.a(
                t("The team, and how to leave it"),
                href="/dashboard/team" + ChannelPage.query,
                class_name="text-ink underline underline-offset-4",
            ),
            class_name="mt-2 text-soft",
        ),
    )


def _no_permission() -> rx.Component:
    return centre(
        "lock",
        t("Not your channel"),
        rx.el.p(told(ChannelPage.refused), class_name="mt-2 text-soft"),
        # A plain page load: the channel in the address is what has to go.
        rx.el.div(plain_link(t("To my own dashboard"), href="/dashboard", class_name=look("quiet")), class_name="mt-6"),
        tone="text-red bg-red-soft",
    )


def _broken(enter: Any) -> rx.Component:
    return centre(
        "database",
        t("The dashboard can't be read"),
        rx.el.p(told(ChannelPage.broken), class_name="mt-2 text-soft", role="alert"),
        rx.el.div(button(t("Try again"), icon_name="rotate_cw", on_click=enter), class_name="mt-6"),
        tone="text-red bg-red-soft",
    )


def _loading(here: str) -> rx.Component:
    """In the place of what comes, and about as high: the channel's bar, and below it the page's parts."""
    top = rx.el.div(
        skeleton("size-8 rounded-full"),
        skeleton("h-6 w-32"),
        class_name="flex min-h-14 items-center gap-3 border-b border-line pb-3 sm:min-h-12",
    )
    return rx.el.div(
        rx.el.p(t("Loading your dashboard"), class_name="sr-only", role="status"),
        top,
        *(_counted() if here == "now" else (skeleton("h-7 w-40"), skeleton("h-screen"))),
        class_name="grid grid-cols-1 gap-4 py-4 lg:py-5",
    )


def _counted() -> tuple[rx.Component, ...]:
    columns = "grid gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]"
    return (
        skeleton("h-7 w-96 max-w-full"),
        rx.el.div(skeleton("h-screen"), skeleton("h-screen max-xl:hidden"), class_name=columns),
    )


def _alone(child: Any) -> rx.Component:
    return rx.el.div(child, class_name="py-12 sm:py-20")
