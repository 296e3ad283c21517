"""What was asked of the simulator and what it did, in order; the newest few thousand lines, in memory only.

What the audit must still know after a restart stands in the world itself.
"""

from collections import deque
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vip_manager.simulator.moments import rfc3339
from vip_manager.simulator.world import World

KEPT = 5000
log = structlog.get_logger("simulator")


class Journal:
    def __init__(self, world: World) -> None:
        self._world = world
        self._lines: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.too_many_requests = 0

    def request(self, method: str, path: str, query: str, status: int) -> None:
        # A 429 is counted where Twitch's own limits gave it; one made up by a fault never comes this far in.
        self.too_many_requests += status == 429
        self._note("request", method=method, path=path, query=query, status=status)

    def effect(self, what: str, **details: Any) -> None:
        log.debug("twitch changed", what=what, **details)
        self._note("effect", what=what, **details)

    def fault(self, rule: str, do: str, method: str, path: str) -> None:
        log.debug("twitch misbehaves", rule=rule, do=do, path=path)
        self._note("fault", rule=rule, do=do, method=method, path=path)

    def lines(self, limit: int) -> list[dict[str, Any]]:
        """Newest first."""
        return list(reversed(self._lines))[:limit]

    def _note(self, kind: str, **details: Any) -> None:
        self._lines.append({"at": rfc3339(self._world.real_now()), "kind": kind, **details})


class JournalMiddleware:
    """Writes down each request with the status that the routes gave it, whether or not the answer arrives."""

    def __init__(self, app: ASGIApp, journal: Journal) -> None:
        self._app = app
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "/control/" in scope["path"]:
            await self._app(scope, receive, send)
            return

        async def listening(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Only Helix's query strings hold no secrets.
                query = scope["query_string"].decode("latin-1") if "/helix/" in scope["path"] else ""
                self._journal.request(scope["method"], scope["path"], query, message["status"])
            await send(message)

        await self._app(scope, receive, listening)
