"""Each part that must work: how it is, in an icon and a word, what that means, and what is known of it."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from vip_manager.ui import health_words as words
from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_frame import is_owner
from vip_manager.ui.components.browser import Moment, Until
from vip_manager.ui.components.button import button, icon, look, sign_in
from vip_manager.ui.components.card import card
from vip_manager.ui.language import message, rich, t
from vip_manager.ui.pages.health.state import Health
from vip_manager.ui.pages.settings.webhook_standing import called

TONES = {
    "well": ("circle_check", "text-green"),
    "wait": ("hourglass", "text-amber"),
    "bad": ("circle_alert", "text-red"),
    "off": ("circle_pause", "text-soft"),
    "unknown": ("circle_help", "text-soft"),
}


_TO_BE_SAID = 2
"""Seconds: Twitch's stamps have whole ones, and are on their way for a while."""


def parts() -> rx.Component:
    return card(
        rx.el.ul(
            _sign_in(),
            _events(),
            _reward(),
            _sweep(),
            _seats(),
            _work(),
            _chat(),
            _hooks(),
            _store(),
            class_name="divide-y divide-line",
        ),
        class_name="",
        aria_label=t("The parts"),
    )


def _part(
    mark: str, title: Any, code: Any, table: Mapping[Any, words.Said], *facts: Any, act: Any = None
) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon(mark, 18), class_name="mt-px text-soft"),
        rx.el.div(
            rx.el.div(
                rx.el.h2(title, class_name="text-sm font-semibold"),
                rx.match(code, *((str(one), _word(*said[:2])) for one, said in table.items()), rx.fragment(code)),
                class_name="flex flex-wrap items-baseline justify-between gap-x-4",
            ),
            rx.el.p(
                rx.match(code, *((str(one), t(said[2])) for one, said in table.items()), ""),
                class_name="mt-0.5 max-w-[65ch] text-soft",
            ),
            rx.el.ul(*facts, class_name=_FACTS) if facts else None,
            rx.el.div(act, class_name="mt-3 empty:hidden") if act is not None else None,
            class_name="min-w-0",
        ),
        class_name="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 px-4 py-4 sm:px-5",
        custom_attrs={"data-part": mark, "data-code": code},
    )


_FACTS = "mt-2 flex flex-wrap gap-x-5 gap-y-1 text-xs text-soft empty:hidden"


def _word(tone: str, word: str) -> rx.Component:
    mark, look_ = TONES[tone]
    return rx.el.p(
        icon(mark),
        rx.el.span(t(word)),
        class_name=f"flex flex-none items-center gap-1.5 self-center font-medium {look_}",
    )


def _fact(*said: Any) -> rx.Component:
    return rx.el.li(*said)


def _at(at: Any) -> rx.Component:
    return rx.el.span(Moment.create(at=at, now=Health.picture.now), class_name="text-ink")


def _since_start(at: Any, alone: str, among: str, never: Any) -> rx.Component:
    """What this server alone has seen since it started. `among` others that may have seen more, that it has seen
    nothing says nothing."""
    known = Health.picture.health
    return rx.cond(
        at > 0,
        _fact(rx.cond(known.alone, rich(alone, at=_at(at)), rich(among, at=_at(at)))),
        rx.cond(known.alone, _fact(never)),
    )


def _sign_in() -> rx.Component:
    known = Health.picture.health
    return _part(
        "key_round",
        t("Twitch sign-in"),
        known.sign_in,
        words.SIGN_IN,
        rx.cond(
            (known.sign_in == "well") | (known.sign_in == "scopes"),
            rx.el.li(
                rx.el.ul(
                    rx.foreach(known.scopes, _scope),
                    class_name="grid gap-x-5 gap-y-2 grid-cols-[repeat(auto-fit,minmax(min(100%,14rem),1fr))]",
                ),
                class_name="w-full",
            ),
        ),
        rx.cond(known.validated_at > 0, _fact(rich("Last checked {at}", at=_at(known.validated_at)))),
        act=rx.cond(
            (known.sign_in != "well") & is_owner(),
            sign_in(t("Sign in with Twitch again"), connect=True, after="/dashboard/health"),
        ),
    )


