"""The door of the pages' sockets: how many come in, and which frames.

A socket is counted from before it is accepted until its whole ASGI call is over, however it ends, so none that is gone
is counted. The server takes no frame that is too long. What is no frame of a page's ends the socket here, before
Socket.IO, which would log it or keep waiting for the rest of it, has seen it.
"""

import asyncio
import re

import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from vip_manager.services import rates
from vip_manager.services.access import Person
from vip_manager.services.bucket import Bucket
from vip_manager.services.container import NotRunning, Services, running
from vip_manager.services.sockets import PAGES, REFUSED, Room, of_person
from vip_manager.web.answers import error
from vip_manager.web.turnstile import turned_away

log = structlog.get_logger(__name__)

FRAMES_A_SECOND, FRAMES_AT_ONCE = 200, 1000
"""Ten times what the gate lets a page send: whoever goes on beyond it is no page."""
LONGEST_LOOK = 0.5
"""Seconds to find out who is there; then they are nobody."""
TOO_MUCH, NO_FRAME = 1008, 1003

# Engine.IO's close and pong, and of Socket.IO's packets a page's connect, disconnect and event, in its one namespace.
_FRAME = re.compile(r"1\Z|3\Z|40/_event(,|\Z)|41/_event,?\Z|42/_event,\[")
_JOIN, _LEAVE, _EVENT = "40", "41", "42"
_TURNS = {("", _JOIN): _JOIN, (_JOIN, _EVENT): _JOIN, (_JOIN, _LEAVE): _LEAVE}
"""Where a socket stands, and what it may send there -> where it stands then. A page joins once and leaves once: whoever
joined again on the same socket would find all that is counted by socket at its beginning."""

_ENDED = "1"


class SocketDoor:
    """Pure ASGI; `pages` takes the pages' sockets, and all else passes untouched."""

    def __init__(self, app: ASGIApp, pages: ASGIApp) -> None:
        self._app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" or scope["path"].rstrip("/") != PAGES:
            await self._app(scope, receive, send)
            return
        try:
            services = running()
        except NotRunning:
            await _deny(scope, receive, send, _full())
            return
        address = rates.socket_address(scope["client"][0]) if scope.get("client") else ""
        wait = await services.rates.hit(rates.SOCKETS, address) if address else None
        if wait is not None:
            await _deny(scope, receive, send, turned_away(wait))
        elif (place := await _place(services, scope, address)) is not None:
            services.sockets.take(place)
            try:
                await self._let_in(scope, receive, send)
            finally:
                services.sockets.give_back(place)
        elif services.sockets.take_refusal():
            try:
                await self._let_in({**scope, REFUSED: True}, receive, send)
            finally:
                services.sockets.give_back_refusal()
        else:
            await _deny(scope, receive, send, _full())

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        frames = Frames(receive, send)
        await self._pages(scope, frames.receive, frames.send)


class Frames:
    """Both directions of one socket, until one side or we have ended it."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._bucket = Bucket(FRAMES_A_SECOND, FRAMES_AT_ONCE)
        self._stands = ""
        self._over = False

    async def receive(self) -> Message:
        if self._over:
            # What it sent before it heard of the end is nobody's any more.
            return {"type": "websocket.disconnect", "code": NO_FRAME}
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        if not self._bucket.take():
            return await self._end(TOO_MUCH, "too many frames")
        text = message.get("text")
        if not text or not _FRAME.match(text):
            return await self._end(NO_FRAME, "no frame of a page")
        return message if self._in_turn(text[:2]) else await self._end(NO_FRAME, "a frame out of turn")

    def _in_turn(self, kind: str) -> bool:
        if kind not in (_JOIN, _LEAVE, _EVENT):
            return True
        stands = _TURNS.get((self._stands, kind))
        self._stands = stands or self._stands
        return stands is not None

    async def send(self, message: Message) -> None:
        if not self._over:
            self._over = message["type"] == "websocket.close"
            await self._send(message)
        if not self._over and message.get("text") == _ENDED:
            # Engine.IO says so and waits for the other side to go, which may have no such plans.
            await self.send({"type": "websocket.close", "code": 1000})

    async def _end(self, code: int, reason: str) -> Message:
        log.warning("socket ended", reason=reason)
        await self.send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}


async def _place(services: Services, scope: Scope, address: str) -> str | None:
    """By which key the socket is counted; None where there is no room for it."""
    room = services.sockets.room(address)
    if room is Room.FREE:
        return address
    if room is Room.NONE or (person := await _person(services, scope)) is None:
        return None
    key = of_person(person.id)
    return key if services.sockets.room_of_person(key) else None


async def _person(services: Services, scope: Scope) -> Person | None:
    """None too where the store does not say."""
    cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    try:
        async with asyncio.timeout(LONGEST_LOOK):
            return await services.access.person(cookies.decode("latin-1"))
    except Exception as problem:
        log.warning("nobody known at the door", error=type(problem).__name__)
        return None


def _full() -> Response:
    refused = error(503, "full", "Too many pages are open at once. Try again in a moment.")
    refused.headers["Retry-After"] = "5"
    return refused


async def _deny(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    if "websocket.http.response" in scope.get("extensions", {}):
        await WebSocket(scope, receive, send).send_denial_response(response)
    else:
        await send({"type": "websocket.close", "code": TOO_MUCH})
