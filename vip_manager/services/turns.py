"""One thing at a time for one key: in this process, and among all instances that share the store."""

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from vip_manager.ports import NothingDone, Shared, StoreError, Taken

log = structlog.get_logger(__name__)

LASTS = timedelta(seconds=30)
"""For so long the turn of an instance that is gone keeps the others away."""
RENEWED = 6
"""So many times in that time its holder says that it is still there."""
LONGEST_CALL = 15.0
"""Seconds that a call to Twitch may take until it has had its effect, or never will (twitch/http.py: Timeouts)."""
PATIENCE = 40.0
"""Seconds to wait for a turn: longer than that of one that is gone lasts."""
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 0.5


@dataclass(slots=True)
class Turn:
    """`ends` by this machine's monotonic clock, and never later than by the store's; `waited` where somebody else had
    it when it was asked for; `lost` is set where it has gone to another instance, or may have."""

    name: str
    lasts: timedelta = LASTS
    ends: float = math.inf
    waited: bool = False
    lost: asyncio.Event = field(default_factory=asyncio.Event)


_held: ContextVar[tuple[Turn, ...]] = ContextVar("held turns", default=())


class Turns:
    """A lock a key, forgotten when nobody holds or wants it; `shared` where other instances work on the same data, for
    whom it is a lease as well. A compare-and-set keeps each record whole; a turn keeps two from asking Twitch for
    opposite things at once, of which nobody could say which came last. `patience` in seconds."""

    def __init__(
        self,
        shared: Shared | None = None,
        *,
        patience: float = PATIENCE,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._shared = shared
        self._patience = patience
        self._monotonic = monotonic
        self._sleep = sleep
        self._locks: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    @property
    def shared(self) -> bool:
        """Whether there may be other instances."""
        return self._shared is not None

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
    async def of(self, *key: str, wait: bool = True, lasts: timedelta = LASTS) -> AsyncIterator[Turn]:
        """Among all instances. `lasts`: for so long it keeps the others away when this process is gone. Raises Taken
        where another one has it: at once without `wait`, else after a time in which one that is gone would have lost
        it; StoreUnavailable."""
        turn = Turn(":".join(("turn", *key)), lasts, waited=key in self._locks)
        async with self.here(*key):
            if self._shared is None:
                yield turn
                return
            before = _held.get()
            renewing = None
            try:
                await self._take(self._shared, turn, self._patience if wait else 0.0)
                _held.set((*before, turn))
                renewing = asyncio.create_task(self._renew(self._shared, turn))
                yield turn
            finally:
                _held.set(before)
                if renewing is not None:
                    renewing.cancel()
                # Also where whoever waited was cancelled: the lease may have been on its way.
                await self._give_up(self._shared, turn)

    def sure(self) -> None:
        """Before Twitch is asked for a change: raises NothingDone where a turn of this task may have gone to another
        instance by the time that the change takes effect, as after a process was frozen for a while."""
        for turn in _held.get():
            if self._monotonic() > turn.ends - LONGEST_CALL:
                raise NothingDone(f"the {turn.name} has run out")

    async def regain(self) -> None:
        """The turns that this task holds, for a while longer, also where they had run out. Raises Taken, StoreError."""
        for turn in _held.get():
            if self._shared is not None:
                await self._take(self._shared, turn, self._patience)

    async def _take(self, shared: Shared, turn: Turn, patience: float) -> None:
        until = self._monotonic() + patience
        pause = _FIRST_PAUSE
        while not await self._taken(shared, turn):
            turn.waited = True
            if self._monotonic() >= until:
                raise Taken(f"another instance has the {turn.name}")
            await self._sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _taken(self, shared: Shared, turn: Turn) -> bool:
        ends = self._monotonic() + turn.lasts.total_seconds()
        taken = await shared.leases.take(turn.name, shared.instance, turn.lasts)
        if taken:
            turn.ends = ends
        return taken

    async def _renew(self, shared: Shared, turn: Turn) -> None:
        while not turn.lost.is_set():
            await self._sleep(turn.lasts.total_seconds() / RENEWED)
            try:
                kept = await self._taken(shared, turn)
            except StoreError as error:
                log.warning("turn not renewed", turn=turn.name, error=str(error))
                kept = self._monotonic() < turn.ends
            if not kept:
                log.error("turn lost", turn=turn.name)
                turn.ends = 0.0
                turn.lost.set()

    async def _give_up(self, shared: Shared, turn: Turn) -> None:
        try:
            await shared.leases.give_up(turn.name, shared.instance)
        except StoreError as error:
            # It runs out by itself.
            log.warning("turn not given up", turn=turn.name, error=str(error))
