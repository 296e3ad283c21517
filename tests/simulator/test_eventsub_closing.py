"""How sockets end, what that leaves of their subscriptions, and how many of them there may be."""

import time

import httpx
import pytest
from websockets.asyncio.client import ClientConnection

from tests.simulator.conftest import Start
from tests.simulator.driver import Hand, Twitch, close_code, frame, notification, session_of, socket_to, until
from vip_manager.simulator.eventsub.timings import Timings

REDEMPTION = "channel.channel_points_custom_reward_redemption.add"
STATUSES = {
    4000: "websocket_internal_error",
    4001: "websocket_received_inbound_traffic",
    4002: "websocket_failed_ping_pong",
    4003: "websocket_connection_unused",
    4004: "websocket_failed_to_reconnect",
    4005: "websocket_network_timeout",
    4006: "websocket_network_error",
    4007: "websocket_failed_to_reconnect",
}


async def statuses(hand: Hand) -> list[str]:
    return [one["status"] for one in (await hand.call("GET", "eventsub/subscriptions")).json()["data"]]


async def become(hand: Hand, *wanted: str) -> None:
    async def so() -> bool:
        return await statuses(hand) == list(wanted)

    await until(so)


async def listen(hand: Hand, socket: ClientConnection, *kinds: str) -> None:
    session = await session_of(socket)
    for kind in kinds or ("channel.vip.add",):
        assert (await hand.subscribe(session, kind)).status_code == 202


@pytest.mark.parametrize(("code", "status"), STATUSES.items())
async def test_each_close_code_can_be_provoked_and_leaves_its_status(twitch: Twitch, code: int, status: str) -> None:
    hand = await twitch.sign_in()
    async with socket_to(twitch) as socket:
        await listen(hand, socket)
        assert await twitch.control("drop-sockets", code=code) == {"dropped": 1}
        assert await close_code(socket) == code
    assert await statuses(hand) == [status]


async def test_only_the_named_users_sockets_are_dropped(twitch: Twitch) -> None:
    hand, other = await twitch.sign_in(), await twitch.sign_in("secondstreamer")
    async with socket_to(twitch) as socket, socket_to(twitch) as stays:
        await listen(hand, socket)
        await listen(other, stays)
        assert await twitch.control("drop-sockets", user="viewer1") == {"dropped": 0}
        assert await twitch.control("drop-sockets", user="streamer") == {"dropped": 1}
        assert await close_code(socket) == 4000
        assert [await statuses(one) for one in (hand, other)] == [["websocket_internal_error"], ["enabled"]]
        await twitch.control("vip", channel="secondstreamer", viewer="viewer1", vip=True)
        assert (await notification(stays))["payload"]["event"]["user_login"] == "viewer1"
    assert await twitch.refused("drop-sockets", user="nobody") == "no_user"
    for code in (0, 3999, 4008):
        assert await twitch.refused("drop-sockets", code=code) == "bad_request"


