"""A busy store is sound; what is planted in it is told, and repaired where that does no harm."""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.house import HandClock, House
from tests.services.watched_commits import WatchedCommits
from vip_manager.domain.audit import Action
from vip_manager.domain.books import Books, Check, Flaw
from vip_manager.domain.session import VipSession
from vip_manager.ports import Store
from vip_manager.services.verify import Report, Verify, lines
from vip_manager.store.sqlite.store import SqliteStore

VIPS = "/helix/channels/vips"
REDEMPTIONS = "/helix/channel_points/custom_rewards/redemptions"


@pytest.fixture
async def house(twitch_base: str, tmp_path: Path, clock: HandClock) -> AsyncIterator[House]:
    """A busy one, whose teardown has nothing to say of what these tests plant."""
    house = House(twitch_base, tmp_path / "data", clock)
    await house.start()
    try:
        await busy(house)
        yield house
    finally:
        await house.close()


@pytest.fixture(autouse=True)
def planted(commits: WatchedCommits) -> Iterator[None]:
    """What these tests plant, and what a repair writes, stands in no table of moves."""
    yield
    commits.wrong.clear()


async def busy(house: House) -> None:
    """Grants, extensions, gifts, refunds of both kinds, ends, and work that waits; in two channels."""
    streamer = await house.open(hours=24)
    await house.open(hours=2, login="secondstreamer")
    services = house.services
    for viewer in ("viewer1", "viewer1", "viewer2", "permanentvip", "mod"):
        await house.redeem(viewer)
    await house.redeem("viewer1", "secondstreamer")
    await services.gift.by_hand(streamer, streamer.id, "viewer3", 5, "gift-1")
    gift = await services.gift.by_hand(streamer, streamer.id, "viewer4", 5, "gift-2")
    await services.expire.end_now(streamer, streamer.id, gift.id)
    await house.fault("PATCH", REDEMPTIONS, "status", status=503)
    taken_back = await house.redeem("viewer2")
    await house.control("settle", redemption_id=taken_back.id, status="CANCELED")
    house.clock.jump(3)
    await services.sweep.run()
    await house.fault("POST", VIPS, "status", status=503, times=-1)
    await house.redeem("viewer5")


def inspection(house: House) -> SqliteStore:
    store = house.services.store
    assert isinstance(store, SqliteStore)
    return store


async def verify(house: House, *, repair: bool = False) -> Report:
    return await Verify(house.services.store, inspection(house), house.clock).run(repair=repair)


async def live(house: House, viewer_id: str) -> VipSession:
    session = await house.live(viewer_id)
    assert session is not None
    return session


async def test_a_busy_store_is_sound(house: House) -> None:
    books = await inspection(house).books()
    actions = {entry.action for entry in books.audit}
    assert actions >= {
        Action.GRANTED,
        Action.EXTENDED,
        Action.TAKEN_BACK,
        Action.REFUNDED,
        Action.ENDED,
        Action.PUT_OFF,
    }
    report = await verify(house)
    assert lines(report, repair=False) == [
        f"nothing wrong: 2 channels, {len(books.sessions)} sessions, {len(books.redemptions)} redemptions"
    ]
    assert len(books.redemptions) == 8


async def test_a_repair_of_what_is_sound_writes_nothing(house: House) -> None:
    before = await inspection(house).books()
    assert (await verify(house, repair=True)).mended == []
    assert await inspection(house).books() == before


async def test_an_end_that_came_too_early_is_told_and_repaired(house: House) -> None:
    session = await live(house, "3001")
    assert session.expires_at
    early = session.expires_at - timedelta(hours=10)
    house.poison("vipSessions", session.id, "expiresAt", early.isoformat())
    report = await verify(house)
    assert {finding.check for finding in report.left} == {Check.END, Check.DUE}
    [told] = [text for text in lines(report, repair=False) if text.startswith("end: ")]
    assert f"vipSessions/{session.id} of " in told
    assert " in streamer, since " in told
    assert f"--repair ends it at {session.expires_at:%F %T}" in told
    repaired = await verify(house, repair=True)
    assert repaired.left == []
    assert (await live(house, "3001")).expires_at == session.expires_at
    assert (await house.actions())[-len(repaired.mended) :] == [Action.REPAIRED] * len(repaired.mended)
    assert lines(repaired, repair=True)[-1].startswith(f"{len(repaired.mended)} mended, nothing wrong: 2 channels")
    assert (await verify(house)).left == []