def _scope(scope: Any) -> rx.Component:
    cases = words.SCOPES.items()
    return rx.el.li(
        rx.cond(
            scope.granted,
            rx.el.span(icon("check"), class_name="mt-0.5 text-green"),
            rx.el.span(icon("x"), class_name="mt-0.5 text-red"),
        ),
        rx.el.p(
            rx.el.span(
                rx.match(scope.name, *((name, t(what)) for name, (what, _) in cases), scope.name),
                class_name="text-ink",
            ),
            rx.cond(
                scope.granted,
                rx.el.span(t("allowed"), class_name="sr-only before:content-[',_']"),
                rx.el.span(t("missing"), class_name="font-medium text-red before:content-[':_']"),
            ),
            rx.el.span(
                rx.match(scope.name, *((name, t(why)) for name, (_, why) in cases), ""),
                class_name="block",
            ),
            class_name="min-w-0",
        ),
        class_name="flex min-w-0 gap-2",
        key=scope.name,
    )


def _chat() -> rx.Component:
    known, chat = Health.picture.health, Health.picture.chat
    return _part(
        "message_square",
        t("Chat"),
        known.chat,
        words.CHAT,
        rx.cond(chat.said_at > 0, _fact(rich("Last message {at}", at=_at(chat.said_at)))),
        act=rx.cond(
            (known.chat == "not_allowed") & is_owner(),
            sign_in(t("Allow on Twitch"), connect=True, after="/dashboard/chat"),
        ),
    )


def _hooks() -> rx.Component:
    picture = Health.picture
    return _part(
        "webhook",
        t("Webhooks"),
        picture.health.hooks,
        words.HOOKS,
        rx.foreach(picture.hooks, _hook),
        act=rx.cond(
            picture.hooks.length() > 0,
            rx.el.a(
                icon("settings"),
                rx.el.span(t("To the webhooks")),
                href="/dashboard/settings" + Health.query + "#webhooks",
                class_name=look("quiet", small=True),
            ),
        ),
    )


def _hook(hook: Any) -> rx.Component:
    who = called(hook)
    return rx.cond(
        (hook.stopped != "") | (hook.host == ""),
        rx.el.li(t("{who} was turned off", who=who), class_name="text-red [overflow-wrap:anywhere]", key=hook.id),
        rx.cond(
            ~hook.on,
            rx.el.li(t("{who} is off", who=who), class_name="[overflow-wrap:anywhere]", key=hook.id),
            rx.cond(
                hook.failed_at > 0,
                rx.el.li(
                    rich("{who} did not get the post of {at}", who=who, at=_at(hook.failed_at)),
                    class_name="text-red [overflow-wrap:anywhere]",
                    key=hook.id,
                ),
                rx.cond(
                    hook.arrived_at > 0,
                    rx.el.li(
                        rich("{who}, last delivered {at}", who=who, at=_at(hook.arrived_at)),
                        class_name="[overflow-wrap:anywhere]",
                        key=hook.id,
                    ),
                    rx.el.li(
                        t("{who}, nothing to tell yet", who=who), class_name="[overflow-wrap:anywhere]", key=hook.id
                    ),
                ),
            ),
        ),
    )


def _events() -> rx.Component:
    known = Health.picture.health
    return _part(
        "radio",
        t("Events"),
        known.events,
        words.EVENTS,
        _fact(rx.cond(known.by_webhook, t("They come by webhook"), t("They come over a socket"))),
        _since_start(
            known.heard_at,
            message("Last event {at}"),
            message("Last event at this server {at}"),
            rich("No event since this start, {at}", at=_at(known.since)),
        ),
        rx.cond(
            (known.heard_at == 0) & (known.redeemed_at > 0),
            _fact(rich("The newest redemption is of {at}", at=_at(known.redeemed_at))),
        ),
    )


