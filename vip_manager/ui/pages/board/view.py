"""The public board: a poster of who is VIP right now."""

from typing import Any

import reflex as rx
from reflex_components_core.core.banner import connection_errors_count  # type: ignore[import-untyped]

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.banner import error_line, out_of_reach
from vip_manager.ui.components.browser import OnAir, plain_link
from vip_manager.ui.components.button import button, icon, look
from vip_manager.ui.components.card import centre, empty, skeleton
from vip_manager.ui.components.reward_card import gem, vip_lasts
from vip_manager.ui.components.vip import clock_of, name_link
from vip_manager.ui.language import number, rich, t
from vip_manager.ui.pages.board.browser import Attended, BoardFeed
from vip_manager.ui.pages.board.own_time import own_time
from vip_manager.ui.pages.board.sharing import sharing
from vip_manager.ui.pages.board.state import BoardPage
from vip_manager.ui.template import page

POSTER = "mx-auto w-full max-w-6xl 2xl:max-w-[104rem] px-4 sm:px-6"
LARGE = "text-[24px] leading-8 sm:text-[40px] sm:leading-[1.1] 2xl:text-[64px] font-bold"
_PEOPLE = (
    "grid gap-3 sm:gap-4 grid-cols-[repeat(auto-fill,minmax(min(100%,16rem),1fr))] "
    "2xl:grid-cols-[repeat(auto-fill,minmax(22rem,1fr))]"
)


def board() -> rx.Component:
    picture = BoardPage.picture
    return page(
        rx.el.div(
            BoardFeed.create(
                errors=connection_errors_count,
                hydrated=rx.State.is_hydrated,
                loaded=BoardPage.loaded,
                streamer=picture.username,
                board=BoardPage.get_full_name(),
                site=Site.get_full_name(),
            ),
            error_line(),
            rx.cond(
                BoardPage.loaded,
                rx.cond(picture.known, rx.cond(picture.off, _off(), _poster()), _unknown()),
                rx.cond(Site.error.template == "", _loading()),
            ),
            class_name=f"poster py-8 sm:py-12 {POSTER}",
        ),
        width="w-full",
        frame=POSTER,
        background="glow",
        there=BoardPage.loaded | (Site.error.template != ""),
    )


def _poster() -> rx.Component:
    picture = BoardPage.picture
    there = picture.vips.length() + picture.not_shown
    return rx.fragment(
        rx.cond(picture.out_of_reach, rx.el.div(out_of_reach(), class_name="mb-6")),
        rx.el.div(
            avatar(
                picture.avatar_url, picture.username, "size-12 min-[360px]:size-16 sm:size-20 2xl:size-28", "text-xl"
            ),
            rx.el.div(
                rx.el.div(
                    plain_link(
                        picture.username,
                        href="https://www.twitch.tv/" + picture.login,
                        rel="noopener",
                        class_name="inline-flex items-center min-h-7 rounded text-base 2xl:text-lg text-soft "
                        "hover:text-ink hover:underline underline-offset-4 [overflow-wrap:anywhere]",
                    ),
                    rx.cond(picture.live_since > 0, OnAir.create(since=picture.live_since, now=picture.now)),
                    class_name="flex flex-wrap items-center gap-x-3 gap-y-1",
                ),
                rx.el.h1(t("VIPs right now"), class_name=f"{LARGE} tracking-tight text-balance"),
                _seats(),
                class_name="min-w-0 flex-1",
            ),
            rx.cond(
                there > 0,
                rx.el.p(
                    rx.el.span(number(there), class_name=f"{LARGE} numbers text-gem-text", aria_hidden="true"),
                    rx.el.span(t("{count, plural, one {# VIP} other {# VIPs}}", count=there), class_name="sr-only"),
                ),
            ),
            class_name="flex items-end gap-4 sm:gap-6",
        ),
        rx.cond(BoardPage.viewer != "", own_time()),
        rx.cond(
            picture.vips.length() > 0,
            rx.el.ul(
                # Whose time the address asks for stands first, large.
                rx.foreach(
                    picture.vips,
                    lambda vip: rx.cond(vip.login == BoardPage.viewer, rx.fragment(), _person(vip, picture.now)),
                ),
                class_name=f"mt-8 {_PEOPLE} empty:hidden",
            ),
            rx.el.div(
                rx.cond(
                    picture.not_shown > 0,
                    empty("eye_off", t("Nobody here to see"), t("Who is VIP right now would rather not be shown.")),
                    empty(
                        "gem",
                        t("Nobody is VIP through points right now"),
                        rx.cond(
                            picture.reward.open,
                            t("The first seat is yours for the taking."),
                            t("Whoever becomes VIP is shown here at once."),
                        ),
                    ),
                ),
                class_name="mt-8 rounded-lg border border-line bg-surface",
            ),
        ),
        rx.cond((picture.not_shown > 0) & (picture.vips.length() > 0), _not_shown()),
        rx.cond(picture.seatless.length() > 0, _seatless()),
        rx.cond(picture.reward.id != "", _how()),
        sharing(),
        Attended.create(_rather_not()),
    )


