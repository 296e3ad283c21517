"""The front door: what this is, in five seconds, and the way in."""

from typing import Any

import reflex as rx

from vip_manager.ui import guard, live, words
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.banner import banner
from vip_manager.ui.components.browser import Example
from vip_manager.ui.components.button import icon, look, sign_in
from vip_manager.ui.language import message, t
from vip_manager.ui.template import WIDE, page


class Landing(Site):
    problem: str = ""
    problem_title: str = ""

    @rx.event
    @guard.public
    async def enter(self) -> None:
        self.problem_title = words.problem_title(self._query("problem"))
        self.problem = words.sign_in_problem(self._query("problem"))
        await self._greet()
        await live.leave(self)


def landing() -> rx.Component:
    return page(
        rx.el.div(
            rx.cond(
                Landing.problem != "",
                rx.el.div(
                    banner("circle_alert", t(Landing.problem_title), t(Landing.problem), role="alert"),
                    class_name="pt-6",
                ),
            ),
            rx.el.div(
                _words(),
                _preview(),
                class_name="grid grid-cols-1 items-center gap-12 py-12 lg:grid-cols-[1.05fr_1fr] lg:gap-16 lg:py-20",
            ),
            _promises(),
            _steps(),
            class_name=WIDE,
        ),
        width="w-full",
        background="glow",
    )


def _words() -> rx.Component:
    return rx.el.div(
        rx.el.h1(
            rx.el.span(t("VIP for channel points."), class_name="block"),
            " ",
            rx.el.span(t("Given at once, taken back on time."), class_name="block text-soft"),
            class_name="text-[32px] leading-[1.12] sm:text-[44px] font-bold tracking-tight text-balance",
        ),
        rx.el.p(
            t(
                "A viewer redeems your reward and is VIP a moment later. When the hours are up, VIP goes again by "
                "itself. You do nothing, and you see all of it."
            ),
            class_name="mt-5 max-w-[34rem] text-base text-soft text-pretty",
        ),
        rx.el.div(_way_in(), class_name="mt-8 flex flex-wrap items-center gap-4"),
        rx.el.p(
            t("Signing in asks for nothing but your name. Connecting your channel comes after, and you choose it."),
            class_name="mt-4 text-xs text-faint max-w-[34rem]",
        ),
    )


def _way_in() -> rx.Component:
    return rx.cond(
        Site.me.signed_in,
        rx.el.a(
            t("Open your dashboard"),
            icon("arrow_right"),
            href="/dashboard",
            class_name=look("primary") + " px-5 min-h-11",
        ),
        sign_in(),
    )


_DAY = message("VIP for a day")
_HAND = message("given by hand")
_PEOPLE = (
    ("mira", 24.0, 21.6, _DAY),
    ("jonas", 24.0, 9.67, _DAY),
    ("pixelpenguin", 24.0, 2.24, _DAY),
    ("kai", 1.0, 0.41, _HAND),
)


def _preview() -> rx.Component:
    """A still of a dashboard: the real rows and clocks, with people that don't exist."""
    return rx.el.figure(
        rx.el.div(
            rx.el.div(
                rx.el.div(
                    avatar("", "streamer", "size-8"),
                    rx.el.span("streamer", class_name="truncate font-semibold"),
                    class_name="flex min-w-0 items-center gap-3",
                ),
                rx.el.span(
                    rx.el.span(class_name="size-2 rounded-full bg-green"),
                    t("Live with Twitch"),
                    class_name="inline-flex flex-none items-center gap-2 text-xs text-green",
                ),
                class_name="flex items-center justify-between gap-4 border-b border-line px-4 py-3",
            ),
            rx.el.div(
                _count(t("VIPs now"), "4"),
                _count(t("Today"), "14"),
                _count(t("Waiting"), "0"),
                class_name="grid grid-cols-3 divide-x divide-line border-b border-line",
            ),
            rx.el.ul(*(_example(*person) for person in _PEOPLE), class_name="divide-y divide-line"),
            class_name="overflow-hidden rounded-xl border border-line bg-surface",
            custom_attrs={"aria-hidden": True},
        ),
        rx.el.figcaption(t("An example of four VIPs, each with the time they have left."), class_name="sr-only"),
        class_name="min-w-0",
    )


def _count(label: Any, value: str) -> rx.Component:
    return rx.el.div(
        rx.el.p(label, class_name="truncate text-xs text-soft"),
        rx.el.p(value, class_name="numbers text-lg font-semibold"),
        class_name="min-w-0 px-4 py-3",
    )


def _example(name: str, hours: float, left: float, why: str) -> rx.Component:
    return rx.el.li(
        avatar("", name),
        rx.el.div(
            rx.el.p(name, class_name="truncate font-semibold"),
            rx.el.p(t(why), class_name="truncate text-xs text-soft"),
            class_name="min-w-0",
        ),
        rx.el.div(Example.create(hours=hours, left=left), class_name="min-w-0 max-[359px]:col-start-2"),
        class_name="grid grid-cols-[auto_minmax(0,1fr)_minmax(0,1.3fr)] items-center gap-x-3 gap-y-1 px-4 py-3 "
        "sm:gap-x-4 max-[359px]:grid-cols-[auto_minmax(0,1fr)]",
    )


def _promises() -> rx.Component:
    return rx.el.ul(
        _promise(
            "coins",
            t("Points are never lost"),
            t("If someone can't become VIP, say because all seats are taken, their points go back, and you read why."),
        ),
        _promise(
            "shield_check",
            t("Your own VIPs stay"),
            t("Whoever you made VIP yourself is never touched. Only what was bought here ends here."),
        ),
        _promise(
            "clock",
            t("To the minute"),
            t("Hours run from the moment Twitch says yes. Restarts and hiccups don't cost anybody their time."),
        ),
        class_name="grid gap-px overflow-hidden rounded-xl border border-line bg-line md:grid-cols-3",
    )


def _promise(icon_name: str, title: Any, text: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon(icon_name, 20), class_name="block text-gem-text"),
        rx.el.h2(title, class_name="mt-3 text-base font-semibold"),
        rx.el.p(text, class_name="mt-1 text-soft text-pretty"),
        class_name="bg-surface p-6",
    )


def _steps() -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("How it works"), class_name="text-xl font-semibold tracking-tight"),
        rx.el.ol(
            _step(
                1,
                t("Connect your channel"),
                t("Twitch asks you to allow three things. Nothing else is read, and nothing is written in your chat."),
            ),
            _step(
                2,
                t("Create the reward"),
                t("What it is called, what it costs, and how long it lasts: an hour, a day, or until the stream ends."),
            ),
            _step(
                3,
                t("Go live"),
                t("VIP comes and goes by itself. You follow it on the dashboard, your viewers on a page of their own."),
            ),
            class_name="mt-6 grid gap-8 md:grid-cols-3 md:gap-6",
        ),
        rx.el.div(_way_in(), class_name="mt-10"),
        class_name="pt-16 lg:pt-20",
    )


def _step(number: int, title: Any, text: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            number,
            class_name="numbers grid size-8 flex-none place-items-center rounded-full bg-gem-soft text-sm "
            "font-semibold text-gem-text",
            custom_attrs={"aria-hidden": True},
        ),
        rx.el.div(
            rx.el.h3(title, class_name="text-base font-semibold leading-8"),
            rx.el.p(text, class_name="mt-1 text-soft text-pretty"),
            class_name="min-w-0",
        ),
        class_name="flex gap-4",
    )
