"""What an earlier system left in Firestore, and what the first start makes of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.cloud.firestore_v1.async_client import AsyncClient
from structlog.testing import capture_logs

from tests.store.conftest import STAMP
from tests.store.records import account, session
from vip_manager.domain import integrity
from vip_manager.domain.audit import Action
from vip_manager.domain.session import SessionState
from vip_manager.domain.terms import LONGEST_HOURS
from vip_manager.ports import Conflict, StoreError, StoreUnavailable
from vip_manager.store.firestore import opening, taking_over
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.client import Batch
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.firestore.store import FirestoreStore
from vip_manager.store.sealing import Sealer

NOW = datetime.now(UTC).replace(microsecond=0)
SOON, PAST = NOW + timedelta(hours=5), NOW - timedelta(hours=5)


def old_user(user_id: str = "1001", **fields: Any) -> dict[str, Any]:
    known = {"id": user_id, "username": "Streamer", "accessToken": "secret", "refreshToken": "def", "expiresAt": SOON}
    return {**known, **fields}


def old_channel(channel_id: str = "1001", **fields: Any) -> dict[str, Any]:
    known = {"id": channel_id, "ownerId": channel_id, "channelPointRewardId": "r1", "vipDuration": 12, "enabled": True}
    return {**known, **fields}


def old_session(session_id: str, **fields: Any) -> dict[str, Any]:
    known = {
        "id": session_id,
        "channelId": "1001",
        "userId": f"2{session_id[1:]}",
        "username": "Viewer",
        "grantedAt": NOW - timedelta(hours=7),
        "expiresAt": SOON,
        "redeemedWith": "reward:r1",
    }
    return {**known, **fields}


class Old:
    """The earlier system's database."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def keep(self, collection: str, *documents: dict[str, Any]) -> None:
        for document in documents:
            await self._client.collection(collection).document(document["id"]).set(document)

    async def change(self, collection: str, document_id: str, **fields: Any) -> None:
        await self._client.collection(collection).document(document_id).update(fields)

    async def look(self, collection: str, document_id: str) -> dict[str, Any]:
        return (await self._client.collection(collection).document(document_id).get()).to_dict() or {}

    async def all(self) -> dict[str, dict[str, Any]]:
        collections = ("users", "channels", "vipSessions", "liveVips", "auditLog")
        return {
            f"{name}/{one.id}": one.to_dict() or {}
            for name in collections
            for one in await self._client.collection(name).get()
        }


@pytest.fixture
async def old(project: str) -> AsyncIterator[Old]:
    client = AsyncClient(project)
    yield Old(client)
    await client._firestore_api.transport.close()


@pytest.fixture
async def opened(project: str, sealer: Sealer) -> AsyncIterator[list[FirestoreStore]]:
    stores: list[FirestoreStore] = []
    yield stores
    for store in stores:
        await store.close()


async def first_start(project: str, sealer: Sealer, opened: list[FirestoreStore]) -> FirestoreStore:
    store = await FirestoreStore.open(project, "", sealer, STAMP)
    opened.append(store)
    return store


async def fill(old: Old) -> None:
    await old.keep("users", old_user(), old_user("1002", username="直播"))
    await old.keep("channels", old_channel(), old_channel("1002", enabled=False, vipDuration=0.5))
    await old.keep(
        "vipSessions",
        old_session("s1"),
        old_session("s2", expiresAt=PAST),
        old_session("s3", userId="7"),
        old_session("s4", userId="7", expiresAt=SOON + timedelta(hours=1)),
        old_session("s5", userId="7", expiresAt=PAST),
        old_session("s6", channelId="1002", userId="7"),
    )


