"""EventSub subscriptions over REST: a socket's with a user token, a webhook's with an app token.

Sources: https://dev.twitch.tv/docs/api/reference/#create-eventsub-subscription, #get-eventsub-subscriptions,
#delete-eventsub-subscription, and https://dev.twitch.tv/docs/eventsub/manage-subscriptions/ (limits).
"""

from typing import Any

from starlette.responses import JSONResponse, Response

from vip_manager.simulator.eventsub.kinds import KINDS, VERSION
from vip_manager.simulator.eventsub.sessions import Session
from vip_manager.simulator.eventsub.subscriptions import listed
from vip_manager.simulator.helix.answers import HelixError, no_content, page
from vip_manager.simulator.helix.call import Call
from vip_manager.simulator.helix.conditions import authorised, checked_condition, cost_of
from vip_manager.simulator.helix.webhook_transport import checked_callback, checked_secret
from vip_manager.simulator.records import Subscription

MOST_COST_ON_SOCKETS = 10
MOST_COST_OF_WEBHOOKS = 10_000
MOST_ALIKE = 3
MOST_SOCKETS = 3
MOST_ON_A_SOCKET = 300
PAGE = 100
_FILTERS = ("status", "type", "user_id", "subscription_id", "conduit_id")


async def get(call: Call) -> Response:
    filters = [name for name in _FILTERS if call.param(name)]
    if len(filters) > 1:
        raise HelixError(400, "At most one of status, type, user_id, subscription_id and conduit_id may be given.")
    everything = _own(call)
    found = [one for one in everything if not filters or _passes(one, filters[0], call.needed(filters[0]))]
    shown, pagination = page(found, lambda one: (one.number,), PAGE, call.param("after"))
    return JSONResponse(_listing(call, shown, everything, pagination=pagination))


async def create(call: Call) -> Response:
    body = await call.body()
    kind, transport = body.get("type"), body.get("transport")
    if not isinstance(kind, str) or kind not in KINDS or body.get("version") != VERSION:
        raise HelixError(400, "invalid subscription type and version")
    condition = checked_condition(call.world, kind, body.get("condition"))
    method = transport.get("method") if isinstance(transport, dict) else None
    if not isinstance(transport, dict) or method not in ("webhook", "websocket"):
        raise HelixError(400, "transport.method must be webhook or websocket; there are no conduits here")
    if (method == "webhook") != (call.token.user_id is None):
        raise HelixError(401, "invalid transport and auth combination")
    make = _create_on_a_socket if method == "websocket" else _create_webhook
    made = make(call, kind, condition, transport)
    return JSONResponse(_listing(call, [made], _own(call)), 202)


async def delete(call: Call) -> Response:
    wanted = call.needed("id")
    for subscription in _own(call):
        if subscription.id == wanted:
            call.sim.hub.unsubscribe(subscription)
            return no_content()
    raise HelixError(404, "The subscription was not found.")


def _create_on_a_socket(call: Call, kind: str, condition: dict[str, str], transport: dict[str, Any]) -> Subscription:
    assert call.token.user_id is not None
    if KINDS[kind].webhook_only:
        raise HelixError(400, "this subscription type is not supported over the websocket transport")
    session = _session(call, transport.get("session_id"))
    authorised(call.world, call.token, kind, condition)
    cost = cost_of(call.world, call.token.client_id, kind, condition)
    living = _living(call)
    _not_again(living, kind, condition, session_id=session.id)
    if len({one.session_id for one in living} | {session.id}) > MOST_SOCKETS:
        raise HelixError(429, "number of websocket transports limit exceeded")
    if sum(one.session_id == session.id for one in living) >= MOST_ON_A_SOCKET:
        raise HelixError(429, "number of subscriptions on this websocket exceeded")
    _affordable(living, cost, MOST_COST_ON_SOCKETS)
    return call.sim.hub.subscribe(session, call.token.client_id, call.token.user_id, kind, condition, cost)


def _create_webhook(call: Call, kind: str, condition: dict[str, str], transport: dict[str, Any]) -> Subscription:
    callback, secret = checked_callback(transport.get("callback")), checked_secret(transport.get("secret"))
    authorised(call.world, call.token, kind, condition)
    cost = cost_of(call.world, call.token.client_id, kind, condition)
    living = _living(call)
    _not_again(living, kind, condition, callback=callback)
    _affordable(living, cost, MOST_COST_OF_WEBHOOKS)
    return call.sim.hub.subscribe_webhook(call.token.client_id, kind, condition, cost, callback, secret)


def _own(call: Call) -> list[Subscription]:
    """A user token sees that user's on sockets, an app token the client's webhooks."""
    return call.sim.hub.subscriptions.owned(call.token.client_id, call.token.user_id)


def _living(call: Call) -> list[Subscription]:
    return [one for one in _own(call) if one.ended_at is None]


def _passes(subscription: Subscription, name: str, value: str) -> bool:
    if name == "user_id":
        return value in subscription.condition.values()
    by_name = {"status": subscription.status, "type": subscription.type, "subscription_id": subscription.id}
    return by_name.get(name) == value


def _listing(call: Call, shown: list[Subscription], everything: list[Subscription], **more: Any) -> dict[str, Any]:
    return {
        "data": [listed(subscription) for subscription in shown],
        "total": len(everything),
        "total_cost": sum(one.cost for one in everything if one.ended_at is None),
        "max_total_cost": MOST_COST_OF_WEBHOOKS if call.token.user_id is None else MOST_COST_ON_SOCKETS,
        **more,
    }


def _session(call: Call, session_id: Any) -> Session:
    session = call.sim.hub.sessions.get(session_id) if isinstance(session_id, str) else None
    if session is None:
        raise HelixError(400, "websocket transport session does not exist or has already disconnected")
    if session.user_id not in (None, call.token.user_id):
        raise HelixError(400, "websocket transport cannot have subscriptions created by different users")
    return session


def _not_again(
    living: list[Subscription], kind: str, condition: dict[str, str], *, session_id: str = "", callback: str = ""
) -> None:
    """The very same is refused; the same over other transports only from the fourth on."""
    alike = [one for one in living if one.type == kind and one.condition == condition]
    for one in alike:
        if (one.session_id, one.callback) == (session_id, callback):
            raise HelixError(409, "subscription already exists", id=one.id)
    if len(alike) >= MOST_ALIKE:
        raise HelixError(429, "number of subscriptions of this type and condition exceeded")


def _affordable(living: list[Subscription], cost: int, most: int) -> None:
    if sum(one.cost for one in living) + cost > most:
        raise HelixError(429, "total cost of subscriptions exceeded")
