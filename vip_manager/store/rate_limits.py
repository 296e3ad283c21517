"""Rate limits: counted together with other instances in Redis where there is one, else, and while it is out of reach,
in this process."""

import asyncio
import hashlib
import math
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import structlog

from vip_manager.ports import Rate
from vip_manager.store.moving_windows import MovingWindows

if TYPE_CHECKING:
    from limits.aio.strategies import MovingWindowRateLimiter

log = structlog.get_logger(__name__)

LONGEST_WAIT = 0.2
"""Seconds that somebody waits for Redis, before this process decides by what it has counted itself."""
MOST_CONNECTIONS = 20
AGAIN_AFTER = 2.0
"""Seconds without asking a Redis that was out of reach; then one is asked for, and the others need not wait for it."""


class ProcessRates:
    """`key` is a secret of the installation: addresses are few enough to be found again from a plain hash."""

    def __init__(self, key: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._key = hashlib.sha256(key.encode()).digest()
        self._monotonic = monotonic
        self._windows = MovingWindows(monotonic)

    async def hit(self, rate: Rate, who: str) -> timedelta | None:
        return await self._windows.hit(rate, self._hashed(who))

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _hashed(self, who: str) -> str:
        return hashlib.blake2b(who.encode(errors="replace"), key=self._key, digest_size=16).hexdigest()


class RedisRates(ProcessRates):
    """`url` begins with redis:// or rediss://."""

    def __init__(self, url: str, key: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(key, monotonic)
        self._shared, self._close = _shared(url)
        self._ask_at = float("-inf")
        self._lost = False

    async def hit(self, rate: Rate, who: str) -> timedelta | None:
        hashed = self._hashed(who)
        now = self._monotonic()
        if now >= self._ask_at:
            if self._lost:
                self._ask_at = now + AGAIN_AFTER
            try:
                async with asyncio.timeout(LONGEST_WAIT):
                    wait = await _hit(self._shared, rate, hashed)
                self._found()
                return wait
            except Exception as error:
                self._missed(error)
        return await self._windows.hit(rate, hashed)

    async def aclose(self) -> None:
        await self._close()

    def _missed(self, error: Exception) -> None:
        self._ask_at = self._monotonic() + AGAIN_AFTER
        if not self._lost:
            self._lost = True
            # By its kind alone: the message may hold the address, with its password.
            log.warning("redis out of reach, each instance limits for itself", error=type(error).__name__)

    def _found(self) -> None:
        self._ask_at = float("-inf")
        if self._lost:
            self._lost = False
            log.info("redis is back, instances limit together")


def _shared(url: str) -> "tuple[MovingWindowRateLimiter, Callable[[], Awaitable[None]]]":
    # Imported here: most machines have no Redis.
    from limits.aio.storage import RedisStorage
    from limits.aio.strategies import MovingWindowRateLimiter
    from redis.asyncio import BlockingConnectionPool
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    connections = BlockingConnectionPool.from_url(
        url,
        max_connections=MOST_CONNECTIONS,
        timeout=LONGEST_WAIT,
        socket_timeout=LONGEST_WAIT,
        socket_connect_timeout=LONGEST_WAIT,
        retry=Retry(NoBackoff(), 0),
    )
    storage = RedisStorage(
        f"async+{url}",
        implementation="redispy",
        key_prefix="vip-manager",
        connection_pool=cast(Any, connections),
    )
    return MovingWindowRateLimiter(storage), connections.aclose


async def _hit(limiter: "MovingWindowRateLimiter", rate: Rate, who: str) -> timedelta | None:
    from limits import RateLimitItemPerSecond

    item = RateLimitItemPerSecond(rate.most, rate.seconds, namespace=rate.name)
    if await limiter.hit(item, who):
        return None
    window = await limiter.get_window_stats(item, who)
    # The oldest may have run out between the two questions.
    return timedelta(seconds=max(math.ulp(1.0), window.reset_time - time.time()))
