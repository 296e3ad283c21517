import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.twitch.fakes import NOON, STREAMER, VIEWER, redemption_item
from vip_manager.ports import Malformed, RedemptionEvent, Revoked, StreamHint, TwitchStatus, VipHint
from vip_manager.twitch.eventsub.messages import (
    REDEMPTION_ADD,
    REDEMPTION_UPDATE,
    parse_frame,
    parse_notification,
    parse_revocation,
    parse_session,
)
from vip_manager.twitch.wire import JsonObject

BADGE = {"user_id": VIEWER, "user_login": "viewer", "broadcaster_user_id": STREAMER}


def payload(kind: str, event: Any) -> JsonObject:
    return JsonObject.of({"subscription": {"type": kind}, "event": event}, "test")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("unfulfilled", TwitchStatus.UNFULFILLED),
        ("Fulfilled", TwitchStatus.FULFILLED),
        ("FULFILLED", TwitchStatus.FULFILLED),
        ("canceled", TwitchStatus.CANCELED),
        ("cancelled", TwitchStatus.CANCELED),
        ("CANCELED", TwitchStatus.CANCELED),
    ],
)
def test_statuses_in_every_spelling(word: str, status: TwitchStatus) -> None:
    event = parse_notification(payload(REDEMPTION_UPDATE, redemption_item(status=word)))
    assert isinstance(event, RedemptionEvent)
    assert event.redemption.status is status
    assert not event.added


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        ("2026-03-01T11:59:00Z", 0),
        ("2026-03-01T11:59:00.1Z", 100000),
        ("2026-03-01T11:59:00.17106713Z", 171067),
        ("2026-03-01T11:59:00.999999999Z", 999999),
        ("2026-03-01T12:59:00.5+01:00", 500000),
    ],
)
def test_times_with_any_number_of_digits(text: str, microsecond: int) -> None:
    event = parse_notification(payload(REDEMPTION_ADD, redemption_item(redeemed_at=text)))
    assert isinstance(event, RedemptionEvent)
    assert event.added
    assert event.redemption.redeemed_at == datetime(2026, 3, 1, 11, 59, 0, microsecond, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["vip.add", "vip.remove", "moderator.add", "moderator.remove"])
def test_badges_are_hints_and_only_a_vips_removal_has_a_time(kind: str) -> None:
    expected = VipHint(STREAMER, VIEWER, removed_at=NOON if kind == "vip.remove" else None)
    assert parse_notification(payload(f"channel.{kind}", BADGE), NOON) == expected


def test_a_removal_without_a_readable_time_is_a_hint_all_the_same() -> None:
    assert parse_notification(payload("channel.vip.remove", BADGE), None) == VipHint(STREAMER, VIEWER)


@pytest.mark.parametrize(
    ("stamp", "sent_at"),
    [
        ("2026-03-01T12:00:00.000000000Z", NOON),
        ("2026-03-01T12:00:00", None),
        ("now", None),
        ("", None),
        (1772366400, None),
        (None, None),
    ],
)
def test_a_frame_says_when_it_was_sent_where_that_can_be_read(stamp: object, sent_at: datetime | None) -> None:
    metadata = {"message_id": "1", "message_type": "notification", "message_timestamp": stamp}
    assert parse_frame(json.dumps({"metadata": metadata, "payload": {}})).sent_at == sent_at


def test_a_stream_begins_at_its_own_time_and_ends_when_the_message_was_sent() -> None:
    began = {"id": "1", "broadcaster_user_id": STREAMER, "type": "live", "started_at": "2026-03-01T11:59:00.5Z"}
    since = datetime(2026, 3, 1, 11, 59, 0, 500000, tzinfo=UTC)
    assert parse_notification(payload("stream.online", began), NOON) == StreamHint(STREAMER, since, NOON)
    ended = {"broadcaster_user_id": STREAMER}
    assert parse_notification(payload("stream.offline", ended), NOON) == StreamHint(STREAMER, None, NOON)
    assert parse_notification(payload("stream.offline", ended), None) == StreamHint(STREAMER, None, None)
    with pytest.raises(Malformed):
        parse_notification(payload("stream.online", ended), NOON)


def test_other_types_are_nothing() -> None:
    assert parse_notification(payload("channel.follow", {})) is None


@pytest.mark.parametrize(
    "event",
    [
        redemption_item(id=""),
        redemption_item(id=None),
        redemption_item(user_id=2001),
        redemption_item(status="odd"),
        redemption_item(status=None),
        redemption_item(redeemed_at="yesterday"),
        redemption_item(redeemed_at="2026-03-01T11:59:00"),
        redemption_item(redeemed_at="0001-01-01T00:00:00+23:00"),
        redemption_item(redeemed_at=None),
        redemption_item(reward=None),
        redemption_item(reward={"id": "r", "cost": "5"}),
        redemption_item(broadcaster_user_id=None),
        "event",
        None,
        [],
    ],
)
def test_what_cannot_be_read_is_malformed(event: object) -> None:
    with pytest.raises(Malformed):
        parse_notification(payload(REDEMPTION_ADD, event))


def test_a_new_redemption_of_unknown_status_is_a_redemption() -> None:
    event = parse_notification(payload(REDEMPTION_ADD, redemption_item(status="unknown")))
    assert isinstance(event, RedemptionEvent)
    assert event.redemption.status is TwitchStatus.UNFULFILLED
    assert event.added


def test_a_settlement_of_unknown_status_says_nothing() -> None:
    with pytest.raises(Malformed):
        parse_notification(payload(REDEMPTION_UPDATE, redemption_item(status="unknown")))


def test_a_revocation_names_the_channel_and_the_reason() -> None:
    ended = {"subscription": {"status": "authorization_revoked", "condition": {"broadcaster_user_id": STREAMER}}}
    assert parse_revocation(JsonObject.of(ended, "test")) == Revoked(STREAMER, "authorization_revoked")


def test_a_session_without_a_keepalive_has_the_usual_one() -> None:
    session = {"session": {"id": "S", "keepalive_timeout_seconds": None, "reconnect_url": "wss://x"}}
    parsed = parse_session(JsonObject.of(session, "test"))
    assert (parsed.keepalive, parsed.reconnect_url) == (10.0, "wss://x")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        "[]",
        "null",
        "1" * 5000,
        b"\xff\xfe\x00",
        "{}",
        json.dumps({"metadata": {}, "payload": {}}),
        json.dumps({"metadata": {"message_id": "1", "message_type": "notification"}}),
    ],
)
def test_frames_that_cannot_be_read(raw: str | bytes) -> None:
    with pytest.raises(Malformed):
        parse_frame(raw)
