"""Anybody can post to the webhook's address: nothing but what Twitch has signed, just now, is taken."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.house import until
from tests.twitch.fakes import redemption_item
from tests.webhook.hook_house import HookHouse, Post, badge, becomes, post, subscription
from vip_manager.domain.books import Books
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.twitch.eventsub.messages import REDEMPTION_ADD, VIP_REMOVE
from vip_manager.web.body import MOST_BYTES


async def books(house: HookHouse) -> Books:
    assert isinstance(house.services.store, SqliteStore)
    return await house.services.store.books()


async def redeemed(house: HookHouse, **changes: Any) -> dict[str, Any]:
    """What is posted of a redemption that Twitch knows nothing of."""
    reward = {"id": (await house.channel()).channel_point_reward_id, "title": "VIP", "cost": 1, "prompt": ""}
    event = redemption_item(str(uuid.uuid4()), reward=reward, redeemed_at=house.clock.now().isoformat(), **changes)
    return {"subscription": subscription(), "event": event}


async def refused(
    house: HookHouse, message: Post, status: int, code: str, headers: dict[str, str] | None = None
) -> None:
    before = await books(house)
    answer = await house.deliver(message, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert await books(house) == before


async def test_what_is_signed_is_taken(open_house: HookHouse) -> None:
    payload = await redeemed(open_house)
    answer = await open_house.deliver(post(payload))
    assert (answer.status_code, answer.content) == (204, b"")
    assert await open_house.services.store.redemptions.get(payload["event"]["id"])


async def test_without_a_header_it_is_forged(open_house: HookHouse) -> None:
    message = post(await redeemed(open_house))
    for name in ("Id", "Timestamp", "Type", "Signature"):
        headers = {key: value for key, value in message.headers.items() if key != f"Twitch-Eventsub-Message-{name}"}
        await refused(open_house, message, 403, "forged", headers)


async def test_another_secret_body_id_or_time_is_forged(open_house: HookHouse) -> None:
    message, other = post(await redeemed(open_house)), post(await redeemed(open_house))
    await refused(open_house, replace(message, key="another secret"), 403, "forged")
    await refused(open_house, replace(message, body=message.body + b" "), 403, "forged", message.headers)
    for name in ("Id", "Timestamp", "Signature"):
        key = f"Twitch-Eventsub-Message-{name}"
        await refused(open_house, message, 403, "forged", message.headers | {key: other.headers[key]})
    signature = message.headers["Twitch-Eventsub-Message-Signature"]
    for wrong in (signature.removeprefix("sha256="), signature.replace("sha256", "sha1"), signature[:-1], "\xff" * 71):
        headers = {**message.headers, "Twitch-Eventsub-Message-Signature": wrong}
        await refused(open_house, message, 403, "forged", {k: v.encode("latin-1") for k, v in headers.items()})  # type: ignore[misc]


async def test_what_was_kept_for_more_than_ten_minutes_is_stale(open_house: HookHouse) -> None:
    for minutes in (11, -11, 60 * 24 * 365):
        message = post(await redeemed(open_house), ago=timedelta(minutes=minutes))
        await refused(open_house, message, 403, "stale")


async def test_a_stamp_that_can_not_be_read(open_house: HookHouse) -> None:
    for stamp in ("now", "2026-03-01T10:00:00", "0001-01-01T00:00:00+14:00", "9" * 400):
        await refused(open_house, replace(post(await redeemed(open_house)), stamp=stamp), 400, "malformed")


async def test_a_little_late_is_soon_enough_whatever_domain_time_is(open_house: HookHouse) -> None:
    open_house.clock.jump(48)
    for minutes in (9, -9):
        answer = await open_house.deliver(post(await redeemed(open_house), ago=timedelta(minutes=minutes)))
        assert answer.status_code == 204


async def test_where_our_own_clock_is_wrong_nothing_is_lost(open_house: HookHouse) -> None:
    open_house.clock.wrong = timedelta(minutes=11)
    await open_house.control("redeem", channel="streamer", viewer="viewer1")

    async def answered() -> bool:
        return [line["answer"] for line in await open_house.attempts()][:1] == [403]

    await until(answered, "the message to be refused")
    open_house.clock.wrong = timedelta()
    await open_house.not_due()
    assert "viewer1" in await open_house.vips()


UNREADABLE = (
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{",
    b"{}",
    b"\xff\xfe\x00",
    b"[" * MOST_BYTES,
    b'{"a":' * (MOST_BYTES // 5),
    b'{"subscription": {"id": "1", "type": "' + REDEMPTION_ADD.encode() + b'"}, "event": ' + b"[" * 60_000,
    b"9" * MOST_BYTES,
    json.dumps({"subscription": []}).encode(),
    json.dumps({"subscription": {"id": 1, "type": REDEMPTION_ADD}, "event": {}}).encode(),
    json.dumps({"subscription": {"id": "1", "type": ["x"]}, "event": {}}).encode(),
    json.dumps({"subscription": {"id": "1", "type": REDEMPTION_ADD}, "event": "x"}).encode(),
    json.dumps({"subscription": {"id": "1", "type": REDEMPTION_ADD}}).encode(),
)


async def test_what_is_signed_and_can_not_be_read(open_house: HookHouse) -> None:
    for body in UNREADABLE:
        for kind in ("notification", "webhook_callback_verification", "revocation", "of another type"):
            await refused(open_house, post(body, kind), 400, "malformed")


IMPOSSIBLE: tuple[dict[str, Any], ...] = (
    {"redeemed_at": "yesterday"},
    {"redeemed_at": 1},
    {"redeemed_at": "0001-01-01T00:00:00+14:00"},
    {"id": ""},
    {"id": ["x"]},
    {"user_name": "\ud800"},
    {"status": "eaten"},
    {"reward": {"id": "r", "cost": 10**30}},
    {"reward": {"id": "r", "cost": float("inf")}},
    {"reward": {"id": "r", "cost": float("nan")}},
    {"reward": {"id": "r", "cost": True}},
)


async def test_a_redemption_with_a_field_that_can_not_be(open_house: HookHouse) -> None:
    for changes in IMPOSSIBLE:
        payload = await redeemed(open_house)
        payload["event"] |= changes
        await refused(open_house, post(payload), 400, "malformed")


async def test_deep_but_readable_is_read(open_house: HookHouse) -> None:
    payload = await redeemed(open_house)
    nested: Any = []
    for _ in range(500):
        nested = [nested]
    assert (await open_house.deliver(post({**payload, "more": nested}))).status_code == 204


async def test_too_much_is_not_even_read(open_house: HookHouse) -> None:
    body = json.dumps(await redeemed(open_house)).encode().ljust(MOST_BYTES + 1)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 8192):
            yield body[start : start + 8192]

    contents: tuple[Any, ...] = (body, pieces())
    for content in contents:
        answer = await open_house.http.post(open_house.callback, content=content, headers=post(body).headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert (await open_house.deliver(post(body[:MOST_BYTES]))).status_code == 204


async def test_a_type_that_we_do_not_know_is_taken_and_left(open_house: HookHouse) -> None:
    before = await books(open_house)
    answer = await open_house.deliver(post({"subscription": subscription("channel.follow"), "event": {}}))
    assert answer.status_code == 204
    assert await books(open_house) == before


async def test_the_types_header_is_not_signed_and_so_not_believed_on_its_own(open_house: HookHouse) -> None:
    await open_house.not_due()
    payload = await redeemed(open_house)
    await refused(open_house, post(payload, "revocation"), 400, "malformed")
    await refused(open_house, post(payload, "webhook_callback_verification"), 400, "malformed")
    revoked = {"subscription": subscription(status="authorization_revoked")}
    await refused(open_house, post(revoked), 400, "malformed")


async def test_a_challenge_is_answered_with_its_very_text(open_house: HookHouse) -> None:
    payload = {"challenge": "pogchamp-kappa-360noscope-vohiyo", "subscription": subscription()}
    answer = await open_house.deliver(post(payload, "webhook_callback_verification"))
    assert answer.status_code == 200
    assert answer.text == payload["challenge"]
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Content-Length"] == str(len(answer.content))


async def test_a_challenge_that_is_not_signed_by_twitch_is_not_answered(open_house: HookHouse) -> None:
    payload = {"challenge": "<script>alert(1)</script>", "subscription": subscription()}
    message = replace(post(payload, "webhook_callback_verification"), key="another secret")
    answer = await open_house.deliver(message)
    assert answer.status_code == 403
    assert "script" not in answer.text


async def test_other_methods_are_refused(open_house: HookHouse) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert (await open_house.http.request(method, open_house.callback)).status_code == 405


async def test_a_hint_under_the_same_id_is_looked_into_once(
    open_house: HookHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    async def look(channel_id: str, user_id: str, removed_at: object) -> None:
        looks.append(removed_at)

    monkeypatch.setattr(open_house.services.reconcile, "look", look)
    message = post(badge(VIP_REMOVE))
    answers = [await open_house.deliver(one) for one in (message, message, replace(message, retry="1"))]
    assert [answer.status_code for answer in answers] == [204] * 3
    assert len(looks) == 1


async def test_a_stamp_is_only_believed_where_it_is_the_first(
    open_house: HookHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that is sent again may be stamped anew: that would tell of a removal later than it was."""
    looks: list[Any] = []

    async def look(channel_id: str, user_id: str, removed_at: object) -> None:
        looks.append(removed_at)

    monkeypatch.setattr(open_house.services.reconcile, "look", look)
    open_house.clock.jump(5)
    await open_house.deliver(post(badge(VIP_REMOVE)))
    await open_house.deliver(replace(post(badge(VIP_REMOVE)), retry="2"))
    first, again = looks
    assert abs(first - open_house.clock.now()) < timedelta(seconds=30)
    assert again is None


async def test_many_at_once(open_house: HookHouse) -> None:
    payload = await redeemed(open_house, user_id="3001")
    message = post(payload)
    answers = await asyncio.gather(*(open_house.deliver(message) for _ in range(10)))
    assert [answer.status_code for answer in answers] == [204] * 10
    await until(becomes(open_house, "viewer1"), "viewer1 to become VIP")
    assert [str(action) for action in await open_house.actions()].count("redeemed") == 1
