"""The top of the stage: whose channel, the world's time, the evening, and Twitch's own verdict."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.browser import plain_link
from vip_manager.ui.components.button import button, icon, look, unless
from vip_manager.ui.language import message, number, rich, t
from vip_manager.ui.pages.sandbox.browser import Ahead, WorldClock
from vip_manager.ui.pages.sandbox.our_side import anybody_ends
from vip_manager.ui.pages.sandbox.state import Stage


def head() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h1(t("Behind the curtain"), class_name="text-xl font-bold tracking-tight"),
            rx.el.p(
                t("Here you are Twitch: its viewers, its streamer, its bad days. See what VIP Manager makes of it."),
                class_name="mt-1 text-soft max-w-3xl",
            ),
            class_name="min-w-0 flex-1 basis-80",
        ),
        rx.cond(Stage.picture.streamers.length() > 1, _channels()),
        class_name="flex flex-wrap items-end justify-between gap-x-8 gap-y-3",
    )


def _channels() -> rx.Component:
    return rx.el.nav(
        rx.foreach(Stage.picture.streamers, _channel),
        aria_label=t("Channel"),
        class_name="flex flex-wrap gap-1 rounded-lg border border-line bg-surface p-1",
    )


def _channel(one: Any) -> rx.Component:
    shape = "inline-flex items-center rounded-md px-3 min-h-9 text-sm font-medium "
    here = one.login == Stage.picture.login
    return plain_link(
        one.username,
        href="/sandbox?channel=" + one.login,
        custom_attrs={"aria-current": rx.cond(here, "page", "false")},
        class_name=rx.cond(here, shape + "bg-raised text-ink", shape + "text-soft hover:text-ink"),
        key=one.login,
    )


def controls() -> rx.Component:
    return rx.el.div(
        _evening(),
        _time(),
        class_name="grid grid-cols-1 gap-px overflow-hidden rounded-lg border border-line bg-line "
        "lg:grid-cols-[8fr_5fr]",
    )


def _evening() -> rx.Component:
    evening = Stage.picture.evening
    done = evening.redeemed + evening.refused
    return rx.el.div(
        _begin_or_stop(),
        rx.el.div(
            rx.cond(
                evening.running,
                rx.fragment(
                    rx.el.p(
                        rich(
                            "{done} of {total, number} redemptions",
                            done=rx.el.span(number(done), class_name="font-semibold"),
                            total=evening.total,
                        ),
                        class_name="numbers",
                    ),
                    rx.el.progress(
                        value=done, max=evening.total, aria_label=t("The evening"), class_name="evening mt-1.5 w-full"
                    ),
                ),
                rx.el.p(
                    rx.cond(
                        Stage.picture.rewards.length() == 0,
                        t("It needs a reward that can be redeemed."),
                        rx.cond(
                            evening.total > 0,
                            rx.el.span(
                                rx.cond(done < evening.total, _over(_STOPPED), _over(_OVER)),
                                class_name="numbers",
                            ),
                            t("One minute, about 60 redemptions, more people than seats."),
                        ),
                    ),
                    class_name="text-soft",
                ),
            ),
            class_name="min-w-0 flex-1 basis-36",
        ),
        class_name="flex min-h-16 flex-wrap items-center gap-x-4 gap-y-2 bg-surface px-4 py-3",
    )


def _begin_or_stop() -> rx.Component:
    """One button, whatever it does next: of two, the keyboard's focus would be lost with the one that goes."""
    running = Stage.picture.evening.running
    return rx.el.button(
        rx.cond(running, icon("square"), icon("party_popper")),
        rx.el.span(rx.cond(running, t("Stop"), t("A busy evening"))),
        type="button",
        class_name=rx.cond(running, look("quiet"), look("primary")) + " sm:min-w-44",
        on_click=Stage.evening(~running),
        **unless(~running & (Stage.picture.rewards.length() == 0)),
    )


def _time() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.p(WorldClock.create(now=Stage.picture.now), class_name="font-semibold whitespace-nowrap"),
            rx.el.p(Ahead.create(seconds=Stage.picture.ahead), class_name="text-xs text-soft"),
            class_name="min-w-40",
        ),
        rx.el.div(
            rx.el.span(icon("fast_forward"), class_name="text-soft self-center"),
            _jump("10m", t("10 min"), t("Jump 10 minutes ahead")),
            _jump("1h", t("1 h"), t("Jump 1 hour ahead")),
            _jump("24h", t("24 h"), t("Jump 24 hours ahead")),
            _jump("end", t("Next end"), t("Jump to the moment at which the next VIP ends"), blocked=~anybody_ends()),
            class_name="flex flex-wrap gap-1.5 sm:ml-auto",
        ),
        class_name="flex min-h-16 flex-wrap items-center gap-x-4 gap-y-2 bg-surface px-4 py-3",
    )


def _jump(step: str, label: Any, words: Any, blocked: Any = False) -> rx.Component:
    return button(
        label,
        small=True,
        busy=Site.busy == f"jump:{step}",
        aria_label=words,
        custom_attrs={"title": words},
        disabled=(Site.busy != "") | blocked,
        on_click=Stage.jump(step),
    )


def verdict() -> rx.Component:
    """What Twitch itself says of how it was treated."""
    found = Stage.picture.verdict
    return rx.el.div(
        rx.cond(
            found.ok,
            rx.el.span(icon("shield_check", 18), t("Healthy"), class_name=_WORD + "text-green"),
            rx.el.span(icon("shield_alert", 18), t("Not right"), class_name=_WORD + "text-red"),
        ),
        rx.el.p(
            rich(
                "Twitch's own audit: {redemptions}, {fulfilled} fulfilled, {given_back} given back, {open} open, "
                "{permanent}, {slowed}.",
                redemptions=_strong(
                    t("{count, plural, one {# redemption} other {# redemptions}}", count=found.redemptions)
                ),
                fulfilled=_strong(number(found.fulfilled)),
                given_back=_strong(number(found.given_back)),
                open=_strong(number(found.open)),
                permanent=_permanent(found.permanent_touched),
                slowed=_slowed(found.slowed_down),
            ),
            class_name="numbers min-w-0 text-soft",
        ),
        rx.cond(
            found.problems.length() > 0,
            rx.el.ul(
                rx.foreach(found.problems, lambda one: rx.el.li(one)),
                class_name="basis-full list-disc pl-11 text-red",
            ),
        ),
        class_name="flex flex-wrap items-baseline gap-x-3 gap-y-1 rounded-lg border border-line bg-surface px-4 py-3",
    )


_WORD = "inline-flex items-center gap-2 self-center font-semibold "


def _permanent(touched: Any) -> rx.Component:
    words = t("{count, plural, one {# permanent VIP touched} other {# permanent VIPs touched}}", count=touched)
    return rx.cond(touched > 0, rx.el.span(words, class_name="text-red"), rx.fragment(t("no permanent VIP touched")))


def _slowed(times: Any) -> rx.Component:
    words = t("{count, plural, one {once told to slow down} other {# times told to slow down}}", count=times)
    return rx.fragment(rx.cond(times > 0, words, t("never told to slow down")))


def _strong(value: Any) -> rx.Component:
    return rx.el.span(value, class_name="font-semibold text-ink")


_STOPPED = message("The evening was stopped: {redeemed} redeemed, {refused} refused. The next one is another.")
_OVER = message("The evening is over: {redeemed} redeemed, {refused} refused. The next one is another.")


def _over(template: str) -> rx.Component:
    evening = Stage.picture.evening
    return rich(template, redeemed=_strong(number(evening.redeemed)), refused=_strong(number(evening.refused)))
