"""`GET /api/health` and `GET /api/ready`: is the process up, and can it work."""

import asyncio
import time
from collections.abc import Awaitable

from starlette.requests import Request
from starlette.responses import JSONResponse

from vip_manager.ports import StoreError, TwitchError
from vip_manager.services.container import running

LONGEST_WAIT = 2.0
"""Seconds: a load balancer's own patience is short."""


async def health(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def ready(_: Request) -> JSONResponse:
    """Each dependency with its latency; only a store out of reach keeps us from work."""
    services = running()
    store = await _asked(services.store.ping())
    twitch = await _asked(services.twitch.ping())
    status = 200 if store["ok"] else 503
    return JSONResponse({"ok": store["ok"], "store": store, "twitch": twitch}, status_code=status)


async def _asked(ping: Awaitable[None]) -> dict[str, bool | float]:
    started = time.monotonic()
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            await ping
        ok = True
    except (StoreError, TwitchError, TimeoutError):
        ok = False
    return {"ok": ok, "latency_ms": round((time.monotonic() - started) * 1000, 1)}
