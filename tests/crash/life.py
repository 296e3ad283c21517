"""One life of the program in one process: a scenario played, or a start after a death, and then the judgement."""

import asyncio
import logging
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from tests.crash import promises
from tests.crash.calm import NeverCalm, calm
from tests.crash.forks import Say, Task
from tests.crash.scenarios import SCENARIOS, Scenario
from tests.crash.steps import Steps, watch
from tests.house import HandClock, House
from vip_manager.ports import StoreError, TwitchError


def live(task: Task, say: Say) -> None:
    """A task has: `scenario`; `life` (`arranging`, `first`, `next`); `twitch`, its address; `directory`; `ahead`, the
    seconds that domain time is ahead; and maybe `die_at`, an edge, and `lose`, the call whose first answer gets lost.

    Says `edges`, `ahead` and the `broken` promises that it knows of; or, where it dies, `died_at` and `ahead`.
    """
    clock = HandClock()
    clock.ahead = timedelta(seconds=task["ahead"])
    steps = Steps(task.get("die_at"), lambda edge: say({"died_at": edge, "ahead": clock.ahead.total_seconds()}))
    watch(steps)
    house = House(task["twitch"], Path(task["directory"]), clock)
    scenario = SCENARIOS[task["scenario"]]
    asyncio.run(_live(task, say, house, scenario, steps))
    say({"edges": steps.edges, "ahead": clock.ahead.total_seconds()})


async def _live(task: Task, say: Say, house: House, scenario: Scenario, steps: Steps) -> None:
    errors = _listen_for_errors()
    try:
        if task["life"] == "next":
            steps.counting = True
            await house.start()
            steps.counting = False
            unsound = await _unsound(house, "after the death")
            steps.counting = True
            try:
                await _carry_on(house)
                steps.counting = False
                broken = await promises.broken(house, Path(task["directory"]), scenario)
                broken += await _unsound(house, "when the hours are over")
            except NeverCalm as stuck:
                broken = [f"1: {stuck}"]
            say({"broken": [*unsound, *broken, *(f"logged: {error}" for error in errors)]})
            return
        await house.start()
        if task["life"] == "arranging":
            await house.open(24)
            await scenario.arrange(house)
            await calm(house)
            return
        if lost := task.get("lose"):
            method, path = lost.split(" ")
            await house.fault(method, path, "lose_answer")
        steps.counting = True
        await scenario.act(house, steps)
        try:
            await calm(house)
        except NeverCalm as stuck:
            say({"broken": [f"before any death: 1: {stuck}"]})
        steps.counting = False
    finally:
        await house.close()


async def _unsound(house: House, when: str) -> list[str]:
    """What is stored must be sound between any two steps, not only when it is calm."""
    return [f"{when}: {one.check}: {one.place}: {one.problem}" for one in await house.wrong()]


async def _carry_on(house: House) -> None:
    """What a start does by itself: a sweep at once, and catching up as soon as the events of a channel are heard."""
    await house.services.sweep.run()
    for channel in await house.services.store.channels.all():
        with suppress(TwitchError, StoreError):
            await house.services.reconcile.heal(channel.id)
    await calm(house)


def _listen_for_errors() -> list[str]:
    """What the program logs as an error, which nothing that happens here deserves."""
    errors: list[str] = []

    def keep(_logger: object, _level: str, event: MutableMapping[str, Any]) -> str:
        errors.append(str(event))
        raise structlog.DropEvent

    structlog.configure(
        processors=[structlog.processors.format_exc_info, keep],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        cache_logger_on_first_use=False,
    )
    return errors
