"""ports.Feed on Firestore, between instances that are well."""

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from google.cloud.firestore_v1 import Increment

from tests import emulator
from tests.house import until
from tests.store.instances import WITHIN, Instance, Instances, nobody_listens
from tests.store.records import line, redemption, session
from vip_manager.ports import Shared, StoreUnavailable, Touched
from vip_manager.store.firestore.listener import MOST_CHANNELS
from vip_manager.store.firestore.revision import COLLECTION


@pytest.fixture
async def instances(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Instances]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.running().address)
    instances = Instances(emulator.new_project())
    yield instances
    await instances.close()


@pytest.fixture
def one(instances: Instances) -> Instance:
    return instances.start()


@pytest.fixture
def two(instances: Instances) -> Instance:
    return instances.start()


def threads() -> set[threading.Thread]:
    return set(threading.enumerate())


async def sentinel(one: Instance, two: Instance, channel_id: str = "sentinel") -> None:
    """What was written before this has been heard by `two`, if it was to be heard."""
    await one.feed.publish(channel_id, {"mark": (mark := random.random())})
    await two.hears(channel_id, mark=mark)


def test_instances_have_names_of_their_own(one: Instance, two: Instance) -> None:
    shared: Shared = one.shared
    assert shared.instance != two.shared.instance


def test_the_name_says_which_revision_of_cloud_run_it_is(monkeypatch: pytest.MonkeyPatch, instances: Instances) -> None:
    monkeypatch.setenv("K_REVISION", "vip-manager-00042-abc")
    assert instances.start().shared.instance.startswith("vip-manager-00042-abc-")


async def test_another_instance_hears_of_a_change(one: Instance, two: Instance) -> None:
    await two.follow("1", "2")
    await one.feed.publish("1", {"page": 3})
    await two.hears("1", page=3)
    assert [news.channel_id for news in two.told] == ["1"]
    await one.feed.publish("1")
    await two.hears("1", since=1, page=3)


async def test_what_is_not_followed_is_not_told(one: Instance, two: Instance) -> None:
    await two.follow("1", "sentinel")
    await one.feed.publish("2")
    await sentinel(one, two)
    assert {news.channel_id for news in two.told} == {"sentinel"}
    assert not two.feed.followed("2")


async def test_a_note_is_replaced_as_a_whole_or_left(one: Instance, two: Instance) -> None:
    assert await two.feed.note("1") == {}
    await one.feed.publish("1", {"a": 1, "b": {"c": [2, "three", None]}})
    assert await two.feed.note("1") == {"a": 1, "b": {"c": [2, "three", None]}}
    await one.feed.publish("1")
    assert await two.feed.note("1") == {"a": 1, "b": {"c": [2, "three", None]}}
    await two.feed.publish("1", {"b": {"d": 1}})
    assert await one.feed.note("1") == {"b": {"d": 1}}


async def test_every_channel_is_told_once_when_its_listener_stands(one: Instance, two: Instance) -> None:
    await one.feed.publish("1", {"there": "before"})
    two.feed.follow(frozenset({"1", "2"}))
    assert not two.feed.followed("1")
    await two.stands("1", "2")
    two.read()
    await two.hears("1", there="before")
    await two.hears("2")
    assert len(two.told) == 2


async def test_nothing_is_lost_before_it_is_read(one: Instance, two: Instance) -> None:
    two.feed.follow(frozenset({"1", "2"}))
    await two.stands("1", "2")
    for n in range(3):
        await one.feed.publish("1", {"n": n})

    async def waiting() -> bool:
        return two.feed._waiting["1"].note == {"n": 2}

    await until(waiting, "the last change", WITHIN)
    two.read()
    await two.hears("1", n=2)
    assert len(two.told) == 2, "once a channel"


async def test_one_reads_at_a_time(two: Instance) -> None:
    await two.follow("1")
    with pytest.raises(RuntimeError, match="already"):
        await anext(two.feed.news())


async def test_what_comes_close_together_goes_out_together(one: Instance, two: Instance) -> None:
    await two.follow("1")
    await asyncio.gather(*(one.feed.publish("1", {"n": n}) for n in range(50)))
    # The first one that is ready takes all that have asked by then with it.
    assert one.meter.writes == 1
    await two.hears("1", n=49)
    for n in range(50, 54):
        asked = [asyncio.create_task(one.feed.publish("1", {"n": n * 10 + m})) for m in range(10)]
        await asyncio.gather(*asked)
    await two.hears("1", n=539)
    assert one.meter.writes == 5
    assert one.meter.reads == 0