def _seats() -> rx.Component:
    """Only where they are known: Twitch never tells how many there are."""
    picture = BoardPage.picture
    return rx.cond(
        picture.seats_free >= 0,
        rx.el.p(
            rx.cond(
                picture.seats_free > 0,
                t("{free, number} of {seats, number} seats free", free=picture.seats_free, seats=picture.seats),
                t("All {seats, number} seats are taken", seats=picture.seats),
            ),
            class_name="mt-1 text-soft 2xl:text-lg numbers",
        ),
    )


def _person(vip: Any, now: Any) -> rx.Component:
    """Large enough to be read from across the room, small enough for many."""
    return rx.el.li(
        avatar(vip.avatar_url, vip.username, "size-12 2xl:size-16", "text-base"),
        rx.el.div(
            name_link(
                vip.login,
                vip.username,
                class_name="block w-fit text-base 2xl:text-lg leading-6 2xl:leading-7 [overflow-wrap:anywhere]",
            ),
            clock_of(vip, now),
            class_name="grid min-w-0 flex-1 gap-2",
        ),
        plain_link(
            icon("link", 16),
            href="/board/" + BoardPage.picture.login + "?viewer=" + vip.login,
            custom_attrs={"aria-label": t("Link to the time of {who}", who=vip.username)},
            class_name="-m-2 grid size-8 flex-none place-items-center self-start rounded text-faint hover:text-ink",
        ),
        class_name="row-in flex items-center gap-4 rounded-lg border border-line bg-surface p-4 2xl:p-5",
        key=vip.user_id,
    )


def _not_shown() -> rx.Component:
    count = BoardPage.picture.not_shown
    return rx.el.p(
        icon("eye_off", 14),
        t(
            "{count, plural, one {One more is VIP and not shown here.} other {# more are VIP and not shown here.}}",
            count=count,
        ),
        class_name="mt-4 flex items-center gap-2 text-soft numbers",
    )


def _rather_not() -> rx.Component:
    """The way off the board, for whoever is on it or may be one day."""
    return rx.el.div(
        rx.cond(
            ~Site.me.signed_in,
            plain_link(
                t("Would you rather not be shown here?"),
                href="/api/auth/login?next=/board/" + BoardPage.picture.login,
                class_name="inline-flex items-center min-h-9 rounded text-soft underline underline-offset-4 "
                "hover:text-ink",
            ),
            rx.cond(
                BoardPage.i_am_hidden,
                rx.fragment(
                    rx.el.p(t("You are not shown on this board."), class_name="text-soft"),
                    button(
                        t("Show me again"),
                        icon_name="eye",
                        small=True,
                        busy=Site.busy == "hide",
                        on_click=BoardPage.show_me,
                    ),
                ),
                rx.fragment(
                    rx.el.p(t("Would you rather not be shown here?"), class_name="text-soft"),
                    button(
                        t("Hide me"),
                        icon_name="eye_off",
                        small=True,
                        busy=Site.busy == "hide",
                        on_click=BoardPage.hide_me,
                    ),
                ),
            ),
        ),
        class_name="mt-8 flex flex-wrap items-center gap-x-3 gap-y-2",
    )


