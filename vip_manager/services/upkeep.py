"""What is to be done once an hour, by one instance of all that there are."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from vip_manager.ports import Shared, StoreError, TwitchError

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=1)
_LEASE = "upkeep"

Work = Callable[[], Awaitable[object]]


class Upkeep:
    """`works` may fail; the others are done all the same, and that one an hour later."""

    def __init__(
        self, shared: Shared | None, works: Sequence[Work], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._shared = shared
        self._works = works
        self._monotonic = monotonic
        self._again_at = 0.0

    async def where_due(self) -> None:
        """For a process that may be alive for a moment only: the hour counts for all together. Raises StoreError."""
        if self._shared is None or self._monotonic() < self._again_at:
            return
        # Never given up where it was done to its end: for as long as it lasts, it was done.
        if await self._shared.leases.take(_LEASE, self._shared.instance, EVERY):
            try:
                await self.run()
            except asyncio.CancelledError:
                await self._shared.leases.give_up(_LEASE, self._shared.instance)
                raise
        self._again_at = self._monotonic() + EVERY.total_seconds()

    async def run(self) -> None:
        for work in self._works:
            try:
                await work()
            except (StoreError, TwitchError) as error:
                log.error("hourly work stopped", work=work.__name__, error=str(error))
            except Exception:
                log.exception("hourly work failed", work=work.__name__)
