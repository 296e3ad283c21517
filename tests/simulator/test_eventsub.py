import asyncio
from typing import Any

import pytest

from tests.simulator.conftest import Clock
from tests.simulator.driver import Hand, Twitch, close_code, frame, notification, session_of, socket_to, until

REDEMPTION = "channel.channel_points_custom_reward_redemption"
REWARD = "channel.channel_points_custom_reward"


async def test_the_welcome_names_the_session_and_the_keepalive(twitch: Twitch) -> None:
    async with socket_to(twitch) as socket:
        welcome = await frame(socket)
    assert set(welcome["metadata"]) == {"message_id", "message_type", "message_timestamp"}
    assert welcome["metadata"]["message_type"] == "session_welcome"
    session = welcome["payload"]["session"]
    assert session | {"id": "", "connected_at": ""} == {
        "id": "",
        "status": "connected",
        "connected_at": "",
        "keepalive_timeout_seconds": 10,
        "reconnect_url": None,
    }


@pytest.mark.parametrize(("asked", "given"), [("1", 10), ("42", 42), ("9999", 600), ("x", 10), ("9" * 400, 600)])
async def test_the_keepalive_asked_for_is_clamped(twitch: Twitch, asked: str, given: int) -> None:
    async with socket_to(twitch, f"?keepalive_timeout_seconds={asked}") as socket:
        assert (await frame(socket))["payload"]["session"]["keepalive_timeout_seconds"] == given


async def test_an_unused_socket_is_closed_with_4003(hasty: Twitch) -> None:
    async with socket_to(hasty) as socket:
        assert await close_code(socket) == 4003


async def test_a_used_socket_gets_keepalives(hasty: Twitch) -> None:
    hand = await hasty.sign_in()
    async with socket_to(hasty) as socket:
        await hand.subscribe(await session_of(socket), "channel.vip.add")
        for _ in range(4):
            received = await frame(socket)
            assert received["metadata"]["message_type"] == "session_keepalive"
            assert received["payload"] == {}


