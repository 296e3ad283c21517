"""What `verify` finds in Firestore alone, and what `verify --repair` makes of it."""

from datetime import timedelta
from typing import Any

import pytest
from google.cloud.firestore_v1 import GeoPoint

from tests.house import HandClock
from tests.store.records import account, active, channel, line, session
from tests.store.test_takeover import NOW, SOON, old_channel, old_session, old_user
from vip_manager.domain.audit import Action
from vip_manager.domain.books import Check
from vip_manager.domain.session import Credit
from vip_manager.ports import Conflict
from vip_manager.services.verify import Report, Verify, lines
from vip_manager.store.firestore.store import FirestoreStore


@pytest.fixture
async def store(firestore: FirestoreStore) -> FirestoreStore:
    """With one streamer in it."""
    await firestore.commit(account(), channel(catch_up_at=NOW))
    return firestore


async def put(store: FirestoreStore, collection: str, *documents: dict[str, Any]) -> None:
    for document in documents:
        await store.calls.client.collection(collection).document(document["id"]).set(document)


async def change(store: FirestoreStore, place: str, **fields: Any) -> None:
    await store.calls.client.document(place).update(fields)


async def look(store: FirestoreStore, place: str) -> dict[str, Any]:
    return (await store.calls.client.document(place).get()).to_dict() or {}


async def verify(store: FirestoreStore, *, repair: bool = False) -> Report:
    return await Verify(store, store, HandClock()).run(repair=repair)


async def found(store: FirestoreStore) -> list[tuple[Check, str]]:
    return [(one.check, one.place) for one in (await verify(store)).left]


async def repaired(store: FirestoreStore) -> list[tuple[Check, str]]:
    """Nothing is left, and what is said to be mended was found before."""
    before = await found(store)
    report = await verify(store, repair=True)
    assert report.left == []
    assert await found(store) == []
    assert all("mended  " in said for said in lines(report, repair=True)[:-1])
    mended = [(one.check, one.place) for one in report.mended]
    assert mended == before
    return mended


async def running(store: FirestoreStore, session_id: str, user_id: str) -> None:
    """A live session that the audit log tells of."""
    detail = {"session_id": session_id, "until": SOON.isoformat(), "hours": 24.0}
    gift = Credit(f"gift-{session_id}", "manual", 24.0, NOW)
    one = active(session_id, SOON, user_id=user_id, granted_at=NOW, added_at=NOW, credits=(gift,))
    await store.commit(one, line(f"line-{session_id}", subject_id=user_id, detail=detail))


async def test_what_an_earlier_system_writes_after_the_first_start_is_taken_over(store: FirestoreStore) -> None:
    await put(store, "users", old_user("1002"))
    await put(store, "channels", old_channel("1002"))
    await put(store, "vipSessions", old_session("s1", channelId="1002"))
    assert "with Twitch tokens that anybody can read" in "".join(lines(await verify(store), repair=False))
    places = {place for check, place in await repaired(store) if check is Check.EARLIER}
    assert places == {"users/1002", "channels/1002", "vipSessions/s1"}
    assert (await look(store, "users/1002"))["accessToken"] is None
    assert [one.id for one in await store.sessions.live("1002")] == ["s1"]
    assert await store.sessions.count_due(SOON + timedelta(hours=1)) == 1


async def test_tokens_that_it_writes_into_one_of_ours_are_wiped(store: FirestoreStore) -> None:
    await change(store, "users/1001", accessToken="abc", refreshToken="def")
    assert await repaired(store) == [(Check.EARLIER, "users/1001")]
    document = await look(store, "users/1001")
    assert (document["accessToken"], document["refreshToken"], document["login"]) == (None, None, "streamer")


async def test_what_can_not_be_taken_over_is_left_until_somebody_has_mended_it(store: FirestoreStore) -> None:
    await put(store, "channels", old_channel("1002", vipDuration="24"))
    await put(store, "users", old_user("1002"))
    report = await verify(store, repair=True)
    [left] = report.left
    assert (left.check, left.place) == (Check.EARLIER, "channels/1002")
    assert "field 'vipDuration' can't be read" in left.problem
    assert "mend that field by hand" in lines(report, repair=True)[-2]
    await change(store, "channels/1002", vipDuration=24)
    assert await repaired(store) == [(Check.EARLIER, "channels/1002")]
    assert [one.id for one in await store.channels.due(NOW, 5)] == ["1002", "1001"]


