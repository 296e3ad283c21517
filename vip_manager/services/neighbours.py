"""Carries changes between the instances that share a store."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

from vip_manager.ports import Feed, StoreError
from vip_manager.services.changes import Changes, Note

log = structlog.get_logger(__name__)

_PAUSE = 1.0
_WATCHED_EVERY = 1.0
_DEAF_AFTER = 3
"""Looks in a row: a listener for a new channel takes a moment to stand."""
_LAST_WORDS = 2.0
"""Seconds that a process which is stopping takes to tell the others what it has just changed."""


class Neighbours:
    """What can't be told is told as soon as it can be; a process that dies first has told nobody, and its last change
    shows elsewhere with the next one, or a reload."""

    def __init__(self, feed: Feed, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._feed = feed
        self._sleep = sleep
        self._untold: dict[str, Note | None] = {}
        self._telling: dict[str, asyncio.Task[None]] = {}

    def tell(self, channel_id: str, note: Note | None) -> None:
        """As `Changes` has it told. Returns at once."""
        self._untold[channel_id] = self._untold.get(channel_id) if note is None else note
        if channel_id not in self._telling:
            self._telling[channel_id] = asyncio.create_task(self._publish(channel_id))

    async def hear(self, changes: Changes, told: Callable[[str, Note], None]) -> None:
        """Brings what others tell into this process, for as long as it is awaited."""
        async for news in self._feed.news():
            if not self._knows_better(news.channel_id):
                told(news.channel_id, news.note)
            changes.announce_here(news.channel_id)

    async def watch(self, changes: Changes, lost: Callable[[], None]) -> None:
        """Calls `lost` where channels that somebody looks at here are not heard of, for as long as it is awaited: the
        store may be out of reach, and nobody else may be asking it for anything."""
        deaf = 0
        while True:
            await self._sleep(_WATCHED_EVERY)
            deaf = 0 if all(map(self.hears, changes.shown)) else deaf + 1
            if deaf >= _DEAF_AFTER:
                lost()

    def hears(self, channel_id: str) -> bool:
        """Whether every change of that channel in another instance is heard of here."""
        return self._feed.followed(channel_id)

    def follow(self, channel_ids: frozenset[str]) -> None:
        """These are looked at here, and no others."""
        self._feed.follow(channel_ids)

    async def note(self, channel_id: str) -> Note | None:
        """The last one of any instance; None where this one has a newer one that is on its way. Raises StoreError."""
        note = await self._feed.note(channel_id)
        return None if self._knows_better(channel_id) else note

    async def aclose(self) -> None:
        tasks = list(self._telling.values())
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_WORDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _knows_better(self, channel_id: str) -> bool:
        return channel_id in self._telling

    async def _publish(self, channel_id: str) -> None:
        while channel_id in self._untold:
            note = self._untold.pop(channel_id)
            try:
                await self._feed.publish(channel_id, note)
            except StoreError as error:
                log.warning("others not told of a change", channel_id=channel_id, error=str(error))
                if self._untold.get(channel_id) is None:
                    self._untold[channel_id] = note
                await self._sleep(_PAUSE * random.uniform(0.5, 1.5))  # noqa: S311
            except Exception:
                log.exception("others not told of a change", channel_id=channel_id)
        # Nothing is awaited since the last look at what is untold: whatever comes from now on begins anew.
        del self._telling[channel_id]
