"""A process that stands still for a while, as on Cloud Run between two requests, and goes on where it stood."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.house import House, until
from tests.instances.conftest import pass_time
from vip_manager.domain.session import SessionState
from vip_manager.ports import NothingDone, StoreUnavailable
from vip_manager.twitch.helix import Endpoint

TURN = "turn:1001:3001"
LATE = 2.0


class Frozen:
    """That instance stands still when it has made sure of its turn and is about to send its next request of that
    method for a badge; its lease runs out meanwhile."""

    def __init__(self, house: House, method: str) -> None:
        self._method = method
        self._reached, self._goes_on = asyncio.Event(), asyncio.Event()
        self._helix: Any = house.services.twitch._vips._helix  # type: ignore[attr-defined]
        self._leases: Any = house.services.turns._shared.leases  # type: ignore[union-attr]
        self._store: Any = house.services.store
        self._send, self._take = self._helix._send, self._leases.take
        self._helix._send = self._sent

    async def reached(self) -> None:
        await self._reached.wait()
        calls = self._store.calls
        batch = calls.batch()
        batch.delete(calls.document("leases", TURN))
        await calls.commit(batch)

    def thaw(self) -> None:
        self._leases.take = self._take
        self._goes_on.set()

    async def _sent(self, endpoint: Endpoint, *more: Any) -> Any:
        if endpoint.method == self._method and endpoint.path == "/channels/vips" and not self._goes_on.is_set():
            self._leases.take = self._stands
            self._reached.set()
            await self._goes_on.wait()
        return await self._send(endpoint, *more)

    async def _stands(self, *_: Any) -> bool:
        raise StoreUnavailable("the process stands still")


async def test_hours_that_came_while_a_removal_was_frozen_are_not_lost(pair: tuple[House, House]) -> None:
    first, second = pair
    await first.open(hours=1)
    await first.redeem("viewer1")
    await pass_time(first, timedelta(hours=2))
    frozen = Frozen(first, "DELETE")
    sweeping = asyncio.create_task(first.services.sweep.run())
    await frozen.reached()
    await second.redeem("viewer1")
    extended = await second.live("3001")
    assert extended
    assert extended.state is SessionState.ACTIVE
    frozen.thaw()
    await sweeping
    for _ in range(3):
        await pass_time(first, timedelta(minutes=1))
        await second.services.reconcile.catch_up("1001")
        await second.services.sweep.run()
    assert "viewer1" in await first.vips()
    live = await second.live("3001")
    assert live
    assert live.state is SessionState.ACTIVE


async def test_a_badge_that_came_when_its_session_was_over_goes_again(pair: tuple[House, House]) -> None:
    first, second = pair
    streamer = await first.open(hours=1)
    frozen = Frozen(first, "POST")
    told = await first.redeemed("viewer1")
    assert await first.services.intake.receive(told)
    granting = asyncio.create_task(first.services.grant.redemption(told.id))
    await frozen.reached()
    session = await second.live("3001")
    assert session
    ended = await second.services.expire.end_now(streamer, "1001", session.id)
    assert ended.state is SessionState.ENDED
    frozen.thaw()
    await granting
    assert "viewer1" not in await first.vips()


async def test_the_echo_of_the_others_removal_ends_no_newer_session(pair: tuple[House, House]) -> None:
    first, second = pair
    streamer = await first.open(hours=5)
    await first.redeem("viewer1")
    session = await first.live("3001")
    assert session
    await first.services.expire.end_now(streamer, "1001", session.id)
    await second.redeem("viewer1")
    # Twitch stamps its event a moment after its answer, and may post it to either.
    await second.services.reconcile.look("1001", "3001", first.clock.now() + timedelta(seconds=1))
    for _ in range(3):
        await pass_time(first, timedelta(minutes=1))
        await second.services.reconcile.catch_up("1001")
    live = await second.live("3001")
    assert live
    assert live.state is SessionState.ACTIVE


async def test_a_request_is_answered_when_the_others_know(pair: tuple[House, House]) -> None:
    first, second = pair
    await first.open(hours=5)
    hearing = asyncio.create_task(second.neighbours.hear(second.services.changes, second.services.connections.told))
    try:
        second.services.changes.looked_at(frozenset({"1001"}))

        async def followed() -> bool:
            return second.services.connections.up_to_date("1001")

        await until(followed, "the channel to be followed")
        await second.services.board.staff("1001")
        told = await first.redeemed("viewer1")
        assert await first.services.intake.receive(told)
        await first.services.grant.redemption(told.id)
        await first.services.changes.told()
        publisher: Any = first.neighbours._feed._publisher  # type: ignore[attr-defined]
        publisher._increment = asyncio.Event().wait

        async def shown() -> bool:
            return [vip.state for vip in (await second.services.board.staff("1001")).vips] == ["active"]

        await until(shown, "the change to show", LATE)
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


async def test_with_a_turn_that_has_run_out_twitch_is_asked_for_no_badge(pair: tuple[House, House]) -> None:
    first, _ = pair
    await first.open(hours=5)
    async with first.services.turns.of("1001", "3001") as turn:
        turn.ends = 0.0
        for ask in (first.services.twitch.add_vip, first.services.twitch.remove_vip):
            with pytest.raises(NothingDone):
                await ask("1001", "3001")
    assert await first.vips() == {"permanentvip"}
