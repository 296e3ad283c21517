"""A store that is out of reach: pages keep what they show, and say so."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.house import House, until
from vip_manager.ports import StoreUnavailable
from vip_manager.services.changes import Changes
from vip_manager.services.reach import Reach


class Away:
    """As much of a store as is asked whether it is there."""

    def __init__(self) -> None:
        self.back = False
        self.breaks = False
        self.asked = 0

    async def ping(self) -> None:
        self.asked += 1
        if self.breaks:
            raise RuntimeError("something odd")
        if not self.back:
            raise StoreUnavailable("no answer")


async def at_once(_: float) -> None:
    await asyncio.sleep(0)


async def test_it_is_asked_until_it_answers_and_those_who_look_are_told_of_both() -> None:
    store, changes = Away(), Changes()
    reach = Reach(store, changes, sleep=at_once)  # type: ignore[arg-type]
    changes.looked_at(frozenset({"1001"}))
    async with changes.subscribed() as told:
        reach.failed()
        reach.failed()
        assert reach.lost
        assert await told.get() == "1001"
        await until(_soon(lambda: store.asked > 2), "it to be asked again")
        store.back = True
        assert await told.get() == "1001"
        assert not reach.lost


async def test_an_error_that_nobody_has_thought_of_does_not_end_the_asking() -> None:
    store, changes = Away(), Changes()
    store.breaks = True
    reach = Reach(store, changes, sleep=at_once)  # type: ignore[arg-type]
    reach.failed()
    await until(_soon(lambda: store.asked > 2), "it to be asked again")
    store.breaks, store.back = False, True
    await until(_soon(lambda: not reach.lost), "it to be back")


async def test_leaving_ends_the_asking() -> None:
    reach = Reach(Away(), Changes(), sleep=at_once)  # type: ignore[arg-type]
    await reach.aclose()
    reach.failed()
    await reach.aclose()
    await reach.aclose()


@asynccontextmanager
async def unreadable(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Another program holds the file, for longer than anybody waits."""

    async def read(_: Any) -> Any:
        raise StoreUnavailable("database is locked")

    with monkeypatch.context() as patch:
        for way in ("read", "read_one"):
            patch.setattr(house.services.store._database, way, read)  # type: ignore[attr-defined]
        yield


async def test_both_pictures_stay_with_a_word_that_they_may_be_old(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    board = house.services.board
    staff, public = await board.staff("1001"), await board.public("1001")
    house.services.changes.announce("1001")
    async with unreadable(house, monkeypatch):
        old = await board.staff("1001")
        assert (old.out_of_reach, old.vips, old.reward) == (True, staff.vips, staff.reward)
        shown = await board.public("1001")
        assert (shown.out_of_reach, shown.login) == (True, public.login)
        with pytest.raises(StoreUnavailable):
            await board.public("1002")

    async def true_again() -> bool:
        return not (await board.staff("1001")).out_of_reach

    await until(true_again, "the picture to be true again")
    assert not (await board.public("1001")).out_of_reach


def _soon(condition: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def met() -> bool:
        return condition()

    return met
