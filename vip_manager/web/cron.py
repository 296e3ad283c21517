"""`POST /api/cron/expire`: the scheduler's knock, with its bearer secret."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vip_manager.ports import StoreError
from vip_manager.services.container import running
from vip_manager.web.answers import error


def expire(cron_secret: str | None) -> Callable[[Request], Awaitable[Response]]:
    """The route; without a secret it is closed to everybody."""

    async def route(request: Request) -> Response:
        if not cron_secret:
            return error(503, "not_configured", "CRON_SECRET is not set, so no scheduler can call this.")
        sent = request.headers.get("authorization", "")
        if not hmac.compare_digest(sent.encode(), f"Bearer {cron_secret}".encode()):
            refused = error(401, "unauthorized", "The scheduler's secret is missing or wrong.")
            refused.headers["WWW-Authenticate"] = "Bearer"
            return refused
        try:
            return JSONResponse(asdict(await running().sweep.run()))
        except StoreError:
            return error(503, "store_unavailable", "The store is out of reach. Nothing was lost; call again.")

    return route