async def test_a_live_session_without_its_claim_gets_it(store: FirestoreStore) -> None:
    await running(store, "s1", "v")
    await store.calls.client.document("liveVips/1001_v").delete()
    assert await repaired(store) == [(Check.CLAIM, "vipSessions/s1")]
    with pytest.raises(Conflict):
        await store.commit(session("s2", user_id="v"))
    [said, *_] = await store.audit.latest("1001", 1)
    assert (said.action, said.subject_id, said.detail["check"]) == (Action.REPAIRED, "v", "claim")


@pytest.mark.parametrize("holder", ["s2", "gone", 7])
async def test_a_claim_that_names_another_is_the_live_ones(store: FirestoreStore, holder: object) -> None:
    await running(store, "s1", "v")
    await running(store, "s2", "w")
    await change(store, "liveVips/1001_v", sessionId=holder)
    assert await repaired(store) == [(Check.CLAIM, "vipSessions/s1")]
    assert (await look(store, "liveVips/1001_v"))["sessionId"] == "s1"
    assert (await look(store, "liveVips/1001_w"))["sessionId"] == "s2"


async def test_a_claim_of_nobody_goes(store: FirestoreStore) -> None:
    await running(store, "s1", "v")
    await put(
        store, "liveVips", {"id": "1001_w", "sessionId": "s1"}, {"id": "1001_x", "sessionId": "gone"}, {"id": "y"}
    )
    assert await repaired(store) == [(Check.CLAIM, f"liveVips/{one}") for one in ("1001_w", "1001_x", "y")]
    assert await look(store, "liveVips/1001_v")
    assert not await look(store, "liveVips/1001_w")


async def test_of_two_live_sessions_none_is_chosen(store: FirestoreStore) -> None:
    await running(store, "s1", "v")
    await store.calls.client.document("liveVips/1001_v").delete()
    await running(store, "s2", "v")
    await store.calls.client.document("liveVips/1001_v").delete()
    report = await verify(store, repair=True)
    assert {one.check for one in report.left} == {Check.CLAIM, Check.TWO_LIVE}
    assert all(one.advice for one in report.left)


async def test_a_claim_of_what_can_not_be_read_stays(store: FirestoreStore) -> None:
    await running(store, "s1", "v")
    await change(store, "vipSessions/s1", state="of a later version")
    assert [check for check, _ in await found(store)] == [Check.UNREADABLE]
    await verify(store, repair=True)
    assert (await look(store, "liveVips/1001_v"))["sessionId"] == "s1"


async def test_a_channel_is_found_again(store: FirestoreStore) -> None:
    await change(store, "channels/1001", loginLower="other", catchUpDueAt=SOON)
    assert await repaired(store) == [(Check.DUE, "channels/1001")]
    assert [one.id for one in await store.channels.due(NOW, 5)] == ["1001"]
    assert await store.channels.by_login("Streamer") is not None


@pytest.mark.parametrize(
    "spoiled",
    [
        {"grantedAt": "9999-12-31T23:59:59-01:00"},
        {"expiresAt": "9999-12-31T23:59:59Z"},
        {"owed": float("nan")},
        {"credits": [{"id": "c", "source": "manual", "hours": 1e300, "at": NOW}]},
        {"state": ["active"]},
        {"extra": GeoPoint(1, 2), "seatTakenBy": b"x"},
    ],
)
async def test_nothing_dies_of_one_document(store: FirestoreStore, spoiled: dict[str, Any]) -> None:
    await running(store, "bad", "v")
    await running(store, "good", "w")
    await change(store, "vipSessions/bad", **spoiled)
    await verify(store, repair=True)
    assert "good" in [one.id for one in await store.sessions.live("1001")]
    assert "good" in [one.id async for one in store.sessions.due(SOON)]
