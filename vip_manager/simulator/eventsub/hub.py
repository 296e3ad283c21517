"""EventSub's heart: an event comes in, and each subscription that wants it gets a message over its transport.

All stamps are of the world's time, as `redeemed_at` is, but for those of webhooks (webhook.py); keepalives and other
timers run on real time.
"""

import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain, islice, repeat
from typing import Any

from vip_manager.simulator.eventsub.messages import Message, frame
from vip_manager.simulator.eventsub.sessions import Session, Sessions
from vip_manager.simulator.eventsub.subscriptions import (
    AUTHORIZATION_REVOKED,
    ENABLED,
    UNREACHABLE,
    UNVERIFIED,
    Subscriptions,
    on_the_wire,
)
from vip_manager.simulator.eventsub.timings import Timings
from vip_manager.simulator.eventsub.webhook import Note, Webhooks
from vip_manager.simulator.moments import rfc3339_nanos
from vip_manager.simulator.records import Subscription
from vip_manager.simulator.world import World

REMEMBERED_MESSAGES = 100
MOST_AT_ONCE = 2000
"""Messages that one storm sends: they go out in one step, in which nothing else moves."""

Carry = Callable[[str, str, str, Sequence[Callable[[str], None]]], None]
"""Event type, the broadcaster's id, the user's id ("" where there is none), and for each subscription what sends it
under a message id: to be called as often as it shall arrive, now or later."""


