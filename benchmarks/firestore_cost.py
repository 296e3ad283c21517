"""What Firestore bills for: documents read, written and deleted by a redemption, an expiry, an idle hour, and an open
dashboard. `python -m benchmarks.firestore_cost` counts them on Google's emulator and prints a table.

Counted by the store's own meter, so what the emulator does not bill is counted as Google would
(https://cloud.google.com/firestore/pricing): a query that finds nothing is one read.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import astuple, replace
from datetime import timedelta
from pathlib import Path

import structlog

from tests import emulator
from tests.house import HandClock, House
from tests.serving import serving
from vip_manager.domain.team import May
from vip_manager.ports import RedemptionEvent
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.firestore.store import FirestoreStore


class Bill:
    def __init__(self, house: House) -> None:
        self.house = house
        self.rows: list[tuple[str, int, int, int]] = []

    @property
    def meter(self) -> Meter:
        store = self.house.services.store
        assert isinstance(store, FirestoreStore)
        return store.meter

    async def of(self, what: str, work: Callable[[], Awaitable[object]]) -> None:
        """What that work costs, with all that follows from it."""
        before = replace(self.meter)
        await work()
        after = await self.at_rest()
        reads, writes, deletes = (now - then for now, then in zip(astuple(after), astuple(before), strict=True))
        self.rows.append((what, reads, writes, deletes))

    async def at_rest(self) -> Meter:
        """The others are told a moment later."""
        while True:
            before = replace(self.meter)
            await asyncio.sleep(1)
            if self.meter == before:
                return before


@asynccontextmanager
async def channel() -> AsyncIterator[House]:
    """A connected channel with its reward, on Firestore."""
    os.environ["FIRESTORE_EMULATOR_HOST"] = emulator.running().address
    more = {"GOOGLE_CLOUD_PROJECT": emulator.new_project(), "CRON_SECRET": "a secret of the scheduler"}
    with serving(create_simulator(World())) as twitch, tempfile.TemporaryDirectory() as directory:
        house = House(twitch, Path(directory), HandClock(), more)
        await house.start()
        try:
            await house.open(hours=1)
            await house.services.sweep.run()
            yield house
        finally:
            await house.close()


async def pass_time(house: House, by: timedelta) -> None:
    """For Twitch and for us."""
    house.clock.jump(by / timedelta(hours=1))
    await house.control("jump", seconds=by.total_seconds())


async def bill() -> Bill:
    async with channel() as house:
        services, bill = house.services, Bill(house)

        async def redeem(viewer: str) -> None:
            told = await house.redeemed(viewer)
            async with asyncio.TaskGroup() as follow_ups:
                await services.events.heard(RedemptionEvent(told, added=True), follow_ups.create_task)

        async def idle_hour() -> None:
            for _ in range(60):
                await pass_time(house, timedelta(minutes=1))
                await services.sweep.run()

        async def dashboard() -> None:
            await services.board.staff("1001")

        cookie = f"vip={await services.access.sign_in('1001')}"
        await bill.at_rest()

        async def opened() -> None:
            """As a page does it: who looks, whether they may, which channels they serve, and then the picture."""
            await services.access.require(cookie, "1001", May.SEE)
            await services.roster.channels_of("1001")
            await dashboard()

        await bill.of("a redemption: a viewer becomes VIP", lambda: redeem("viewer1"))
        await bill.of("a redemption: more hours for a VIP", lambda: redeem("viewer1"))
        await bill.of("a dashboard is opened", opened)
        services.changes.announce_here("1001")
        await bill.of("a change on a dashboard that is open", dashboard)
        session = await house.live("3001")
        assert session is not None
        assert session.expires_at is not None
        await pass_time(house, session.expires_at - house.clock.now() - timedelta(seconds=30))
        await services.sweep.run()
        await pass_time(house, timedelta(seconds=40))
        await bill.of("an expiry: a sweep that ends one VIP", services.sweep.run)
        await bill.of("a sweep with nothing to do", services.sweep.run)
        await bill.of("an idle hour: a sweep a minute, one channel", idle_hour)
        return bill


def main() -> None:
    structlog.configure(processors=[lambda *_: (_ for _ in ()).throw(structlog.DropEvent)])
    print("| what | reads | writes | deletes |\n|---|---|---|---|")
    for what, reads, writes, deletes in asyncio.run(bill()).rows:
        print(f"| {what} | {reads} | {writes} | {deletes} |")


if __name__ == "__main__":
    main()
