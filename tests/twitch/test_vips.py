"""How many badges are taken at once."""

import asyncio
from typing import Any

from vip_manager.twitch.pace import Pace
from vip_manager.twitch.vips import REMOVALS_AT_ONCE, Vips


class Slow:
    """A Helix that answers when it may."""

    def __init__(self) -> None:
        self.asked = 0
        self.may = asyncio.Event()

    async def call(self, *given: Any, **more: Any) -> None:
        self.asked += 1
        await self.may.wait()


async def test_when_thousands_end_at_once_there_are_connections_left_for_all_else() -> None:
    helix: Any = Slow()
    vips = Vips(helix, Pace(), Pace(), lambda: None)
    async with asyncio.TaskGroup() as work:
        for channel in range(2 * REMOVALS_AT_ONCE):
            work.create_task(vips.remove(f"channel {channel}", "viewer"))
        work.create_task(vips.add("a channel", "viewer"))
        for _ in range(3):
            await asyncio.sleep(0)
        assert helix.asked == REMOVALS_AT_ONCE + 1
        helix.may.set()
    assert helix.asked == 2 * REMOVALS_AT_ONCE + 1
