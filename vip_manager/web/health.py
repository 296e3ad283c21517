"""`GET /api/health` and `GET /api/ready`: is the process up, and can it work."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from vip_manager.ports import StoreError, TwitchError
from vip_manager.services.container import running

LONGEST_WAIT = 2.0
"""Seconds: a load balancer's own patience is short."""
KEPT = 1.0
"""Seconds for which an answer is true enough: whoever asks more often asks neither the store nor Twitch."""


async def health(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


class Ready:
    """Each dependency with its latency; only a store out of reach keeps us from work. `monotonic` counts seconds, from
    whenever."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._asking = asyncio.Lock()
        self._found: dict[str, Any] = {}
        self._until = float("-inf")

    async def answer(self, _: Request) -> JSONResponse:
        async with self._asking:
            if self._monotonic() >= self._until:
                services = running()
                store = await _asked(services.store.ping())
                twitch = await _asked(services.twitch.ping())
                self._found = {"ok": store["ok"], "store": store, "twitch": twitch}
                self._until = self._monotonic() + KEPT
            found = self._found
        return JSONResponse(found, status_code=200 if found["ok"] else 503)


async def _asked(ping: Awaitable[None]) -> dict[str, bool | float]:
    started = time.monotonic()
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            await ping
        ok = True
    except (StoreError, TwitchError, TimeoutError):
        ok = False
    return {"ok": ok, "latency_ms": round((time.monotonic() - started) * 1000, 1)}
