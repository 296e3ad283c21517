"""One viewer's affairs at a time, in one process and in many."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.house import until
from tests.services.neighbourhood import Door
from vip_manager.ports import NothingDone, StoreUnavailable, Taken
from vip_manager.services.turns import LASTS, LONGEST_CALL, PATIENCE, Turns


class Hands:
    """A clock that sleeping moves, and the store's with it."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def monotonic(self) -> float:
        return self.door.time.total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.door.pass_time(timedelta(seconds=seconds))
        await asyncio.sleep(0)


async def stands(_: float) -> None:
    """Time does not go on."""
    await asyncio.Event().wait()


def instance(door: Door, name: str, *, sleeps: bool = False) -> Turns:
    hands = Hands(door)
    return Turns(door.instance(name), monotonic=hands.monotonic, sleep=hands.sleep if sleeps else stands)


async def test_two_instances_take_turns() -> None:
    door = Door()
    first, second = instance(door, "first"), instance(door, "second")
    async with first.of("1001", "3001"):
        with pytest.raises(Taken):
            async with second.of("1001", "3001", wait=False):
                pass
        async with second.of("1001", "3002", wait=False), second.of("1001", wait=False):
            pass
    async with second.of("1001", "3001", wait=False):
        pass
    assert door.leases == {}


async def test_within_a_process_one_waits_for_the_other_without_asking_the_store() -> None:
    door = Door()
    turns, order = instance(door, "first"), []

    async def one(name: str) -> None:
        async with turns.of("1001", "3001", wait=False):
            order.append(name)
            await asyncio.sleep(0)
            order.append(name)

    await asyncio.gather(one("a"), one("b"))
    assert order == ["a", "a", "b", "b"]


async def test_whoever_waits_has_it_when_it_is_given_up() -> None:
    door = Door()
    first, second, waited = instance(door, "first"), instance(door, "second", sleeps=True), []

    async def wait() -> None:
        async with second.of("1001", "3001"):
            waited.append("second")

    async with first.of("1001", "3001"):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        waited.append("first")
    await waiting
    assert waited == ["first", "second"]


async def test_the_turn_of_an_instance_that_is_gone_is_waited_for_and_then_taken() -> None:
    door = Door()
    await door.instance("gone").take("turn:1001:3001", "gone", LASTS)
    async with instance(door, "second", sleeps=True).of("1001", "3001"):
        assert LASTS <= door.time <= timedelta(seconds=PATIENCE)


async def test_nobody_waits_for_ever() -> None:
    door = Door()
    await door.instance("busy").take("turn:1001:3001", "busy", timedelta(hours=1))
    with pytest.raises(Taken):
        async with instance(door, "second", sleeps=True).of("1001", "3001"):
            pass
    assert door.time <= timedelta(seconds=PATIENCE + 1)


async def test_a_process_that_was_frozen_asks_twitch_for_nothing() -> None:
    door = Door()
    turns = instance(door, "first")
    turns.sure()
    async with turns.of("1001", "3001"):
        turns.sure()
        door.pass_time(LASTS - timedelta(seconds=LONGEST_CALL))
        turns.sure()
        door.pass_time(timedelta(seconds=0.1))
        with pytest.raises(NothingDone):
            turns.sure()
        with pytest.raises(NothingDone):
            await asyncio.create_task(_sure(turns))
    turns.sure()


async def _sure(turns: Turns) -> None:
    """In a task of its own, as the calls to Twitch are."""
    turns.sure()


async def test_a_turn_is_kept_for_as_long_as_it_is_needed() -> None:
    door = Door()
    turns = instance(door, "first", sleeps=True)
    async with turns.of("1001", "3001") as turn:

        async def long_after() -> bool:
            return door.time > 3 * LASTS

        await until(long_after, "time to pass")
        turns.sure()
        assert not turn.lost.is_set()
        assert door.leases["turn:1001:3001"].until > door.time


async def test_a_turn_that_went_to_another_instance_is_lost() -> None:
    door = Door()
    turns = instance(door, "first", sleeps=True)
    async with turns.of("1001", "3001") as turn:
        door.leases["turn:1001:3001"].holder = "second"
        await asyncio.wait_for(turn.lost.wait(), 5)
        with pytest.raises(NothingDone):
            turns.sure()
    assert door.leases["turn:1001:3001"].holder == "second"


async def test_a_turn_that_can_not_be_kept_is_lost_when_it_has_run_out() -> None:
    door = Door()
    turns = instance(door, "first", sleeps=True)
    async with turns.of("1001", "3001") as turn:
        door.out = True
        await asyncio.wait_for(turn.lost.wait(), 5)
        assert door.time >= LASTS


async def test_without_the_store_nobody_has_a_turn() -> None:
    door = Door()
    door.out = True
    with pytest.raises(StoreUnavailable):
        async with instance(door, "first").of("1001", "3001"):
            pass


async def test_a_turn_that_can_not_be_given_up_runs_out() -> None:
    door = Door()
    async with instance(door, "first").of("1001", "3001"):
        door.out = True
    door.out = False
    async with instance(door, "second", sleeps=True).of("1001", "3001"):
        pass


async def test_where_there_is_one_instance_nothing_is_asked_of_the_store() -> None:
    turns = Turns()
    async with turns.of("1001", "3001") as turn:
        turns.sure()
        assert not turn.lost.is_set()


async def test_whoever_is_cancelled_while_the_answer_is_on_its_way_keeps_no_turn() -> None:
    door = Door()
    shared, taken = door.instance("first"), asyncio.Event()
    take = shared.take

    async def without_answer(*of: Any) -> bool:
        await take(*of)
        taken.set()
        await asyncio.Event().wait()
        return True

    shared.take = without_answer  # type: ignore[assignment, method-assign]
    waiting = asyncio.create_task(_once(Turns(shared)))
    await taken.wait()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert door.leases == {}


async def _once(turns: Turns) -> None:
    async with turns.of("1001", "3001"):
        pass


async def test_a_turn_that_had_run_out_is_had_again() -> None:
    door = Door()
    turns = instance(door, "first")
    async with turns.of("1001", "3001"):
        door.pass_time(2 * LASTS)
        with pytest.raises(NothingDone):
            turns.sure()
        await turns.regain()
        turns.sure()
