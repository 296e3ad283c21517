"""One thing at a time for one key: in this process, and among all instances that share the store."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

import structlog

from vip_manager.ports import Conflict, NothingDone, Shared, StoreError

log = structlog.get_logger(__name__)

LASTS = timedelta(seconds=30)
"""For so long the turn of an instance that is gone keeps the others away."""
RENEWED_EVERY = 5.0
LONGEST_CALL = 15.0
"""Seconds that a call to Twitch may take until it has had its effect, or never will (twitch/http.py: Timeouts)."""
PATIENCE = 40.0
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 0.5


class Taken(Conflict):
    """Another instance has that turn."""


@dataclass(slots=True)
class _Lease:
    name: str
    ends: float
    """By this machine's monotonic clock, and never later than by the store's."""


_held: ContextVar[tuple[_Lease, ...]] = ContextVar("held turns", default=())


class Turns:
    """A lock a key, forgotten when nobody holds or wants it; `shared` where other instances work on the same data, for
    whom it is a lease as well. A compare-and-set keeps each record whole; a turn keeps two from asking Twitch for
    opposite things at once, of which nobody could say which came last."""

    def __init__(
        self,
        shared: Shared | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._shared = shared
        self._monotonic = monotonic
        self._sleep = sleep
        self._locks: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def here(self, *key: str) -> AsyncIterator[None]:
        """In this process only: for what the store's compare-and-set puts in order among instances."""
        lock, users = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[key]
            if users == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, users - 1)

    @asynccontextmanager
    async def of(self, *key: str, wait: bool = True) -> AsyncIterator[None]:
        """Among all instances. Raises Taken where another one has it: at once without `wait`, else after a time in
        which one that is gone would have lost it; StoreUnavailable."""
        async with self.here(*key):
            if self._shared is None:
                yield
                return
            lease = await self._take(self._shared, "turn:" + ":".join(key), PATIENCE if wait else 0.0)
            before = _held.get()
            _held.set((*before, lease))
            renewing = asyncio.create_task(self._renew(self._shared, lease))
            try:
                yield
            finally:
                _held.set(before)
                renewing.cancel()
                await self._give_up(self._shared, lease)

    def sure(self) -> None:
        """Before Twitch is asked for a change: raises NothingDone where a turn of this task may have gone to another
        instance by the time that the change takes effect, as after a process was frozen for a while."""
        for lease in _held.get():
            if self._monotonic() > lease.ends - LONGEST_CALL:
                raise NothingDone(f"the turn {lease.name} has run out")

    async def _take(self, shared: Shared, name: str, patience: float) -> _Lease:
        until = self._monotonic() + patience
        pause = _FIRST_PAUSE
        while True:
            ends = self._monotonic() + LASTS.total_seconds()
            if await shared.leases.take(name, shared.instance, LASTS):
                return _Lease(name, ends)
            if self._monotonic() >= until:
                raise Taken(f"another instance has {name}")
            await self._sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _renew(self, shared: Shared, lease: _Lease) -> None:
        while True:
            await self._sleep(RENEWED_EVERY)
            ends = self._monotonic() + LASTS.total_seconds()
            try:
                if not await shared.leases.take(lease.name, shared.instance, LASTS):
                    log.error("turn lost to another instance", turn=lease.name)
                    lease.ends = 0.0
                    return
            except StoreError as error:
                log.warning("turn not renewed", turn=lease.name, error=str(error))
            else:
                lease.ends = ends

    async def _give_up(self, shared: Shared, lease: _Lease) -> None:
        try:
            await shared.leases.give_up(lease.name, shared.instance)
        except StoreError as error:
            # It runs out by itself.
            log.warning("turn not given up", turn=lease.name, error=str(error))
