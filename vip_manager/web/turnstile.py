"""Whoever comes too often is turned away for a while: by address, and by what they come for (`services/rates`)."""

import math
from datetime import timedelta

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from vip_manager.services import rates
from vip_manager.services.container import NotRunning, running
from vip_manager.web.answers import error

_ON_TO_WORDS = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Too often</title>'
    '<meta http-equiv="refresh" content="0;url=/?problem=busy">'
    '<p>That was too often. <a href="/?problem=busy">Go on</a></p></html>'
)
"""The landing page says it properly."""


class Turnstile:
    """Pure ASGI; stands inside the edge, which knows whose address it is. `own` begins the path of what this program
    serves itself, over the loopback: the sandbox's Twitch."""

    def __init__(self, app: ASGIApp, own: str) -> None:
        self._app = app
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = await self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        path, client = scope["path"], scope.get("client")
        rate = rates.of_path(path)
        if rate is None or client is None or (path.startswith(self._own) and rates.loopback(client[0])):
            return None
        try:
            wait = await running().rates.hit(rate, rates.network(client[0]))
        except NotRunning:
            return None
        return None if wait is None else turned_away(wait, walked=rates.walked(path))


def turned_away(wait: timedelta, *, walked: bool = False) -> Response:
    """`walked`: a browser is on its way through, and is to end on a page."""
    response: Response
    if walked:
        response = HTMLResponse(_ON_TO_WORDS, status_code=429)
    else:
        response = error(429, "rate_limited", "That was too often. Try again in a moment.")
    response.headers["Retry-After"] = str(max(1, math.ceil(wait.total_seconds())))
    response.headers["Cache-Control"] = "no-store"
    return response
