"""How the outside is told of what happened: chat, webhooks, and what both have in common (services/herald.py)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Set
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.store.records import T0, active, channel, later, line
from vip_manager.domain.audit import Action
from vip_manager.domain.channel import Channel, Hidden
from vip_manager.domain.notice import Event, Notice
from vip_manager.domain.outbox import MOST_PARCELS, Outbox, Parcel, Standing, Why
from vip_manager.domain.session import SessionState
from vip_manager.ports import Store, Undelivered, Unwanted
from vip_manager.services.changes import Changes
from vip_manager.services.herald import Herald
from vip_manager.services.lull import Lull
from vip_manager.store.sealing import TOKENS, Sealer
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.store.stamp import Stamp

Heralds = Callable[..., Herald]


class Watch:
    def __init__(self) -> None:
        self.at = T0

    def now(self) -> datetime:
        return self.at

    def real(self) -> datetime:
        return self.at


class Place:
    """An outlet to places whose names begin with its own. `says` is what it answers with, one after the other."""

    def __init__(self, name: str = "chat", *, twice: bool = False, events: Set[Event] = frozenset(Event)) -> None:
        self.twice = twice
        self.lasts = timedelta(minutes=2)
        self.wanted: dict[str, Set[Event]] = {name: events}
        self.heard: list[tuple[str, Event, str]] = []
        self.says: list[Exception] = []
        self.unwanted: set[str] = set()
        self.open = asyncio.Event()
        self.open.set()

    def targets(self, channel: Channel) -> Mapping[str, Set[Event]]:
        return self.wanted

    async def deliver(self, channel: Channel, target: str, notice: Notice) -> None:
        await self.open.wait()
        if self.says:
            raise self.says.pop(0)
        if notice.user_id in self.unwanted:
            raise Unwanted
        self.heard.append((target, notice.event, notice.username))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    found = SqliteStore.open(tmp_path / "vip.db", Sealer(["s" * 32], TOKENS), Stamp("client", "host"))
    await found.commit(channel())
    yield found
    await found.close()


@pytest.fixture
def watch() -> Watch:
    return Watch()


async def told(herald: Herald) -> None:
    await herald.tend("1001")
    await herald.settled()


async def happens(
    store: Store, line_id: str, action: Action = Action.GRANTED, at: datetime = T0, **fields: object
) -> None:
    known = await store.channels.get("1001")
    assert known is not None
    detail = {"login": "viewer1", "hours": 24.0, "redemption_id": "p1"}
    subject = {"subject_id": "2001", "subject_name": "Viewer1", **fields}
    await store.commit(known, replace(line(line_id, at, action=action), detail=detail, **subject))  # type: ignore[arg-type]


@pytest.fixture
async def herald_of(store: Store, watch: Watch) -> AsyncIterator[Callable[..., Herald]]:
    made: list[Herald] = []

    def herald(*places: Place) -> Herald:
        made.append(Herald(store, watch, Changes(), places))
        return made[-1]

    yield herald
    for one in made:
        await one.aclose()


async def test_each_thing_is_told_once(herald_of: Heralds, store: Store, watch: Watch) -> None:
    place = Place()
    herald = herald_of(place)
    await told(herald)
    await happens(store, "a1")
    await told(herald)
    await happens(store, "a2", Action.ENDED, at=later(seconds=1))
    watch.at = later(seconds=2)
    await told(herald)
    await told(herald_of(place))
    assert place.heard == [("chat", Event.STARTED, "Viewer1"), ("chat", Event.ENDED, "Viewer1")]
    outbox = await store.outboxes.get("1001")
    assert outbox is not None
    assert outbox.parcels == ()
    assert outbox.standing("chat").arrived_at == watch.at


async def test_what_is_not_wanted_any_more_is_crossed_out_and_counts_for_nothing(
    herald_of: Heralds, store: Store, watch: Watch
) -> None:
    place = Place()
    place.unwanted = {"2001"}
    herald = herald_of(place)
    await told(herald)
    await happens(store, "a1")
    await told(herald)
    outbox = await store.outboxes.get("1001")
    assert outbox is not None
    assert (outbox.parcels, outbox.standing("chat")) == ((), Standing("chat"))


async def test_what_was_before_it_was_turned_on_is_not_told(herald_of: Heralds, store: Store, watch: Watch) -> None:
    place = Place()
    await happens(store, "a1", at=later(seconds=-1))
    await told(herald_of(place))
    place.wanted, on = {}, place.wanted
    await told(herald_of(place))
    assert await store.outboxes.get("1001") is None
    watch.at = later(minutes=1)
    await happens(store, "a2", at=later(seconds=30))
    place.wanted = on
    await told(herald_of(place))
    assert place.heard == []


async def test_a_line_that_is_stamped_earlier_and_committed_later_is_told_too(
    herald_of: Heralds, store: Store, watch: Watch
) -> None:
    place = Place()
    herald = herald_of(place)
    await told(herald)
    watch.at = later(seconds=9)
    await happens(store, "a2", at=later(seconds=8))
    await told(herald)
    await happens(store, "a1", Action.EXTENDED, at=later(seconds=5))
    await told(herald)
    assert [event for _, event, _ in place.heard] == [Event.STARTED, Event.EXTENDED]


async def test_of_who_asked_not_to_be_shown_nothing_is_told(herald_of: Heralds, store: Store, watch: Watch) -> None:
    place = Place()
    known = await store.channels.get("1001")
    assert known is not None
    await store.commit(replace(known, hidden=(Hidden("2001", "viewer1", "Viewer1"),)))
    herald = herald_of(place)
    await told(herald)
    await happens(store, "a1")
    await told(herald)
    assert place.heard == []


@pytest.mark.parametrize("twice", [False, True])
async def test_what_may_have_arrived_goes_out_again_only_where_twice_is_better_than_never(
    herald_of: Heralds, store: Store, watch: Watch, twice: bool
) -> None:
    place = Place(twice=twice)
    place.says = [Undelivered(Why.UNREACHABLE, temporary=True, arrived=True)]
    herald = herald_of(place)
    await told(herald)
    await happens(store, "a1")
    await told(herald)
    watch.at = later(seconds=30)
    await told(herald)
    assert len(place.heard) == twice


@pytest.mark.parametrize("twice", [False, True])
async def test_a_process_that_is_gone_leaves_nothing_undone(
    herald_of: Heralds, store: Store, watch: Watch, twice: bool
) -> None:
    notice = Notice("a1", Event.STARTED, "1001", T0, "2001", "viewer1", "Viewer1")
    await store.commit(Outbox("1001", T0, T0, parcels=(Parcel("chat", notice, T0).claimed(T0),)))
    place = Place(twice=twice)
    herald = herald_of(place)
    watch.at = later(seconds=59)
    await herald.sweep()
    await herald.settled()
    assert place.heard == []
    watch.at = later(seconds=60)
    await herald.sweep()
    await herald.settled()
    assert len(place.heard) == twice
    outbox = await store.outboxes.get("1001")
    assert outbox is not None
    assert outbox.parcels == ()
    assert outbox.standing("chat").error == ("" if twice else Why.SILENT)


async def test_what_is_refused_is_given_up_and_stands_written(herald_of: Heralds, store: Store, watch: Watch) -> None:
    place = Place()
    place.says = [Undelivered(Why.NO_PERMISSION), RuntimeError("of ours")]
    herald = herald_of(place)
    await told(herald)
    for number in range(2):
        await happens(store, f"a{number}")
    await told(herald)
    outbox = await store.outboxes.get("1001")
    assert outbox is not None
    standing = outbox.standing("chat")
    assert (standing.failures, standing.given_up, standing.error) == (2, 2, Why.BROKEN)
    await happens(store, "a9")
    await told(herald)
    outbox = await store.outboxes.get("1001")
    assert outbox is not None
    assert (outbox.standing("chat").failures, outbox.standing("chat").error) == (0, "")


async def test_what_is_too_late_is_not_told(herald_of: Heralds, store: Store, watch: Watch) -> None:
    place = Place(twice=True)
    place.says = [Undelivered(Why.UNREACHABLE, temporary=True) for _ in range(20)]
    herald = herald_of(place)
    await told(herald)
    await happens(store, "a1")
    for _ in range(12):
        await told(herald)
        watch.at += timedelta(seconds=20)
    outbox = await store.outboxes.get("1001")
    assert outbox is not None
    assert outbox.parcels == ()
    assert outbox.standing("chat").given_up == 1
    place.says = []
    await happens(store, "a2", Action.ENDED, at=watch.at - timedelta(minutes=3))
    await told(herald)
    assert place.heard == []


async def test_a_slow_place_holds_up_nobody_else_and_little_is_in_hand(
    herald_of: Heralds, store: Store, watch: Watch
) -> None:
    slow, quick = Place("h1", twice=True), Place("chat")
    herald = herald_of(slow, quick)
    await told(herald)
    slow.open.clear()
    for number in range(9):
        await happens(store, f"a{number}")
    await herald.tend("1001")
    while len(quick.heard) < 9:
        await asyncio.sleep(0)
    assert slow.heard == []
    outbox = await store.outboxes.get("1001")
    assert outbox is not None
    assert sum(one.claimed_at is not None for one in outbox.parcels if one.target == "h1") == 3
    slow.open.set()
    await herald.settled()
    assert len(slow.heard) == 9
    outbox = await store.outboxes.get("1001")
    assert outbox is not None
    assert outbox.parcels == ()


async def test_an_outbox_does_not_grow_for_ever(store: Store) -> None:
    notice = Notice("a1", Event.STARTED, "1001", T0, "2001", "viewer1", "Viewer1")
    outbox = Outbox("1001", T0, T0)
    for number in range(MOST_PARCELS + 5):
        outbox = outbox.with_parcels([Parcel("h1", replace(notice, id=f"a{number}"), T0)])
    assert len(outbox.parcels) == MOST_PARCELS
    assert outbox.parcels[0].notice.id == "a5"
    assert outbox.standing("h1").given_up == 5


async def test_a_vip_that_ends_soon_is_told_of_once_for_each_end(
    herald_of: Heralds, store: Store, watch: Watch
) -> None:
    place = Place(events={Event.ENDS_SOON})
    herald = herald_of(place)
    session = await store.commit(active("s1", later(hours=1)))
    await store.commit(active("s2", later(minutes=15), user_id="7"))
    await told(herald)
    assert place.heard == []
    outbox = await store.outboxes.get("1001")
    assert outbox is not None
    assert outbox.due_at == later(minutes=50)
    watch.at = later(minutes=50)
    await herald.sweep()
    await herald.settled()
    await told(herald)
    assert [name for *_, name in place.heard] == [session.username]
    await store.commit(replace(session, expires_at=later(hours=2)))
    await told(herald)
    watch.at = later(minutes=111)
    await herald.sweep()
    await herald.settled()
    assert len(place.heard) == 2


async def test_an_end_that_was_told_of_is_not_told_again_for_less_notice_or_a_badge_that_was_away(
    herald_of: Heralds, store: Store, watch: Watch
) -> None:
    place = Place(events={Event.ENDS_SOON})
    herald = herald_of(place)
    session = await store.commit(replace(active("s1", later(hours=1)), granted_at=later(hours=-9)))
    watch.at = later(minutes=51)
    await told(herald)
    known = await store.channels.get("1001")
    assert known is not None
    known = await store.commit(replace(known, chat=replace(known.chat, soon_minutes=5)))
    session = await store.commit(replace(session, state=SessionState.ASIDE, aside_at=watch.at, moderator=True))
    watch.at = later(minutes=52)
    await told(herald)
    await store.commit(replace(known, chat=replace(known.chat, soon_minutes=10)))
    watch.at = later(minutes=56)
    await told(herald)
    assert len(place.heard) == 1


class Hanging(Place):
    """Fails once for each channel but the first, and then hangs there."""

    def __init__(self) -> None:
        super().__init__("h1", twice=True)
        self.tried: set[str] = set()

    async def deliver(self, channel: Channel, target: str, notice: Notice) -> None:
        if channel.id == "1001":
            self.heard.append((target, notice.event, notice.username))
        elif channel.id in self.tried:
            await asyncio.Event().wait()
        else:
            self.tried.add(channel.id)
            raise Undelivered(Why.UNREACHABLE, temporary=True)


async def test_places_that_hang_hold_up_no_other_channel(herald_of: Heralds, store: Store, watch: Watch) -> None:
    place = Hanging()
    herald = herald_of(place)
    others = [f"2{number:03}" for number in range(40)]
    notice = Notice("a1", Event.STARTED, "", T0, "2001", "viewer1", "Viewer1")
    for channel_id in others:
        mine = replace(notice, channel_id=channel_id)
        await store.commit(channel(channel_id), Outbox(channel_id, T0, T0, parcels=(Parcel("h1", mine, T0),)))
        await herald.tend(channel_id)
    await herald.settled()
    watch.at = later(seconds=30)
    for channel_id in others:
        await herald.tend(channel_id)
    await asyncio.sleep(0)
    await herald.tend("1001")
    await happens(store, "a2", at=later(seconds=30))
    await herald.tend("1001")
    while not place.heard:
        await asyncio.sleep(0)
    assert len(place.tried) == 40


async def test_what_nobody_has_read_is_found_within_the_hour_where_nothing_else_leads_to_it(
    herald_of: Heralds, store: Store, watch: Watch
) -> None:
    place = Place(twice=True)
    place.lasts = timedelta(hours=24)
    await told(herald_of(place))
    await happens(store, "a1", at=later(seconds=1))
    herald = herald_of(place)
    watch.at = later(minutes=59)
    await herald.sweep()
    await herald.settled()
    assert place.heard == []
    watch.at = later(minutes=60)
    await herald.sweep()
    await herald.settled()
    assert place.heard == [("chat", Event.STARTED, "Viewer1")]


async def test_where_instances_come_and_go_no_start_reads_all_channels(
    store: Store, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    async def every() -> list[Channel]:
        read.append("all")
        return []

    monkeypatch.setattr(store.channels, "all", every)
    for alone in (False, True):
        herald = Herald(store, watch, Changes(), [Place()], alone=alone)
        running = asyncio.create_task(herald.run())
        for _ in range(20):
            await asyncio.sleep(0)
        running.cancel()
        await herald.aclose()
        assert read == ["all"] * alone


async def test_one_that_another_process_has_begun_is_not_due_for_ever(
    herald_of: Heralds, store: Store, watch: Watch
) -> None:
    place = Place()
    herald = herald_of(place)
    place.wanted, on = {}, place.wanted
    await told(herald)
    await told(herald_of(Place()))
    watch.at = later(hours=2)
    await herald.sweep()
    await herald.settled()
    assert await store.outboxes.get("1001") is None
    place.wanted = on


@pytest.mark.parametrize("alone", [True, False])
async def test_where_there_is_nothing_to_tell_nobody_asks_each_minute(
    store: Store, watch: Watch, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    """Each look costs something where others are at work on the store too."""
    passed, asked = 0.0, 0
    herald = Herald(store, watch, Changes(), [Place()], alone=alone, lull=Lull(lambda: 1000 + passed))
    due = store.outboxes.due

    async def counted(now: datetime, limit: int) -> list[Outbox]:
        nonlocal asked
        asked += 1
        return await due(now, limit)

    monkeypatch.setattr(store.outboxes, "due", counted)
    for _ in range(10):
        await herald.sweep()
        passed += 60
    assert asked == (10 if alone else 2)
    await herald.aclose()


async def test_what_this_process_has_begun_is_looked_at_with_the_next_sweep(
    store: Store, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place()
    herald = Herald(store, watch, Changes(), [place], alone=False)
    await herald.sweep()
    await told(herald)
    place.says = [Undelivered(Why.UNREACHABLE, temporary=True)]
    await happens(store, "a1")
    await told(herald)
    assert place.heard == []
    watch.at = later(minutes=1)
    await herald.sweep()
    await herald.settled()
    assert place.heard == [("chat", Event.STARTED, "Viewer1")]
    await herald.aclose()


async def test_an_outbox_that_is_begun_while_it_is_looked_for_is_not_overlooked(
    store: Store, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    herald = Herald(store, watch, Changes(), [Place()], alone=False)

    async def none() -> bool:
        await told(herald)
        return False

    monkeypatch.setattr(store.outboxes, "any", none)
    await herald.sweep()
    assert await store.outboxes.get("1001") is not None
    assert not herald._lull.lasts
    await herald.aclose()
