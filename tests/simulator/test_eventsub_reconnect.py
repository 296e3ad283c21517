"""session_reconnect: a session goes on on another socket, and no event is lost or doubled by it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.simulator.conftest import Start
from tests.simulator.driver import Hand, Twitch, close_code, frame, notification, session_of, socket_to, until
from vip_manager.simulator.eventsub.sessions import GONE, Close, Sessions
from vip_manager.simulator.eventsub.timings import Timings


@pytest.fixture
async def brief(start: Start) -> AsyncIterator[Twitch]:
    """One that gives little time to move."""
    async with httpx.AsyncClient(
        base_url=start(timings=Timings(reconnect_grace=1.0)), timeout=10, trust_env=False
    ) as client:
        yield Twitch(client)


def to(url: str) -> connect:
    return connect(url, proxy=None)


async def statuses(hand: Hand) -> list[str]:
    return [one["status"] for one in (await hand.call("GET", "eventsub/subscriptions")).json()["data"]]


async def asked_to_move(twitch: Twitch, socket: ClientConnection) -> Any:
    """The session of the session_reconnect message."""
    assert await twitch.control("reconnect-sockets", user="streamer") == {"asked": 1}
    received = await notification(socket)
    assert received["metadata"]["message_type"] == "session_reconnect"
    return received["payload"]["session"]


async def listening(twitch: Twitch, socket: ClientConnection, *kinds: str) -> tuple[Hand, str]:
    hand, session = await twitch.sign_in(), await session_of(socket)
    for kind in kinds or ("channel.vip.add",):
        assert (await hand.subscribe(session, kind)).status_code == 202
    return hand, session


async def vip(twitch: Twitch, viewer: str) -> None:
    await twitch.control("vip", channel="streamer", viewer=viewer, vip=True)


async def test_the_reconnect_message_names_an_address_of_this_simulator(twitch: Twitch) -> None:
    async with socket_to(twitch, "?keepalive_timeout_seconds=20") as socket:
        _, session = await listening(twitch, socket)
        asked = await asked_to_move(twitch, socket)
    assert asked["reconnect_url"].startswith(twitch.base.replace("http", "ws", 1) + "/ws?id=")
    assert asked | {"reconnect_url": "", "connected_at": ""} == {
        "id": session,
        "status": "reconnecting",
        "keepalive_timeout_seconds": None,
        "reconnect_url": "",
        "connected_at": "",
    }


async def test_a_moved_session_keeps_its_id_its_keepalive_and_its_subscriptions(twitch: Twitch) -> None:
    async with socket_to(twitch, "?keepalive_timeout_seconds=20") as old:
        hand, session = await listening(twitch, old)
        url = (await asked_to_move(twitch, old))["reconnect_url"]
        await vip(twitch, "viewer1")
        assert (await notification(old))["payload"]["event"]["user_login"] == "viewer1"
        async with to(url) as new:
            welcome = await frame(new)
            assert welcome["metadata"]["message_type"] == "session_welcome"
            welcomed = welcome["payload"]["session"]
            assert (welcomed["id"], welcomed["keepalive_timeout_seconds"]) == (session, 20)
            assert (welcomed["status"], welcomed["reconnect_url"]) == ("connected", None)
            await vip(twitch, "viewer2")
            assert (await notification(new))["payload"]["event"]["user_login"] == "viewer2"
            await old.close()
            await vip(twitch, "viewer3")
            assert (await notification(new))["payload"]["event"]["user_login"] == "viewer3"
            assert await statuses(hand) == ["enabled"]
            assert (await twitch.look("world"))["sockets"] == 1
            assert (await hand.subscribe(session, "channel.vip.remove")).status_code == 202


async def test_no_event_is_lost_or_doubled_while_a_session_moves_again_and_again(twitch: Twitch) -> None:
    made = 60
    heard: list[str] = []
    old: ClientConnection = await socket_to(twitch)
    await listening(twitch, old, "channel.vip.add", "channel.vip.remove")

    async def happen() -> None:
        for number in range(made):
            await twitch.control("vip", channel="streamer", viewer="viewer1", vip=number % 2 == 0)

    def keep(received: Any) -> None:
        if received["metadata"]["message_type"] == "notification":
            heard.append(received["metadata"]["message_id"] + " " + received["metadata"]["subscription_type"])

    happening = asyncio.create_task(happen())
    for _ in range(5):
        await twitch.control("reconnect-sockets")
        while (received := await frame(old))["metadata"]["message_type"] != "session_reconnect":
            keep(received)
        new: ClientConnection = await to(received["payload"]["session"]["reconnect_url"])
        assert (await frame(new))["metadata"]["message_type"] == "session_welcome"
        await old.close()
        async for raw in old:
            keep(json.loads(raw))
        old = new

        async def settled() -> bool:
            return bool((await twitch.look("world"))["sockets"] == 1)

        await until(settled)
    while len(heard) < made:
        keep(await frame(old))
    await happening
    await old.close()
    assert len(set(heard)) == made
    assert [one.rpartition(".")[2] for one in heard] == ["add", "remove"] * (made // 2)


async def test_a_moved_socket_needs_no_new_subscription(hasty: Twitch) -> None:
    async with socket_to(hasty) as old:
        await listening(hasty, old)
        async with to((await asked_to_move(hasty, old))["reconnect_url"]) as new:
            # Five keepalives of 0.1 s; an unused socket lives for 0.2 s.
            kinds = [(await frame(new))["metadata"]["message_type"] for _ in range(6)]
    assert kinds == ["session_welcome"] + ["session_keepalive"] * 5


async def test_an_unused_socket_that_was_moved_may_stay_unused(hasty: Twitch) -> None:
    async with socket_to(hasty) as old:
        await frame(old)
        assert await hasty.control("reconnect-sockets") == {"asked": 1}
        url = (await frame(old))["payload"]["session"]["reconnect_url"]
        async with to(url) as new:
            kinds = [(await frame(new))["metadata"]["message_type"] for _ in range(6)]
    assert kinds == ["session_welcome"] + ["session_keepalive"] * 5


async def test_a_client_that_does_not_come_in_time_loses_its_socket_and_subscriptions(brief: Twitch) -> None:
    async with socket_to(brief) as old:
        hand, _ = await listening(brief, old)
        url = (await asked_to_move(brief, old))["reconnect_url"]
        assert await close_code(old) == 4004
        assert await statuses(hand) == ["websocket_failed_to_reconnect"]
        async with to(url) as late:
            assert await close_code(late) == 4007


async def test_an_old_socket_left_open_is_closed_with_4004_and_ends_nothing(brief: Twitch) -> None:
    async with socket_to(brief) as old:
        hand, _ = await listening(brief, old)
        async with to((await asked_to_move(brief, old))["reconnect_url"]) as new:
            await frame(new)
            assert await close_code(old) == 4004
            assert await statuses(hand) == ["enabled"]
            await vip(brief, "viewer1")
            assert (await notification(new))["payload"]["event"]["user_login"] == "viewer1"


async def test_a_reconnect_address_is_good_once(twitch: Twitch) -> None:
    async with socket_to(twitch) as old:
        hand, _ = await listening(twitch, old)
        url = (await asked_to_move(twitch, old))["reconnect_url"]
        async with to(url) as new:
            await frame(new)
            async with to(url) as again:
                assert await close_code(again) == 4007
            assert await statuses(hand) == ["enabled"]


async def test_an_unknown_reconnect_address_is_closed_with_4007(twitch: Twitch) -> None:
    for query in ("?id=nonsense", "?id="):
        async with socket_to(twitch, query) as socket:
            assert await close_code(socket) == 4007


async def test_a_client_that_leaves_before_it_comes_hears_nothing_of_between_and_keeps_its_subscriptions(
    twitch: Twitch,
) -> None:
    async with socket_to(twitch) as old:
        hand, _ = await listening(twitch, old)
        url = (await asked_to_move(twitch, old))["reconnect_url"]
    await vip(twitch, "viewer1")
    assert await statuses(hand) == ["enabled"]
    async with to(url) as new:
        assert (await frame(new))["metadata"]["message_type"] == "session_welcome"
        await vip(twitch, "viewer2")
        assert (await notification(new))["payload"]["event"]["user_login"] == "viewer2"


async def test_a_client_that_left_and_never_comes_fails_to_reconnect(brief: Twitch) -> None:
    async with socket_to(brief) as old:
        hand, _ = await listening(brief, old)
        await asked_to_move(brief, old)

    async def failed() -> bool:
        return await statuses(hand) == ["websocket_failed_to_reconnect"]

    await until(failed)


async def test_a_session_that_moves_is_not_asked_twice_and_may_move_again_later(twitch: Twitch) -> None:
    async with socket_to(twitch) as old:
        await listening(twitch, old)
        url = (await asked_to_move(twitch, old))["reconnect_url"]
        assert await twitch.control("reconnect-sockets") == {"asked": 0}
        async with to(url) as new:
            await frame(new)
            await old.close()

            async def asked_again() -> bool:
                return bool(await twitch.control("reconnect-sockets") == {"asked": 1})

            await until(asked_again)
            again = await notification(new)
            assert again["payload"]["session"]["reconnect_url"] != url


async def test_a_reconnect_does_not_count_as_another_socket(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    async with socket_to(twitch) as one, socket_to(twitch) as two, socket_to(twitch) as three:
        sessions = [await session_of(socket) for socket in (one, two, three)]
        for session in sessions:
            assert (await hand.subscribe(session, "channel.vip.add")).status_code == 202
        assert await twitch.control("reconnect-sockets") == {"asked": 3}
        url = (await notification(one))["payload"]["session"]["reconnect_url"]
        async with to(url) as new:
            assert await session_of(new) == sessions[0]
            assert (await hand.subscribe(sessions[0], "channel.vip.remove")).status_code == 202
            assert await statuses(hand) == ["enabled"] * 4


async def test_an_old_socket_that_speaks_after_the_move_ends_only_itself(twitch: Twitch) -> None:
    async with socket_to(twitch) as old:
        hand, _ = await listening(twitch, old)
        async with to((await asked_to_move(twitch, old))["reconnect_url"]) as new:
            await frame(new)
            await old.send("hello")
            assert await close_code(old) == 4001
            await vip(twitch, "viewer1")
            assert (await notification(new))["payload"]["event"]["user_login"] == "viewer1"
            assert await statuses(hand) == ["enabled"]


async def test_a_new_socket_that_leaves_ends_the_session_and_closes_the_old_one(twitch: Twitch) -> None:
    async with socket_to(twitch) as old:
        hand, _ = await listening(twitch, old)
        async with to((await asked_to_move(twitch, old))["reconnect_url"]) as new:
            await frame(new)
        assert await close_code(old) == 4004
        assert await statuses(hand) == ["websocket_disconnected"]


async def test_a_new_socket_that_leaves_before_its_welcome_leaves_the_old_one_as_it_was() -> None:
    ended: list[str] = []
    sockets = Sessions(Timings(reconnect_grace=0.01), lambda: "", lambda session, status: ended.append(status))
    session, old = sockets.open(10, "ws://here/ws")
    url = sockets.move(session)
    assert url is not None
    arrived = sockets.arrive(url.rpartition("=")[2])
    assert arrived is not None
    sockets.left(session, arrived[1], GONE)
    sockets.hand_over(session)
    assert (session.line, ended) == (old, [])

    async def over() -> bool:
        return ended == ["websocket_failed_to_reconnect"]

    await until(over)


async def test_what_the_old_socket_could_not_send_any_more_goes_to_the_new_one() -> None:
    sockets = Sessions(Timings(), lambda: "", lambda session, status: None)
    session, old = sockets.open(10, "ws://here/ws")
    url = sockets.move(session)
    assert url is not None
    while not old.outbox.empty():
        old.outbox.get_nowait()
    old.outbox.put_nowait("before")
    arrived = sockets.arrive(url.rpartition("=")[2])
    assert arrived is not None
    old.outbox.put_nowait("after")
    sockets.left(session, old, GONE)
    items = [arrived[1].outbox.get_nowait() for _ in range(3)]
    assert "session_welcome" in str(items[0])
    assert items[1:] == ["before", "after"]
    assert sockets.move(session) is not None


async def test_sockets_dropped_while_they_move_are_all_closed(twitch: Twitch) -> None:
    async with socket_to(twitch) as old:
        hand, _ = await listening(twitch, old)
        async with to((await asked_to_move(twitch, old))["reconnect_url"]) as new:
            await frame(new)
            assert await twitch.control("drop-sockets", code=4006) == {"dropped": 1}
            assert [await close_code(old), await close_code(new)] == [4006, 4006]
            assert await statuses(hand) == ["websocket_network_error"]


async def test_a_new_socket_does_not_hang_when_the_old_one_dies_of_its_own_fault_before_the_move() -> None:
    sockets = Sessions(Timings(), lambda: "", lambda session, status: None)
    session, old = sockets.open(10, "ws://here/ws")
    url = sockets.move(session)
    assert url is not None
    arrived = sockets.arrive(url.rpartition("=")[2])
    assert arrived is not None
    sockets.left(session, old, "websocket_received_inbound_traffic")
    assert arrived[1].outbox.get_nowait() == Close(4007)
    assert sockets.living == {}
    sockets.left(session, arrived[1], GONE)
