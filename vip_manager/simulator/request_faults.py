"""Rules meet requests before the routes do: what each makes of them, over HTTP and at the socket's handshake."""

import asyncio
import time
from collections import deque
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.utils import ClientDisconnected

from vip_manager.simulator.faults import Asked, Faults, Rule
from vip_manager.simulator.helix.answers import error_answer
from vip_manager.simulator.journal import Journal
from vip_manager.simulator.records import AccessToken
from vip_manager.simulator.simulation import Simulation, simulation
from vip_manager.simulator.surfaces import on_twitch, surface

_BODILESS = (204, 205, 304)


class FaultMiddleware:
    def __init__(self, app: ASGIApp, faults: Faults, journal: Journal) -> None:
        self._app = app
        self._faults = faults
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rule = None
        if scope["type"] in ("http", "websocket") and surface(scope["path"]) != "control":
            sim = simulation(HTTPConnection(scope))
            asked = _asked(sim, scope, _token(scope))
            rule = self._faults.hit(asked)
        if rule is None:
            await self._app(scope, receive, send)
            return
        caller = sim.world.users[asked.caller].login if asked.caller else ""
        self._journal.fault(rule.id, rule.do, method=asked.method, path=scope["path"], caller=caller)
        await self._meet(rule, scope, _Caller(receive), send)

    async def _meet(self, rule: Rule, scope: Scope, caller: "_Caller", send: Send) -> None:
        if rule.hold and not await _held(rule, caller):
            return
        if rule.do == "status":
            await _status(rule, scope["path"])(scope, caller.receive, send)
        elif rule.do in ("silence", "cut", "lose_answer"):
            # A handshake has no effect of its own, so there is no answer to lose but the connection itself.
            if rule.do == "lose_answer" and scope["type"] == "http":
                await self._app(scope, caller.receive, _nowhere)
            if rule.do == "silence" or (rule.do == "lose_answer" and rule.then == "hold"):
                await _held(rule, caller)
            await _cut(scope, send)
        else:
            await asyncio.sleep(rule.wait_seconds())
            if rule.do == "kill_token":
                _kill(simulation(HTTPConnection(scope)), _token(scope), rule.refresh)
            await self._app(scope, caller.receive, send)


class _Caller:
    """Notices that the caller went away without losing what was already read of the request."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: deque[Message] = deque()

    async def gone(self) -> None:
        while True:
            message = await self._receive()
            self._kept.append(message)
            if message["type"] in ("http.disconnect", "websocket.disconnect"):
                return

    async def receive(self) -> Message:
        return self._kept.popleft() if self._kept else await self._receive()


def _token(scope: Scope) -> str:
    _, _, value = HTTPConnection(scope).headers.get("authorization", "").partition(" ")
    return value.strip()


def _asked(sim: Simulation, scope: Scope, token: str) -> Asked:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    redemptions = (sim.world.redemptions.get(one) for one in query.get("id", []))
    about = {*query.get("user_id", []), *(one.user_id for one in redemptions if one is not None)}
    found = sim.world.access_tokens.get(token)
    return Asked(
        scope.get("method", "GET"),
        on_twitch(scope["path"]),
        query.get("broadcaster_id", []),
        about,
        (found.user_id or "") if found else "",
    )


async def _held(rule: Rule, caller: _Caller) -> bool:
    """Waits; True where the rule was deleted, False where the caller went away first."""
    ways = [asyncio.ensure_future(caller.gone()), asyncio.ensure_future(rule.over.wait())]
    rule.holding += 1
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        return rule.over.is_set()
    finally:
        rule.holding -= 1
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _nowhere(message: Message) -> None:
    pass


async def _cut(scope: Scope, send: Send) -> None:
    """Hangs up without a byte of an answer. ASGI has no word for that: over HTTP the server begins an answer that it
    finds it can't write, and ends it; at a handshake it is told that nobody is there any more."""
    if scope["type"] == "websocket":
        raise ClientDisconnected
    unwritable = [(b"connection", b"close"), (b"no\0name", b"")]
    refused = False
    try:
        await send({"type": "http.response.start", "status": 200, "headers": unwritable})
    except Exception:
        # Each server has one of its own for this.
        refused = True
    with suppress(Exception):
        # Where it was not refused, what is left is an answer that nobody can take for a whole one.
        await send({"type": "http.response.body", "body": b"", "more_body": not refused})


def _status(rule: Rule, path: str) -> Response:
    if rule.status in _BODILESS:
        answer = Response(status_code=rule.status)
    elif surface(path) == "helix":
        answer = error_answer(rule.status, rule.message)
    else:
        answer = JSONResponse({"status": rule.status, "message": rule.message}, rule.status)
    if surface(path) == "helix":
        answer.headers.update(
            {
                "Ratelimit-Limit": "800",
                "Ratelimit-Remaining": "0" if rule.status == 429 else "799",
                "Ratelimit-Reset": str(int(time.time()) + 1),
            }
        )
    answer.headers.update(rule.headers)
    return answer


def _kill(sim: Simulation, token: str, refresh_too: bool) -> None:
    found: AccessToken | None = sim.world.access_tokens.pop(token, None)
    if found is None:
        return
    if refresh_too and found.refresh_token is not None:
        sim.world.refresh_tokens.pop(found.refresh_token, None)
    more: dict[str, Any] = {"refresh_token_too": True} if refresh_too else {}
    sim.changed("token killed", client=found.client_id, user=found.user_id, **more)