class Hub:
    def __init__(self, world: World, timings: Timings, carry: Carry | None = None, note: Note | None = None) -> None:
        """`carry` may lose, repeat and delay each message of each subscription; `note` hears of each that was sent."""
        self._world = world
        self.timings = timings
        self._carry = carry or _at_once
        self._note = note or _unnoted
        self.subscriptions = Subscriptions(world, timings)
        self.sockets = Sessions(timings, self._stamp, self._socket_ended)
        self._webhooks = Webhooks(
            world, timings, self.subscriptions, note=self._note, verified=self._verified, unreachable=self._unreachable
        )
        self._sent: dict[str, deque[Message]] = {}

    @property
    def sessions(self) -> Mapping[str, Session]:
        """By id, those that live."""
        return self.sockets.living

    def drop(self, code: int, user_id: str | None = None) -> int:
        """Close every socket, or those of one user; says how many sessions that ended."""
        dropped = [one for one in self.sessions.values() if user_id is None or one.user_id == user_id]
        for session in dropped:
            self.sockets.drop(session, code)
        return len(dropped)

    def reconnect(self, user_id: str | None = None) -> int:
        """Ask every socket, or those of one user, to move; says how many were asked."""
        asked = [one for one in self.sessions.values() if user_id is None or one.user_id == user_id]
        return sum(self.sockets.move(session) is not None for session in asked)

    def subscribe(
        self, session: Session, client_id: str, user_id: str, kind: str, condition: dict[str, str], cost: int
    ) -> Subscription:
        session.client_id, session.user_id = client_id, user_id
        session.used.set()
        return self.subscriptions.add(
            kind,
            condition,
            client_id,
            cost,
            user_id=user_id,
            session_id=session.id,
            connected_at=session.connected_at,
        )

    def subscribe_webhook(
        self, client_id: str, kind: str, condition: dict[str, str], cost: int, callback: str, secret: str
    ) -> Subscription:
        """It hears nothing until it has answered its challenge."""
        subscription = self.subscriptions.add(kind, condition, client_id, cost, callback=callback, secret=secret)
        self._world.save()
        self._webhooks.challenge(subscription)
        return subscription

    def world_replaced(self) -> None:
        """Sockets' subscriptions stay until their sockets are closed. To be called before the world is saved."""
        self.subscriptions.give_up_pending()
        self._webhooks.forget_gone()
        self._sent = {one: sent for one, sent in self._sent.items() if self.subscriptions.get(one) is not None}

    def unsubscribe(self, subscription: Subscription) -> None:
        self.subscriptions.remove(subscription)
        self._sent.pop(subscription.id, None)
        if subscription.callback:
            self._world.save()

    def publish(self, kind: str, broadcaster_id: str, event: dict[str, Any], reward_id: str | None = None) -> None:
        """What happened in a channel."""
        self.tell(kind, {"broadcaster_user_id": broadcaster_id, "reward_id": reward_id or ""}, event)

    def tell(self, kind: str, facts: Mapping[str, str], event: dict[str, Any]) -> None:
        """`facts`: what a condition of this type may ask for, by its names there."""
        messages = [
            partial(self._notify, subscription, {"subscription": on_the_wire(subscription), "event": event})
            for subscription in self.subscriptions.wanting(kind, facts)
        ]
        if messages:
            self._carry(kind, facts.get("broadcaster_user_id", ""), str(event.get("user_id") or ""), messages)

    def storm(self, times: int, user_id: str | None = None) -> int:
        """The last messages of each subscription that lives, or of those of one user, once more `times` times, with the
        ids they had, but MOST_AT_ONCE at most; says how many were sent."""
        again = [
            message
            for messages in self._sent.values()
            for message in messages
            if self.subscriptions.enabled(message.subscription) and _concerns(message.subscription, user_id)
        ]
        storming = list(islice(chain.from_iterable(repeat(again, times)), MOST_AT_ONCE))
        for message in storming:
            self._send(message)
        return len(storming)

    def revoke(self, user_id: str, status: str = AUTHORIZATION_REVOKED) -> int:
        """The subscriptions that rest on this user's permission (or, where the status says anything else, all about the
        user) end and are told so; the sockets stay open. Says how many."""
        resting = status == AUTHORIZATION_REVOKED
        ending = self.subscriptions.resting_on(user_id) if resting else self.subscriptions.about(user_id)
        for subscription in ending:
            self.revoke_one(subscription, status)
        return len(ending)

    def revoke_one(self, subscription: Subscription, status: str) -> None:
        self._end(subscription, status)
        self._send(Message(str(uuid.uuid4()), "revocation", subscription, {"subscription": on_the_wire(subscription)}))

    def _notify(self, subscription: Subscription, payload: dict[str, Any], message_id: str) -> None:
        if not self.subscriptions.enabled(subscription):
            return
        message = Message(message_id, "notification", subscription, payload)
        sent = self._sent.setdefault(subscription.id, deque(maxlen=REMEMBERED_MESSAGES))
        if self._send(message) and all(one.id != message_id for one in sent):
            sent.append(message)

    def _send(self, message: Message) -> bool:
        """False where the client has left and not come back yet: Twitch replays nothing."""
        subscription = message.subscription
        if subscription.callback:
            self._webhooks.send(message)
            return True
        session = self.sessions.get(subscription.session_id)
        if session is None or session.line is None:
            return False
        session.line.outbox.put_nowait(frame(message.id, message.type, self._stamp(), message.payload, subscription))
        self._note(
            type=subscription.type,
            message_type=message.type,
            broadcaster=subscription.condition.get("broadcaster_user_id", ""),
            subscription=subscription.id,
            message=message.id,
            transport="websocket",
        )
        return True

    def _verified(self, subscription: Subscription, good: bool) -> None:
        if good:
            subscription.status = ENABLED
        else:
            self.subscriptions.end(subscription, UNVERIFIED)
        self._world.save()

    def _unreachable(self, subscription: Subscription) -> None:
        self.revoke_one(subscription, UNREACHABLE)

    def _socket_ended(self, session: Session, status: str) -> None:
        for subscription in self.subscriptions.of_session(session.id):
            self._end(subscription, status)

    def _end(self, subscription: Subscription, status: str) -> None:
        self.subscriptions.end(subscription, status)
        self._sent.pop(subscription.id, None)
        if subscription.callback:
            self._world.save()

    def _stamp(self) -> str:
        return rfc3339_nanos(self._world.now())


def _at_once(kind: str, broadcaster_id: str, user_id: str, messages: Sequence[Callable[[str], None]]) -> None:
    for send in messages:
        send(str(uuid.uuid4()))


def _unnoted(**details: Any) -> None:
    pass


def _concerns(subscription: Subscription, user_id: str | None) -> bool:
    return user_id in (None, subscription.user_id, *subscription.condition.values())