def _off() -> rx.Component:
    return centre(
        "eye_off",
        t("This board is off"),
        rx.el.p(t("The streamer does not show who is VIP at the moment."), class_name="mt-2 text-soft"),
        tone="text-soft bg-raised",
    )


def _seatless() -> rx.Component:
    """Those whose seat went to somebody else: their time goes on, and they may be VIP again."""
    picture = BoardPage.picture
    return rx.el.section(
        rx.el.h2(t("Waiting for a seat again"), class_name="text-base 2xl:text-lg font-semibold"),
        rx.el.p(
            t("Somebody else has their seat. They are VIP again when one is free before their time is up."),
            class_name="mt-0.5 text-soft 2xl:text-base",
        ),
        rx.el.ul(
            rx.foreach(picture.seatless, lambda vip: _person(vip, picture.now)),
            class_name=f"mt-4 {_PEOPLE}",
        ),
        class_name="mt-8",
    )


def _how() -> rx.Component:
    picture = BoardPage.picture
    return rx.el.section(
        rx.el.div(
            rx.el.span(
                gem(24), class_name="grid size-12 flex-none place-items-center rounded-lg bg-gem-soft text-gem-text"
            ),
            rx.el.div(
                rx.el.h2(t("How to become VIP"), class_name="text-base 2xl:text-lg font-semibold"),
                rx.el.p(
                    rx.cond(
                        picture.rewards.length() > 1,
                        rich(
                            "Open the channel points under the chat of {streamer} and redeem one of these:",
                            streamer=rx.el.b(picture.username),
                        ),
                        rich(
                            "Open the channel points under the chat of {streamer} and redeem:",
                            streamer=rx.el.b(picture.username),
                        ),
                    ),
                    class_name="text-soft 2xl:text-lg [overflow-wrap:anywhere] [&_b]:font-semibold [&_b]:text-ink",
                ),
                class_name="min-w-0",
            ),
            class_name="flex items-start gap-4 p-4 sm:p-5",
        ),
        rx.el.ul(
            rx.foreach(picture.rewards, _offer),
            class_name="divide-y divide-line border-t border-line",
        ),
        class_name="mt-8 overflow-hidden rounded-lg border border-line bg-surface",
    )


def _offer(reward: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(reward.title, class_name="font-semibold text-base 2xl:text-lg [overflow-wrap:anywhere]"),
            rx.el.p(
                rx.cond(reward.open, vip_lasts(reward), t("Closed at the moment. Look in again later.")),
                class_name="text-soft 2xl:text-lg [&_b]:font-normal",
            ),
            class_name="min-w-0 flex-1",
        ),
        rx.cond(
            reward.open,
            rx.el.p(
                t("{cost, number} points", cost=reward.cost),
                class_name="numbers flex-none rounded-full bg-gem-soft px-3 py-1 text-sm 2xl:text-lg font-semibold "
                "text-gem-text",
            ),
            rx.el.p(icon("lock", 18), class_name="flex-none text-faint"),
        ),
        class_name="flex items-center gap-4 px-4 py-3 sm:px-5",
        key=reward.id,
    )


def _unknown() -> rx.Component:
    return centre(
        "telescope",
        t("No board here"),
        rx.el.p(
            rx.cond(
                BoardPage.picture.login != "",
                rich(
                    "No channel named {login} uses VIP Manager. Look at the spelling, or ask the streamer.",
                    login=rx.el.b(BoardPage.picture.login),
                ),
                rx.fragment(t("This channel does not use VIP Manager any more.")),
            ),
            class_name="mt-2 text-soft [overflow-wrap:anywhere]",
        ),
        rx.el.div(rx.el.a(t("What is VIP Manager?"), href="/", class_name=look("quiet")), class_name="mt-6"),
        tone="text-soft bg-raised",
    )


def _loading() -> rx.Component:
    return rx.el.div(
        rx.el.p(t("Loading the board"), class_name="sr-only", role="status"),
        rx.el.div(
            skeleton("size-16 sm:size-20 rounded-full"), skeleton("h-10 w-56"), class_name="flex items-center gap-6"
        ),
        rx.el.div(
            *(skeleton("h-24") for _ in range(4)),
            class_name=f"mt-8 {_PEOPLE}",
        ),
    )
