"""Changes and what is heard of Twitch go from instance to instance."""

import asyncio

import pytest

from tests.house import until
from tests.services.neighbourhood import Door, Instance
from vip_manager.ports import News
from vip_manager.services import neighbours
from vip_manager.services.changes import Changes
from vip_manager.services.connections import Connections, Hearing
from vip_manager.services.neighbours import Neighbours
from vip_manager.store.firestore.publishing import APART


class Process:
    """One instance's part of it."""

    def __init__(self, door: Door, name: str) -> None:
        self.shared: Instance = door.instance(name)
        self.paused = asyncio.Event()
        self.neighbours = Neighbours(self.shared, sleep=self._sleep)
        self.changes = Changes(self.neighbours)
        self.connections = Connections(self.changes, self.neighbours)

    async def _sleep(self, _: float) -> None:
        self.paused.set()
        await asyncio.sleep(0)


async def told(door: Door, times: int) -> None:
    async def published() -> bool:
        return len(door.published) >= times

    await until(published, "the others to be told")


async def test_a_change_is_told_and_many_at_once_are_one() -> None:
    door = Door()
    process = Process(door, "first")
    for _ in range(5):
        process.changes.announce("1001")
    process.changes.announce("1002")
    process.changes.announce_here("1003")
    await process.neighbours.aclose()
    assert sorted(door.published) == [("first", "1001"), ("first", "1002")]


async def test_what_one_hears_of_twitch_the_other_shows() -> None:
    door = Door()
    first, second = Process(door, "first"), Process(door, "second")
    first.connections.heard("1001", Hearing.LIVE)
    first.connections.saw_vips("1001", frozenset({"3001"}))
    await first.neighbours.aclose()
    assert await second.connections.current("1001") == first.connections.of("1001")


async def test_a_note_that_is_on_its_way_is_not_undone_by_an_older_one() -> None:
    door = Door()
    process = Process(door, "first")
    process.connections.heard("1001", Hearing.LIVE)
    await process.neighbours.aclose()
    process.connections.heard("1001", Hearing.CONNECTING)
    assert (await process.connections.current("1001")).hearing is Hearing.CONNECTING
    await process.neighbours.aclose()


async def test_what_one_says_counts_though_it_is_no_news_to_itself() -> None:
    door = Door()
    first, second = Process(door, "first"), Process(door, "second")
    first.connections.heard("1001", Hearing.LIVE)
    await first.neighbours.told()
    second.connections.silent("1001", "unavailable")
    second.connections.heard("1001", Hearing.CONNECTING, "unavailable")
    await second.neighbours.told()
    first.connections.heard("1001", Hearing.LIVE)
    await first.neighbours.told()
    assert (await second.connections.current("1001")).hearing is Hearing.LIVE


async def test_what_one_knows_of_badges_does_not_undo_what_the_other_knows_of_events() -> None:
    door = Door()
    first, second = Process(door, "first"), Process(door, "second")
    first.connections.heard("1001", Hearing.CONNECTING)
    first.connections.saw_vips("1001", frozenset({"3001"}))
    await first.neighbours.told()
    second.connections.heard("1001", Hearing.LIVE)
    await second.neighbours.told()
    first.connections.saw_vip("1001", "3002", True)
    await first.neighbours.told()
    known = await second.connections.current("1001")
    assert (known.hearing, known.vip_ids) == (Hearing.LIVE, frozenset({"3001", "3002"}))


async def test_a_process_that_knows_nothing_does_not_say_that_nothing_is_heard() -> None:
    door = Door()
    first, second = Process(door, "first"), Process(door, "second")
    first.connections.heard("1001", Hearing.LIVE)
    await first.neighbours.told()
    second.connections.not_yet("1001", "unavailable")
    await second.neighbours.told()
    assert (await first.connections.current("1001")).hearing is Hearing.LIVE