async def test_what_a_client_says_ends_its_subscriptions_too(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    async with socket_to(twitch) as socket:
        await listen(hand, socket)
        await socket.send(b"\x00")
        assert await close_code(socket) == 4001
    await become(hand, "websocket_received_inbound_traffic")


async def test_a_ping_of_the_client_is_answered_and_is_no_traffic(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    async with socket_to(twitch) as socket:
        await listen(hand, socket)
        await (await socket.ping())
        await twitch.control("vip", channel="streamer", viewer="viewer1", vip=True)
        assert (await notification(socket))["payload"]["event"]["user_login"] == "viewer1"


async def test_events_put_the_next_keepalive_off(start: Start) -> None:
    url = start(timings=Timings(keepalive=0.5, keepalive_least=0.5))
    async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as client:
        twitch = Twitch(client)
        hand = await twitch.sign_in()
        async with socket_to(twitch) as socket:
            await listen(hand, socket)
            kinds, began = set(), time.monotonic()
            while time.monotonic() < began + 0.8:
                for vip in (True, False):
                    await twitch.control("vip", channel="streamer", viewer="viewer1", vip=vip)
                kinds.add((await frame(socket))["metadata"]["message_type"])
            assert kinds == {"notification"}
            assert (await frame(socket))["metadata"]["message_type"] == "session_keepalive"


async def test_a_socket_is_used_by_one_user_only(twitch: Twitch) -> None:
    hand, other = await twitch.sign_in(), await twitch.sign_in("secondstreamer")
    async with socket_to(twitch) as socket:
        session = await session_of(socket)
        assert (await hand.subscribe(session, "channel.vip.add")).status_code == 202
        answer = await other.subscribe(session, "channel.vip.add")
    assert (answer.status_code, "different users" in answer.json()["message"]) == (400, True)


async def test_a_socket_carries_300_subscriptions_and_no_more(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    async with socket_to(twitch) as socket, socket_to(twitch) as second:
        session = await session_of(socket)
        for number in range(300):
            assert (await hand.subscribe(session, REDEMPTION, reward_id=str(number))).status_code == 202
        answer = await hand.subscribe(session, REDEMPTION, reward_id="300")
        assert (answer.status_code, answer.json()["error"]) == (429, "Too Many Requests")
        assert (await hand.subscribe(await session_of(second), REDEMPTION, reward_id="300")).status_code == 202


async def test_what_costs_is_limited_to_ten_for_a_user(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    strangers = ["1002", "2001", "4001", *(str(3000 + number) for number in range(1, 10))]
    async with socket_to(twitch) as socket:
        session = await session_of(socket)
        answers = [
            await hand.subscribe(session, "stream.online", broadcaster_user_id=stranger) for stranger in strangers
        ]
        assert [one.status_code for one in answers] == [202] * 10 + [429] * 2
        assert (await hand.subscribe(session, "stream.online")).status_code == 202


async def test_user_update_is_heard_on_a_socket_too(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    async with socket_to(twitch) as socket:
        answer = await hand.call(
            "POST",
            "eventsub/subscriptions",
            {
                "type": "user.update",
                "version": "1",
                "condition": {"user_id": hand.user_id},
                "transport": {"method": "websocket", "session_id": await session_of(socket)},
            },
        )
        assert answer.status_code == 202
        await twitch.control("rename", user="streamer", display_name="STREAMER")
        assert (await notification(socket))["payload"]["event"]["user_name"] == "STREAMER"


@pytest.mark.parametrize("status", ["authorization_revoked", "user_removed", "version_removed"])
async def test_a_users_subscriptions_end_with_the_status_asked_for_and_the_socket_stays(
    twitch: Twitch, status: str
) -> None:
    hand = await twitch.sign_in()
    async with socket_to(twitch) as socket:
        await listen(hand, socket, "channel.vip.add", "channel.vip.remove")
        assert await twitch.control("revoke", user="streamer", status=status) == {"revoked": 2}
        for _ in range(2):
            revoked = await frame(socket)
            assert revoked["metadata"]["message_type"] == "revocation"
            assert revoked["payload"]["subscription"]["status"] == status
        assert await statuses(hand) == [status] * 2
        assert (await twitch.look("world"))["sockets"] == 1


async def test_a_revocation_that_makes_no_sense_is_refused_in_words(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    async with socket_to(twitch) as socket:
        made = (await hand.subscribe(await session_of(socket), "channel.vip.add")).json()["data"][0]["id"]
        assert await twitch.refused("revoke") == "bad_request"
        assert await twitch.refused("revoke", user="streamer", subscription=made) == "bad_request"
        assert await twitch.refused("revoke", user="streamer", status="tired") == "bad_request"
        assert await twitch.refused("revoke", user="nobody") == "no_user"
        assert await twitch.refused("revoke", subscription="x") == "no_subscription"
        unreachable = "notification_failures_exceeded"
        assert await twitch.refused("revoke", user="streamer", status=unreachable) == "bad_request"
        assert await twitch.refused("revoke", subscription=made, status=unreachable) == "bad_request"
        assert await statuses(hand) == ["enabled"]


async def test_names_that_twitch_would_not_give_are_refused(twitch: Twitch) -> None:
    assert await twitch.refused("rename", user="viewer1") == "no_change"
    assert await twitch.refused("rename", user="viewer1", login="viewer2") == "login_taken"
    assert await twitch.refused("rename", user="viewer1", login="a b") == "bad_login"
    assert await twitch.refused("rename", user="viewer1", display_name="x" * 26) == "bad_request"
    assert await twitch.refused("rename", user="nobody", login="somebody") == "no_user"
    renamed = await twitch.control("rename", user="viewer1", login="newname")
    assert (renamed["id"], renamed["login"], renamed["display_name"]) == ("3001", "newname", "newname")
    assert (await twitch.control("rename", user="viewer2", login="viewer1"))["id"] == "3002"
