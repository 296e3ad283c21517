"""What Firestore bills for: documents read, written and deleted by a redemption, an expiry, an idle hour, and an open
dashboard. `python -m benchmarks.firestore_cost` counts them on Google's emulator and prints a table.

Counted by the store's own meter, so what the emulator does not bill is counted as Google would
(https://cloud.google.com/firestore/pricing): a query that finds nothing is one read. Two instances share the database:
one takes what comes in and sweeps, at the other one the dashboard is open. Both have had something to do in the channel
before, but not just now.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import astuple, replace
from datetime import timedelta
from pathlib import Path

import structlog

from benchmarks.rows import Row, table
from tests import emulator
from tests.house import HandClock, House
from tests.serving import serving
from vip_manager.domain.team import May
from vip_manager.ports import RedemptionEvent
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.firestore.store import FirestoreStore

CHANNEL = "1001"
VIEWER = "3001"
A_WHILE = timedelta(seconds=10)
"""After which nothing counts as known from just now."""

BECOMES_VIP = "a redemption: a viewer becomes VIP"
EXPIRY = "an expiry: a sweep that ends one VIP"
IDLE_SWEEP = "a sweep with nothing to do"
CHANGE = "a redemption, on a dashboard that is open"

Costs = dict[str, tuple[int, int, int]]
"""Reads, writes and deletes."""


class Bill:
    """`works` does what comes in, `shows` has the dashboard."""

    def __init__(self, works: House, shows: House) -> None:
        self.works = works
        self.shows = shows
        self.costs: Costs = {}

    async def of(self, what: str, work: Callable[[], Awaitable[object]], shown: str = "") -> None:
        """What that work costs, with all that follows from it; and what it does where the dashboard is open, under that
        name."""
        await pass_time(self.works, A_WHILE)
        await self._at_rest()
        before = [replace(_meter(house)) for house in (self.works, self.shows)]
        await work()
        after = await self._at_rest()
        for name, house_before, house_after in zip((what, shown), before, after, strict=True):
            if name:
                self._note(name, house_before, house_after)

    async def opened(self, what: str, work: Callable[[], Awaitable[object]]) -> None:
        """What it costs where the dashboard is."""
        before = replace(_meter(self.shows))
        await work()
        self._note(what, before, (await self._at_rest())[1])

    def _note(self, what: str, before: Meter, after: Meter) -> None:
        reads, writes, deletes = (now - then for now, then in zip(astuple(after), astuple(before), strict=True))
        self.costs[what] = (reads, writes, deletes)

    async def _at_rest(self) -> list[Meter]:
        """The others are told a moment later."""
        while True:
            before = [replace(_meter(house)) for house in (self.works, self.shows)]
            await asyncio.sleep(1)
            if before == [_meter(house) for house in (self.works, self.shows)]:
                return before


def _meter(house: House) -> Meter:
    store = house.services.store
    assert isinstance(store, FirestoreStore)
    return store.meter


@asynccontextmanager
async def channel() -> AsyncIterator[tuple[House, House]]:
    """A connected channel with its reward, on Firestore, and two instances."""
    os.environ["FIRESTORE_EMULATOR_HOST"] = emulator.running().address
    more = {"GOOGLE_CLOUD_PROJECT": emulator.new_project(), "CRON_SECRET": "a secret of the scheduler"}
    with serving(create_simulator(World())) as twitch, tempfile.TemporaryDirectory() as directory:
        clock = HandClock()
        houses = [House(twitch, Path(directory) / name, clock, more) for name in ("works", "shows")]
        for house in houses:
            await house.start()
        try:
            await houses[0].open(hours=1)
            await houses[0].services.sweep.run()
            yield houses[0], houses[1]
        finally:
            for house in houses:
                await house.close()


async def pass_time(house: House, by: timedelta) -> None:
    """For Twitch and for us."""
    house.clock.jump(by / timedelta(hours=1))
    await house.control("jump", seconds=by.total_seconds())


async def redeem(house: House, viewer: str) -> None:
    told = await house.redeemed(viewer)
    async with asyncio.TaskGroup() as follow_ups:
        await house.services.events.heard(RedemptionEvent(told, added=True), follow_ups.create_task)


@asynccontextmanager
async def dashboards(house: House) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """Whoever is given a cookie has the dashboard open from then on, as `ui/live` keeps it."""
    services = house.services

    async def hear() -> None:
        await house.neighbours.hear(services.changes, services.connections.told)

    async def show() -> None:
        async with services.changes.subscribed() as changes:
            while True:
                await services.board.staff(await changes.get())

    async def opened(cookie: str) -> None:
        """Who looks, whether they may, which channels they serve, and then the picture: again once every change is
        heard of."""
        await services.access.require(cookie, CHANNEL, May.SEE)
        await services.roster.channels_of(CHANNEL)
        services.changes.looked_at(frozenset({CHANNEL}))
        await services.board.staff(CHANNEL)
        while not services.connections.up_to_date(CHANNEL):
            await asyncio.sleep(0.01)

    tasks = [asyncio.create_task(hear()), asyncio.create_task(show())]
    try:
        yield opened
    finally:
        services.changes.looked_at(frozenset())
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def bill() -> Costs:
    async with channel() as (works, shows), dashboards(shows) as opened:
        services, bill = works.services, Bill(works, shows)
        cookie = f"vip={await services.access.sign_in(CHANNEL)}"
        # The first of all: the instance does not know yet how the channel's note stands.
        await bill.of("", lambda: redeem(works, "viewer2"))
        await bill.opened("a dashboard is opened", lambda: opened(cookie))
        await bill.of(BECOMES_VIP, lambda: redeem(works, "viewer1"), CHANGE)
        await bill.of("a redemption: more hours for a VIP", lambda: redeem(works, "viewer1"))
        session = await works.live(VIEWER)
        assert session is not None
        assert session.expires_at is not None
        await pass_time(works, session.expires_at - works.clock.now() - timedelta(seconds=30))
        await services.sweep.run()
        await pass_time(works, timedelta(seconds=30))
        await bill.of(EXPIRY, services.sweep.run, "an expiry, on a dashboard that is open")
        await bill.of(IDLE_SWEEP, services.sweep.run)

        async def idle_hour() -> None:
            for _ in range(60):
                await pass_time(works, timedelta(minutes=1))
                await services.sweep.run()

        await bill.of("an idle hour: a sweep a minute, one channel", idle_hour)
        return bill.costs


async def rows() -> list[Row]:
    return _rows(await bill())


def _rows(costs: Costs) -> list[Row]:
    reads = {what: reads for what, (reads, _, _) in costs.items()}
    writes = {what: writes for what, (_, writes, _) in costs.items()}
    return [
        Row("Firestore, a redemption to VIP", "reads", reads[BECOMES_VIP], None, 4),
        Row("Firestore, a redemption to VIP", "writes", writes[BECOMES_VIP], None, 7),
        Row("Firestore, an expiry", "reads", reads[EXPIRY], None, 1),
        Row("Firestore, an expiry", "writes", writes[EXPIRY], None, 3),
        Row("Firestore, a sweep with nothing to do", "reads", reads[IDLE_SWEEP], None, 1),
        # The six documents that it has changed, the day counted anew, which takes two, and the account with whose token
        # Twitch is asked for the face of somebody new.
        Row("Firestore, a redemption on an open dashboard", "reads", reads[CHANGE], None, 9),
    ]


def main() -> None:
    structlog.configure(processors=[lambda *_: (_ for _ in ()).throw(structlog.DropEvent)])
    costs = asyncio.run(bill())
    print("| what | reads | writes | deletes |\n|---|---|---|---|")
    for what, (reads, writes, deletes) in costs.items():
        print(f"| {what} | {reads} | {writes} | {deletes} |")
    print(f"\n{table(_rows(costs))}")


if __name__ == "__main__":
    main()
