"""The store or Twitch in trouble while something is posted, and subscriptions that Twitch ends."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.background.listening import counted_once
from tests.house import until
from tests.webhook.hook_house import KEY, HookHouse, badge, becomes, post
from vip_manager.domain.audit import Action
from vip_manager.ports import StoreUnavailable, StreamHint
from vip_manager.services import deliveries
from vip_manager.services.connections import Hearing
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.twitch.eventsub.messages import REDEMPTION_ADD, STREAM_ONLINE, TYPES, VIP_ADD, VIP_REMOVE
from vip_manager.twitch.eventsub.webhook import Webhook

VIPS = "/helix/channels/vips"


class OutOfReach:
    """A store that refuses redemptions and channels while it is down."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refusals = 0
        self.left = 0
        commit = SqliteStore.commit

        async def refusing(store: SqliteStore, first: Any, /, *rest: Any) -> Any:
            if self.left:
                self.left -= 1
                self.refusals += 1
                raise StoreUnavailable("database is locked")
            return await commit(store, first, *rest)

        monkeypatch.setattr(SqliteStore, "commit", refusing)


@pytest.fixture
def store(open_house: HookHouse, monkeypatch: pytest.MonkeyPatch) -> OutOfReach:
    return OutOfReach(monkeypatch)


async def test_a_redemption_that_the_store_could_not_take_is_sent_again(
    open_house: HookHouse, store: OutOfReach
) -> None:
    store.left = 3
    await open_house.redemption_becomes_vip()
    await until(answered(open_house, 503, 503, 503, 204), "the message to be taken")
    added = [line for line in await open_house.attempts() if line["type"] == REDEMPTION_ADD]
    assert len({line["message"] for line in added}) == 1