async def test_the_first_goes_out_at_once_and_the_next_ones_apart(one: Instance) -> None:
    loop = asyncio.get_running_loop()
    await one.feed.publish("2")  # the connection is there
    began = loop.time()
    await one.feed.publish("1")
    assert loop.time() - began < 0.4
    for _ in range(3):
        await one.feed.publish("1")
    assert loop.time() - began > 1.4, "no more than two a second"
    assert one.meter.writes == 5


async def test_a_publisher_who_goes_away_stops_nothing(one: Instance, two: Instance) -> None:
    await two.follow("1")
    await one.feed.publish("1")
    going = asyncio.create_task(one.feed.publish("1", {"n": 2}))
    await asyncio.sleep(0)
    going.cancel()
    await two.hears("1", n=2)


async def test_own_changes_do_not_come_back(one: Instance, two: Instance) -> None:
    await two.follow("1", "2", "sentinel")
    await asyncio.gather(two.feed.publish("1"), two.feed.publish("2"))
    await two.feed.publish("1")
    await sentinel(one, two)
    await two.feed.publish("1")
    await sentinel(one, two)
    assert {news.channel_id for news in two.told} == {"sentinel"}


async def test_own_changes_that_are_heard_before_their_answer_do_not_come_back(one: Instance, two: Instance) -> None:
    await two.follow("1", "sentinel")
    two.calls.answers.clear()
    publishing = asyncio.create_task(two.feed.publish("1"))

    async def in_doubt() -> bool:
        return "1" in two.feed._doubts

    await until(in_doubt, "the change to be heard", WITHIN)
    assert not publishing.done()
    two.calls.answers.set()
    await publishing
    await sentinel(one, two)
    assert {news.channel_id for news in two.told} == {"sentinel"}
    assert not two.feed._doubts


async def test_a_foreign_change_is_heard_while_an_own_one_has_no_answer(one: Instance, two: Instance) -> None:
    await two.follow("1")
    two.calls.answers.clear()
    publishing = asyncio.create_task(two.feed.publish("1"))

    async def in_doubt() -> bool:
        return "1" in two.feed._doubts

    await until(in_doubt, "the own change to be heard", WITHIN)
    await one.feed.publish("1", {"n": 1})
    await two.hears("1", n=1)
    two.calls.answers.set()
    await publishing


async def test_what_stays_without_an_answer_is_told_in_the_end(two: Instance) -> None:
    await two.follow("1")
    two.calls.answers.clear()
    publishing = asyncio.create_task(two.feed.publish("1", {"n": 1}))
    await two.hears("1", n=1)
    two.calls.answers.set()
    await publishing


async def test_own_and_foreign_changes_all_at_once(one: Instance, two: Instance) -> None:
    """Whatever the order, each hears of the other's last change."""
    dice = random.Random(20)
    channels = ["1", "2", "3"]
    await asyncio.gather(one.follow(*channels), two.follow(*channels))

    async def talk(speaker: Instance, listener: Instance, channel_id: str, name: str) -> None:
        for n in range(8):
            told = len(listener.told)
            await speaker.feed.publish(channel_id, {"by": name, "n": n})
            if dice.random() < 0.5:
                # The other one may have replaced the note already, but is told all the same.
                await listener.hears(channel_id, since=told)
            await asyncio.sleep(dice.random() * 0.2)

    await asyncio.gather(
        *(talk(one, two, id, "one") for id in channels), *(talk(two, one, id, "two") for id in channels)
    )
    for channel_id in channels:
        await one.feed.publish(channel_id, {"last": 1})
        await two.hears(channel_id, last=1)
        await two.feed.publish(channel_id, {"last": 2})
        await one.hears(channel_id, last=2)


async def test_more_channels_than_one_listener_takes(one: Instance, two: Instance) -> None:
    before = threads()
    channels = [f"{n}" for n in range(2 * MOST_CHANNELS + 5)]
    await two.follow(*channels)
    assert len(two.feed._listeners._listeners) == 3
    assert sum("Bidirectional" in thread.name for thread in threads() - before) == 3
    await asyncio.gather(*(one.feed.publish(channel_id, {"x": channel_id}) for channel_id in channels))
    for channel_id in channels:
        await two.hears(channel_id, x=channel_id)


async def test_following_another_channel_deafens_nobody(one: Instance, two: Instance) -> None:
    await two.follow("1")
    followed = {"1"}
    for n in range(12):
        followed.add(f"more{n}")
        two.feed.follow(frozenset(followed))
        assert two.feed.followed("1")
        await one.feed.publish("1", {"n": n})
        assert two.feed.followed("1")
        await two.hears("1", n=n)
    await two.stands(*followed)
    assert len(two.feed._listeners._listeners) == 1
    # And nothing is told again because a listener took over from another.
    assert sum(news.channel_id == "1" for news in two.told) == 12
    assert sum(news.channel_id == "more0" for news in two.told) == 1


