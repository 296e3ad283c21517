"""What a socket may send at all, before Reflex looks at it (or writes it, cookie and all, into its log).

The frames themselves pass `web/socket_door` first. Here they have become Socket.IO's events: known, small, and no more
than a page sends. This module and `shape` alone know how Reflex takes them (facts of Reflex 0.10.1).
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import reflex as rx
import structlog
from reflex.state import StateUpdate
from reflex_base.event.context import EventContext
from socketio.exceptions import ConnectionRefusedError as Refused  # type: ignore[import-untyped]

from vip_manager.services import rates
from vip_manager.services.bucket import Bucket
from vip_manager.services.container import running
from vip_manager.services.sockets import REFUSED
from vip_manager.ui import shape, words
from vip_manager.ui.arguments import MISFIT
from vip_manager.ui.auth_state import Site
from vip_manager.ui.left_states import LeftStates

log = structlog.get_logger(__name__)

EVENTS_A_SECOND, EVENTS_AT_ONCE = 20, 100
"""A page sends one for each keystroke, and a key that is held down repeats some thirty times a second."""
CLIENT_EVENTS = frozenset({"event", "client_error"})
LONGEST_LOOK = 0.5
"""Seconds to find out who is there; then the event counts for its socket and address alone."""
REFUSED_AFTER = 3.0
"""Seconds until a socket for which there is no room is told so: its page tries again at once."""
ERRORS_OF_SOCKET = 5


def close(app: rx.App) -> None:
    """Lets through our guarded handlers (see `guard`) and Reflex's own few events; everything else is dropped."""
    if app.event_namespace is None or app.sio is None:
        raise RuntimeError("the app has no state")
    Gate(app).shut()


@dataclass(slots=True)
class Visitor:
    """Who is at the other end of a socket. `person` is their id, None as long as nobody has looked."""

    address: str
    person: str | None = None
    booting: bool = True
    errors: int = 0
    events: Bucket = field(default_factory=lambda: Bucket(EVENTS_A_SECOND, EVENTS_AT_ONCE))
    lines: Bucket = field(default_factory=lambda: Bucket(1 / 60, 5))
    """In the log."""
    notices: Bucket = field(default_factory=lambda: Bucket(1 / 30, 1))
    """On the page."""

    def log(self, line: str) -> None:
        if self.lines.take():
            log.warning(line)


