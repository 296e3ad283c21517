"""What is Firestore's own: what it costs, claims, its documents, its books and its stamp."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.store.conftest import STAMP
from tests.store.records import (
    ACCESS_TOKEN,
    REFRESH_TOKEN,
    T0,
    account,
    active,
    channel,
    later,
    line,
    redemption,
    session,
)
from vip_manager.domain.account import SignIn
from vip_manager.domain.books import Check
from vip_manager.domain.leaving import Leaving
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.team import Member, Role
from vip_manager.ports import Conflict, Record, StoreUnavailable
from vip_manager.store.documents import AUDIT, CHANNELS, REDEMPTIONS, SESSIONS, SIGN_INS, USERS
from vip_manager.store.fields import BrokenDocument
from vip_manager.store.firestore.documents import COMMIT_ID, ORDER, lookups
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.firestore.store import FirestoreStore
from vip_manager.store.sealing import TOKENS, Sealer
from vip_manager.store.stamp import MadeByNewerProgram, Stamp, WrongStamp


async def by_hand(store: FirestoreStore, collection: str, document_id: str, document: dict[str, Any]) -> None:
    await store.calls.client.collection(collection).document(document_id).set(document)


async def stored(store: FirestoreStore, collection: str, document_id: str) -> dict[str, Any] | None:
    return (await store.calls.client.collection(collection).document(document_id).get()).to_dict()


class TestCosts:
    @pytest.mark.parametrize(
        ("records", "writes"),
        [
            ([channel()], 1),
            ([redemption("p1"), line("a1")], 2),
            ([session("s1"), redemption("p1"), line("a1")], 4),
            ([active("s1", T0, state=SessionState.ENDED)], 1),
        ],
    )
    async def test_a_commit_reads_nothing(
        self, firestore: FirestoreStore, meter: Meter, records: list[Any], writes: int
    ) -> None:
        reads, before = meter.reads, meter.writes
        first, *rest = records
        await firestore.commit(first, *rest)
        assert (meter.reads - reads, meter.writes - before) == (0, writes)

    async def test_a_claim_costs_where_a_session_becomes_live_or_stops_being_so(
        self, firestore: FirestoreStore, meter: Meter
    ) -> None:
        async def cost(first: VipSession, *rest: Record) -> tuple[VipSession, tuple[int, int, int]]:
            before = (meter.reads, meter.writes, meter.deletes)
            saved = await firestore.commit(first, *rest)
            return saved, (meter.reads - before[0], meter.writes - before[1], meter.deletes - before[2])

        begun, spent = await cost(active("s1", T0))
        assert spent == (0, 2, 0)
        begun, spent = await cost(replace(begun, username="Renamed"))
        assert spent == (0, 1, 0)
        assert begun.version.endswith("|active")
        assert await firestore.sessions.get("s1") == begun
        following = session("s2", user_id="viewer-s1")
        following, spent = await cost(following, begun.ended(T0, EndReason.MADE_PERMANENT, "1001"))
        assert spent == (0, 3, 0)
        _, spent = await cost(following.refused(T0, Refusal.FULL))
        assert spent == (0, 1, 1)

    async def test_reads_are_counted_as_google_bills_them(self, firestore: FirestoreStore, meter: Meter) -> None:
        await firestore.commit(channel(), *(redemption(f"p{number}") for number in range(3)))

        async def reads(asking: Awaitable[object]) -> int:
            before = meter.reads
            await asking
            return meter.reads - before

        assert await reads(firestore.channels.get("nobody")) == 1
        assert await reads(firestore.sessions.live("1001")) == 1
        assert await reads(firestore.redemptions.open("1001")) == 3
        assert await reads(firestore.redemptions.due(T0, 2)) == 2
        assert await reads(firestore.redemptions.count_since("1001", T0)) == 2
        assert await reads(firestore.sessions.count_due(T0)) == 1
        assert await reads(firestore.ping()) == 1
        assert await reads(firestore.channels.get("no/id")) == 0

    def test_a_count_costs_a_read_for_a_thousand(self) -> None:
        for entries, reads in ((0, 1), (1000, 1), (1001, 2)):
            meter = Meter()
            meter.counted(entries)
            assert meter.reads == reads

    async def test_old_sign_ins_go_in_batches(self, firestore: FirestoreStore, meter: Meter) -> None:
        first, *rest = (SignIn(f"d{number}", "1001", T0, T0) for number in range(500))
        await firestore.commit(first, *rest)
        await firestore.commit(SignIn("last", "1001", T0, T0))
        assert await firestore.accounts.forget_sign_ins(later(hours=1)) == 501
        assert meter.deletes == 501


class TestClaims:
    async def test_one_names_the_live_session(self, firestore: FirestoreStore) -> None:
        first = await firestore.commit(active("s1", T0, user_id="2001"))
        claim = await stored(firestore, "liveVips", "1001_2001")
        assert claim is not None
        assert claim["sessionId"] == "s1"
        ended = first.ended(T0, EndReason.MADE_PERMANENT, "1001")
        await firestore.commit(session("s2", user_id="2001"), ended)
        claim = await stored(firestore, "liveVips", "1001_2001")
        assert claim is not None
        assert claim["sessionId"] == "s2"

    async def test_it_goes_with_a_session_that_is_deleted(self, firestore: FirestoreStore) -> None:
        first = await firestore.commit(active("s1", T0, user_id="2001"))
        await firestore.delete(first)
        await firestore.delete(first)
        assert await stored(firestore, "liveVips", "1001_2001") is None
        await firestore.commit(session("s2", user_id="2001"))
        await firestore.delete(first)
        assert await stored(firestore, "liveVips", "1001_2001") is not None

    @pytest.mark.parametrize("left", [{"sessionId": "gone"}, {"sessionId": "over"}, {"sessionId": 7}, {}])
    async def test_one_that_was_left_over_is_in_nobodys_way(
        self, firestore: FirestoreStore, left: dict[str, Any]
    ) -> None:
        await firestore.commit(active("over", T0, user_id="2001", state=SessionState.ENDED))
        await by_hand(firestore, "liveVips", "1001_2001", left)
        with capture_logs() as logs:
            saved = await firestore.commit(session("s1", user_id="2001"), line("a1"))
        assert [log["event"] for log in logs] == ["claim_left_over"]
        assert await firestore.sessions.live_of("1001", "2001") == saved
        with pytest.raises(Conflict):
            await firestore.commit(session("s2", user_id="2001"))

    async def test_odd_ids_are_no_other_viewers(self, firestore: FirestoreStore) -> None:
        await firestore.commit(session("s1", channel_id="1_2", user_id="3"))
        await firestore.commit(session("s2", channel_id="1", user_id="2_3"))
        await firestore.commit(session("s3", channel_id="1", user_id="a/b"))


class TestDocuments:
    async def test_moments_are_timestamps_and_names_are_the_earlier_systems(self, firestore: FirestoreStore) -> None:
        await firestore.commit(account(), channel(), active("s1", later(hours=24)))
        expected = {
            "users/1001": {"id", "username", "accessToken", "refreshToken", "expiresAt"},
            "channels/1001": {"id", "ownerId", "channelPointRewardId", "vipDuration", "enabled"},
            "vipSessions/s1": {
                "id",
                "channelId",
                "userId",
                "username",
                "grantedAt",
                "expiresAt",
                "redeemedWith",
            },
        }
        for path, names in expected.items():
            document = await stored(firestore, *path.split("/"))
            assert document is not None
            assert names <= document.keys()
            moments = {name: document[name] for name in ("grantedAt", "expiresAt") if name in document}
        assert moments == {"grantedAt": T0, "expiresAt": later(hours=24)}

    async def test_tokens_are_nowhere_readable(self, firestore: FirestoreStore) -> None:
        await firestore.commit(account())
        document = await stored(firestore, "users", "1001")
        assert document is not None
        assert document["accessToken"].startswith("v1.")
        assert ACCESS_TOKEN not in str(document)
        assert REFRESH_TOKEN not in str(document)

    async def test_fields_of_this_store_stand_beside_the_documents_own(self, sealer: Sealer) -> None:
        pairs: list[tuple[Any, Any]] = [
            (USERS, account()),
            (SIGN_INS, SignIn("d", "1", T0, T0)),
            (CHANNELS, channel()),
            (SESSIONS, session("s1")),
            (REDEMPTIONS, redemption("p1")),
            (AUDIT, line("a1")),
        ]
        for kind, record in pairs:
            document = kind.write(record, sealer)
            assert not document.keys() & ({*lookups(record, document), COMMIT_ID, ORDER} - {"dueAt"})

    async def test_a_change_leaves_what_a_newer_program_has_put_there(
        self, firestore: FirestoreStore, meter: Meter
    ) -> None:
        helper = Member("2001", "mod", "Mod", Role.HELPER, T0)
        await firestore.commit(channel(team=(helper,)))
        newer = {"ofANewer": [{"id": "7"}], "rules.ofANewer": 7, ORDER: 3}
        await firestore.calls.client.collection("channels").document("1001").update(newer)
        read = await firestore.channels.get("1001")
        assert read
        reads = meter.reads
        rules = replace(read.rules, seats=9)
        left = await firestore.commit(replace(read, team=(), rules=rules, leaving=Leaving(T0, end_vips=True)))
        assert meter.reads == reads
        document = await stored(firestore, "channels", "1001")
        assert document
        assert (document["ofANewer"], document["rules"]["ofANewer"]) == ([{"id": "7"}], 7)
        assert (document["rules"]["seats"], document["leaving"]["endVips"]) == (9, True)
        assert not document.keys() & {"teamIds", ORDER}, "these are of this very record"
        assert await firestore.channels.get("1001") == left
        back = await firestore.commit(replace(left, leaving=None, team=(helper,)))
        assert await firestore.channels.get("1001") == back
        assert [one.id for one in await firestore.channels.served_by("2001")] == ["1001"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [("credits", "secret"), ("state", "of a newer program"), ("expiresAt", 7), ("channelId", None), ("state", [])],
    )
    async def test_a_broken_document_stops_nobody_else(
        self, firestore: FirestoreStore, field: str, value: object
    ) -> None:
        await firestore.commit(active("bad1", T0), active("bad2", T0), active("good", later(hours=1)))
        for bad in ("bad1", "bad2"):
            await firestore.calls.client.collection("vipSessions").document(bad).update({field: value})
        with capture_logs() as logs:
            assert [one.id async for one in firestore.sessions.due(later(hours=2))] == ["good"]
        assert [(log["collection"], log["id"], log["field"]) for log in logs] == [
            ("vipSessions", bad, field) for bad in ("bad1", "bad2")
        ]
        with pytest.raises(BrokenDocument, match=f"vipSessions/bad1: field '{field}'"):
            await firestore.sessions.get("bad1")

    @pytest.mark.parametrize("odd", ["", ".", "..", "a/b", "__x__", "x" * 1501])
    async def test_an_id_that_firestore_does_not_take_is_refused(self, firestore: FirestoreStore, odd: str) -> None:
        with pytest.raises(ValueError, match="document's id"):
            await firestore.commit(channel(odd))
        assert await firestore.channels.get(odd) is None

    async def test_more_than_a_commit_can_hold_is_refused(self, firestore: FirestoreStore) -> None:
        first, *rest = (redemption(f"p{number}") for number in range(501))
        with pytest.raises(ValueError, match="501"):
            await firestore.commit(first, *rest)
        with pytest.raises(ValueError, match="finite"):
            await firestore.commit(channel(vip_duration=float("nan")))


class TestBooks:
    async def test_what_can_not_be_read_is_named(self, firestore: FirestoreStore, sealer: Sealer) -> None:
        await firestore.commit(account(), channel(), redemption("p1"), redemption("p2"), line("a2"), line("a1"))
        client = firestore.calls.client
        somebody_elses = Sealer(["another root secret"], TOKENS).seal("token", "users/1001/accessToken")
        await client.collection("users").document("1001").update({"accessToken": somebody_elses})
        await client.collection("channels").document("1001").update({"enabled": "yes"})
        await client.collection("redemptions").document("p1").update({"dueAt": None})
        await client.collection("redemptions").document("p2").update({"untried": False})
        await firestore.commit(active("s1", T0))
        books = await firestore.books()
        assert [entry.id for entry in books.audit] == ["a2", "a1"]
        assert {(flaw.check, flaw.collection, flaw.id) for flaw in books.flaws} == {
            (Check.UNSEALED, "users", "1001"),
            (Check.UNREADABLE, "channels", "1001"),
            (Check.DUE, "redemptions", "p1"),
            (Check.DUE, "redemptions", "p2"),
        }
        assert [one.id for one in books.sessions] == ["s1"]

    async def test_they_are_of_one_moment_whatever_is_written_meanwhile(
        self, firestore: FirestoreStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = await firestore.commit(redemption("p1"), channel())
        read = firestore.calls.whole

        async def meanwhile(*arguments: Any) -> list[Any]:
            nonlocal first
            first = await firestore.commit(replace(first, username=first.username + "x"))
            return await read(*arguments)

        monkeypatch.setattr(firestore.calls, "whole", meanwhile)
        [before] = (await firestore.books()).redemptions
        monkeypatch.undo()
        assert before.username == "Viewer1"


class TestStamp:
    async def test_another_applications_store_is_refused(
        self, firestore: FirestoreStore, project: str, sealer: Sealer
    ) -> None:
        for other in (Stamp("client-2", STAMP.auth_host), Stamp(STAMP.client_id, "sandbox")):
            with pytest.raises(WrongStamp, match="FIRESTORE_DATABASE or GOOGLE_CLOUD_PROJECT") as caught:
                await FirestoreStore.open(project, "", sealer, other)
            message = str(caught.value)
            assert all(part in message for part in ("client-1", other.client_id, other.auth_host, project))
        again = await FirestoreStore.open(project, "", sealer, STAMP)
        await again.close()

    async def test_a_newer_programs_data_is_refused(
        self, firestore: FirestoreStore, project: str, sealer: Sealer
    ) -> None:
        await firestore.calls.client.collection("meta").document("stamp").update({"dataVersion": 99})
        with pytest.raises(MadeByNewerProgram, match="newer version"):
            await FirestoreStore.open(project, "", sealer, STAMP)

    async def test_one_of_two_that_start_at_once_stamps_it(self, project: str, sealer: Sealer) -> None:
        stamps = [STAMP, Stamp("client-2", STAMP.auth_host)] * 3
        opened = await asyncio.gather(
            *(FirestoreStore.open(project, "", sealer, stamp) for stamp in stamps), return_exceptions=True
        )
        stores = [one for one in opened if isinstance(one, FirestoreStore)]
        assert len(stores) == 3
        assert all(isinstance(one, WrongStamp) for one in opened if not isinstance(one, FirestoreStore))
        for store in stores:
            await store.close()

    async def test_a_database_of_its_own(self, firestore: FirestoreStore, project: str, sealer: Sealer) -> None:
        await firestore.commit(channel())
        other = await FirestoreStore.open(project, "other", sealer, Stamp("client-2", "elsewhere"))
        assert await other.channels.all() == []
        with pytest.raises(WrongStamp, match="database 'other' in project"):
            await FirestoreStore.open(project, "other", sealer, STAMP)
        await other.close()


async def test_a_step_of_an_old_record_is_judged_by_what_is_stored(firestore: FirestoreStore, meter: Meter) -> None:
    """Only where it looks wrong is a read spent on it."""
    first = await firestore.commit(redemption("p1"))
    before = meter.reads
    with pytest.raises(Exception, match="p1"):
        await firestore.commit(replace(first, state=RedemptionState.FULFILLED))
    assert meter.reads - before == 1


async def test_what_is_told_as_written_is_what_was_or_may_have_been(
    firestore: FirestoreStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await firestore.commit(redemption("p1"), line("a1"))
    assert firestore.touches.untold("1001") == ("redemptions/p1", "auditLog/a1")
    with pytest.raises(Conflict):
        await firestore.commit(redemption("p1"), line("a2"))
    assert firestore.touches.untold("1001") == ()

    async def away(*_: object) -> None:
        raise StoreUnavailable("no answer")

    monkeypatch.setattr(firestore.calls, "commit", away)
    with pytest.raises(StoreUnavailable):
        await firestore.commit(redemption("p2"))
    assert firestore.touches.untold("1001") == ("redemptions/p2",)
