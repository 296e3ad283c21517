"""Every channel is listened to, whatever becomes of another one, of the store, or of what follows an event."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tests.background.listening import becomes_vip, hears, listening, redeems
from tests.house import House, until
from vip_manager.domain.account import Account
from vip_manager.domain.rules import Rules, VipClock
from vip_manager.domain.session import SessionState
from vip_manager.ports import StoreError, StoreUnavailable, StreamHint, VipHint
from vip_manager.services.connections import Hearing

VIPS = "/helix/channels/vips"
SECOND = "secondstreamer"


async def test_a_redemption_on_twitch_becomes_vip(house: House) -> None:
    await house.open()
    async with listening(house):
        await hears(house)
        await redeems(house, "viewer1")
        await becomes_vip(house, "viewer1")


async def test_who_has_left_is_listened_to_no_more_until_they_come_back(house: House) -> None:
    streamer = await house.open()
    async with listening(house):
        await hears(house)
        await house.services.departure.begin(streamer, streamer.id, "streamer")

        async def silent() -> bool:
            return (await house.channel()).left and ("eventsub", "1001") not in house.services.turns._locks

        await until(silent, "the listener to stop")
        assert await house.services.departure.go_on("1001")
        await house.connect()
        # A reward that is made in the middle of the first catch-up leaves another one to the sweep.
        await hears(house)
        await house.open()
        await redeems(house, "viewer2")
        await becomes_vip(house, "viewer2")


async def asked_for_events(house: House) -> int:
    """How often Twitch was asked for events."""
    journal = (await house.http.get("control/journal", params={"kind": "request", "limit": 1000})).json()["journal"]
    return sum("eventsub" in str(line.get("path")) or str(line.get("path")).endswith("/ws") for line in journal)


async def test_who_has_left_is_listened_to_no_more_though_twitch_takes_no_token_back(house: House) -> None:
    streamer = await house.open()
    await house.fault("POST", "/oauth2/revoke", "status", status=503, times=-1)
    async with listening(house):
        await hears(house)
        await house.services.departure.begin(streamer, streamer.id, "streamer")

        async def silent() -> bool:
            return (await house.channel()).left and ("eventsub", "1001") not in house.services.turns._locks

        await until(silent, "the listener to stop")
        before = await asked_for_events(house)
        for _ in range(5):
            house.services.changes.announce("1001")
            await asyncio.sleep(0.05)
        assert await asked_for_events(house) == before
        account = await house.services.store.accounts.get("1001")
        assert account
        assert account.may_manage


async def test_what_happened_before_anybody_listened_is_caught_up(house: House) -> None:
    await house.open()
    await redeems(house, "viewer1")
    async with listening(house):
        await becomes_vip(house, "viewer1")


async def test_a_removal_by_hand_a_moment_after_the_grant_ends_the_claim(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    async with listening(house):
        await hears(house)
        await house.control("vip", channel="streamer", viewer="viewer1", vip=False)

        async def lost() -> bool:
            session = await house.live("3001")
            return session is None or not session.ours

        await until(lost, "the claim to end")
        await house.control("vip", channel="streamer", viewer="viewer1", vip=True)
    house.clock.jump(2)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()


async def test_listeners_survive_a_hiccup_of_the_store_and_make_it_good(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    await house.open(login=SECOND)
    hiccups = 0
    get = house.services.store.accounts.get

    async def unsteady(user_id: str) -> Account | None:
        nonlocal hiccups
        if user_id == "1002" and hiccups < 3:
            hiccups += 1
            raise StoreUnavailable("database is locked")
        return await get(user_id)

    monkeypatch.setattr(house.services.store.accounts, "get", unsteady)
    async with listening(house) as task:
        await hears(house)
        await hears(house, "1002")
        assert (hiccups, task.done()) == (3, False)
        await redeems(house, "viewer1")
        await becomes_vip(house, "viewer1")


@pytest.mark.parametrize(
    "error",
    [StoreUnavailable("database is locked"), StoreError("database disk image is malformed"), KeyError("our own fault")],
)
async def test_listeners_wait_for_a_store_that_can_not_be_read_at_the_start(
    house: House, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    await house.open()
    tries = 0
    every = house.services.store.channels.all

    async def late() -> object:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise error
        return await every()

    monkeypatch.setattr(house.services.store.channels, "all", late)
    async with listening(house):
        await hears(house)
    assert tries == 3


async def test_an_unreadable_account_does_not_keep_the_others_from_being_heard(house: House) -> None:
    await house.open()
    await house.open(login=SECOND)
    house.poison("users", "1001", "expiresAt", 5)
    async with listening(house) as task:
        await hears(house, "1002")
        house.services.changes.announce("1001")
        await redeems(house, "viewer1", SECOND)
        await becomes_vip(house, "viewer1", SECOND)
        assert not task.done()


async def test_a_listener_that_failed_listens_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.open()
    receive = house.services.intake.receive
    failures = 0

    async def failing(*told: Any) -> Any:
        nonlocal failures
        if failures == 0:
            failures += 1
            raise KeyError("once")
        return await receive(*told)

    async with listening(house):
        await hears(house)
        monkeypatch.setattr(house.services.intake, "receive", failing)
        await redeems(house, "viewer1")
        await becomes_vip(house, "viewer1")
    assert failures == 1


async def test_a_follow_up_that_fails_does_not_stop_the_listening(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    grant = house.services.grant.redemption
    failed: list[str] = []

    async def failing(redemption_id: str) -> object:
        if not failed:
            failed.append(redemption_id)
            raise KeyError(redemption_id)
        return await grant(redemption_id)

    async with listening(house):
        await hears(house)
        monkeypatch.setattr(house.services.grant, "redemption", failing)
        await redeems(house, "viewer1")

        async def has_failed() -> bool:
            return bool(failed)

        await until(has_failed, "the follow-up to fail")
        await redeems(house, "viewer2")
        await becomes_vip(house, "viewer2")
        assert house.services.connections.of("1001").hearing is Hearing.LIVE


async def test_a_look_that_failed_makes_a_catch_up_due(house: House) -> None:
    await house.open(hours=24)
    await house.redeem("viewer1")
    async with listening(house):
        await hears(house)
        await house.fault("GET", VIPS, "status", status=500)
        await house.control("vip", channel="streamer", viewer="viewer1", vip=False)

        async def due() -> bool:
            at = (await house.channel()).catch_up_at
            return at is not None and at <= house.clock.now()

        await until(due, "a catch-up to be due")
    # The event itself ended the claim; what else became of them, the catch-up looks.
    session = await house.live("3001")
    assert session
    assert (session.state, session.ours) == (SessionState.ASIDE, False)
    await house.services.sweep.run()
    at = (await house.channel()).catch_up_at
    assert at is not None
    assert at > house.clock.now()


async def test_a_hint_that_the_store_could_not_take_makes_a_catch_up_due(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    await house.services.sweep.run()

    async def look(channel_id: str, user_id: str, removed_at: datetime | None = None) -> None:
        raise StoreUnavailable("database is locked")

    async def events(channel_id: str) -> AsyncIterator[object]:
        yield VipHint(channel_id, "3001")
        await asyncio.Event().wait()

    monkeypatch.setattr(house.services.reconcile, "look", look)
    monkeypatch.setattr(house.services.twitch, "events", events)

    async def due() -> bool:
        at = (await house.channel()).catch_up_at
        return at is not None and at <= house.clock.now()

    async with listening(house):
        await until(due, "a catch-up to be due")


async def test_a_stream_that_begins_and_ends_is_heard(house: House) -> None:
    await house.open()
    channel = await house.channel()
    await house.services.store.commit(replace(channel, rules=Rules(clock=VipClock.STREAM)))
    async with listening(house):
        await hears(house)
        await house.control("channel", channel="streamer", live=True)
        await redeems(house, "viewer1")
        await becomes_vip(house, "viewer1")
        session = await house.live("3001")
        assert session
        assert session.expires_at is None
        await house.control("channel", channel="streamer", live=False)

        async def has_an_end() -> bool:
            session = await house.live("3001")
            return session is not None and session.expires_at is not None

        await until(has_an_end, "the clock to hear that the stream is over")


async def test_a_stream_of_which_the_store_could_not_take_note_makes_a_catch_up_due(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    await house.services.sweep.run()

    async def heard(_: StreamHint) -> None:
        raise StoreUnavailable("database is locked")

    async def events(channel_id: str) -> AsyncIterator[object]:
        yield StreamHint(channel_id, house.clock.now(), None)
        await asyncio.Event().wait()

    monkeypatch.setattr(house.services.streams, "heard", heard)
    monkeypatch.setattr(house.services.twitch, "events", events)

    async def due() -> bool:
        at = (await house.channel()).catch_up_at
        return at is not None and at <= house.clock.now()

    async with listening(house):
        await until(due, "a catch-up to be due")
