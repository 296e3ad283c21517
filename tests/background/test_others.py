"""What a command beside the server writes is announced to everybody who looks."""

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

from tests.house import House, until
from vip_manager import background
from vip_manager.bootstrap import adapters
from vip_manager.ports import StoreUnavailable
from vip_manager.services.changes import Subscription
from vip_manager.store.sqlite.store import SqliteStore

SELDOM = 3600.0


class Watched:
    """The store's own number, asked for as the background asks; the first time out of reach."""

    def __init__(self, house: House) -> None:
        store = house.services.store
        assert isinstance(store, SqliteStore)
        self._store = store
        self.asked = 0

    async def version(self) -> int:
        self.asked += 1
        if self.asked == 1:
            raise StoreUnavailable("database is locked")
        return await self._store.others_version()

    async def has_looked_twice_more(self) -> None:
        wanted = self.asked + 2

        async def looked() -> bool:
            return self.asked >= wanted

        await until(looked, "the background to look")


async def drained(changed: Subscription) -> list[str]:
    heard = []
    while True:
        try:
            async with asyncio.timeout(0.05):
                heard.append(await changed.get())
        except TimeoutError:
            return heard


async def test_another_programs_write_is_announced_and_our_own_only_once(house: House) -> None:
    streamer = await house.open()
    watched = Watched(house)
    running = background.running(
        house.services, port=urlsplit(house.base).port or 0, tick_seconds=SELDOM, others_version=watched.version
    )

    async def swept() -> bool:
        return house.services.connections.of(streamer.id).vip_ids is not None

    async with running, house.services.changes.subscribed() as changed:
        await until(swept, "the first sweep, which has something to tell too")
        await watched.has_looked_twice_more()
        channel = await house.channel()
        await house.services.store.commit(replace(channel, reward_cost=1))
        await watched.has_looked_twice_more()
        await drained(changed)
        await watched.has_looked_twice_more()
        assert await drained(changed) == []
        beside = await adapters.open_store(house.settings)
        try:
            await beside.commit(replace(await house.channel(), reward_cost=2))
            async with asyncio.timeout(10):
                assert await changed.get() == streamer.id
        finally:
            await beside.close()