async def test_news_of_others_counts_while_a_change_of_ones_own_is_told() -> None:
    door = Door()
    first, second = Process(door, "first"), Process(door, "second")
    first.connections.heard("1001", Hearing.LIVE)
    await first.neighbours.told()
    second.shared.heard = [News("1001", door.notes["1001"])]
    second.changes.announce("1001")
    await second.neighbours.hear(second.changes, second.connections.told)
    assert second.connections.of("1001").hearing is Hearing.LIVE
    await second.neighbours.told()


async def test_nothing_is_written_where_nothing_is_new_to_anybody() -> None:
    door = Door()
    first, second = Process(door, "first"), Process(door, "second")
    first.connections.heard("1001", Hearing.LIVE)
    await first.neighbours.told()
    second.connections.heard("1001", Hearing.LIVE)
    second.connections.answers("1001")
    await second.neighbours.told()
    assert door.published == [("first", "1001")]


async def test_what_could_not_be_told_is_told_later() -> None:
    door = Door()
    process = Process(door, "first")
    door.out = True
    process.connections.heard("1001", Hearing.LIVE)
    await process.paused.wait()
    process.changes.announce("1001")
    door.out = False
    await told(door, 1)
    assert door.notes["1001"]["hearing"] == "live"


async def test_news_of_another_instance_is_a_change_here_and_is_not_told_again() -> None:
    door = Door()
    first, second = Process(door, "first"), Process(door, "second")
    first.connections.heard("1001", Hearing.RECONNECT)
    await first.neighbours.aclose()
    second.shared.heard = [News("1001", door.notes["1001"]), News("1002", {"hearing": "of a newer program"})]
    async with second.changes.subscribed() as changes:
        await second.neighbours.hear(second.changes, second.connections.told)
        assert [await changes.get(), await changes.get()] == ["1001", "1002"]
    assert second.connections.of("1001").hearing is Hearing.RECONNECT
    assert second.connections.of("1002").hearing is Hearing.CONNECTING
    assert door.published == [("first", "1001")]


async def test_who_is_looked_at_is_followed() -> None:
    door = Door()
    process = Process(door, "first")
    assert not process.connections.up_to_date("1001")
    process.changes.looked_at(frozenset({"1001"}))
    assert process.connections.up_to_date("1001")


async def test_alone_nobody_has_to_be_told() -> None:
    changes = Changes()
    changes.announce("1001")
    changes.looked_at(frozenset({"1001"}))
    assert Connections(changes).up_to_date("1001")


async def test_where_nothing_is_heard_of_a_channel_that_is_looked_at_the_store_may_be_away() -> None:
    door = Door()
    process = Process(door, "first")
    calls: list[str] = []
    watching = asyncio.create_task(process.neighbours.watch(process.changes, lambda: calls.append("lost")))
    try:
        await process.paused.wait()
        process.changes.looked_at(frozenset({"1001"}))
        for _ in range(20):
            await asyncio.sleep(0)
        assert calls == []
        process.shared.following = frozenset()

        async def told() -> bool:
            return bool(calls)

        await until(told, "it to be told")
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_what_follows_in_a_moment_is_told_together() -> None:
    door = Door()
    process = Process(door, "first")
    process.changes.announce("1001", more=True)
    await asyncio.sleep(0)
    process.changes.announce("1001", more=True)
    process.connections.heard("1001", Hearing.LIVE)
    await asyncio.sleep(0)
    assert door.published == []
    process.changes.announce("1001")
    await told(door, 1)
    await process.neighbours.told()
    assert door.published == [("first", "1001")]
    assert door.notes["1001"]["hearing"] == "live"


async def test_nothing_waits_for_more_where_others_are_to_know_now() -> None:
    door = Door()
    process = Process(door, "first")
    process.changes.announce("1001", more=True)
    await asyncio.sleep(0)
    await process.neighbours.told()
    assert door.published == [("first", "1001")]


async def test_what_does_not_follow_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "GATHERS_FOR", 0.0)
    door = Door()
    process = Process(door, "first")
    process.changes.announce("1001", more=True)
    await told(door, 1)
    assert door.published == [("first", "1001")]


def test_together_they_take_less_than_a_change_may() -> None:
    assert neighbours.GATHERS_FOR + APART < 2.0
