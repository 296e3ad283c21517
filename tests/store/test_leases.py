"""ports.Leases on Firestore. What runs out does so by the store's clock, so tests wait for that alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions as google_errors

from tests import emulator
from tests.house import until
from vip_manager.ports import Leases, StoreUnavailable
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.client import Batch, connect
from vip_manager.store.firestore.leases import COLLECTION, FirestoreLeases
from vip_manager.store.firestore.meter import Meter

LONG = timedelta(minutes=5)
SHORT = timedelta(seconds=0.3)


class LosingBatch(Batch):
    """Is done or refused, and the answer to that lost, as often as `lost` says."""

    lost = 0

    async def commit(self, *args: Any, **named: Any) -> Any:
        if not LosingBatch.lost:
            return await super().commit(*args, **named)
        LosingBatch.lost -= 1
        writes = list(self._write_pbs)
        with suppress(google_errors.GoogleAPIError):
            await super().commit(*args, **named)
        self._write_pbs = writes  # as in a batch that failed
        raise google_errors.ServiceUnavailable("the answer was lost")


class LosingCalls(Calls):
    def batch(self) -> Batch:
        return LosingBatch(self.client)


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
async def calls(meter: Meter, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LosingCalls]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.running().address)
    calls = LosingCalls(connect(emulator.new_project(), ""), meter)
    LosingBatch.lost = 0
    yield calls
    await calls.close()


@pytest.fixture
def leases(calls: Calls) -> Leases:
    return FirestoreLeases(calls)


@pytest.fixture
def others(calls: Calls) -> Leases:
    """Of another instance."""
    return FirestoreLeases(calls)


def cost(meter: Meter) -> tuple[int, int, int]:
    """Reads, writes and deletes since the last time."""
    spent = meter.reads, meter.writes, meter.deletes
    meter.reads = meter.writes = meter.deletes = 0
    return spent


def takes(leases: Leases, holder: str, lasts: timedelta) -> Callable[[], Awaitable[bool]]:
    return lambda: leases.take("sweep", holder, lasts)


async def test_one_has_it_and_the_other_does_not(leases: Leases, others: Leases) -> None:
    assert await leases.take("sweep", "a", LONG)
    assert not await others.take("sweep", "b", LONG)
    assert await others.take("reconcile", "b", LONG)


async def test_a_holder_takes_it_again(leases: Leases, others: Leases) -> None:
    assert await leases.take("sweep", "a", LONG)
    assert await leases.take("sweep", "a", LONG)
    assert await FirestoreLeases(leases._calls).take("sweep", "a", LONG)  # type: ignore[attr-defined]
    assert await leases.take("sweep", "a", LONG), "though another object of ours wrote it meanwhile"
    assert not await others.take("sweep", "b", LONG)


async def test_what_it_costs(leases: Leases, others: Leases, meter: Meter) -> None:
    assert await leases.take("sweep", "a", LONG)
    assert cost(meter) == (0, 1, 0)
    assert await leases.take("sweep", "a", LONG)
    assert cost(meter) == (0, 1, 0)
    assert not await others.take("sweep", "b", LONG)
    assert cost(meter) == (1, 0, 0)
    await leases.give_up("sweep", "a")
    assert cost(meter) == (0, 0, 1)


async def test_it_runs_out(leases: Leases, others: Leases) -> None:
    assert await leases.take("sweep", "a", SHORT)
    assert not await others.take("sweep", "b", LONG)
    await until(takes(others, "b", LONG), "the lease to run out", 3)
    assert not await leases.take("sweep", "a", LONG), "its old holder finds it taken"


async def test_renewing_makes_it_last(leases: Leases, others: Leases, calls: Calls) -> None:
    assert await leases.take("sweep", "a", SHORT)
    first = (await calls.get(calls.document(COLLECTION, "sweep"))).update_time

    async def past_its_first_end() -> bool:
        assert await leases.take("sweep", "a", SHORT)
        assert not await others.take("sweep", "b", SHORT)
        found = await calls.get(calls.document(COLLECTION, "sweep"))
        return bool(found.read_time - first > 2 * SHORT)

    await until(past_its_first_end, "more time than one lease lasts", 3)
    await until(takes(others, "b", SHORT), "the last one to run out", 3)


async def test_one_that_ran_out_is_still_its_holders_where_nobody_wanted_it(leases: Leases, calls: Calls) -> None:
    assert await leases.take("sweep", "a", SHORT)

    async def over() -> bool:
        found = await calls.get(calls.document(COLLECTION, "sweep"))
        return bool(found.read_time - found.update_time > SHORT)

    await until(over, "the lease to run out", 3)
    assert await leases.take("sweep", "a", LONG)


async def test_given_up_it_is_free(leases: Leases, others: Leases) -> None:
    assert await leases.take("sweep", "a", LONG)
    await leases.give_up("sweep", "a")
    assert await others.take("sweep", "b", LONG)
    assert not await leases.take("sweep", "a", LONG)


async def test_somebody_elses_stays(leases: Leases, others: Leases) -> None:
    assert await leases.take("sweep", "a", SHORT)
    await until(takes(others, "b", LONG), "the lease to run out", 3)
    await leases.give_up("sweep", "a")  # it still remembers the lease as its own
    await leases.give_up("sweep", "a")
    assert not await leases.take("sweep", "a", LONG)
    assert await others.take("sweep", "b", LONG)


async def test_what_is_not_there_can_be_given_up(leases: Leases) -> None:
    await leases.give_up("sweep", "a")


async def test_an_instance_that_does_not_remember_gives_up(leases: Leases, others: Leases) -> None:
    assert await leases.take("sweep", "a", LONG)
    await others.give_up("sweep", "a")
    assert await others.take("sweep", "b", LONG)


@pytest.mark.parametrize("again", [False, True], ids=["first", "renewed"])
async def test_a_lost_answer_does_not_make_it_somebody_elses(leases: Leases, others: Leases, again: bool) -> None:
    if again:
        assert await leases.take("sweep", "a", LONG)
    LosingBatch.lost = 1
    assert await leases.take("sweep", "a", LONG)
    assert not await others.take("sweep", "b", LONG)
    assert await leases.take("sweep", "a", LONG)
    LosingBatch.lost = 1
    await leases.give_up("sweep", "a")
    assert await others.take("sweep", "b", LONG)


async def test_after_no_answer_at_all_it_is_found_to_be_ours(calls: LosingCalls, meter: Meter) -> None:
    impatient = FirestoreLeases(LosingCalls(calls.client, meter, commit_within=0.2))
    LosingBatch.lost = 1000
    with pytest.raises(StoreUnavailable):
        await impatient.take("sweep", "a", LONG)
    LosingBatch.lost = 0
    assert not await FirestoreLeases(calls).take("sweep", "b", LONG)
    assert await impatient.take("sweep", "a", LONG)


@pytest.mark.parametrize("ran_out", [False, True], ids=["free", "run out"])
async def test_of_ten_that_want_it_one_gets_it(calls: Calls, leases: Leases, ran_out: bool) -> None:
    if ran_out:
        assert await leases.take("sweep", "gone", timedelta(0))
    got = await asyncio.gather(*(FirestoreLeases(calls).take("sweep", f"{n}", LONG) for n in range(10)))
    assert sorted(got) == [False] * 9 + [True]


async def test_one_that_was_spoiled_by_hand_binds_nobody(calls: Calls, leases: Leases) -> None:
    await calls.document(COLLECTION, "sweep").set({"holder": 7, "lasts": "long"})
    assert await leases.take("sweep", "a", LONG)


@pytest.mark.parametrize("name", ["", "a/b", ".", "__x__"])
async def test_names_that_can_not_be(leases: Leases, name: str) -> None:
    with pytest.raises(ValueError, match="can't be"):
        await leases.take(name, "a", LONG)
    with pytest.raises(ValueError, match="can't be"):
        await leases.give_up(name, "a")