async def test_all_of_it_is_taken_over_and_nothing_is_wrong_with_it(
    old: Old, project: str, sealer: Sealer, opened: list[FirestoreStore]
) -> None:
    await fill(old)
    store = await first_start(project, sealer, opened)

    account = await store.accounts.get("1001")
    assert account is not None
    assert (account.username, account.login, account.tokens, account.reconnect) == ("Streamer", "streamer", None, True)
    assert (await old.look("users", "1001"))["accessToken"] is None
    assert "secret" not in str(await old.look("users", "1001"))

    channel = await store.channels.by_login("streamer")
    assert channel is not None
    assert (channel.id, channel.channel_point_reward_id, channel.vip_duration, channel.enabled) == (
        "1001",
        "r1",
        12.0,
        True,
    )
    assert channel.username == "Streamer"
    other = await store.channels.get("1002")
    assert other is not None
    assert (other.login, other.username, other.vip_duration, other.enabled) == ("", "直播", 0.5, False)
    assert {one.id for one in await store.channels.due(NOW, 10)} == {"1001", "1002"}

    live = await store.sessions.live("1001")
    assert [one.id for one in live] == ["s1", "s4"]
    assert [one.id for one in await store.sessions.live("1002")] == ["s6"]
    assert (live[0].state, live[0].ours, live[0].granted_at, live[0].expires_at, live[0].redeemed_with) == (
        SessionState.ACTIVE,
        True,
        NOW - timedelta(hours=7),
        SOON,
        "reward:r1",
    )
    assert [credit.hours for credit in live[0].credits] == [12.0]
    for over in ("s2", "s3", "s5"):
        one = await store.sessions.get(over)
        assert one is not None
        assert (one.state, one.ours, one.credits) == (SessionState.ENDED, False, ())
    told = [(entry.action, entry.detail["session_id"]) for entry in await store.audit.latest("1001", 10)]
    assert sorted(told[:2]) == [(Action.ENDED, "s2"), (Action.ENDED, "s5")]
    assert sorted(told[2:]) == [(Action.GRANTED, "s1"), (Action.GRANTED, "s4")]

    assert integrity.find(await store.books()) == []
    assert await store.sessions.count_due(NOW) == 0
    assert [one.id async for one in store.sessions.due(SOON)] == ["s1", "s6"]
    with pytest.raises(Conflict):
        await store.commit(session("new", user_id="7"))


async def test_it_is_done_once(old: Old, project: str, sealer: Sealer, opened: list[FirestoreStore]) -> None:
    await fill(old)
    store = await first_start(project, sealer, opened)
    channel = await store.channels.get("1001")
    assert channel is not None
    await old.keep("vipSessions", old_session("late"))
    before = await old.all()
    again = await first_start(project, sealer, opened)
    assert await old.all() == before
    assert await again.sessions.live_of("1001", "2ate") is None