def _reward() -> rx.Component:
    picture = Health.picture
    known = picture.health
    return _part(
        "ticket",
        t("Reward"),
        known.reward,
        words.REWARD,
        rx.foreach(
            picture.tiers,
            lambda tier: rx.el.li(
                rx.cond(
                    tier.closed_on_twitch,
                    t("“{reward}” is paused on Twitch", reward=tier.title),
                    t("“{reward}” for {cost, number} points", reward=tier.title, cost=tier.cost),
                ),
                key=tier.id,
            ),
        ),
        rx.cond(
            picture.tiers.length() > 0,
            rx.match(
                known.queue,
                ("on", _fact(t("The queue is on"))),
                ("off", rx.el.li(t("The queue is off"), class_name="text-red")),
                rx.cond(known.alone, _fact(t("The queue was not looked at since this start"))),
            ),
        ),
        act=rx.match(
            known.reward,
            ("closed", _open_again()),
            ("lost", _to_now()),
            ("none", _to_now()),
            rx.fragment(),
        ),
    )


def _open_again() -> rx.Component:
    return rx.cond(
        Health.may.rewards,
        button(
            t("Open it again"),
            small=True,
            busy=Site.busy == "turn",
            disabled=Site.busy != "",
            on_click=Health.turn(True),
        ),
    )


def _to_now() -> rx.Component:
    return rx.cond(
        Health.may.rewards,
        rx.el.a(
            icon("gem"),
            rx.el.span(t("Create the reward")),
            href="/dashboard" + Health.query,
            class_name=look("quiet", small=True),
        ),
    )


def _sweep() -> rx.Component:
    picture = Health.picture
    known = picture.health
    return _part(
        "timer",
        t("Endings"),
        known.sweep,
        words.SWEEP,
        _since_start(
            known.swept_at,
            message("Last sweep {at}"),
            message("Last sweep by this server {at}"),
            rich("No sweep since this start, {at}", at=_at(known.since)),
        ),
        _fact(
            rx.cond(
                known.every > 0,
                t("A sweep every {seconds, number} s", seconds=known.every),
                t("A scheduler calls for each"),
            )
        ),
        rx.cond(known.caught_up_at > 0, _fact(rich("Last look at Twitch's lists {at}", at=_at(known.caught_up_at)))),
        rx.cond(
            known.catch_up_at > 0,
            _fact(rich("The next is due {when}", when=Until.create(at=known.catch_up_at, now=picture.now))),
        ),
        rx.cond(
            known.overdue > 0,
            rx.el.li(
                rich(
                    "{count, plural, one {# VIP is overdue} other {# VIPs are overdue}}, since {at}",
                    count=known.overdue,
                    at=_at(known.overdue_since),
                ),
                class_name="text-red",
            ),
        ),
        _fact(
            rx.cond(
                known.skew_known,
                rx.cond(
                    known.skew > _TO_BE_SAID,
                    t("Twitch's clock is {seconds, number} s ahead of ours", seconds=known.skew),
                    rx.cond(
                        known.skew < -_TO_BE_SAID,
                        t("Twitch's clock is {seconds, number} s behind ours", seconds=-known.skew),
                        t("Twitch's clock agrees with ours"),
                    ),
                ),
                t("Twitch's clock has not been seen yet"),
            )
        ),
    )


def _seats() -> rx.Component:
    known = Health.picture.health
    return _part(
        "armchair",
        t("VIP seats"),
        known.seating,
        words.SEATS,
        rx.cond(
            known.seats > 0,
            _fact(t("{count, plural, one {# seat} other {# seats}} in all", count=known.seats)),
        ),
        rx.cond(known.seats_used >= 0, _fact(t("{count, number} in use", count=known.seats_used))),
        rx.cond(known.seats_free >= 0, _fact(t("{count, number} free for redemptions", count=known.seats_free))),
        _since_start(
            known.refused_at,
            message("Twitch refused one {at}"),
            message("Twitch refused this server one {at}"),
            t("None refused since this start"),
        ),
    )


def _work() -> rx.Component:
    known = Health.picture.health
    return _part(
        "list_restart",
        t("Failed items"),
        known.work,
        words.WORK,
        rx.cond(known.failed > 0, _fact(t("{count, plural, one {# item} other {# items}}", count=known.failed))),
    )


def _store() -> rx.Component:
    return _part("database", t("Storage"), rx.cond(Health.picture.out_of_reach, "lost", "well"), words.STORE)
