"""EventSub subscriptions over REST: WebSocket transport, with a user token. Webhooks are not spoken here yet."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from vip_manager.simulator.eventsub import Session, Subscription
from vip_manager.simulator.helix.answers import HelixError, no_content, page
from vip_manager.simulator.helix.call import Call
from vip_manager.simulator.helix.scopes import EVENTS

MOST_COST = 10
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
    place = {subscription.id: number for number, subscription in enumerate(everything)}
    found = [one for one in everything if not filters or _passes(one, filters[0], call.needed(filters[0]))]
    shown, pagination = page(found, lambda one: (place[one.id],), PAGE, call.param("after"))
    return JSONResponse(_listing(shown, everything, pagination=pagination))


async def create(call: Call) -> Response:
    body = await call.body()
    kind, transport = body.get("type"), body.get("transport")
    if not isinstance(kind, str) or kind not in EVENTS or body.get("version") != "1":
        raise HelixError(400, "invalid subscription type and version")
    condition = _condition(call, body.get("condition"))
    if not isinstance(transport, dict):
        raise HelixError(400, "transport is required")
    if transport.get("method") != "websocket":
        raise HelixError(400, "this sandbox speaks the websocket transport only")
    if call.token.user_id is None:
        raise HelixError(401, "invalid transport and auth combination")
    session = _session(call, transport.get("session_id"))
    _authorised(call, kind, condition)
    cost = _cost(call, kind, condition)
    _room_for(call, session, kind, condition, cost)
    made = call.sim.hub.subscribe(session, call.token.client_id, call.token.user_id, kind, condition, cost)
    return JSONResponse(_listing([made], _own(call)), 202)


async def delete(call: Call) -> Response:
    wanted = call.needed("id")
    for subscription in _own(call):
        if subscription.id == wanted:
            call.sim.hub.unsubscribe(subscription)
            return no_content()
    raise HelixError(404, "The subscription was not found.")


def _own(call: Call) -> list[Subscription]:
    # An app token sees webhook subscriptions only, of which there are none.
    return call.sim.hub.of(call.token.client_id, call.token.user_id) if call.token.user_id else []


def _passes(subscription: Subscription, name: str, value: str) -> bool:
    if name == "user_id":
        return value in subscription.condition.values()
    by_name = {"status": subscription.status, "type": subscription.type, "subscription_id": subscription.id}
    return by_name.get(name) == value


def _listing(shown: list[Subscription], everything: list[Subscription], **more: Any) -> dict[str, Any]:
    return {
        "data": [subscription.listed() for subscription in shown],
        "total": len(everything),
        "total_cost": sum(one.cost for one in everything if one.status == "enabled"),
        "max_total_cost": MOST_COST,
        **more,
    }


def _condition(call: Call, condition: Any) -> dict[str, str]:
    if not isinstance(condition, Mapping) or not all(isinstance(value, str) for value in condition.values()):
        raise HelixError(400, "condition must be an object of texts")
    if condition.get("broadcaster_user_id") not in call.world.users:
        raise HelixError(400, "the broadcaster_user_id in condition is not valid")
    return dict(condition)


def _session(call: Call, session_id: Any) -> Session:
    session = call.sim.hub.sessions.get(session_id) if isinstance(session_id, str) else None
    if session is None:
        raise HelixError(400, "websocket transport session does not exist or has already disconnected")
    if session.user_id not in (None, call.token.user_id):
        raise HelixError(400, "websocket transport cannot have subscriptions created by different users")
    return session


def _authorised(call: Call, kind: str, condition: dict[str, str]) -> None:
    scopes = EVENTS[kind]
    own = condition["broadcaster_user_id"] == call.token.user_id
    if scopes and not (own and set(scopes) & set(call.token.scopes)):
        raise HelixError(403, "subscription missing proper authorization")


def _cost(call: Call, kind: str, condition: dict[str, str]) -> int:
    """Free where the user it is about has authorised this client in any way."""
    granted = call.world.grant(call.token.client_id, condition["broadcaster_user_id"])
    return 0 if EVENTS[kind] or granted else 1


def _room_for(call: Call, session: Session, kind: str, condition: dict[str, str], cost: int) -> None:
    living = [one for one in _own(call) if one.status == "enabled"]
    alike = [one for one in living if one.type == kind and one.condition == condition]
    for one in alike:
        if one.session_id == session.id:
            raise HelixError(409, "subscription already exists", id=one.id)
    if len(alike) >= MOST_ALIKE:
        raise HelixError(429, "number of subscriptions of this type and condition exceeded")
    sockets = {one.session_id for one in living} | {session.id}
    if len(sockets) > MOST_SOCKETS:
        raise HelixError(429, "number of websocket transports limit exceeded")
    if sum(one.session_id == session.id for one in living) >= MOST_ON_A_SOCKET:
        raise HelixError(429, "number of subscriptions on this websocket exceeded")
    if sum(one.cost for one in living) + cost > MOST_COST:
        raise HelixError(429, "total cost of subscriptions exceeded")