async def test_messages_are_stamped_with_the_worlds_time_as_redemptions_are(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await hand.make_reward()
    async with socket_to(twitch) as socket:
        session = await session_of(socket)
        await hand.subscribe(session, f"{REDEMPTION}.add")
        await hand.subscribe(session, "channel.vip.remove")
        await twitch.control("jump", seconds=86_400)
        await twitch.control("redeem", channel="streamer", viewer="viewer1")
        await twitch.control("vip", channel="streamer", viewer="permanentvip", vip=False)
        redeemed, removed = await notification(socket), await notification(socket)
    assert redeemed["payload"]["event"]["redeemed_at"] == "2026-03-02T10:00:00.000000Z"
    stamps = [one["metadata"]["message_timestamp"] for one in (redeemed, removed)]
    assert stamps == ["2026-03-02T10:00:00.000000000Z"] * 2


async def test_a_jump_does_not_disturb_the_keepalives(hasty: Twitch) -> None:
    hand = await hasty.sign_in()
    async with socket_to(hasty) as socket:
        await hand.subscribe(await session_of(socket), "channel.vip.add")
        await hasty.control("jump", seconds=10 * 86_400)
        kinds = [(await frame(socket))["metadata"]["message_type"] for _ in range(3)]
    assert kinds == ["session_keepalive"] * 3


async def test_a_client_that_speaks_is_closed_with_4001(twitch: Twitch) -> None:
    async with socket_to(twitch) as socket:
        await frame(socket)
        await socket.send("hello")
        assert await close_code(socket) == 4001


async def test_a_subscription_is_answered_with_202_and_listed(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    async with socket_to(twitch) as socket:
        session = await session_of(socket)
        answer = await hand.subscribe(session, "channel.vip.add")
        assert answer.status_code == 202
        body = answer.json()
        assert (body["total"], body["total_cost"], body["max_total_cost"]) == (1, 0, 10)
        made = body["data"][0]
        assert made["transport"]["session_id"] == session
        assert made["transport"]["method"] == "websocket"
        assert (made["status"], made["cost"], made["version"]) == ("enabled", 0, "1")
        listed = (await hand.call("GET", "eventsub/subscriptions", type="channel.vip.add")).json()
        assert (listed["data"], listed["pagination"]) == ([made], {})
        other = (await hand.call("GET", "eventsub/subscriptions", type="channel.vip.remove")).json()
        assert other["data"] == []
        two = await hand.call("GET", "eventsub/subscriptions", type="channel.vip.add", status="enabled")
        assert two.status_code == 400


async def test_subscriptions_are_refused_with_the_right_code(twitch: Twitch) -> None:
    hand, poor = await twitch.sign_in(), await twitch.sign_in("secondstreamer", scope="")
    async with socket_to(twitch) as socket, socket_to(twitch) as second:
        session, other = await session_of(socket), await session_of(second)
        assert (await hand.subscribe("gone", "channel.vip.add")).status_code == 400
        assert (await hand.subscribe(session, "channel.nonsense")).status_code == 400
        assert (await hand.subscribe(session, "channel.vip.add", broadcaster_user_id="9")).status_code == 400
        assert (await poor.subscribe(other, "channel.vip.add")).status_code == 403
        stranger = await hand.subscribe(session, "channel.vip.add", broadcaster_user_id="1002")
        assert stranger.status_code == 403
        assert (await hand.subscribe(session, "channel.vip.add")).status_code == 202
        again = await hand.subscribe(session, "channel.vip.add")
        assert (again.status_code, again.json()["error"]) == (409, "Conflict")
        mixed = await poor.subscribe(session, "stream.online")
        assert (mixed.status_code, "different users" in mixed.json()["message"]) == (400, True)


async def test_a_fourth_socket_of_a_user_is_refused_with_429(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    kinds = ("channel.vip.add", "channel.vip.remove", "stream.online", "stream.offline")
    async with (
        socket_to(twitch) as one,
        socket_to(twitch) as two,
        socket_to(twitch) as three,
        socket_to(twitch) as four,
    ):
        sockets = (one, two, three, four)
        statuses = [
            (await hand.subscribe(await session_of(socket), kind)).status_code
            for socket, kind in zip(sockets, kinds, strict=True)
        ]
    assert statuses == [202, 202, 202, 429]


async def test_the_same_on_a_fourth_socket_is_refused_with_429(twitch: Twitch) -> None:
    hand, other = await twitch.sign_in(), await twitch.sign_in("secondstreamer")
    async with (
        socket_to(twitch) as one,
        socket_to(twitch) as two,
        socket_to(twitch) as three,
        socket_to(twitch) as four,
    ):
        for socket in (one, two, three):
            assert (await hand.subscribe(await session_of(socket), "stream.online")).status_code == 202
        session = await session_of(four)
        assert (await hand.subscribe(session, "stream.online")).status_code == 429
        assert (await other.subscribe(session, "stream.online", broadcaster_user_id="1001")).status_code == 202


async def test_a_deleted_subscription_hears_nothing_more(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    async with socket_to(twitch) as socket:
        session = await session_of(socket)
        made = (await hand.subscribe(session, "channel.vip.add")).json()["data"][0]["id"]
        await hand.subscribe(session, "channel.vip.remove")
        assert (await hand.call("DELETE", "eventsub/subscriptions", id=made)).status_code == 204
        assert (await hand.call("DELETE", "eventsub/subscriptions", id=made)).status_code == 404
        await hand.vip("POST", "viewer1")
        await hand.vip("DELETE", "viewer1")
        heard = await frame(socket)
        assert heard["metadata"]["subscription_type"] == "channel.vip.remove"


async def listening(twitch: Twitch, socket: Any, *kinds: str, **condition: str) -> Hand:
    hand = await twitch.sign_in()
    session = await session_of(socket)
    for kind in kinds:
        assert (await hand.subscribe(session, kind, **condition)).status_code == 202
    return hand


async def test_redemption_events_have_the_exact_shape(twitch: Twitch) -> None:
    async with socket_to(twitch) as socket:
        hand = await listening(twitch, socket, f"{REDEMPTION}.add", f"{REDEMPTION}.update")
        reward = await hand.make_reward(prompt="Please")
        made = await twitch.control("redeem", channel="streamer", viewer="viewer1", input="hi")
        heard = await frame(socket)
        assert heard["metadata"]["message_type"] == "notification"
        assert heard["metadata"]["subscription_type"] == f"{REDEMPTION}.add"
        assert heard["metadata"]["subscription_version"] == "1"
        assert set(heard["payload"]["subscription"]) == {
            "id",
            "status",
            "type",
            "version",
            "cost",
            "condition",
            "transport",
            "created_at",
        }
        event = {
            "id": made["id"],
            "broadcaster_user_id": "1001",
            "broadcaster_user_login": "streamer",
            "broadcaster_user_name": "Streamer",
            "user_id": "3001",
            "user_login": "viewer1",
            "user_name": "Viewer1",
            "user_input": "hi",
            "status": "unfulfilled",
            "reward": {"id": reward, "title": "VIP for a day", "cost": 500, "prompt": "Please"},
            "redeemed_at": made["redeemed_at"],
        }
        assert heard["payload"]["event"] == event
        await twitch.control("settle", redemption_id=made["id"], status="CANCELED")
        update = await frame(socket)
        assert update["metadata"]["subscription_type"] == f"{REDEMPTION}.update"
        assert update["payload"]["event"] == event | {"status": "canceled"}


async def test_vip_and_moderator_events_name_both_sides(twitch: Twitch) -> None:
    kinds = ("channel.vip.add", "channel.vip.remove", "channel.moderator.add", "channel.moderator.remove")
    async with socket_to(twitch) as socket:
        await listening(twitch, socket, *kinds)
        await twitch.control("vip", channel="streamer", viewer="viewer1", vip=True)
        await twitch.control("moderator", channel="streamer", viewer="viewer1", moderator=True)
        await twitch.control("moderator", channel="streamer", viewer="viewer1", moderator=False)
        heard = [await frame(socket) for _ in range(4)]
    assert [one["metadata"]["subscription_type"] for one in heard] == list(kinds)
    for one in heard:
        assert one["payload"]["event"] == {
            "user_id": "3001",
            "user_login": "viewer1",
            "user_name": "Viewer1",
            "broadcaster_user_id": "1001",
            "broadcaster_user_login": "streamer",
            "broadcaster_user_name": "Streamer",
        }


async def test_reward_events_follow_its_life_in_eventsubs_own_names(twitch: Twitch) -> None:
    async with socket_to(twitch) as socket:
        hand = await listening(twitch, socket, *(f"{REWARD}.{verb}" for verb in ("add", "update", "remove")))
        reward = await hand.make_reward()
        await hand.rewards("PATCH", {"is_paused": True}, id=reward)
        await hand.rewards("DELETE", id=reward)
        heard = [await frame(socket) for _ in range(3)]
    assert [one["metadata"]["subscription_type"].rpartition(".")[2] for one in heard] == ["add", "update", "remove"]
    event = heard[1]["payload"]["event"]
    assert event["is_paused"] is True
    assert event["max_per_stream"] == {"is_enabled": False, "value": 0}
    assert event["global_cooldown"] == {"is_enabled": False, "seconds": 0}
    assert "max_per_stream_setting" not in event


async def test_a_reward_in_the_condition_shuts_out_the_others(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    first, _second = await hand.make_reward("First"), await hand.make_reward("Second")
    async with socket_to(twitch) as socket:
        await listening(twitch, socket, f"{REDEMPTION}.add", reward_id=first)
        await twitch.control("redeem", channel="streamer", viewer="viewer1", reward="Second")
        wanted = await twitch.control("redeem", channel="streamer", viewer="viewer1", reward="First")
        assert (await frame(socket))["payload"]["event"]["id"] == wanted["id"]


async def test_another_channels_events_are_not_heard(twitch: Twitch) -> None:
    async with socket_to(twitch) as socket:
        await listening(twitch, socket, "channel.vip.add")
        await twitch.control("vip", channel="secondstreamer", viewer="viewer1", vip=True)
        await twitch.control("vip", channel="streamer", viewer="viewer2", vip=True)
        assert (await frame(socket))["payload"]["event"]["user_login"] == "viewer2"


async def test_a_condition_lists_the_reward_it_does_not_name(twitch: Twitch) -> None:
    async with socket_to(twitch) as socket:
        hand = await listening(twitch, socket, f"{REDEMPTION}.add")
        listed = (await hand.call("GET", "eventsub/subscriptions")).json()["data"]
    assert listed[0]["condition"] == {"broadcaster_user_id": "1001", "reward_id": ""}


async def test_types_for_webhooks_only_are_refused_on_a_socket(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    async with socket_to(twitch) as socket:
        answer = await hand.call(
            "POST",
            "eventsub/subscriptions",
            {
                "type": "user.authorization.revoke",
                "version": "1",
                "condition": {"client_id": "sandbox-client-id"},
                "transport": {"method": "websocket", "session_id": await session_of(socket)},
            },
        )
    assert (answer.status_code, "websocket" in answer.json()["message"]) == (400, True)


async def test_subscriptions_die_with_their_socket_and_stay_listed_a_minute(twitch: Twitch, clock: Clock) -> None:
    async with socket_to(twitch) as socket:
        hand = await listening(twitch, socket, "channel.vip.add")

    async def statuses() -> list[str]:
        listed = (await hand.call("GET", "eventsub/subscriptions")).json()["data"]
        return [one["status"] for one in listed]

    async def disconnected() -> bool:
        return await statuses() == ["websocket_disconnected"]

    await until(disconnected)
    clock.passed += 61
    assert await statuses() == []


async def test_a_disconnect_revokes_each_subscription_and_leaves_the_socket_open(twitch: Twitch) -> None:
    async with socket_to(twitch) as socket:
        await listening(twitch, socket, "channel.vip.add", "channel.vip.remove")
        await twitch.control("disconnect", user="streamer")
        for kind in ("channel.vip.add", "channel.vip.remove"):
            revoked = await frame(socket)
            assert revoked["metadata"]["message_type"] == "revocation"
            assert revoked["metadata"]["subscription_type"] == kind
            assert revoked["payload"]["subscription"]["status"] == "authorization_revoked"
            assert set(revoked["payload"]) == {"subscription"}
        await twitch.control("vip", channel="streamer", viewer="viewer1", vip=True)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.1)


async def test_going_live_is_told_and_costs_nothing_where_the_streamer_granted(twitch: Twitch) -> None:
    async with socket_to(twitch) as socket:
        hand = await listening(twitch, socket, "stream.online", "stream.offline")
        ungranted = await hand.subscribe(
            (await hand.call("GET", "eventsub/subscriptions")).json()["data"][0]["transport"]["session_id"],
            "stream.online",
            broadcaster_user_id="1002",
        )
        assert (ungranted.json()["data"][0]["cost"], ungranted.json()["total_cost"]) == (1, 1)
        await twitch.control("channel", channel="streamer", live=True)
        await twitch.control("channel", channel="streamer", live=False)
        online, offline = await notification(socket), await notification(socket)
    assert set(online["payload"]["event"]) >= {"id", "type", "started_at"}
    assert offline["metadata"]["subscription_type"] == "stream.offline"
