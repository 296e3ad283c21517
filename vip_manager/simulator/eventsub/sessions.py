"""Sessions of the EventSub WebSocket, and the sockets that carry them, one after the other.

A session usually lives and dies with its socket. session_reconnect moves it: until the client has come to the new
address everything goes to the old socket; then the new one gets the welcome and all that follows, and nothing is lost
or doubled between (Handling WebSocket events, "Reconnect message"). It keeps its id, so its subscriptions just go on.
"""

import asyncio
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from vip_manager.simulator.eventsub.messages import frame
from vip_manager.simulator.eventsub.timings import Timings

CLOSE_REASONS = {
    4000: ("internal server error", "websocket_internal_error"),
    4001: ("client sent inbound traffic", "websocket_received_inbound_traffic"),
    4002: ("client failed ping-pong", "websocket_failed_ping_pong"),
    4003: ("connection unused", "websocket_connection_unused"),
    4004: ("client reconnect grace time expired", "websocket_failed_to_reconnect"),
    4005: ("network timeout", "websocket_network_timeout"),
    4006: ("network error", "websocket_network_error"),
    4007: ("invalid reconnect", "websocket_failed_to_reconnect"),
}
"""What is said in the close frame, and the status it leaves. Twitch documents both lists, the pairing is ours."""
GONE = "websocket_disconnected"


@dataclass(frozen=True, slots=True)
class Close:
    code: int


@dataclass(frozen=True, slots=True)
class HandOver:
    """Reached when all before it has been sent on the old socket."""


@dataclass(slots=True, eq=False)
class Line:
    """One socket. `silence`: seconds until a keepalive; None before its welcome and after its session has moved on."""

    silence: float | None
    outbox: asyncio.Queue[str | Close | HandOver] = field(default_factory=asyncio.Queue)


@dataclass(slots=True, eq=False)
class Session:
    """`client_id` and `user_id` are those of its first subscription: one user a socket. `address` is where the client
    reached us. While it moves, `line` is still the old socket (None when that has gone early) and `coming` the new."""

    id: str
    connected_at: str
    keepalive: float
    address: str
    line: Line | None
    used: asyncio.Event = field(default_factory=asyncio.Event)
    client_id: str | None = None
    user_id: str | None = None
    invitation: str = ""
    coming: Line | None = None
    leaving: Line | None = None
    grace: asyncio.TimerHandle | None = None


class Sessions:
    def __init__(self, timings: Timings, stamp: Callable[[], str], ended: Callable[[Session, str], None]) -> None:
        """`ended` is told, with the status for its subscriptions, of each session that is no more."""
        self.living: dict[str, Session] = {}
        self._timings = timings
        self._stamp = stamp
        self._ended = ended

    def open(self, keepalive: float, address: str) -> tuple[Session, Line]:
        """`address`: ws://…, without a query."""
        line = Line(keepalive)
        session = Session(uuid.uuid4().hex, self._stamp(), keepalive, address, line)
        self.living[session.id] = session
        self._welcome(session, line)
        return session, line

    def move(self, session: Session) -> str | None:
        """Sends session_reconnect and says the address to come to; None where the session is moving already."""
        if session.line is None or session.leaving is not None:
            return None
        session.invitation = secrets.token_urlsafe(24)
        session.leaving = session.line
        url = f"{session.address}?id={session.invitation}"
        self._put(session.leaving, "session_reconnect", _shown(session, "reconnecting", None, url))
        # An unused session that moves gets no second chance to be closed for that.
        session.used.set()
        session.grace = asyncio.get_running_loop().call_later(self._timings.reconnect_grace, self._grace_over, session)
        return url

    def arrive(self, invitation: str) -> tuple[Session, Line] | None:
        """None where there is no such invitation, or it has been used."""
        session = next((one for one in self.living.values() if one.invitation == invitation), None)
        if session is None:
            return None
        session.invitation = ""
        line = session.coming = Line(None)
        if session.line is None:
            self.hand_over(session)
        else:
            session.line.outbox.put_nowait(HandOver())
        return session, line

    def hand_over(self, session: Session) -> None:
        old, new = session.line, session.coming
        if new is None or session.id not in self.living:
            return
        session.line, session.coming = new, None
        new.silence = session.keepalive
        session.connected_at = self._stamp()
        self._welcome(session, new)
        if old is None:
            self._settled(session)
            return
        old.silence = None
        while not old.outbox.empty():
            if not isinstance(item := old.outbox.get_nowait(), HandOver):
                new.outbox.put_nowait(item)

    def left(self, session: Session, line: Line, status: str) -> None:
        """A socket is no more, and why. Another one may carry the session on."""
        if line is session.coming:
            session.coming = None
        elif line is not session.line:
            self._settled(session)
        elif status == GONE and session.coming is not None:
            self.hand_over(session)
            self._settled(session)
        elif status == GONE and session.invitation:
            session.line = None
        else:
            self._end(session, status)

    def keepalive(self) -> str:
        return frame(str(uuid.uuid4()), "session_keepalive", self._stamp(), {})

    def drop(self, session: Session, code: int) -> None:
        for line in {session.line, session.coming, session.leaving}:
            if line is not None:
                line.outbox.put_nowait(Close(code))
        self._end(session, CLOSE_REASONS[code][1])

    def _grace_over(self, session: Session) -> None:
        if session.line is session.leaving or session.line is None:
            self.drop(session, 4004)
        elif session.leaving is not None:
            session.leaving.outbox.put_nowait(Close(4004))
            self._settled(session)

    def _settled(self, session: Session) -> None:
        """The old socket of a move has gone: the session may move again."""
        session.leaving = None
        if session.grace is not None:
            session.grace.cancel()
            session.grace = None

    def _end(self, session: Session, status: str) -> None:
        if self.living.pop(session.id, None) is not None:
            session.invitation = ""
            if session.leaving is not None:
                session.leaving.outbox.put_nowait(Close(4004))
            if session.coming is not None:
                session.coming.outbox.put_nowait(Close(4007))
            self._settled(session)
            self._ended(session, status)

    def _welcome(self, session: Session, line: Line) -> None:
        self._put(line, "session_welcome", _shown(session, "connected", session.keepalive, None))

    def _put(self, line: Line, message_type: str, shown: dict[str, Any]) -> None:
        line.outbox.put_nowait(frame(str(uuid.uuid4()), message_type, self._stamp(), {"session": shown}))


def _shown(session: Session, status: str, keepalive: float | None, reconnect_url: str | None) -> dict[str, Any]:
    seconds = int(keepalive) if keepalive is not None and keepalive == int(keepalive) else keepalive
    return {
        "id": session.id,
        "status": status,
        "connected_at": session.connected_at,
        "keepalive_timeout_seconds": seconds,
        "reconnect_url": reconnect_url,
    }
