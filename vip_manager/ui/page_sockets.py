"""The pages' sockets: as much of Engine.IO's server as a page needs, for a fraction of what it costs.

Engine.IO has a queue, a task that empties it, one that reads and one that pings for each socket, and Socket.IO makes a
task more for each that a message goes to. Here a message is made into a WebSocket frame once, however many it goes to,
and each has it written at once; only what somebody is slow to take waits, with a task for as long as it does.

This module alone knows how Engine.IO and Socket.IO are made inside (python-engineio 4.15, python-socketio 5.18).
"""

import asyncio
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import reflex as rx
import structlog
from engineio.async_socket import AsyncSocket  # type: ignore[import-untyped]
from engineio.exceptions import SocketIsClosedError, UnknownPacketError  # type: ignore[import-untyped]
from engineio.packet import CLOSE, MESSAGE, OPEN, PING, Packet  # type: ignore[import-untyped]
from socketio.async_manager import AsyncManager  # type: ignore[import-untyped]
from socketio.packet import EVENT  # type: ignore[import-untyped]

from vip_manager.services.sockets import WRITE

log = structlog.get_logger(__name__)

AT_A_TIME = 100
"""So many are written to before others have their turn."""

Message = Any
Receive = Callable[[], Any]
Send = Callable[[Message], Any]


class PageSockets:
    """Pure ASGI, for the sockets of pages and nothing else."""

    def __init__(self, app: rx.App) -> None:
        self._app = app
        self._sio: Any = app.sio
        self._sio.manager = Rooms()
        self._sio.manager.set_server(self._sio)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if query.get("EIO") != ["4"] or query.get("transport") != ["websocket"] or "sid" in query:
            await send({"type": "websocket.close"})
            return
        self._app._set_contexts_internal()
        server = self._sio.eio
        socket = PageSocket(server, server.generate_id(), send, scope.get("extensions", {}).get(WRITE))
        server.sockets[socket.sid] = socket
        environ = {"asgi.scope": scope, "QUERY_STRING": scope["query_string"].decode("latin-1")}
        protocols = scope.get("subprotocols") or [""]
        environ["HTTP_SEC_WEBSOCKET_PROTOCOL"] = ",".join(protocols)
        try:
            await server._trigger_event("connect", socket.sid, environ, run_async=False)
            await receive()
            await send({"type": "websocket.accept", **({"subprotocol": protocols[0]} if protocols[0] else {})})
            del scope, environ, query, protocols
            await socket.listen(receive)
        finally:
            await socket.close(wait=False, abort=True, reason=server.reason.TRANSPORT_CLOSE)
            server.sockets.pop(socket.sid, None)
        with suppress(Exception):
            await send({"type": "websocket.close"})


class PageSocket(AsyncSocket):
    """What Engine.IO has for a socket. `write` sends a frame at once, or says that it can't; see `BoundedSocket`."""

    def __init__(self, server: Any, sid: str, send: Send, write: Callable[[bytes], bool] | None) -> None:
        self.server = server
        self.sid = sid
        self.connected = self.upgraded = True
        self.upgrading = self.closing = self.closed = False
        self.session: dict[str, Any] = {}
        self._send_message = send
        self._write = write
        self._waiting: deque[Packet] | None = None
        self._sending: asyncio.Task[None] | None = None
        self._due: asyncio.TimerHandle | None = None

    async def listen(self, receive: Receive) -> None:
        """Until one side has ended it."""
        server = self.server
        self.put(
            Packet(
                OPEN,
                {
                    "sid": self.sid,
                    "upgrades": [],
                    "pingTimeout": int(server.ping_timeout * 1000),
                    "pingInterval": int(server.ping_interval * 1000),
                    "maxPayload": server.max_http_buffer_size,
                },
            )
        )
        self.schedule_ping()
        while not self.closed:
            message = await receive()
            text = message.get("text")
            if message["type"] != "websocket.receive" or not text or len(text) > server.max_http_buffer_size:
                return
            try:
                await self.receive(Packet(encoded_packet=text))
            except SocketIsClosedError:
                return
            except UnknownPacketError:
                continue
            except Exception as error:
                log.warning("frame of a page failed", error=type(error).__name__)

    async def send(self, pkt: Packet) -> None:
        if self.closed:
            raise SocketIsClosedError
        self.put(pkt)

    def put(self, pkt: Packet) -> None:
        """On its way, behind all that was put before; nobody waits for it."""
        if self._waiting is None:
            # What ends a socket goes the way on which it is seen to.
            if self._write is not None and pkt.packet_type != CLOSE and self._write(_frame(pkt)):
                return
            self._waiting = deque()
            self._sending = asyncio.create_task(self._send_waiting())
        self._waiting.append(pkt)

    async def _send_waiting(self) -> None:
        waiting = self._waiting
        try:
            while waiting:
                await self._send_message({"type": "websocket.send", "text": waiting[0].encode()})
                waiting.popleft()
        except Exception as error:
            log.info("a page is gone, and what it was to be sent", error=type(error).__name__)
        finally:
            self._waiting = self._sending = None

    async def close(self, wait: bool = True, abort: bool = False, reason: Any = None) -> None:
        if self.closed or self.closing:
            return
        self.closing = True
        if self._due is not None:
            self._due.cancel()
        await self.server._trigger_event(
            "disconnect", self.sid, reason or self.server.reason.SERVER_DISCONNECT, run_async=False
        )
        if not abort:
            self.put(Packet(CLOSE))
        self.closed = True
        if wait and self._sending is not None:
            await asyncio.wait([self._sending])

    def schedule_ping(self) -> None:
        """The other side was heard of: it is asked again in a while."""
        self._call(self.server.ping_interval, self._ping)

    def _ping(self) -> None:
        self.put(Packet(PING))
        self._call(self.server.ping_timeout, self._is_silent)

    def _is_silent(self) -> None:
        self.server.start_background_task(self.close, wait=False, reason=self.server.reason.PING_TIMEOUT)

    def _call(self, seconds: float, what: Callable[[], None]) -> None:
        if self._due is not None:
            self._due.cancel()
        if not self.closing:
            self._due = asyncio.get_running_loop().call_later(seconds, what)


class Rooms(AsyncManager):
    """Who is in which room, and what is told there: one frame for all."""

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: str | None = None,
        skip_sid: Any = None,
        callback: Any = None,
        to: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Not awaited is that they have it."""
        there = self.rooms.get(namespace, {}).get(to or room)
        if not there:
            return
        encoded = self.server.packet_class(EVENT, namespace=namespace, data=[event, data]).encode()
        packet, sockets = Packet(MESSAGE, encoded), self.server.eio.sockets
        for number, (sid, eio_sid) in enumerate(list(there.items()), 1):
            socket = sockets.get(eio_sid)
            # Others have had their turn since the first of them, and somebody may have left.
            if socket is not None and not socket.closed and sid in there:
                socket.put(packet)
            if not number % AT_A_TIME:
                await asyncio.sleep(0)


def _frame(pkt: Packet) -> bytes:
    """Of a text (RFC 6455, 5.2), made once."""
    made: bytes | None = pkt.__dict__.get("frame")
    if made is None:
        text = pkt.encode().encode()
        size = len(text)
        if size < 126:
            head = struct.pack("!BB", 0x81, size)
        elif size < 65536:
            head = struct.pack("!BBH", 0x81, 126, size)
        else:
            head = struct.pack("!BBQ", 0x81, 127, size)
        made = pkt.frame = head + text
    return made
