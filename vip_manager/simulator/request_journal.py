"""Writes down each request with the status that the routes gave it, whether or not the answer arrives, and who asked.

A 429 is counted here, where Twitch's own limits gave it; one made up by a fault never comes this far in.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vip_manager.simulator.journal import Journal
from vip_manager.simulator.simulation import Simulation, simulation
from vip_manager.simulator.surfaces import on_twitch, surface

POINTS = "points"
_LONGEST_FORM = 10_000
_LONGEST_QUERY = 4000
_TOLD = frozenset(
    {
        "after",
        "before",
        "broadcaster_id",
        "first",
        "game_id",
        "id",
        "language",
        "login",
        "moderator_id",
        "only_manageable_rewards",
        "reward_id",
        "sort",
        "status",
        "subscription_id",
        "type",
        "user_id",
        "user_login",
    }
)
"""Helix's parameters: their values are no secrets. What stands in others, a token in the wrong place perhaps, is."""
_NAME = re.compile(r"[a-z]+(_[a-z]+)*")
_SWITCHED = 101
_REFUSED = 403


class JournalMiddleware:
    def __init__(self, app: ASGIApp, journal: Journal) -> None:
        self._app = app
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or surface(scope["path"]) == "control":
            await self._app(scope, receive, send)
            return
        sim = simulation(HTTPConnection(scope))
        asked = _Asked(sim, scope)
        answered = False

        async def overhearing() -> Message:
            message = await receive()
            asked.overhear(message)
            return message

        async def listening(message: Message) -> None:
            nonlocal answered
            status = _status(message)
            if status is not None and not answered:
                answered = True
                if status == 429:
                    _count(sim, asked, Headers(raw=message.get("headers", [])))
                self._journal.request(**asked.details(sim), status=status)
            await send(message)

        await self._app(scope, overhearing, listening)


@dataclass
class _Asked:
    """Who asked is looked up at once: the request itself may end the token."""

    sim: Simulation
    scope: Scope
    caller: str = field(init=False, default="")
    client: str = field(init=False, default="")
    form: bytes = b""

    def __post_init__(self) -> None:
        _, _, value = HTTPConnection(self.scope).headers.get("authorization", "").partition(" ")
        token = self.sim.world.access_tokens.get(value.strip())
        if token is not None:
            user = self.sim.world.users.get(token.user_id or "")
            self.caller, self.client = user.login if user else "", token.client_id

    @property
    def face(self) -> str:
        return surface(self.scope["path"])

    def overhear(self, message: Message) -> None:
        """Of what the auth host is told only the client's id is of interest; the rest is secret."""
        if self.face == "oauth" and len(self.form) < _LONGEST_FORM:
            self.form += message.get("body") or b""

    def details(self, sim: Simulation) -> dict[str, Any]:
        query = self.scope["query_string"].decode("latin-1")
        client = self.client
        if not client and self.face == "oauth":
            told = parse_qs(query) | parse_qs(self.form.decode("latin-1"))
            # Only a known one: anything else may be a secret in the wrong place.
            client = next((one for one in told.get("client_id", []) if one in sim.world.clients), "")
        return {
            "method": self.scope.get("method", "GET"),
            "path": self.scope["path"],
            "query": _harmless(query) if self.face == "helix" else "",
            "surface": self.face,
            "caller": self.caller,
            "client": client,
        }


def _harmless(query: str) -> str:
    """Other parameters by their name alone, and that only where it looks like one."""
    shown = []
    for part in query[:_LONGEST_QUERY].split("&"):
        name, given, _ = part.partition("=")
        shown.append(part if name in _TOLD else name if given and _NAME.fullmatch(name) else "…" if part else "")
    return "&".join(shown)


def _status(message: Message) -> int | None:
    """None for what is no beginning of an answer. A handshake that is not accepted is answered with 403 (ASGI)."""
    if message["type"] in ("http.response.start", "websocket.http.response.start"):
        return int(message["status"])
    return {"websocket.accept": _SWITCHED, "websocket.close": _REFUSED}.get(message["type"])


def _count(sim: Simulation, asked: _Asked, headers: Headers) -> None:
    """By the limit that was met: the bucket of points, or else the endpoint's own."""
    empty = headers.get("ratelimit-remaining") == "0"
    limit = POINTS if empty else f"{asked.scope.get('method', 'GET')} {_endpoint(asked.scope['path'])}"
    sim.world.limits_met[limit] = sim.world.limits_met.get(limit, 0) + 1
    sim.world.save()


def _endpoint(path: str) -> str:
    return "/" + on_twitch(path).partition("/helix/")[2]
