"""What two instances read and write of Firestore, document by document (benchmarks/firestore_cost.py has the table)."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tests.house import House, until
from vip_manager.domain.session import SessionState
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import RedemptionEvent
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.firestore.store import FirestoreStore

CHANNEL = "1001"
LATE = 2.0
"""Seconds after which a change has to show everywhere."""


def meter(house: House) -> Meter:
    store = house.services.store
    assert isinstance(store, FirestoreStore)
    return store.meter


async def cost(house: House, work: Callable[[], Awaitable[object]]) -> Meter:
    """With telling the others."""
    await house.services.changes.told()
    before = replace(meter(house))
    await work()
    await house.services.changes.told()
    after = meter(house)
    return Meter(after.reads - before.reads, after.writes - before.writes, after.deletes - before.deletes)


async def redeem(house: House, viewer: str) -> None:
    told = await house.redeemed(viewer)
    async with asyncio.TaskGroup() as follow_ups:
        await house.services.events.heard(RedemptionEvent(told, added=True), follow_ups.create_task)


class TestRedemption:
    async def test_what_was_written_or_read_a_moment_ago_is_not_read(self, pair: tuple[House, House]) -> None:
        first, _ = pair
        await first.open(hours=5)
        await redeem(first, "viewer2")
        first.clock.jump(hours=0.01)
        await first.control("jump", seconds=36)
        # The channel, the viewer's session, the account, and who waits for a seat. The redemption four times, session
        # and lines twice and three times, the viewer's claim, their turn, and the others told once.
        assert await cost(first, lambda: redeem(first, "viewer1")) == Meter(reads=4, writes=12, deletes=1)
        first.clock.jump(hours=0.01)
        await first.control("jump", seconds=36)
        assert await cost(first, lambda: redeem(first, "viewer1")) == Meter(reads=3, writes=9, deletes=1)

    async def test_what_somebody_else_has_changed_meanwhile_is_read_again(self, pair: tuple[House, House]) -> None:
        first, second = pair
        await first.open(hours=5)
        told = await first.redeemed("viewer1")
        arrived = await first.services.intake.receive(told)
        assert arrived
        await second.services.grant.redemption(told.id)
        done = await first.services.grant.arrived(arrived)
        assert done is not None
        assert not done.open
        session = await first.live("3001")
        assert session is not None
        assert [credit.id for credit in session.credits] == [told.id]


async def test_an_open_dashboard_reads_what_was_written_and_shows_what_is_true(pair: tuple[House, House]) -> None:
    works, shows = pair
    streamer = await works.open(hours=5)
    await redeem(works, "viewer2")
    await works.services.changes.told()
    services, session = shows.services, await works.live("3002")
    assert session is not None

    told: list[str] = []

    def tell(channel_id: str, note: Mapping[str, Any]) -> None:
        services.connections.told(channel_id, note)
        told.append(channel_id)

    async def heard() -> bool:
        return bool(told)

    hearing = asyncio.create_task(shows.neighbours.hear(services.changes, tell))
    try:
        services.changes.looked_at(frozenset({CHANNEL}))
        await until(heard, "the other one to listen")
        await services.board._at_hand.staff(CHANNEL)
        for work, written in (
            (lambda: redeem(works, "viewer1"), {"vipSessions": 1, "redemptions": 1, "auditLog": 3}),
            (lambda: works.services.expire.end_now(streamer, CHANNEL, session.id), {"vipSessions": 1, "auditLog": 1}),
        ):
            told.clear()
            await work()
            await works.services.changes.told()
            await until(heard, "that something has changed")
            reads = meter(shows).reads
            at_hand = await services.board._at_hand.staff(CHANNEL)
            # The day is counted anew where somebody has redeemed. That there was another change may be heard meanwhile.
            wanted = sum(written.values()) + 2 * ("redemptions" in written)
            assert wanted <= meter(shows).reads - reads <= wanted + 1
            assert at_hand == await works.services.board._at_hand.staff(CHANNEL), "which has read all of it"
    finally:
        services.changes.looked_at(frozenset())
        hearing.cancel()
        with suppress(asyncio.CancelledError):
            await hearing


async def test_whatever_either_does_an_open_dashboard_shows_what_is_stored(pair: tuple[House, House]) -> None:
    works, shows = pair
    streamer = await works.open(hours=5)
    chance, services = random.Random(7), shows.services
    here = services.board._at_hand

    async def end(house: House) -> None:
        live = [one for one in await house.services.store.sessions.live(CHANNEL) if one.state is SessionState.ACTIVE]
        if live:
            await house.services.expire.end_now(streamer, CHANNEL, chance.choice(live).id)

    async def redeem_any(house: House) -> None:
        await redeem(house, f"viewer{chance.randint(1, 9)}")

    async def hide(house: House) -> None:
        with suppress(InvalidInput):
            await house.services.visibility.hide(streamer, CHANNEL, f"viewer{chance.randint(1, 9)}")

    async def change_rules(house: House) -> None:
        rules = (await house.channel()).rules
        await house.services.rule_book.change(streamer, CHANNEL, replace(rules, pause_hours=rules.pause_hours + 1))

    async def sweep(house: House) -> None:
        await house.services.sweep.run()

    async def shows_what_is_stored() -> bool:
        return await here.staff(CHANNEL) == await works.services.board._at_hand.staff(CHANNEL)

    hearing = asyncio.create_task(shows.neighbours.hear(services.changes, services.connections.told))
    try:
        services.changes.looked_at(frozenset({CHANNEL}))
        for _ in range(30):
            house = chance.choice(pair)
            await chance.choice((redeem_any, redeem_any, end, hide, change_rules, sweep))(house)
            await until(shows_what_is_stored, "what is stored to be shown", LATE)
    finally:
        services.changes.looked_at(frozenset())
        hearing.cancel()
        with suppress(asyncio.CancelledError):
            await hearing
