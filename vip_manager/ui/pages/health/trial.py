"""The dry run: each step turns green, or says what to do."""

import secrets
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import reflex as rx

from vip_manager.domain.team import May
from vip_manager.services.access import Visit
from vip_manager.services.container import running
from vip_manager.services.dry_run import Check, Passed, Result
from vip_manager.ui import guard
from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.components.button import button, icon, spinner
from vip_manager.ui.health_words import CHECKS, WHY
from vip_manager.ui.language import t


@dataclass(frozen=True)
class Tried:
    """A step: `state` is waiting, running, or a dry_run.Result; `why` a dry_run.Why."""

    check: str
    state: str = "waiting"
    why: str = ""


BEGIN = [Tried(check.value) for check in Check]


class Trial(ChannelPage):
    """`outcome` is "", running, passed or failed. `cheer` is another text each time that there is to be confetti."""

    steps: list[Tried] = BEGIN
    outcome: str = ""
    cheer: str = ""

    def _leave(self) -> None:
        super()._leave()
        self._anew()

    def _anew(self) -> None:
        """Nothing was tested, as far as this page knows."""
        self.steps, self.outcome, self.cheer = list(BEGIN), "", ""

    @rx.event
    @guard.staff(May.REWARDS)
    async def test_reward(self, visit: Visit) -> AsyncIterator[None]:
        self._clear()
        self._anew()
        self.busy, self.outcome = "test", "running"
        self._running(0)
        yield
        try:
            async with aclosing(running().dry_run.run(visit.person, visit.channel_id)) as steps:
                done = 0
                async for step in steps:
                    if isinstance(step, Passed):
                        self.outcome = "passed"
                        if step.first:
                            self.cheer = secrets.token_hex(4)
                        continue
                    self._set(done, state=step.result.value, why=step.why or "")
                    done += 1
                    self._running(done)
                    yield
        except BaseException:
            self._anew()
            raise
        if self.outcome == "running":
            self.outcome = "failed"

    @rx.event
    @guard.staff(May.REWARDS)
    async def skip_test(self, visit: Visit) -> AsyncIterator[None]:
        self._clear()
        self.busy = "skip"
        yield
        await running().dry_run.skip(visit.person, visit.channel_id)
        self._anew()
        self._say("The test was skipped. It stands on the page “Health”.")

    @rx.event
    @guard.public
    def close_test(self) -> None:
        """What came of it has been read."""
        self._anew()

    def _running(self, number: int) -> None:
        if number < len(self.steps):
            self._set(number, state="running")

    def _set(self, number: int, **changes: Any) -> None:
        self.steps = [replace(step, **changes) if place == number else step for place, step in enumerate(self.steps)]


def steps(columns: str = "") -> rx.Component:
    """`columns`: classes that set them side by side."""
    return rx.el.div(
        rx.el.ol(rx.foreach(Trial.steps, _step), class_name=f"grid gap-y-2.5 {columns}"),
        rx.el.div(
            rx.match(
                Trial.outcome,
                ("running", rx.el.p(t("Testing…"), class_name="sr-only")),
                (
                    "passed",
                    rx.el.p(
                        icon("circle_check"),
                        rx.el.span(t("All is well. Viewers can redeem the reward.")),
                        class_name="flex items-center gap-2 font-medium text-green",
                    ),
                ),
                (
                    "failed",
                    rx.el.p(
                        icon("circle_alert"),
                        rx.el.span(t("Not all is well yet. Do what the red lines say, then test again.")),
                        class_name="flex items-start gap-2 font-medium text-red [&>svg]:mt-0.5",
                    ),
                ),
                rx.fragment(),
            ),
            role="status",
            class_name="mt-4 empty:hidden has-[.sr-only]:mt-0",
        ),
    )


def start(label: Any, *, kind: str = "quiet", class_name: str = "") -> rx.Component:
    return button(
        rx.cond(Trial.outcome == "failed", t("Test again"), label),
        icon_name="flask_conical",
        kind=kind,
        busy=Site.busy == "test",
        disabled=Site.busy != "",
        on_click=Trial.test_reward,
        class_name=class_name,
    )


_MARKS: dict[str, tuple[str, str]] = {
    Result.PASSED.value: ("circle_check", "text-green pop"),
    Result.FAILED.value: ("circle_x", "text-red pop"),
    Result.SKIPPED.value: ("circle_minus", "text-faint"),
}


def _step(step: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.match(
                step.state,
                *((state, rx.el.span(icon(name), class_name=look)) for state, (name, look) in _MARKS.items()),
                ("running", rx.el.span(spinner(), class_name="grid size-4 place-items-center text-soft")),
                rx.el.span(icon("circle"), class_name="text-faint"),
            ),
            class_name="mt-0.5 flex-none [&>span]:block",
        ),
        rx.el.div(
            rx.el.p(
                rx.match(step.check, *((one.value, t(text)) for one, text in CHECKS.items()), step.check),
                rx.el.span(
                    rx.match(
                        step.state,
                        (Result.PASSED.value, t("passed")),
                        (Result.FAILED.value, t("failed")),
                        (Result.SKIPPED.value, t("not tested")),
                        "",
                    ),
                    class_name="sr-only before:content-[':_'] empty:before:content-none",
                ),
                class_name=rx.match(
                    step.state,
                    (Result.PASSED.value, "text-ink"),
                    (Result.FAILED.value, "font-medium text-ink"),
                    "text-soft",
                ),
            ),
            rx.match(
                step.state,
                (
                    Result.SKIPPED.value,
                    rx.el.p(t("It needs the first step."), class_name="text-xs text-soft"),
                ),
                rx.cond(
                    step.why != "",
                    rx.el.p(
                        rx.match(step.why, *((why.value, t(text)) for why, text in WHY.items()), step.why),
                        class_name=rx.cond(step.state == Result.FAILED.value, "text-red", "text-xs text-soft"),
                    ),
                ),
            ),
            class_name="min-w-0",
        ),
        custom_attrs={"data-step": step.check, "data-state": step.state},
        class_name="flex items-start gap-3",
        key=step.check,
    )
