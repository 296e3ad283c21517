"""Which subscriptions there are, whose they are, and which event each of them wants.

Those of webhooks are kept with the world; those of sockets die with their socket, and so with this process.
"""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from vip_manager.simulator.eventsub.kinds import KINDS, VERSION
from vip_manager.simulator.eventsub.timings import Timings
from vip_manager.simulator.moments import from_rfc3339, rfc3339, rfc3339_nanos
from vip_manager.simulator.records import Subscription
from vip_manager.simulator.world import World

ENABLED = "enabled"
PENDING = "webhook_callback_verification_pending"
UNVERIFIED = "webhook_callback_verification_failed"
UNREACHABLE = "notification_failures_exceeded"
AUTHORIZATION_REVOKED = "authorization_revoked"
USER_REMOVED = "user_removed"


class Subscriptions:
    def __init__(self, world: World, timings: Timings) -> None:
        self._world = world
        self._timings = timings
        self._on_sockets: dict[str, Subscription] = {}
        self.give_up_pending()

    def give_up_pending(self) -> None:
        """Nobody waits for the answer to a challenge of an earlier process, or of another world."""
        for one in self._all():
            if one.status == PENDING:
                self.end(one, UNVERIFIED)

    def add(self, kind: str, condition: dict[str, str], client_id: str, cost: int, **transport: Any) -> Subscription:
        """`transport`: the record's fields that only the one or the other transport has."""
        number = max((one.number for one in self._all()), default=0) + 1
        status = PENDING if transport.get("callback") else ENABLED
        subscription = Subscription(
            str(uuid.uuid4()),
            number,
            kind,
            VERSION,
            condition,
            client_id,
            rfc3339_nanos(self._world.now()),
            cost,
            status,
            **transport,
        )
        self._place(subscription)[subscription.id] = subscription
        return subscription

    def get(self, subscription_id: str) -> Subscription | None:
        return self._on_sockets.get(subscription_id) or self._world.webhooks.get(subscription_id)

    def remove(self, subscription: Subscription) -> None:
        self._place(subscription).pop(subscription.id, None)

    def enabled(self, subscription: Subscription) -> bool:
        """False for one deleted meanwhile, too."""
        return self.get(subscription.id) is subscription and subscription.status == ENABLED

    def end(self, subscription: Subscription, status: str) -> None:
        subscription.status = status
        subscription.ended_at = rfc3339(self._world.real_now())

    def owned(self, client_id: str, user_id: str | None) -> list[Subscription]:
        """A client's webhooks, or (with a user) the sockets' ones made with that user's token; oldest first, those
        that ended not long ago among them."""
        self._forget()
        return [one for one in self._all() if (one.client_id, one.user_id) == (client_id, user_id)]

    def of_session(self, session_id: str) -> list[Subscription]:
        return [one for one in self._all() if one.session_id == session_id and one.status == ENABLED]

    def about(self, user_id: str) -> list[Subscription]:
        """Those that live, made with the user's token or about the user."""
        return [
            one
            for one in self._all()
            if one.ended_at is None and (one.user_id == user_id or user_id in one.condition.values())
        ]

    def resting_on(self, user_id: str) -> list[Subscription]:
        """Those of `about` that live only because this user allows it: on a socket each, of webhooks those whose type
        needs a scope."""
        return [
            one for one in self.about(user_id) if (KINDS[one.type].scopes if one.callback else one.user_id == user_id)
        ]

    def wanting(self, kind: str, facts: Mapping[str, str]) -> list[Subscription]:
        """`facts` hold what a condition of this type may ask for; an empty condition takes any, and as whom it is read
        narrows nothing."""
        return [
            one
            for one in self._all()
            if one.status == ENABLED
            and one.type == kind
            and all(
                not wanted or name == KINDS[kind].reader or facts.get(name) == wanted
                for name, wanted in one.condition.items()
            )
        ]

    def _all(self) -> list[Subscription]:
        return [*self._on_sockets.values(), *self._world.webhooks.values()]

    def _place(self, subscription: Subscription) -> dict[str, Subscription]:
        # The world may have been replaced meanwhile: it is asked each time.
        return self._world.webhooks if subscription.callback else self._on_sockets

    def _forget(self) -> None:
        for one in self._all():
            shown = self._timings.webhook_listed if one.callback else self._timings.socket_listed
            if one.ended_at and from_rfc3339(one.ended_at) + timedelta(seconds=shown) < self._world.real_now():
                self.remove(one)


def on_the_wire(subscription: Subscription) -> dict[str, Any]:
    """As each message shows it. The secret is never shown."""
    if subscription.callback:
        transport = {"method": "webhook", "callback": subscription.callback}
    else:
        transport = {"method": "websocket", "session_id": subscription.session_id}
    return {
        "id": subscription.id,
        "status": subscription.status,
        "type": subscription.type,
        "version": subscription.version,
        "cost": subscription.cost,
        "condition": subscription.condition,
        "transport": transport,
        "created_at": subscription.created_at,
    }


def listed(subscription: Subscription) -> dict[str, Any]:
    """As the REST endpoint shows it: a socket's transport says since when it is connected."""
    shown = on_the_wire(subscription)
    if not subscription.callback:
        shown["transport"]["connected_at"] = subscription.connected_at
    return shown