async def test_a_session_that_would_never_end_ends_when_the_log_says(house: House) -> None:
    session = await live(house, "3001")
    house.poison("vipSessions", session.id, "expiresAt", None)
    house.poison("vipSessions", session.id, "dueAt", None)
    assert [finding.check for finding in (await verify(house)).left] == [Check.ENDLESS]
    assert (await verify(house, repair=True)).left == []
    assert (await live(house, "3001")).expires_at == session.expires_at
    house.clock.jump(100)
    await house.services.sweep.run()
    assert await house.live("3001") is None


async def test_work_that_lost_its_due_time_is_done_after_a_repair(house: House) -> None:
    session = await live(house, "3001")
    house.poison("vipSessions", session.id, "dueAt", None)
    assert [finding.check for finding in (await verify(house)).left] == [Check.DUE]
    assert (await verify(house, repair=True)).left == []
    house.clock.jump(100)
    await house.services.sweep.run()
    assert await house.live("3001") is None


async def test_hours_of_points_that_went_back_are_taken_off(house: House) -> None:
    session = await live(house, "3001")
    last = session.credits[-1]
    for name, value in (("state", "canceled"), ("hours", 0.0)):
        house.poison("redemptions", last.id, name, value)
    report = await verify(house, repair=True)
    assert {finding.check for finding in report.mended} == {Check.GIVEN_BACK, Check.UNLOGGED}
    assert report.left == []
    after = await live(house, "3001")
    assert session.expires_at
    assert (after.hours, after.expires_at) == (24, session.expires_at - timedelta(hours=24))


async def test_what_can_not_be_repaired_is_left_as_it_is_and_said(house: House) -> None:
    session = await live(house, "3001")
    assert session.expires_at
    late = session.expires_at + timedelta(hours=10)
    house.poison("vipSessions", session.id, "expiresAt", late.isoformat())
    house.poison("users", "1001", "accessToken", "v1.not-what-we-sealed")
    house.poison("channels", "1002", "vipDuration", "a day")
    report = await verify(house, repair=True)
    assert {finding.check for finding in report.left} == {Check.UNREADABLE, Check.UNSEALED, Check.END}
    assert [finding.check for finding in report.mended] == [Check.DUE]
    assert (await live(house, "3001")).expires_at == late
    said = lines(report, repair=True)
    assert len([text for text in said if text.startswith("left    ")]) == 3
    assert said[-1].startswith("1 mended, 3 wrong: 1 channels")
    assert "not-what-we-sealed" not in "".join(said)


async def test_documents_that_are_none_do_not_stop_the_reading(house: House, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "data" / "vip.db")) as file, file:
        file.execute("UPDATE auditLog SET body = '[]' WHERE rowid = 1")
    report = await verify(house)
    assert report.left[0].check is Check.UNREADABLE
    assert report.left[0].place.startswith("auditLog/")


class Overtaken:
    """A server that moves every live session on between our reading and our writing, a few times."""

    def __init__(self, store: SqliteStore, times: int) -> None:
        self._store = store
        self._times = times

    async def books(self) -> Books:
        books = await self._store.books()
        if self._times:
            self._times -= 1
            for session in books.sessions:
                await self._store.commit(session)
        return books

    async def mend(self, flaws: Sequence[Flaw], now: datetime) -> None:
        await self._store.mend(flaws, now)


@pytest.mark.parametrize(("times", "left"), [(2, 0), (1000, 1)])
async def test_a_repair_never_writes_over_what_the_server_has_written(house: House, times: int, left: int) -> None:
    session = await live(house, "3001")
    house.poison("vipSessions", session.id, "expiresAt", None)
    house.poison("vipSessions", session.id, "dueAt", None)
    store: Store = house.services.store
    report = await Verify(store, Overtaken(inspection(house), times), house.clock).run(repair=True)
    assert (len(report.left), len(report.mended)) == (left, 1 - left)
    assert ("run it again" in "".join(lines(report, repair=True))) == bool(left)
