"""Twitch misbehaving on demand: rules that meet requests before the routes do.

| do            | the effect      | the answer                                                              |
|---------------|-----------------|-------------------------------------------------------------------------|
| `status`      | none            | `status`, with an optional `message` and `headers`                      |
| `delay`       | after `seconds` | Twitch's own, if the caller still waits                                 |
| `silence`     | none            | none: held until the caller goes away or the rule is deleted, then cut  |
| `lose_answer` | done and saved  | none: cut; or with `"then": "hold"` held as in `silence`                |
| `pass`        | done            | Twitch's own; of use with `hold`                                        |

A rule meets requests by `method` ("*" is any), by the end of their `path`, and, where it names a `broadcaster` (a
user's id), only those whose query has that broadcaster_id: so a fault can hit one channel and spare the others. It does
so `times` times (1 unless told; -1 is always).

With `"hold": true` the request first waits at a gate, before any effect, until the rule is deleted; a caller who goes
away meanwhile leaves no effect.
"""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vip_manager.simulator.helix.answers import error_answer
from vip_manager.simulator.journal import Journal
from vip_manager.simulator.refusal import Refused

KINDS = ("status", "delay", "silence", "lose_answer", "pass")
FOREVER = -1


@dataclass(slots=True)
class Rule:
    id: str
    method: str
    path: str
    do: str
    times: int = 1
    status: int = 500
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    then: str = "cut"
    hold: bool = False
    broadcaster: str = ""
    hits: int = 0
    holding: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def takes(self, method: str, path: str, broadcasters: Sequence[str]) -> bool:
        """`broadcasters`: every broadcaster_id of the request's query."""
        spent = self.times != FOREVER and self.hits >= self.times
        meant = not self.broadcaster or self.broadcaster in broadcasters
        return not spent and meant and self.method in ("*", method) and path.endswith(self.path)

    def shown(self) -> dict[str, Any]:
        match = ("id", "method", "path", "broadcaster", "times")
        names = (*match, "do", "status", "seconds", "then", "hold", "hits", "holding")
        return {name: getattr(self, name) for name in names}


class Faults:
    """Rules in the order they were made; the first that takes a request has it. A spent rule stays listed."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}
        self._numbers = itertools.count(1)

    def add(self, wish: dict[str, Any]) -> Rule:
        """Raises Refused."""
        rule = _rule(str(next(self._numbers)), wish)
        self._rules[rule.id] = rule
        return rule

    def remove(self, rule_id: str | None = None) -> int:
        """One rule, or all; what they hold goes on. Says how many went."""
        gone = [rule for rule in self._rules.values() if rule_id in (None, rule.id)]
        for rule in gone:
            del self._rules[rule.id]
            rule.over.set()
        return len(gone)

    def shown(self) -> list[dict[str, Any]]:
        return [rule.shown() for rule in self._rules.values()]

    def hit(self, method: str, path: str, broadcasters: Sequence[str]) -> Rule | None:
        rule = next((one for one in self._rules.values() if one.takes(method, path, broadcasters)), None)
        if rule is not None:
            rule.hits += 1
        return rule


class FaultMiddleware:
    def __init__(self, app: ASGIApp, faults: Faults, journal: Journal) -> None:
        self._app = app
        self._faults = faults
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rule = None
        if scope["type"] == "http" and "/control/" not in scope["path"]:
            query = parse_qs(scope["query_string"].decode("latin-1"))
            rule = self._faults.hit(scope["method"], scope["path"], query.get("broadcaster_id", []))
        if rule is None:
            await self._app(scope, receive, send)
            return
        self._journal.fault(rule.id, rule.do, scope["method"], scope["path"])
        caller = _Caller(receive)
        if rule.hold and not await _held(rule, caller):
            return
        if rule.do == "status":
            await _status(rule, scope["path"])(scope, caller.receive, send)
        elif rule.do == "silence":
            await _held(rule, caller)
            await _cut(send)
        elif rule.do == "lose_answer":
            await self._app(scope, caller.receive, _nowhere)
            if rule.then == "hold":
                await _held(rule, caller)
            await _cut(send)
        else:
            await asyncio.sleep(rule.seconds)
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
            if message["type"] == "http.disconnect":
                return

    async def receive(self) -> Message:
        return self._kept.popleft() if self._kept else await self._receive()


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


async def _cut(send: Send) -> None:
    """A body that never comes: the server can only close the connection, and the caller sees it break."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
    await send({"type": "http.response.body", "body": b"", "more_body": True})


def _status(rule: Rule, path: str) -> JSONResponse:
    if "/helix/" not in path:
        return JSONResponse({"status": rule.status, "message": rule.message}, rule.status, rule.headers)
    answer = error_answer(rule.status, rule.message)
    remaining = "0" if rule.status == 429 else "799"
    answer.headers.update(
        {
            "Ratelimit-Limit": "800",
            "Ratelimit-Remaining": remaining,
            "Ratelimit-Reset": str(int(time.time()) + 1),
            **rule.headers,
        }
    )
    return answer


def _rule(rule_id: str, wish: dict[str, Any]) -> Rule:
    known = {"method": str, "path": str, "do": str, "times": int, "status": int, "message": str, "headers": dict}
    kinds: dict[str, Any] = {**known, "seconds": (int, float), "then": str, "hold": bool, "broadcaster": str}
    for name, value in wish.items():
        kind = kinds.get(name)
        if kind is None or not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise Refused("bad_rule", f"“{name}” is unknown here, or its value is of the wrong kind.")
    rule = Rule(rule_id, **{"method": "*", "path": "", "do": "pass", **wish})
    rule.method = rule.method.upper()
    rule.headers = {str(name): str(value) for name, value in rule.headers.items()}
    if rule.do not in KINDS:
        raise Refused("bad_rule", f"“do” must be one of {', '.join(KINDS)}.")
    if rule.times < FOREVER or rule.times == 0 or rule.seconds < 0 or not 200 <= rule.status <= 599:
        raise Refused("bad_rule", "“times”, “seconds” or “status” is out of bounds.")
    if rule.broadcaster and not rule.broadcaster.isdecimal():
        raise Refused("bad_rule", "“broadcaster” must be a user's id, which is a number in quotes.")
    if rule.then not in ("cut", "hold"):
        raise Refused("bad_rule", "“then” must be cut or hold.")
    return rule
