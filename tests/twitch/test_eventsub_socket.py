"""The EventSub socket against a scripted WebSocket server on a real port."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.twitch.fakes import NOON, STREAMER, VIEWER, ScriptedTwitch, redemption_item, refusal, signed_in
from vip_manager.domain.account import CHANNEL_SCOPES
from vip_manager.ports import (
    ChannelEvent,
    Deaf,
    Identity,
    Listening,
    RateLimited,
    RedemptionEvent,
    Revoked,
    StoreUnavailable,
    TwitchUnavailable,
    Unauthorized,
    VipHint,
)
from vip_manager.twitch.eventsub.connection import Patience
from vip_manager.twitch.eventsub.messages import MODERATOR_ADD, REDEMPTION_ADD, TYPES, VIP_ADD, VIP_REMOVE
from vip_manager.twitch.eventsub.socket import Backoff, EventSocket

_numbers = itertools.count(1)
Script = Callable[[ServerConnection], Awaitable[None]]


def frame(kind: str, payload: object, message_id: str = "", stamp: str = "now") -> str:
    metadata = {"message_id": message_id or f"m{next(_numbers)}", "message_type": kind, "message_timestamp": stamp}
    return json.dumps({"metadata": metadata, "payload": payload})


def welcome(session: str = "S1", keepalive: float = 10) -> str:
    return frame(
        "session_welcome",
        {"session": {"id": session, "keepalive_timeout_seconds": keepalive, "reconnect_url": None}},
    )


def notification(kind: str, event: object, message_id: str = "") -> str:
    return frame("notification", {"subscription": {"type": kind}, "event": event}, message_id)


def redeemed(redemption_id: str, message_id: str = "", **changes: Any) -> str:
    return notification(REDEMPTION_ADD, redemption_item(redemption_id, **changes), message_id)


def vip_changed(message_id: str = "", channel: str = STREAMER) -> str:
    return notification(VIP_ADD, {"user_id": VIEWER, "broadcaster_user_id": channel}, message_id)


async def stay(socket: ServerConnection) -> None:
    await socket.wait_closed()


def says(*messages: str | bytes, then: Script = stay) -> Script:
    async def script(socket: ServerConnection) -> None:
        for message in messages:
            await socket.send(message)
        await then(socket)

    return script


def closes(code: int) -> Script:
    async def script(socket: ServerConnection) -> None:
        await socket.close(code)

    return script


async def breaks(socket: ServerConnection) -> None:
    socket.transport.abort()


@dataclass
class ScriptedSocketServer:
    """Plays one script for each connection, the last one again and again."""

    scripts: list[Script]
    paths: list[str] = field(default_factory=list)
    open: set[ServerConnection] = field(default_factory=set)
    server: Server | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"ws://127.0.0.1:{next(iter(self.server.sockets)).getsockname()[1]}"

    async def handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.paths.append(socket.request.path)
        self.open.add(socket)
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        try:
            await script(socket)
        except ConnectionClosed:
            pass
        finally:
            self.open.discard(socket)


@dataclass
class Listener:
    """Builds the socket, and records what it asked for."""

    server: ScriptedSocketServer
    subscribed: list[str] = field(default_factory=list)
    subscription_errors: list[Exception] = field(default_factory=list)
    validation_error: Exception | None = None
    pauses: list[float] = field(default_factory=list)

    async def subscribe(self, channel_id: str, session_id: str) -> None:
        self.subscribed.append(session_id)
        if self.subscription_errors:
            raise self.subscription_errors.pop(0)

    async def validate(self, user_id: str) -> Identity:
        if self.validation_error:
            raise self.validation_error
        return Identity(user_id, "streamer", CHANNEL_SCOPES)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def socket(self, grace: float = 5.0, welcome_seconds: float = 5.0) -> EventSocket:
        return EventSocket(
            f"{self.server.url}/ws",
            subscribe=self.subscribe,
            validate=self.validate,
            patience=Patience(welcome_seconds, grace, 1.0),
            backoff=Backoff(chance=lambda: 1.0, sleep=self.sleep),
        )

    async def hears(self, count: int, **arguments: float) -> list[ChannelEvent]:
        heard: list[ChannelEvent] = []
        async with asyncio.timeout(10), aclosing(self.socket(**arguments).listen(STREAMER)) as events:
            async for event in events:
                heard.append(event)
                if len(heard) == count:
                    break
        return heard


@asynccontextmanager
async def scripted(*scripts: Script) -> AsyncIterator[Listener]:
    server = ScriptedSocketServer(list(scripts))
    server.server = await serve(server.handle, "127.0.0.1", 0)
    try:
        yield Listener(server)
    finally:
        server.server.close()
        await server.server.wait_closed()


def ids(events: list[ChannelEvent]) -> list[str]:
    return [event.redemption.id if isinstance(event, RedemptionEvent) else type(event).__name__ for event in events]


async def test_welcome_subscribe_listen() -> None:
    async with scripted(says(welcome(), frame("session_keepalive", {}), redeemed("r1"), vip_changed())) as listener:
        events = await listener.hears(3)
    assert ids(events) == ["Listening", "r1", "VipHint"]
    assert events[0] == Listening(STREAMER)
    assert events[2] == VipHint(STREAMER, VIEWER)
    assert listener.subscribed == ["S1"]
    assert listener.pauses == []


async def test_a_taken_badge_comes_with_twitchs_time_or_with_none() -> None:
    taken = {"subscription": {"type": VIP_REMOVE}, "event": {"user_id": VIEWER, "broadcaster_user_id": STREAMER}}
    timed = frame("notification", taken, stamp="2026-03-01T12:00:00.000000000Z")
    async with scripted(says(welcome(), timed, frame("notification", taken))) as listener:
        assert (await listener.hears(3))[1:] == [VipHint(STREAMER, VIEWER, NOON), VipHint(STREAMER, VIEWER)]


async def test_what_cannot_be_read_is_skipped() -> None:
    nonsense: list[str | bytes] = [
        "{",
        "[]",
        b"\x00\xff",
        "{}",
        frame("notification", {}),
        redeemed("bad", status="odd"),
    ]
    unknown = [frame("session_party", {}), notification("stream.online", {}), vip_changed(channel="4711"), welcome()]
    async with scripted(says(welcome(), *nonsense, *unknown, redeemed("r1"))) as listener:
        assert ids(await listener.hears(2)) == ["Listening", "r1"]


async def test_a_message_that_comes_twice_is_told_once_also_over_a_new_connection() -> None:
    first = says(welcome(), redeemed("r1", "same"), redeemed("r1", "same"), redeemed("r2"), then=breaks)
    second = says(welcome("S2"), redeemed("r1", "same"), redeemed("r3"))
    async with scripted(first, second) as listener:
        assert ids(await listener.hears(6)) == ["Listening", "r1", "r2", "Deaf", "Listening", "r3"]


async def test_silence_beyond_the_keepalive_is_a_loss() -> None:
    async with scripted(says(welcome(keepalive=0.05)), says(welcome("S2"), redeemed("r1"))) as listener:
        events = await listener.hears(4, grace=0.0)
    assert ids(events) == ["Listening", "Deaf", "Listening", "r1"]
    assert events[1] == Deaf(STREAMER, "nothing was heard from Twitch for 0.05 s")
    assert listener.subscribed == ["S1", "S2"]


@pytest.mark.parametrize(
    ("then", "words"),
    [
        (closes(4000), "Twitch closed the connection: 4000, an error of Twitch's own"),
        (closes(4003), "Twitch closed the connection: 4003, no subscription was made in time"),
        (closes(1001), "Twitch closed the connection: 1001, no reason given"),
        (breaks, "the connection broke"),
    ],
)
async def test_a_cut_is_told_and_mended(then: Script, words: str) -> None:
    async with scripted(says(welcome(), then=then), says(welcome("S2"))) as listener:
        events = await listener.hears(3)
    assert events == [Listening(STREAMER), Deaf(STREAMER, words), Listening(STREAMER)]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (says("hello"), "the welcome could not be read"),
        (says(frame("session_welcome", {})), "the welcome could not be read"),
        (says(frame("session_keepalive", {})), "began with session_keepalive"),
        (closes(1011), "1011"),
        (stay, "no welcome within"),
    ],
)
async def test_a_bad_beginning_is_a_loss(script: Script, words: str) -> None:
    async with scripted(script, says(welcome("S2"))) as listener:
        deaf, listening = await listener.hears(2, welcome_seconds=0.5)
    assert isinstance(deaf, Deaf)
    assert words in deaf.error
    assert listening == Listening(STREAMER)
    assert listener.subscribed == ["S2"]


async def test_nobody_answers_the_pauses_grow_and_shrink_again() -> None:
    async with scripted(*[breaks] * 6, says(welcome(), redeemed("r1"), then=breaks), says(welcome("S2"))) as listener:
        events = await listener.hears(10)
    assert ids(events) == ["Deaf"] * 6 + ["Listening", "r1", "Deaf", "Listening"]
    assert listener.pauses == [2, 4, 8, 16, 30, 30, 2]


def test_pauses_are_at_random_between_one_and_thirty_seconds() -> None:
    assert Backoff(chance=lambda: 0.0).pause(9) == 1
    assert Backoff(chance=lambda: 1.0).pause(10_000) == 30
    assert Backoff(chance=lambda: 0.5).pause(1) == 1.5


@pytest.mark.parametrize("error", [TwitchUnavailable("down"), StoreUnavailable("down")])
async def test_subscribing_that_fails_is_tried_again(error: Exception) -> None:
    async with scripted(says(welcome())) as listener:
        listener.subscription_errors = [error]
        assert await listener.hears(2) == [Deaf(STREAMER, "down"), Listening(STREAMER)]


async def test_a_rate_limit_is_waited_for() -> None:
    async with scripted(says(welcome())) as listener:
        listener.subscription_errors = [RateLimited("slow", timedelta(seconds=45))]
        await listener.hears(2)
    assert listener.pauses == [45]


async def test_a_dead_token_ends_it_and_closes_the_connection() -> None:
    async with scripted(says(welcome())) as listener:
        listener.subscription_errors = [Unauthorized("dead")]
        with pytest.raises(Unauthorized):
            await listener.hears(1)
        await _until(lambda: not listener.server.open)


def revocation(status: str) -> str:
    return frame("revocation", {"subscription": {"status": status, "condition": {"broadcaster_user_id": STREAMER}}})


async def test_a_revoked_authorization_ends_it_where_the_token_is_dead() -> None:
    async with scripted(says(welcome(), revocation("authorization_revoked"))) as listener:
        listener.validation_error = Unauthorized("dead")
        async with aclosing(listener.socket().listen(STREAMER)) as heard:
            assert await anext(heard) == Listening(STREAMER)
            assert await anext(heard) == Revoked(STREAMER, "authorization_revoked")
            with pytest.raises(Unauthorized):
                await anext(heard)


async def test_a_revocation_with_a_living_token_subscribes_anew() -> None:
    async with scripted(says(welcome(), revocation("version_removed")), says(welcome("S2"))) as listener:
        events = await listener.hears(4)
    assert ids(events) == ["Listening", "Revoked", "Deaf", "Listening"]
    assert listener.subscribed == ["S1", "S2"]


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


def moves(url: Callable[[], str], *before_the_new_welcome: str, then: Script = stay) -> Script:
    async def script(socket: ServerConnection) -> None:
        session = {"id": "S1", "keepalive_timeout_seconds": None, "reconnect_url": url()}
        await socket.send(welcome())
        await socket.send(frame("session_reconnect", {"session": session}))
        for message in before_the_new_welcome:
            await socket.send(message)
        await then(socket)

    return script


async def test_a_move_loses_nothing_and_subscribes_no_more() -> None:
    old_said_all = asyncio.Event()

    async def old_goes_on(socket: ServerConnection) -> None:
        await socket.send(redeemed("old-2"))
        old_said_all.set()
        await socket.wait_closed()

    async def new(socket: ServerConnection) -> None:
        await old_said_all.wait()
        await socket.send(welcome("S2"))
        await socket.send(redeemed("new-1"))
        await socket.wait_closed()

    async with scripted(new) as listener:
        old = moves(lambda: f"{listener.server.url}/moved?id=1", redeemed("old-1"), then=old_goes_on)
        listener.server.scripts.insert(0, old)
        events: list[ChannelEvent] = []
        async with asyncio.timeout(10), aclosing(listener.socket().listen(STREAMER)) as heard:
            async for event in heard:
                events.append(event)
                if len(events) == 4:
                    break
            await _until(lambda: len(listener.server.open) == 1)  # the old one was closed
    assert ids(events) == ["Listening", "old-1", "old-2", "new-1"]
    assert listener.subscribed == ["S1"]
    assert listener.server.paths == ["/ws", "/moved?id=1"]


async def arrived(socket: ServerConnection) -> None:
    """What was sent so far has reached the other side: it answered a ping sent after it."""
    await (await socket.ping())


async def test_a_move_reads_what_has_piled_up_on_both_sides_in_order() -> None:
    piled_up = [asyncio.Event(), asyncio.Event()]

    async def old_goes_on(socket: ServerConnection) -> None:
        await piled_up[0].wait()
        await socket.send(redeemed("old-2"))
        await socket.send(redeemed("old-3"))
        await arrived(socket)
        piled_up[1].set()
        await socket.wait_closed()

    async def new(socket: ServerConnection) -> None:
        await socket.send(welcome("S2"))
        await socket.send(redeemed("new-1"))
        await arrived(socket)
        piled_up[0].set()
        await socket.wait_closed()

    async with scripted(new) as listener:
        old = moves(lambda: listener.server.url, redeemed("old-1"), then=old_goes_on)
        listener.server.scripts.insert(0, old)
        async with asyncio.timeout(10), aclosing(listener.socket().listen(STREAMER)) as heard:
            events = [await anext(heard), await anext(heard)]
            await piled_up[1].wait()  # nobody reads meanwhile
            events += [await anext(heard) for _ in range(3)]
    assert ids(events) == ["Listening", "old-1", "old-2", "old-3", "new-1"]


async def test_a_move_survives_the_old_connections_end() -> None:
    old_is_gone = asyncio.Event()

    async def breaks_off(socket: ServerConnection) -> None:
        socket.transport.abort()
        old_is_gone.set()

    async def new(socket: ServerConnection) -> None:
        await old_is_gone.wait()
        await socket.send(welcome("S2"))
        await socket.send(redeemed("new-1"))
        await socket.wait_closed()

    async with scripted(new) as listener:
        listener.server.scripts.insert(0, moves(lambda: listener.server.url, then=breaks_off))
        assert ids(await listener.hears(2)) == ["Listening", "new-1"]


async def test_a_move_that_fails_is_a_loss() -> None:
    async with scripted(says(welcome("S3"))) as listener:
        listener.server.scripts[:0] = [moves(lambda: listener.server.url), breaks]
        assert ids(await listener.hears(3)) == ["Listening", "Deaf", "Listening"]
        listener.server.scripts[:0] = [moves(lambda: "")]
        assert ids(await listener.hears(3)) == ["Listening", "Deaf", "Listening"]
    assert listener.subscribed == ["S1", "S3", "S1", "S3"]


@pytest.mark.parametrize("moving", [False, True])
async def test_closing_and_cancelling_close_the_connection(moving: bool) -> None:
    async with scripted(stay) as listener:
        scripts: list[Script] = [moves(lambda: listener.server.url), stay] if moving else [says(welcome())]
        listener.server.scripts[:0] = scripts * 2
        connections = 2 if moving else 1

        events = listener.socket().listen(STREAMER)
        assert await anext(events) == Listening(STREAMER)
        waiting = asyncio.ensure_future(anext(events))
        await _until(lambda: len(listener.server.open) == connections)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await _until(lambda: not listener.server.open)

        events = listener.socket().listen(STREAMER)
        assert await anext(events) == Listening(STREAMER)
        await events.aclose()
        await _until(lambda: not listener.server.open)


async def test_the_whole_client_makes_its_subscriptions(twitch: ScriptedTwitch) -> None:
    name = "POST /helix/eventsub/subscriptions"
    twitch.answers(name, refusal(409, "subscription already exists"), httpx.Response(202, json={"data": []}))
    async with scripted(
        says(welcome("S1"), notification(MODERATOR_ADD, {"user_id": "7", "broadcaster_user_id": STREAMER}))
    ) as listener:
        client = twitch.client(signed_in(), eventsub_ws_url=listener.server.url)
        async with aclosing(client.events(STREAMER)) as events:
            assert await anext(events) == Listening(STREAMER)
            assert await anext(events) == VipHint(STREAMER, "7")
        await client.aclose()
    assert sorted(call.body["type"] for call in twitch.called(name)) == sorted(TYPES)
    assert twitch.calls[0].body == {
        "type": TYPES[0],
        "version": "1",
        "condition": {"broadcaster_user_id": STREAMER},
        "transport": {"method": "websocket", "session_id": "S1"},
    }


@pytest.mark.parametrize("status", [401, 403])
async def test_subscriptions_that_are_not_allowed_ask_for_a_new_sign_in(twitch: ScriptedTwitch, status: int) -> None:
    store = signed_in()
    twitch.answers("POST /helix/eventsub/subscriptions", refusal(status, "subscription missing proper authorization"))
    twitch.answers("POST /oauth2/token", refusal(400, "Invalid refresh token"))
    async with scripted(says(welcome())) as listener:
        client = twitch.client(store, eventsub_ws_url=listener.server.url)
        with pytest.raises(Unauthorized):
            await anext(client.events(STREAMER))
        await client.aclose()
    assert store.account().reconnect