class Gate:
    def __init__(self, app: rx.App) -> None:
        self._app = app
        self._sio: Any = app.sio
        self._sockets: Any = app.event_namespace
        self._visitors: dict[str, Visitor] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._left = LeftStates(lambda: self._app.state_manager, self._looked_at)
        self._on_connect = self._sockets.on_connect
        self._on_disconnect = self._sockets.on_disconnect
        self._on_event = self._sockets.on_event
        self._emit_update = self._sockets.emit_update
        self._heard = self._sio._handle_eio_message
        self._handle_event = self._sio._handle_event

    def shut(self) -> None:
        self._sockets.on_connect = self.on_connect
        self._sockets.on_disconnect = self.on_disconnect
        self._sockets.on_event = self.on_event
        self._sockets.emit_update = self.emit_update
        self._sio._handle_event = self.handle_event
        self._sio.eio.on("message", self.heard)

    async def heard(self, eio_sid: str, data: Any) -> None:
        """Engine.IO would log what can't be read, text and all, and go on with the socket."""
        try:
            await self._heard(eio_sid, data)
        except Exception as error:
            log.warning("frame not understood, socket ended", error=type(error).__name__)
            await self._sio.eio.disconnect(eio_sid)

    async def handle_event(self, eio_sid: str, namespace: str | None, id: Any, data: Any) -> None:
        """Socket.IO calls any method of its namespace by what a client says, `disconnect` among them; and logs each
        that comes from a socket which it has not let in."""
        if self._sio.manager.sid_from_eio_sid(eio_sid, namespace) not in self._visitors:
            return
        if not isinstance(data, list) or len(data) > 2 or not data or data[0] not in CLIENT_EVENTS:
            log.warning("unknown socket event, socket ended")
            await self._sio.eio.disconnect(eio_sid)
            return
        await self._handle_event(eio_sid, namespace, None, data)

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        scope = environ.get("asgi.scope", {})
        if scope.get(REFUSED):
            await asyncio.sleep(REFUSED_AFTER)
            self._end_soon(sid)
            raise Refused(words.FULL)
        tokens = parse_qs(environ.get("QUERY_STRING", "")).get("token", [])
        if len(tokens) != 1 or not shape.TOKEN.fullmatch(tokens[0]) or len(environ.get(_PROTOCOL, "")) > 64:
            log.warning("socket without a sound token refused")
            self._end_soon(sid)
            raise Refused(words.SOMETHING)
        client = scope.get("client")
        visitor = self._visitors[sid] = Visitor(rates.socket_address(client[0]) if client else "")
        sound = isinstance(auth, dict) and shape.small(auth, shape.DEEPEST_WITH_EVENT)
        try:
            await self._on_connect(sid, environ, auth if sound else None)
        except BaseException:
            self._visitors.pop(sid, None)
            raise
        visitor.booting = False
        self._left.back(self._sockets.sid_to_token.get(sid, ""))

    def on_disconnect(self, sid: str) -> Any:
        self._visitors.pop(sid, None)
        if token := self._sockets.sid_to_token.get(sid):
            self._left.left(token)
        return self._on_disconnect(sid)

    async def on_event(self, sid: str, data: Any) -> None:
        visitor = self._visitors.get(sid)
        if visitor is None:
            return
        if not visitor.events.take():
            self._tell(sid, visitor)
            return
        event = shape.read(data)
        if event is None or not self._known(event):
            visitor.log("unknown event dropped")
        elif event["name"] == shape.PAGE_ERROR and not await self._may_report(visitor):
            visitor.log("page error dropped")
        elif not await self._within_limits(sid, visitor):
            self._tell(sid, visitor)
        else:
            await self._on_event(sid, event)

    async def emit_update(self, update: StateUpdate, token: str) -> None:
        """What an event brings goes to the socket that sent it. A tab's token is no proof of who is there: by the time
        an event is through, somebody else may have come with it."""
        try:
            sender = EventContext.get().router_data.get("sid")
        except LookupError:
            sender = None
        record = self._sockets._token_manager.token_to_socket.get(token)
        if sender and record and record.sid != sender:
            return
        await self._emit_update(update, token)

    def _looked_at(self, token: str) -> bool:
        return token in self._sockets._token_manager.token_to_socket

    def _known(self, event: dict[str, Any]) -> bool:
        """Arguments that don't fit are not handed on, as Reflex would log them; the handler says that they don't."""
        name = event["name"]
        if name in shape.INTERNAL:
            return True
        registered = self._app._registration_context.event_handlers.get(name)
        arguments = getattr(registered.handler.fn, "_arguments", None) if registered else None
        if arguments is None:
            return False
        if not arguments.fit(event["payload"]):
            event["payload"] = dict(MISFIT)
        return True

    async def _may_report(self, visitor: Visitor) -> bool:
        """What it says goes to the log, whoever made it up."""
        visitor.errors += 1
        if visitor.errors > ERRORS_OF_SOCKET:
            return False
        return await running().rates.hit(rates.PAGE_ERRORS, visitor.address) is None

    async def _within_limits(self, sid: str, visitor: Visitor) -> bool:
        if visitor.booting:
            # One a socket, and those are counted: a page without it would stay blank.
            visitor.booting = False
            return True
        limits = running().rates
        if visitor.address and await limits.hit(rates.ADDRESS_EVENTS, visitor.address):
            return False
        person = await self._person(sid, visitor)
        return not person or await limits.hit(rates.PERSON_EVENTS, person) is None

    async def _person(self, sid: str, visitor: Visitor) -> str:
        """Looked for once a socket: its cookie stays the same."""
        if visitor.person is None:
            headers = self._sockets._static_router_data.get(sid, {}).get("headers", {})
            try:
                async with asyncio.timeout(LONGEST_LOOK):
                    found = await running().access.person(str(headers.get("cookie", "")))
                visitor.person = found.id if found else ""
            except Exception:
                return ""
        return visitor.person

    def _tell(self, sid: str, visitor: Visitor) -> None:
        if visitor.notices.take():
            log.warning("too many events, dropped", sid=sid)
            self._start(self._say(sid))

    async def _say(self, sid: str) -> None:
        token = self._sockets.sid_to_token.get(sid)
        if token is None:
            return
        async with self._app.modify_state(rx.BaseStateToken(ident=token, cls=Site)) as root:
            (await root.get_state(Site))._say(words.TOO_OFTEN)

    def _end_soon(self, sid: str) -> None:
        """Once it has been told why: a page that tries again opens a new one anyway."""
        eio_sid = self._sio.manager.eio_sid_from_sid(sid, self._sockets.namespace)

        async def end() -> None:
            await asyncio.sleep(0.1)
            await self._sio.eio.disconnect(eio_sid)

        self._start(end())

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("a page was not told", error=type(error).__name__)


_PROTOCOL = "HTTP_SEC_WEBSOCKET_PROTOCOL"
