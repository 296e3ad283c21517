"""Hourly work, whoever does it."""

import asyncio
from datetime import timedelta

from tests.services.neighbourhood import Door
from vip_manager.ports import TwitchUnavailable
from vip_manager.services.upkeep import Upkeep


class Works:
    def __init__(self) -> None:
        self.done: list[str] = []

    async def fails(self) -> None:
        raise TwitchUnavailable("silence")

    async def breaks(self) -> None:
        raise RuntimeError("nobody thought of it")

    async def goes(self) -> None:
        self.done.append("done")


async def test_it_goes_on_where_a_part_of_it_fails() -> None:
    works = Works()
    await Upkeep(None, (works.fails, works.breaks, works.goes)).run()
    assert works.done == ["done"]


async def test_one_instance_an_hour_does_it() -> None:
    door, works, seconds = Door(), Works(), [0.0]
    upkeeps = [Upkeep(door.instance(name), (works.goes,), monotonic=lambda: seconds[0]) for name in ("first", "second")]
    for _ in range(3):
        for upkeep in upkeeps:
            await upkeep.where_due()
    assert works.done == ["done"]
    seconds[0] += 3601
    door.pass_time(timedelta(seconds=3601))
    for upkeep in upkeeps:
        await upkeep.where_due()
    assert works.done == ["done", "done"]


async def test_it_is_left_to_the_clock_of_the_only_instance() -> None:
    works = Works()
    await Upkeep(None, (works.goes,)).where_due()
    assert works.done == []


async def test_what_was_cut_short_is_done_by_the_next() -> None:
    door, works, begun = Door(), Works(), asyncio.Event()

    async def takes_long() -> None:
        begun.set()
        await asyncio.Event().wait()

    first = asyncio.create_task(Upkeep(door.instance("first"), (takes_long,)).where_due())
    await begun.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await Upkeep(door.instance("second"), (works.goes,)).where_due()
    assert works.done == ["done"]
