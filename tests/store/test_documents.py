"""Documents that this program did not write, or not lately."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.store.records import T0, account, later
from vip_manager.domain.account import Account
from vip_manager.domain.retry import Retry
from vip_manager.domain.session import SessionState
from vip_manager.store.documents import (
    API_TOKENS,
    AUDIT,
    CHANNELS,
    COLLECTIONS,
    OUTBOXES,
    REDEMPTIONS,
    SESSIONS,
    SIGN_INS,
    USERS,
    Kind,
)
from vip_manager.store.fields import BrokenDocument
from vip_manager.store.sealing import Sealer

EARLIER_SESSION = {
    "id": "s1",
    "channelId": "1001",
    "userId": "2001",
    "username": "Viewer1",
    "grantedAt": T0,
    "expiresAt": later(hours=24),
    "redeemedWith": "reward:r1",
}


def test_collections() -> None:
    assert set(COLLECTIONS) == {"users", "channels", "vipSessions", "redemptions", "auditLog", "signIns"} | {
        *("apiTokens", "apiCalls", "outboxes"),
    }


def test_an_earlier_systems_channel(sealer: Sealer) -> None:
    document = {"id": "1001", "ownerId": "1001", "channelPointRewardId": None, "vipDuration": 12, "enabled": True}
    read = CHANNELS.read("1001", document, sealer, "7")
    assert (read.owner_id, read.channel_point_reward_id, read.vip_duration, read.enabled) == ("1001", "", 12.0, True)
    assert (read.login, read.reward_cost, read.catch_up_at, read.version) == ("", 0, None, "7")


def test_a_channel_that_had_a_reward_before_there_was_a_way_to_one_is_past_it(sealer: Sealer) -> None:
    document = {"ownerId": "1001", "channelPointRewardId": "r1"}
    assert CHANNELS.read("1001", document, sealer, "7").welcomed
    assert not CHANNELS.read("1001", document | {"welcomed": False}, sealer, "7").welcomed
    assert not CHANNELS.read("1001", {"ownerId": "1001"}, sealer, "7").welcomed


def test_an_earlier_systems_session_is_nobodys_work(sealer: Sealer) -> None:
    read = SESSIONS.read("s1", EARLIER_SESSION, sealer, "1")
    assert (read.granted_at, read.expires_at, read.created_at) == (T0, later(hours=24), T0)
    assert (read.login, read.credits, read.retry, read.ours) == ("viewer1", (), Retry(), False)
    assert read.state is SessionState.ENDED
    assert SESSIONS.write(read, sealer)["dueAt"] is None


@pytest.mark.parametrize(
    "tokens",
    [
        {"accessToken": "clear-text", "refreshToken": "clear-text", "expiresAt": T0},
        {"accessToken": "U2FsdGVkX1+abc/def==", "refreshToken": "v1.abc", "expiresAt": 1767225600},
        {"accessToken": {"iv": "x", "data": "y"}, "refreshToken": 7},
        {"accessToken": "only one"},
    ],
)
def test_an_earlier_systems_tokens_count_as_absent_and_are_wiped(sealer: Sealer, tokens: dict[str, Any]) -> None:
    read = USERS.read("1001", {"id": "1001", "username": "Streamer", **tokens}, sealer, "1")
    assert read == Account("1001", "streamer", "Streamer", reconnect=True, version="1")
    written = USERS.write(read, sealer)
    assert (written["accessToken"], written["refreshToken"], written["expiresAt"]) == (None, None, None)


def test_tokens_are_written_sealed(sealer: Sealer) -> None:
    written = USERS.write(account(), sealer)
    assert "clear-" not in str(written)
    assert USERS.read("1001", written, sealer, "").tokens == account().tokens


@pytest.mark.parametrize(
    ("kind", "document", "field", "problem"),
    [
        (SESSIONS, {**EARLIER_SESSION, "channelId": None}, "channelId", "absent"),
        (SESSIONS, {**EARLIER_SESSION, "userId": 2001}, "userId", "expected text, found int"),
        (SESSIONS, {**EARLIER_SESSION, "expiresAt": 5}, "expiresAt", "expected a moment with its time zone, found int"),
        (SESSIONS, {**EARLIER_SESSION, "expiresAt": "soon"}, "expiresAt", "expected a moment"),
        (SESSIONS, {**EARLIER_SESSION, "expiresAt": datetime(2026, 1, 1)}, "expiresAt", "time zone"),  # noqa: DTZ001
        (SESSIONS, {**EARLIER_SESSION, "grantedAt": "2026-01-01T00:00:00"}, "grantedAt", "time zone"),
        (SESSIONS, {**EARLIER_SESSION, "state": "secret"}, "state", "not one of granting, active"),
        (SESSIONS, {**EARLIER_SESSION, "credits": [1]}, "credits", "expected a list of documents"),
        (SESSIONS, {**EARLIER_SESSION, "ours": "yes"}, "ours", "expected true or false, found str"),
        (SESSIONS, {"channelId": "1001", "userId": "2001"}, "createdAt", "absent"),
        (CHANNELS, {"vipDuration": "secret"}, "vipDuration", "expected a number, found str"),
        (CHANNELS, {"vipDuration": True}, "vipDuration", "expected a number, found bool"),
        (CHANNELS, {"rewardCost": 1.5}, "rewardCost", "expected a whole number, found float"),
        (REDEMPTIONS, {"channelId": "1", "rewardId": "r", "userId": "2", "redeemedAt": T0}, "state", "absent"),
        (API_TOKENS, {"channelId": "1", "userId": "2", "madeAt": T0}, "scope", "absent"),
        (OUTBOXES, {}, "begunAt", "absent"),
        (SIGN_INS, {"userId": "1", "createdAt": T0}, "expiresAt", "absent"),
        (AUDIT, {"channelId": "1", "at": T0, "action": "granted", "detail": []}, "detail", "expected a document"),
    ],
)
def test_a_broken_document_is_named(
    sealer: Sealer, kind: Kind[Any], document: dict[str, Any], field: str, problem: str
) -> None:
    with pytest.raises(BrokenDocument) as caught:
        kind.read("d1", document, sealer, "1")
    message = str(caught.value)
    assert message.startswith(f"{kind.collection}/d1: field '{field}': ")
    assert problem in message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("fields", "unanswered_at"),
    [
        ({"unanswered": False, "nextAt": later(hours=3)}, None),
        ({"unanswered": True}, T0),
        ({"unanswered": True, "seenNotVipAt": later(hours=1)}, later(hours=1)),
        ({"unanswered": True, "seenNotVipAt": later(hours=1), "nextAt": later(hours=3)}, later(hours=3)),
        ({"unanswered": True, "unansweredAt": later(hours=2), "nextAt": later(hours=3)}, later(hours=2)),
    ],
)
def test_an_add_that_an_older_program_left_unanswered_is_as_fresh_as_it_may_have_been(
    sealer: Sealer, fields: dict[str, Any], unanswered_at: datetime | None
) -> None:
    document = {**EARLIER_SESSION, "state": "granting", "createdAt": T0, **fields}
    read = SESSIONS.read("s1", document, sealer, "1")
    assert read.unanswered_at == unanswered_at
    assert SESSIONS.write(read, sealer)["unanswered"] is (unanswered_at is not None)


def test_a_broken_credit_is_named(sealer: Sealer) -> None:
    document = {**EARLIER_SESSION, "credits": [{"id": "c1", "hours": 1, "at": T0}, {"id": "c2", "at": T0}]}
    with pytest.raises(BrokenDocument, match=r"vipSessions/s1/credits\[1\]: field 'hours': absent"):
        SESSIONS.read("s1", document, sealer, "1")


def test_moments_are_read_as_text_and_as_datetimes(sealer: Sealer) -> None:
    expected = datetime(2026, 3, 2, 12, tzinfo=UTC)
    for ends in (expected, "2026-03-02T12:00:00Z", "2026-03-02T13:00:00.000+01:00"):
        assert SESSIONS.read("s1", {**EARLIER_SESSION, "expiresAt": ends}, sealer, "1").expires_at == expected


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+14:00"])
def test_a_moment_that_leaves_the_calendar_is_broken(sealer: Sealer, text: str) -> None:
    with pytest.raises(BrokenDocument, match="field 'expiresAt': expected a moment"):
        SESSIONS.read("s1", {**EARLIER_SESSION, "expiresAt": text}, sealer, "1")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e300, -1e10, 10**400])
def test_a_number_that_nobody_can_count_with_is_broken(sealer: Sealer, number: float) -> None:
    with pytest.raises(BrokenDocument, match="field 'owed': expected a number of at most"):
        SESSIONS.read("s1", {**EARLIER_SESSION, "owed": number}, sealer, "1")


def test_an_add_of_which_nothing_says_when_it_went_out_is_broken(sealer: Sealer) -> None:
    document = {"channelId": "1001", "userId": "2001", "state": "granting", "unanswered": True, "expiresAt": T0}
    with pytest.raises(BrokenDocument):
        SESSIONS.read("s1", document, sealer, "1")
