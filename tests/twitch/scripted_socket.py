"""A WebSocket server on a real port that plays a script for each connection, and a listener that records."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.twitch.fakes import STREAMER, VIEWER, redemption_item
from vip_manager.domain.account import CHANNEL_SCOPES
from vip_manager.ports import ChannelEvent, Identity, RedemptionEvent
from vip_manager.twitch.eventsub.connection import Patience
from vip_manager.twitch.eventsub.messages import REDEMPTION_ADD, VIP_ADD
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
    """Plays one script for each connection, the last one again and again. `refusals`: statuses of the first
    handshakes."""

    scripts: list[Script]
    refusals: list[int] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    open: set[ServerConnection] = field(default_factory=set)
    server: Server | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"ws://127.0.0.1:{next(iter(self.server.sockets)).getsockname()[1]}"

    def refuse(self, connection: ServerConnection, request: Request) -> Response | None:
        return connection.respond(self.refusals.pop(0), "not now") if self.refusals else None

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

    def socket(self, grace: float = 5.0, welcome_seconds: float = 5.0, url: str = "") -> EventSocket:
        return EventSocket(
            url or f"{self.server.url}/ws",
            subscribe=self.subscribe,
            validate=self.validate,
            patience=Patience(welcome_seconds, grace, 1.0),
            backoff=Backoff(chance=lambda: 1.0, sleep=self.sleep),
        )

    async def hears(self, count: int, grace: float = 5.0, welcome_seconds: float = 5.0) -> list[ChannelEvent]:
        heard: list[ChannelEvent] = []
        async with asyncio.timeout(10), aclosing(self.socket(grace, welcome_seconds).listen(STREAMER)) as events:
            async for event in events:
                heard.append(event)
                if len(heard) == count:
                    break
        return heard


@asynccontextmanager
async def scripted(*scripts: Script) -> AsyncIterator[Listener]:
    server = ScriptedSocketServer(list(scripts))
    server.server = await serve(server.handle, "127.0.0.1", 0, process_request=server.refuse)
    try:
        yield Listener(server)
    finally:
        server.server.close()
        await server.server.wait_closed()


def ids(events: list[ChannelEvent]) -> list[str]:
    return [event.redemption.id if isinstance(event, RedemptionEvent) else type(event).__name__ for event in events]


def reconnect(url: str) -> str:
    session = {"id": "S1", "keepalive_timeout_seconds": None, "reconnect_url": url}
    return frame("session_reconnect", {"session": session})


def moves(url: Callable[[], str], *before_the_new_welcome: str, then: Script = stay) -> Script:
    """Welcomes, and asks to move to that address at once."""

    async def script(socket: ServerConnection) -> None:
        await socket.send(welcome())
        await socket.send(reconnect(url()))
        for message in before_the_new_welcome:
            await socket.send(message)
        await then(socket)

    return script


async def arrived(socket: ServerConnection) -> None:
    """What was sent so far has reached the other side: it answered a ping sent after it."""
    await (await socket.ping())


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)