async def test_channels_come_and_go_while_changes_come(one: Instance, two: Instance) -> None:
    dice = random.Random(7)
    channels = [f"{n}" for n in range(50)]
    two.read()
    talking = True

    async def talk() -> None:
        while talking:
            await one.feed.publish(dice.choice(channels))

    talkers = [asyncio.create_task(talk()) for _ in range(3)]
    for n in range(25):
        some = frozenset(dice.sample(channels, dice.randrange(1, 45)))
        two.feed.follow(some)
        if n % 3 == 0:
            await two.stands(*some)
    talking = False
    await asyncio.gather(*talkers)
    await two.stands(*some)
    for channel_id in some:
        await one.feed.publish(channel_id, {"last": 1})
    for channel_id in some:
        await two.hears(channel_id, last=1)
    assert not any(two.feed.followed(channel_id) for channel_id in channels if channel_id not in some)


async def test_a_channel_that_comes_back_is_told_again(one: Instance, two: Instance) -> None:
    await two.follow("1", "2")
    two.feed.follow(frozenset({"2"}))
    assert not two.feed.followed("1")
    await one.feed.publish("1", {"n": 1})
    await one.feed.publish("2", {"n": 1})
    await two.hears("2", n=1)
    two.feed.follow(frozenset({"1", "2"}))
    assert two.feed.followed("1"), "its listener still stands"
    await two.hears("1", n=1)


async def test_a_document_that_was_deleted_is_news(one: Instance, two: Instance) -> None:
    await one.feed.publish("1", {"n": 1})
    await two.follow("1")
    await one.calls.document(COLLECTION, "1").delete()
    await two.hears("1")
    two.told.clear()
    await one.feed.publish("1", {"n": 1})
    await two.hears("1", n=1)


async def test_one_that_was_spoiled_by_hand_is_news_and_no_more(one: Instance, two: Instance) -> None:
    await two.follow("1")
    await one.calls.document(COLLECTION, "1").set({"revision": "many", "note": 4})
    await two.hears("1")
    await one.feed.publish("1", {"n": 1})
    await two.hears("1", n=1)


async def test_what_following_costs(one: Instance, two: Instance) -> None:
    for channel_id in ("1", "2", "3"):
        await one.feed.publish(channel_id)
    await two.follow("1", "2", "3")
    assert two.meter.reads == 3
    await one.feed.publish("1", {"n": 1})
    await two.hears("1", n=1)
    assert two.meter.reads == 4
    assert two.meter.writes == 0


async def test_while_nothing_is_followed_there_is_no_connection_and_no_thread(one: Instance, two: Instance) -> None:
    await one.feed.publish("1")
    before = threads()
    await two.feed.note("1")
    two.feed.follow(frozenset())
    assert two.feed._listeners._link is None
    assert await nobody_listens()
    await two.follow("1")
    assert threads() - before
    await two.follow()
    await until(nobody_listens, "the threads to end", 5)
    await two.follow("1")
    await one.feed.publish("1", {"n": 1})
    await two.hears("1", n=1)


async def test_closing_sends_what_waits(instances: Instances, two: Instance) -> None:
    one = Instance(instances.project)
    await one.follow("1")
    await two.follow("1")
    await one.feed.publish("1")
    last = asyncio.create_task(one.feed.publish("1", {"last": 1}))
    await asyncio.sleep(0)
    await one.close()
    await last
    await two.hears("1", last=1)
    await one.close()
    with pytest.raises(StoreUnavailable):
        await one.feed.publish("1")
    one.feed.follow(frozenset({"1"}))
    assert not one.feed.followed("1")
    assert [news async for news in one.feed.news()] == []


@pytest.mark.parametrize("starting", [False, True])
async def test_closing_while_listeners_start(two: Instance, starting: bool) -> None:
    two.feed.follow(frozenset(f"{n}" for n in range(70)))
    if starting:
        await asyncio.sleep(0)
    await two.close()
    await until(nobody_listens, "the threads to end", 5)


@pytest.mark.parametrize("channel_id", ["", "a/b", "."])
async def test_ids_that_can_not_be(one: Instance, channel_id: str) -> None:
    with pytest.raises(ValueError, match="can't be"):
        await one.feed.publish(channel_id)
    with pytest.raises(ValueError, match="can't be"):
        one.feed.follow(frozenset({channel_id}))


async def test_of_a_channel_that_is_gone_nothing_is_kept(one: Instance, two: Instance) -> None:
    await two.follow("1")
    await one.feed.publish("1", {"page": 3})
    await two.hears("1", page=3)
    for _ in range(2):
        await one.feed.forget("1")
    assert await two.feed.note("1") == {}
    await one.feed.publish("1", {"page": 4})
    await two.hears("1", page=4)