async def test_a_store_that_can_not_be_read_is_out_of_reach_too(
    open_house: HookHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def get(channel_id: str) -> None:
        raise StoreUnavailable("database is locked")

    with monkeypatch.context() as down:
        down.setattr(type(open_house.services.store.channels), "get", lambda self, channel_id: get(channel_id))
        answer = await open_house.deliver(post(badge(VIP_ADD)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_unavailable")


async def test_a_hint_that_could_not_be_followed_makes_a_catch_up_due(open_house: HookHouse) -> None:
    await open_house.redemption_becomes_vip()
    await open_house.not_due()
    await open_house.fault("GET", VIPS, "status", times=-1, status=503)
    assert (await open_house.deliver(post(badge(VIP_ADD)))).status_code == 204
    assert await open_house.due()


async def test_a_hint_that_can_not_even_be_left_due_is_sent_again(
    open_house: HookHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    async def look(channel_id: str, user_id: str, removed_at: datetime | None = None) -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise StoreUnavailable("database is locked")

    await open_house.not_due()
    monkeypatch.setattr(open_house.services.reconcile, "look", look)
    message = post(badge(VIP_REMOVE))
    with monkeypatch.context() as down:
        OutOfReach(down).left = 10
        assert (await open_house.deliver(message)).status_code == 503
    assert (await open_house.deliver(replace(message, retry="1"))).status_code == 204
    assert looks == 2


async def test_a_stream_that_could_not_be_written_down_is_sent_again(
    open_house: HookHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_house.not_due()
    event = {"broadcaster_user_id": "1001", "started_at": open_house.clock.now().isoformat()}
    message = post({"subscription": {"id": "1", "type": STREAM_ONLINE}, "event": event})
    with monkeypatch.context() as down:
        OutOfReach(down).left = 10
        assert (await open_house.deliver(message)).status_code == 503
    assert (await open_house.deliver(message)).status_code == 204
    assert (await open_house.channel()).stream.live


async def test_a_stream_that_could_not_be_followed_makes_a_catch_up_due(
    open_house: HookHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_house.not_due()

    async def heard(_: StreamHint) -> None:
        raise StoreUnavailable("database is locked")

    monkeypatch.setattr(open_house.services.streams, "heard", heard)
    await open_house.control("channel", channel="streamer", live=True)
    await until(open_house.due, "a catch-up to be due")


def test_twitch_is_not_kept_waiting_for_long() -> None:
    assert timedelta(seconds=3) == deliveries.PATIENCE


@pytest.mark.usefixtures("impatient")
async def test_a_grant_that_takes_long_goes_on_after_the_answer(open_house: HookHouse) -> None:
    await open_house.fault("POST", VIPS, "pass", hold=True)
    made = await open_house.control("redeem", channel="streamer", viewer="viewer1")
    await open_house.held()
    await until(answered(open_house, 204), "the message to be answered")
    assert "viewer1" not in await open_house.vips()
    await open_house.heal_twitch()
    await counted_once(open_house, made["id"])
    assert "viewer1" in await open_house.vips()


@pytest.mark.usefixtures("impatient")
async def test_a_grant_that_dies_after_the_answer_is_finished_by_the_sweep(open_house: HookHouse) -> None:
    await open_house.fault("POST", VIPS, "pass", hold=True)
    made = await open_house.control("redeem", channel="streamer", viewer="viewer1")
    await open_house.held()
    await until(answered(open_house, 204), "the message to be answered")
    await open_house.restart()
    await open_house.heal_twitch()
    await open_house.services.sweep.run()
    await counted_once(open_house, made["id"])
    assert "viewer1" in await open_house.vips()


@pytest.mark.usefixtures("impatient")
async def test_a_look_that_takes_long_leaves_a_catch_up_due(open_house: HookHouse) -> None:
    await open_house.redemption_becomes_vip()
    await open_house.not_due()
    await open_house.fault("GET", VIPS, "pass", hold=True)
    assert (await open_house.deliver(post(badge(VIP_ADD)))).status_code == 204
    assert await open_house.due()
    await open_house.heal_twitch()


@pytest.mark.usefixtures("impatient")
async def test_connecting_does_not_wait_for_a_slow_twitch(house: HookHouse) -> None:
    await house.fault("POST", "/eventsub/subscriptions", "pass", times=len(TYPES), hold=True)
    await house.connect()
    assert house.services.connections.of("1001").hearing is Hearing.CONNECTING
    await house.heal_twitch()
    await house.hears()


async def test_a_disconnect_on_twitch_is_a_sign_in_that_is_needed(open_house: HookHouse) -> None:
    await open_house.control("disconnect", user="streamer")

    async def lost() -> bool:
        account = await open_house.services.store.accounts.get("1001")
        hearing = open_house.services.connections.of("1001").hearing
        return account is not None and account.reconnect and hearing is Hearing.RECONNECT

    await until(lost, "the account to be lost")
    assert (await open_house.actions()).count(Action.DISCONNECTED) == 1
    await open_house.connect()
    await open_house.hears()
    made = await open_house.control("redeem", channel="streamer", viewer="viewer1")
    await counted_once(open_house, made["id"])


@pytest.mark.parametrize("status", ["authorization_revoked", "user_removed", "version_removed"])
async def test_a_revocation_with_a_living_token_is_subscribed_anew(open_house: HookHouse, status: str) -> None:
    await open_house.not_due()
    assert (await open_house.control("revoke", user="streamer", status=status))["revoked"] >= 6

    async def told() -> bool:
        return len(await open_house.attempts("revocation")) >= 6

    await until(told, "the revocations to be told")
    assert open_house.services.connections.of("1001").hearing is Hearing.CONNECTING
    assert await open_house.due()
    await open_house.services.sweep.run()
    await open_house.hears()
    assert len(await open_house.listed()) == len(TYPES)


async def test_a_revocation_of_which_the_store_takes_no_note_is_sent_again(
    open_house: HookHouse, store: OutOfReach
) -> None:
    await open_house.not_due()
    [one] = [one["id"] for one in await open_house.listed() if one["type"] == VIP_ADD]
    store.left = 2
    await open_house.control("revoke", subscription=one, status="notification_failures_exceeded")
    await until(open_house.due, "a catch-up to be due")
    assert store.refusals == 2


async def test_where_the_token_can_not_be_validated_the_next_catch_up_finds_out(open_house: HookHouse) -> None:
    await open_house.not_due()
    await open_house.fault("GET", "/validate", "status", times=-1, status=503)
    await open_house.control("disconnect", user="streamer")

    async def told() -> bool:
        return len(await open_house.attempts("revocation")) >= 6

    await until(told, "the revocations to be told")
    assert await open_house.due()
    await open_house.heal_twitch()
    await open_house.services.sweep.run()
    account = await open_house.services.store.accounts.get("1001")
    assert account is not None
    assert account.reconnect


async def test_twitch_gives_up_on_us_and_we_come_back(open_house: HookHouse) -> None:
    """Down for so long that Twitch ends the subscription: what was missed is found, and it stands again."""
    api, open_house.served.app = open_house.served.app, None
    await open_house.not_due()
    for viewer in ("viewer1", "viewer2", "viewer3"):
        await open_house.control("redeem", channel="streamer", viewer=viewer)

    async def given_up() -> bool:
        return (await open_house.statuses())[REDEMPTION_ADD] == "notification_failures_exceeded"

    await until(given_up, "Twitch to give up")
    open_house.served.app = api

    async def stands_again() -> bool:
        # Twitch's word that it has given up may come after a sweep that has subscribed: the next one looks again.
        await open_house.services.channels.due("1001", open_house.clock.now())
        await open_house.services.sweep.run()
        return await open_house.stands()

    await until(stands_again, "all to be heard again")
    assert await open_house.vips() >= {"viewer1", "viewer2", "viewer3"}
    await open_house.control("redeem", channel="streamer", viewer="viewer4")
    await until(becomes(open_house, "viewer4"), "viewer4 to become VIP")


async def test_no_secret_is_told(open_house: HookHouse) -> None:
    assert KEY not in repr(Webhook(open_house.callback, (KEY,)))
    with capture_logs() as logs:
        await open_house.fault("POST", "/eventsub/subscriptions", "status", times=-1, status=400)
        for one in await open_house.listed():
            await open_house.as_app("DELETE", params={"id": one["id"]})
        await open_house.not_due()
        await open_house.deliver(replace(post(badge(VIP_ADD)), key="another"))
    assert logs
    assert KEY not in repr(logs)


def answered(house: HookHouse, *statuses: int) -> Callable[[], Awaitable[bool]]:
    """Whether Twitch was told so of a redemption, attempt by attempt."""

    async def so() -> bool:
        return [line["answer"] for line in await house.attempts() if line["type"] == REDEMPTION_ADD] == [*statuses]

    return so
