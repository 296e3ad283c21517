"""EventSub's heart: who listens to what on which socket, and how an event reaches them (EventSub WebSocket docs).

Subscriptions die with their socket and nothing is replayed. To hand a session over to another socket
(session_reconnect), move its subscriptions to the new Session before the old one is closed.

All stamps are of the world's time, as `redeemed_at` is; keepalives and other timers run on real time.
"""

import asyncio
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from vip_manager.simulator.moments import rfc3339_nanos
from vip_manager.simulator.world import World

LISTED_AFTER_END_SECONDS = 60.0
CLOSE_REASONS = {
    4000: ("internal server error", "websocket_internal_error"),
    4001: ("client sent inbound traffic", "websocket_received_inbound_traffic"),
    4002: ("client failed ping-pong", "websocket_failed_ping_pong"),
    4003: ("connection unused", "websocket_connection_unused"),
    4004: ("client reconnect grace time expired", "websocket_failed_to_reconnect"),
    4005: ("network timeout", "websocket_network_timeout"),
    4006: ("network error", "websocket_network_error"),
    4007: ("invalid reconnect", "websocket_internal_error"),
}


@dataclass(frozen=True)
class Timings:
    """Seconds. Tests shorten them."""

    unused: float = 10.0
    keepalive: float = 10.0
    keepalive_least: float = 10.0
    keepalive_most: float = 600.0


@dataclass(slots=True)
class Subscription:
    id: str
    type: str
    version: str
    condition: dict[str, str]
    client_id: str
    user_id: str
    session_id: str
    connected_at: str
    created_at: str
    cost: int
    status: str = "enabled"
    ended_at: float | None = None

    def wants(self, kind: str, broadcaster_id: str, reward_id: str | None) -> bool:
        if self.status != "enabled" or self.type != kind or self.condition["broadcaster_user_id"] != broadcaster_id:
            return False
        wanted = self.condition.get("reward_id")
        return not wanted or wanted == reward_id

    def on_the_wire(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "status": self.status,
            "type": self.type,
            "version": self.version,
            "cost": self.cost,
            "condition": self.condition,
            "transport": {"method": "websocket", "session_id": self.session_id},
            "created_at": self.created_at,
        }

    def listed(self) -> dict[str, Any]:
        """As the REST endpoint shows it: the transport says since when it is connected."""
        shown = self.on_the_wire()
        shown["transport"]["connected_at"] = self.connected_at
        return shown


@dataclass(frozen=True, slots=True)
class Close:
    code: int


@dataclass(slots=True)
class Session:
    """One socket. `client_id` and `user_id` are those of its first subscription: one user a socket."""

    id: str
    connected_at: str
    keepalive: float
    outbox: asyncio.Queue[str | Close] = field(default_factory=asyncio.Queue)
    used: asyncio.Event = field(default_factory=asyncio.Event)
    client_id: str | None = None
    user_id: str | None = None


class Hub:
    def __init__(self, world: World, timings: Timings) -> None:
        self._world = world
        self.timings = timings
        self.sessions: dict[str, Session] = {}
        self._subscriptions: dict[str, Subscription] = {}

    def open(self, keepalive: float) -> Session:
        session = Session(uuid.uuid4().hex, self._stamp(), keepalive)
        self.sessions[session.id] = session
        return session

    def closed(self, session: Session, status: str) -> None:
        self.sessions.pop(session.id, None)
        for subscription in self._subscriptions.values():
            if subscription.session_id == session.id and subscription.status == "enabled":
                self._end(subscription, status)

    def drop(self, code: int, user_id: str | None = None) -> int:
        """Close every socket, or those of one user; says how many."""
        dropped = [one for one in self.sessions.values() if user_id is None or one.user_id == user_id]
        for session in dropped:
            session.outbox.put_nowait(Close(code))
        return len(dropped)

    def subscribe(
        self, session: Session, client_id: str, user_id: str, kind: str, condition: dict[str, str], cost: int
    ) -> Subscription:
        subscription = Subscription(
            str(uuid.uuid4()),
            kind,
            "1",
            condition,
            client_id,
            user_id,
            session.id,
            session.connected_at,
            self._stamp(),
            cost,
        )
        self._subscriptions[subscription.id] = subscription
        session.client_id, session.user_id = client_id, user_id
        session.used.set()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        del self._subscriptions[subscription.id]

    def of(self, client_id: str, user_id: str) -> list[Subscription]:
        """Oldest first; ended ones stay listed for a minute."""
        self._forget()
        return [s for s in self._subscriptions.values() if (s.client_id, s.user_id) == (client_id, user_id)]

    def publish(self, kind: str, broadcaster_id: str, event: dict[str, Any], reward_id: str | None = None) -> None:
        for subscription in list(self._subscriptions.values()):
            if subscription.wants(kind, broadcaster_id, reward_id):
                self._send(subscription, "notification", {"subscription": subscription.on_the_wire(), "event": event})

    def revoke(self, user_id: str, status: str = "authorization_revoked") -> None:
        """The user's grants are gone: each subscription is told so, the sockets stay open."""
        for subscription in list(self._subscriptions.values()):
            if subscription.user_id == user_id and subscription.status == "enabled":
                self._end(subscription, status)
                self._send(subscription, "revocation", {"subscription": subscription.on_the_wire()})

    def frame(self, message_type: str, payload: dict[str, Any], subscription: Subscription | None = None) -> str:
        metadata = {
            "message_id": str(uuid.uuid4()),
            "message_type": message_type,
            "message_timestamp": self._stamp(),
        }
        if subscription is not None:
            metadata |= {"subscription_type": subscription.type, "subscription_version": subscription.version}
        return json.dumps({"metadata": metadata, "payload": payload})

    def _send(self, subscription: Subscription, message_type: str, payload: dict[str, Any]) -> None:
        if session := self.sessions.get(subscription.session_id):
            session.outbox.put_nowait(self.frame(message_type, payload, subscription))

    def _end(self, subscription: Subscription, status: str) -> None:
        subscription.status = status
        subscription.ended_at = self._world.monotonic()

    def _forget(self) -> None:
        before = self._world.monotonic() - LISTED_AFTER_END_SECONDS
        for subscription in list(self._ended()):
            if subscription.ended_at is not None and subscription.ended_at < before:
                del self._subscriptions[subscription.id]

    def _ended(self) -> Iterator[Subscription]:
        return (one for one in self._subscriptions.values() if one.ended_at is not None)

    def _stamp(self) -> str:
        return rfc3339_nanos(self._world.now())
