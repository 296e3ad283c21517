"""The way to the first VIP, in three steps: connect the channel, create the reward, test it."""

from typing import Any

import reflex as rx

from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.components.button import icon, sign_in
from vip_manager.ui.components.card import centre
from vip_manager.ui.components.reward_card import points, viewer_card
from vip_manager.ui.components.step_card import step_card
from vip_manager.ui.health_words import CHECKS, SCOPES
from vip_manager.ui.language import t


def three_steps(step: Any, *right: Any, reward: Any, test: Any, first: bool = False) -> rx.Component:
    """`step` says which of them is the next (a number from 1, 4 where all are done); `reward` and `test` are what there
    is to do in them. `first`: it is all that the page is about."""
    made = ChannelPage.picture.reward
    heading = rx.el.h1 if first else rx.el.h2
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                heading(t("Three steps to your first VIP"), class_name="text-lg font-semibold"),
                rx.el.p(
                    t("After that it works by itself, for as long as VIP Manager runs."), class_name="mt-1 text-soft"
                ),
                class_name="min-w-0",
            ),
            *right,
            class_name="flex flex-wrap items-start justify-between gap-x-6 gap-y-2",
        ),
        rx.el.ol(
            step_card(
                1,
                t("Connect your channel"),
                _state(step, 1),
                _connect(),
                done=(
                    rx.el.p(t("Twitch lets VIP Manager act for {channel}.", channel=ChannelPage.picture.username)),
                    _list("check", "text-green", [t(what) for what, _ in SCOPES.values()]),
                ),
                later=(),
                first=first,
            ),
            step_card(
                2,
                t("Create the VIP reward"),
                _state(step, 2),
                reward,
                done=(
                    rx.el.p(t("“{reward}” is on Twitch.", reward=made.title)),
                    _shown(made.title, points(made.cost)),
                ),
                later=(
                    rx.el.p(
                        t("Viewers redeem it with their channel points. You choose its name, its cost and the hours.")
                    ),
                    _shown(t("VIP for a day"), points(5000), muted=True),
                ),
                first=first,
            ),
            step_card(
                3,
                t("Test it"),
                _state(step, 3),
                test,
                done=(),
                later=(
                    rx.el.p(t("Six checks, one after the other. Nothing is redeemed, and nobody becomes VIP.")),
                    _list("circle", "text-faint", [t(check) for check in CHECKS.values()]),
                ),
                first=first,
            ),
            class_name=rx.match(
                step,
                (1, _ROW + "lg:grid-cols-[1.6fr_1fr_1fr]"),
                (2, _ROW + "lg:grid-cols-[1fr_2.4fr_1fr]"),
                _ROW + "lg:grid-cols-[1fr_1fr_2.4fr]",
            ),
        ),
        class_name="grid gap-4",
    )


_ROW = "grid gap-3 lg:gap-4 "


def _list(mark: str, look: str, lines: list[Any]) -> rx.Component:
    """Where there is room for it."""
    return rx.el.ul(
        *(
            rx.el.li(rx.el.span(icon(mark, 14), class_name=f"mt-0.5 {look}"), rx.el.span(one), class_name="flex gap-2")
            for one in lines
        ),
        class_name="mt-4 grid gap-2 text-xs max-lg:hidden",
    )


def _shown(title: Any, cost: Any, *, muted: bool = False) -> rx.Component:
    return rx.el.div(viewer_card(title, cost, muted=muted), class_name="mt-4 grid place-items-center max-lg:hidden")


def way_in() -> rx.Component:
    """For the owner of a channel that is not connected."""
    return rx.cond(
        ChannelPage.picture.welcomed,
        centre("plug", t("Connect your channel"), rx.el.div(_connect(), class_name="mt-2")),
        three_steps(1, reward=rx.fragment(), test=rx.fragment(), first=True),
    )


def _state(step: Any, number: int) -> Any:
    if isinstance(step, int):
        return "now" if step == number else "done" if step > number else "later"
    return rx.cond(step == number, "now", rx.cond(step > number, "done", "later"))


def _connect() -> rx.Component:
    return rx.fragment(
        rx.el.p(t("Twitch will ask you to allow three things. Each has its reason:"), class_name="text-soft"),
        rx.el.ul(*(_asked(t(what), t(why)) for what, why in SCOPES.values()), class_name="mt-4 grid gap-3"),
        rx.el.div(sign_in(t("Connect with Twitch"), connect=True), class_name="mt-6"),
        rx.el.p(
            t("Nothing else is read, and nothing is written in your chat. You can undo it on Twitch at any time."),
            class_name="mt-4 text-xs text-soft",
        ),
        rx.el.a(
            t("Your sign-ins and your data"),
            href="/dashboard/settings",
            class_name="mt-2 inline-flex items-center min-h-9 rounded text-xs text-soft underline underline-offset-4 "
            "hover:text-ink",
        ),
    )


def _asked(what: Any, why: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon("check"), class_name="mt-0.5 text-soft"),
        rx.el.div(rx.el.p(what, class_name="font-semibold"), rx.el.p(why, class_name="text-soft")),
        class_name="flex gap-3",
    )