def bumped(note: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**note, "bumps": note.get("bumps", 0) + 1}


async def test_a_note_is_made_anew_without_reading_it_where_nobody_else_wrote(one: Instance) -> None:
    await one.feed.renote("1", bumped, changed=True)
    reads, writes = one.meter.reads, one.meter.writes
    await one.feed.renote("1", bumped, changed=True)
    await one.feed.publish("1")
    await one.feed.renote("1", bumped, changed=True)
    assert (one.meter.reads - reads, one.meter.writes - writes) == (0, 3)
    assert await one.feed.note("1") == {"bumps": 3}


async def test_a_note_that_somebody_else_made_anew_is_read_again(one: Instance, two: Instance) -> None:
    await one.feed.renote("1", bumped, changed=True)
    await two.feed.renote("1", lambda note: {**note, "of": "two"}, changed=True)
    reads = one.meter.reads
    await one.feed.renote("1", bumped, changed=True)
    assert await two.feed.note("1") == {"bumps": 2, "of": "two"}
    assert one.meter.reads - reads == 1
    await two.feed.publish("1", {"other": 1})
    await one.feed.publish("1")
    await one.feed.renote("1", bumped, changed=True)
    assert await two.feed.note("1") == {"other": 1, "bumps": 1}, "a plain change tells nothing of a note under it"


async def test_a_note_that_stays_as_it_is_is_not_written(one: Instance, two: Instance) -> None:
    await one.feed.renote("1", bumped, changed=True)
    await two.feed.renote("1", lambda _: {"bumps": 9}, changed=True)
    writes = one.meter.writes
    await one.feed.renote("1", lambda note: note, changed=False)
    await one.feed.renote("1", lambda _: {"bumps": 9}, changed=False)
    assert one.meter.writes == writes


def touched(instance: Instance) -> Touched:
    """As it was told last."""
    return instance.told[-1].touched


async def test_who_hears_of_a_change_is_told_what_was_written(one: Instance, two: Instance) -> None:
    await two.follow("1001")
    one.touches.wrote([session("s1"), line("a1"), redemption("p2", channel_id="1002")])
    await one.feed.publish("1001", {"mark": 1})
    await two.hears("1001", mark=1)
    assert touched(two) == ("vipSessions/s1", "auditLog/a1")
    here = [one.feed.touched("1001") for _ in range(2)]
    assert here == [("vipSessions/s1", "auditLog/a1"), ()], "here they are new still, once"
    await one.feed.publish("1001", {"mark": 2})
    await two.hears("1001", mark=2)
    assert touched(two) == ()
    one.touches.deleted(session("s1"))
    await one.feed.publish("1001", {"mark": 3})
    await two.hears("1001", mark=3)
    assert touched(two) is None


async def test_an_older_version_that_tells_of_a_change_says_nothing_of_what_it_wrote(
    one: Instance, two: Instance
) -> None:
    await two.follow("1001")
    one.touches.wrote([session("s1")])
    await one.feed.publish("1001", {"mark": 1})
    await two.hears("1001", mark=1)
    batch = one.calls.batch()
    older = {"revision": Increment(1), "by": "older", "note": {"mark": 2}}
    batch.set(one.calls.document(COLLECTION, "1001"), older, merge=list(older))
    await one.calls.commit(batch)
    await two.hears("1001", mark=2)
    assert touched(two) is None


async def test_what_could_not_be_told_is_told_with_the_next(one: Instance, two: Instance) -> None:
    await two.follow("1001")
    one.touches.wrote([session("s1")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(one.calls, "commit", _away)
        with pytest.raises(StoreUnavailable):
            await one.feed.publish("1001")
    one.touches.wrote([session("s2")])
    await one.feed.publish("1001", {"mark": 1})
    await two.hears("1001", mark=1)
    assert touched(two) == ("vipSessions/s1", "vipSessions/s2")


async def test_a_listener_that_begins_says_how_many_changes_there_had_been(one: Instance, two: Instance) -> None:
    await one.feed.publish("1001")
    await one.feed.publish("1001")
    two.read()
    two.feed.follow(frozenset({"1001", "1002"}))
    await two.feed.note("1001")
    await two.feed.note("1002")
    await two.stands("1001", "1002")
    await until(two._all_read, "the news to be read")
    assert {news.channel_id: news.begins for news in two.told} == {"1001": 2, "1002": 0}
    assert [two.feed.number(channel_id) for channel_id in ("1001", "1002", "1003")] == [2, 0, None]


async def _away(*_: object, **__: object) -> None:
    raise StoreUnavailable("out of reach")
