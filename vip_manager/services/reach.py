"""Whether the store can be reached. Pages that are open keep what they show meanwhile, and say so."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from vip_manager.ports import Store, StoreError
from vip_manager.services.changes import Changes

log = structlog.get_logger(__name__)

ASKED_EVERY = 2.0
"""Seconds, until it answers again."""


class Reach:
    def __init__(
        self, store: Store, changes: Changes, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._store = store
        self._changes = changes
        self._sleep = sleep
        self._asking: asyncio.Task[None] | None = None

    @property
    def lost(self) -> bool:
        return self._asking is not None

    def failed(self) -> None:
        """Something that was asked of the store got no answer. Returns at once; it is found out when it is back."""
        if self._asking is None:
            log.error("the store is out of reach")
            self._asking = asyncio.create_task(self._until_back())
            self._tell()

    async def aclose(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _until_back(self) -> None:
        while not await self._answers():
            await self._sleep(ASKED_EVERY)
        log.info("the store is back")
        self._asking = None
        self._tell()

    async def _answers(self) -> bool:
        try:
            await self._store.ping()
        except StoreError:
            return False
        except Exception:
            log.exception("the store could not be asked")
            return False
        return True

    def _tell(self) -> None:
        """Nothing has changed but whether it can be known."""
        for channel_id in self._changes.shown:
            self._changes.announce_here(channel_id, None)
