"""What sweeps read and write on Firestore, where nothing stands in their way: each document costs money."""

from collections.abc import Awaitable, Callable
from dataclasses import astuple, replace
from datetime import timedelta

from tests.house import House
from tests.instances.conftest import pass_time
from vip_manager.store.firestore.store import FirestoreStore

Pair = tuple[House, House]


async def cost(house: House, work: Callable[[], Awaitable[object]]) -> tuple[int, int, int]:
    """Reads, writes and deletes of that work, and of telling the others."""
    store = house.services.store
    assert isinstance(store, FirestoreStore)
    await house.services.changes.told()
    before = replace(store.meter)
    await work()
    await house.services.changes.told()
    reads, writes, deletes = (now - then for now, then in zip(astuple(store.meter), astuple(before), strict=True))
    return reads, writes, deletes


async def begun(house: House) -> None:
    """A viewer is VIP for an hour, and all that is done at first, or once an hour, is done."""
    await house.open(hours=1)
    await house.services.sweep.run()
    await house.redeem("viewer1")
    await house.services.changes.told()


async def test_a_sweep_with_nothing_to_do_asks_once_for_each_kind_of_work(pair: Pair) -> None:
    """Ends, redemptions and catch-ups; what is to be told outside, where nobody is told anything, now and then."""
    house, _ = pair
    await begun(house)
    assert await cost(house, house.services.sweep.run) == (3, 0, 0)


async def test_an_end_is_read_once_and_told_once(pair: Pair) -> None:
    """The three questions, the channel and its token; the viewer's turn, the claim, the end with its line, and one word
    to the others; the turn and the viewer's claim on a live session go."""
    house, _ = pair
    await begun(house)
    await pass_time(house, timedelta(minutes=59))
    await house.services.sweep.run()
    await pass_time(house, timedelta(minutes=2))
    assert await cost(house, house.services.sweep.run) == (5, 5, 2)
    assert "viewer1" not in await house.vips()


async def test_a_catch_up_that_finds_nothing_hands_on_what_it_has_read(pair: Pair) -> None:
    """Beside the three questions: the account, its token, the one live session, what is open, and what the others know,
    once or twice; that it began, and that it is done."""
    house, _ = pair
    await begun(house)
    await pass_time(house, timedelta(minutes=9))
    await house.services.sweep.run()
    await pass_time(house, timedelta(minutes=2))
    reads, *changes = await cost(house, house.services.sweep.run)
    assert reads <= 9
    assert changes == [2, 0]