@pytest.mark.parametrize("writes_before", range(1, 10))
async def test_whoever_is_killed_in_the_middle_is_relieved_by_the_next(
    old: Old,
    project: str,
    sealer: Sealer,
    opened: list[FirestoreStore],
    monkeypatch: pytest.MonkeyPatch,
    writes_before: int,
) -> None:
    await fill(old)
    left = writes_before
    commit = Calls.commit

    async def killed(calls: Calls, *arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise StoreUnavailable("killed")
        return await commit(calls, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(taking_over, "_TOGETHER", 1)
        patch.setattr(Calls, "commit", killed)
        with pytest.raises(StoreUnavailable, match="killed"):
            await FirestoreStore.open(project, "", sealer, STAMP)
    store = await first_start(project, sealer, opened)
    assert [one.id for one in await store.sessions.live("1001")] == ["s1", "s4"]
    assert integrity.find(await store.books()) == []


async def test_a_newer_programs_stamp_is_never_written_over(
    old: Old, project: str, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that has opened the database while this one was taking over."""
    newer = {"id": "stamp", "clientId": STAMP.client_id, "authHost": STAMP.auth_host, "dataVersion": 99}

    async def meanwhile(*_: object) -> None:
        await old.keep("meta", newer)

    monkeypatch.setattr(opening, "take_over", meanwhile)
    await (await FirestoreStore.open(project, "", sealer, STAMP)).close()
    assert await old.look("meta", "stamp") == newer


async def test_two_may_do_it_at_once(
    old: Old, project: str, sealer: Sealer, opened: list[FirestoreStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(old)
    monkeypatch.setattr(taking_over, "_TOGETHER", 1)
    first, second = await asyncio.gather(*(first_start(project, sealer, opened) for _ in range(2)))
    for store in (first, second):
        assert [one.id for one in await store.sessions.live("1001")] == ["s1", "s4"]
        assert integrity.find(await store.books()) == []


async def test_what_is_broken_is_left_as_it_is_and_stops_nobody(
    old: Old, project: str, sealer: Sealer, opened: list[FirestoreStore]
) -> None:
    await fill(old)
    broken = [
        old_session("b1", expiresAt=None),
        old_session("b2", expiresAt="tomorrow"),
        old_session("b3", channelId=7),
        old_session("b4", userId=None),
        old_session("b5", expiresAt=[1]),
        old_session("b6", expiresAt="2026-01-01T10:00:00"),
        old_session("b7", expiresAt="9999-12-31T23:59:59-01:00"),
        old_session("b8", channelId="x" * 1500),
        old_session("b9", grantedAt=datetime(1, 1, 1, tzinfo=UTC)),
    ]
    await old.keep("vipSessions", *broken)
    wrong = [
        old_channel("1003", vipDuration="12"),
        old_channel("1004", enabled="yes"),
        old_channel("1005", vipDuration=0),
        old_channel("1006", vipDuration=1e300),
        old_channel("1007", vipDuration=LONGEST_HOURS + 1),
    ]
    await old.keep("channels", *wrong)
    await old.keep("users", old_user("1003", username=None), old_user("1004", username=7, accessToken={"a": "secret"}))
    with capture_logs() as logs:
        store = await first_start(project, sealer, opened)
    left = {(log["collection"], log["id"]) for log in logs if log["event"] == "document_not_taken_over"}
    assert left == {("vipSessions", one["id"]) for one in broken} | {("channels", one["id"]) for one in wrong}
    for one in broken:
        assert await old.look("vipSessions", one["id"]) == one
    assert [one.id for one in await store.sessions.live("1001")] == ["s1", "s4"]
    for user_id in ("1003", "1004"):
        account = await store.accounts.get(user_id)
        assert account is not None
        assert (account.tokens, account.reconnect) == (None, True)
        assert "secret" not in str(await old.look("users", user_id))


@pytest.mark.parametrize("year", [1, 1600, 2300])
async def test_sessions_of_any_year_are_taken_over(
    old: Old, project: str, sealer: Sealer, opened: list[FirestoreStore], year: int
) -> None:
    at = datetime(year, 1, 1, tzinfo=UTC)
    await old.keep("users", old_user())
    await old.keep("channels", old_channel())
    await old.keep("vipSessions", old_session("s1", grantedAt=at, expiresAt=at + timedelta(hours=1)))
    store = await first_start(project, sealer, opened)
    assert [one.detail["session_id"] for one in await store.audit.latest("1001", 10)] == ["s1"]
    assert integrity.find(await store.books()) == []


async def test_what_firestore_refuses_stops_nobody_else(
    old: Old, project: str, sealer: Sealer, opened: list[FirestoreStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(old)
    commit = Calls.commit

    async def refused(calls: Calls, batch: Batch, *arguments: Any) -> Any:
        if any("s6" in write.update.name for write in batch._write_pbs):
            raise StoreError("too large")
        return await commit(calls, batch, *arguments)

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(Calls, "commit", refused)
        store = await first_start(project, sealer, opened)
    assert [log["places"] for log in logs if log["event"] == "document_not_taken_over"] == [["vipSessions/s6"]]
    assert [one.id for one in await store.sessions.live("1001")] == ["s1", "s4"]


async def test_documents_that_were_brought_back_are_taken_over_again(
    old: Old, project: str, sealer: Sealer, opened: list[FirestoreStore]
) -> None:
    """Their claims and their lines in the audit log are there already."""
    await fill(old)
    store = await first_start(project, sealer, opened)
    before = {one.id for one in await store.audit.latest("1001", 20)}
    await fill(old)
    await taking_over.take_over(store.calls, NOW)
    assert [one.id for one in await store.sessions.live("1001")] == ["s1", "s4"]
    assert {one.id for one in await store.audit.latest("1001", 20)} == before
    assert integrity.find(await store.books()) == []
    with pytest.raises(Conflict):
        await store.commit(session("new", user_id="7"))


async def test_where_it_can_not_be_done_it_says_what_is_in_the_way(
    old: Old, project: str, sealer: Sealer, opened: list[FirestoreStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await first_start(project, sealer, opened)
    await fill(old)

    async def late(calls: Calls, *arguments: Any) -> Any:
        raise Conflict("somebody else was first")

    monkeypatch.setattr(Calls, "commit", late)
    with pytest.raises(StoreUnavailable, match=r"users/1001.*and more changed.*10 times.*stop it; then start again"):
        await taking_over.take_over(store.calls, NOW)


async def test_tokens_that_were_written_into_one_of_ours_are_wiped(
    old: Old, project: str, sealer: Sealer, opened: list[FirestoreStore]
) -> None:
    store = await first_start(project, sealer, opened)
    await store.commit(account(avatar_url="a.png"), account("1002"))
    await old.change("users", "1001", accessToken="secret", odd=float("nan"))
    await taking_over.take_over(store.calls, NOW)
    one, other = await store.accounts.get("1001"), await store.accounts.get("1002")
    assert one is not None
    assert other is not None
    assert (one.avatar_url, one.tokens, one.reconnect) == ("a.png", None, True)
    assert other.tokens == account().tokens
    assert "secret" not in str(await old.look("users", "1001"))


async def test_ours_are_left_alone(old: Old, project: str, sealer: Sealer, opened: list[FirestoreStore]) -> None:
    """And where one of ours is live, none of theirs becomes so."""
    store = await first_start(project, sealer, opened)
    saved = await store.commit(session("ours", user_id="7"))
    await old.keep("vipSessions", old_session("s1", userId="7"))
    await taking_over.take_over(store.calls, NOW)
    assert await store.sessions.live("1001") == [saved]
    theirs = await store.sessions.get("s1")
    assert theirs is not None
    assert theirs.state is SessionState.ENDED


async def test_a_claim_that_was_left_over_does_not_keep_it_from_starting(
    old: Old, project: str, sealer: Sealer, opened: list[FirestoreStore]
) -> None:
    await fill(old)
    await old.keep("liveVips", {"id": "1001_7", "sessionId": "gone"})
    store = await first_start(project, sealer, opened)
    assert [one.id for one in await store.sessions.live("1001")] == ["s1", "s4"]


async def test_many_sessions_of_one_viewer(
    old: Old, project: str, sealer: Sealer, opened: list[FirestoreStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_over, "MOST_WRITES", 5)
    ends = (SOON + timedelta(hours=number) for number in range(8))
    await old.keep("vipSessions", *(old_session(f"s{n}", userId="7", expiresAt=end) for n, end in enumerate(ends)))
    store = await first_start(project, sealer, opened)
    assert [one.id for one in await store.sessions.live("1001")] == ["s7"]


async def test_an_empty_database_costs_next_to_nothing(project: str, sealer: Sealer) -> None:
    meter = Meter()
    store = await FirestoreStore.open(project, "", sealer, STAMP, meter=meter)
    await store.close()
    assert (meter.reads, meter.writes) == (6, 2)
    meter = Meter()
    store = await FirestoreStore.open(project, "", sealer, STAMP, meter=meter)
    await store.close()
    assert (meter.reads, meter.writes) == (2, 0)
