"""Carries changes between the instances that share a store."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from vip_manager.ports import Feed, StoreError, Touched
from vip_manager.services.changes import Changes, Note, Noting

log = structlog.get_logger(__name__)

_PAUSE = 1.0
_WATCHED_EVERY = 1.0
_DEAF_AFTER = 3
"""Looks in a row: a listener for a new channel takes a moment to stand."""
GATHERS_FOR = 0.75
"""Seconds that a change waits for others that follow it, to be told together: one write instead of several. The promise
is two, from the change to the page."""
LONGEST_WAIT = 1.5
"""Seconds: telling is a matter of one or two writes, half a second apart."""


@dataclass(slots=True)
class _Untold:
    """What the others are still to be told of one channel: that its records have `changed`, and what its note is to be
    made into, one after the other. `more` is about to follow, until it is time to `go`."""

    changed: bool = False
    notings: list[Noting] = field(default_factory=list)
    more: bool = False
    go: asyncio.Event = field(default_factory=asyncio.Event)

    def of(self, note: Note) -> Note:
        for noting in self.notings:
            note = noting(note)
        return note


class Neighbours:
    """What can't be told is told as soon as it can be; a process that dies first has told nobody, and its last change
    shows elsewhere with the next one, or a reload."""

    def __init__(self, feed: Feed, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._feed = feed
        self._sleep = sleep
        self._untold: dict[str, _Untold] = {}
        self._sending: dict[str, _Untold] = {}
        self._telling: dict[str, asyncio.Task[None]] = {}
        self._notes: dict[str, Note] = {}
        """The last ones of channels that are followed."""

    def tell(self, channel_id: str, noting: Noting | None, *, more: bool = False) -> None:
        """As `Changes` has it told. Returns at once."""
        untold = self._untold.setdefault(channel_id, _Untold())
        if more and not untold.changed:
            untold.more = True
        elif not more and noting is None:
            untold.go.set()
        if noting is None:
            untold.changed = True
        else:
            untold.notings.append(noting)
        if channel_id not in self._telling:
            self._telling[channel_id] = asyncio.create_task(self._publish(channel_id))

    async def told(self) -> None:
        """Waits for at most LONGEST_WAIT seconds; nothing waits for more that may follow."""
        for untold in self._untold.values():
            untold.go.set()
        if tasks := list(self._telling.values()):
            await asyncio.wait(tasks, timeout=LONGEST_WAIT)

    async def forget(self, channel_id: str) -> None:
        """There is no such channel any more. Raises StoreError."""
        await self.told()
        self._notes.pop(channel_id, None)
        await self._feed.forget(channel_id)

    async def hear(self, changes: Changes, told: Callable[[str, Note], None]) -> None:
        """Brings what others tell into this process, for as long as it is awaited."""
        async for news in self._feed.news():
            self._notes[news.channel_id] = news.note
            told(news.channel_id, self._with_ours(news.channel_id, news.note))
            changes.announce_here(news.channel_id, news.touched, begins=news.begins)

    async def watch(self, changes: Changes, lost: Callable[[], None]) -> None:
        """Calls `lost` where channels that somebody looks at here are not heard of, for as long as it is awaited: the
        store may be out of reach, and nobody else may be asking it for anything."""
        deaf = 0
        while True:
            await self._sleep(_WATCHED_EVERY)
            deaf = 0 if all(map(self.hears, changes.shown)) else deaf + 1
            if deaf >= _DEAF_AFTER:
                lost()

    def touched(self, channel_id: str) -> Touched:
        """What of that channel was written here since this was asked last."""
        return self._feed.touched(channel_id)

    def number(self, channel_id: str) -> int | None:
        """Of the changes that there had been when `note` was asked last."""
        return self._feed.number(channel_id)

    def hears(self, channel_id: str) -> bool:
        """Whether every change of that channel in another instance is heard of here."""
        return self._feed.followed(channel_id)

    def follow(self, channel_ids: frozenset[str]) -> None:
        """These are looked at here, and no others."""
        self._notes = {one: note for one, note in self._notes.items() if one in channel_ids}
        self._feed.follow(channel_ids)

    async def note(self, channel_id: str) -> Note:
        """The last one of any instance, with what this one is about to tell. Raises StoreError."""
        return self._with_ours(channel_id, await self._feed.note(channel_id))

    async def aclose(self) -> None:
        await self.told()
        tasks = list(self._telling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _with_ours(self, channel_id: str, note: Note) -> Note:
        for mine in (self._sending.get(channel_id), self._untold.get(channel_id)):
            note = mine.of(note) if mine else note
        return note

    async def _publish(self, channel_id: str) -> None:
        while channel_id in self._untold:
            await self._gather(self._untold[channel_id])
            untold = self._untold.pop(channel_id)
            self._sending[channel_id] = untold
            try:
                await self._send(channel_id, untold)
            except StoreError as error:
                log.warning("others not told of a change", channel_id=channel_id, error=str(error))
                self._once_more(channel_id, untold)
                await self._sleep(_PAUSE * random.uniform(0.5, 1.5))  # noqa: S311
            except Exception:
                log.exception("others not told of a change", channel_id=channel_id)
            finally:
                del self._sending[channel_id]
        # Nothing is awaited since the last look at what is untold: whatever comes from now on begins anew.
        del self._telling[channel_id]

    async def _gather(self, untold: _Untold) -> None:
        if untold.more:
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHERS_FOR):
                    await untold.go.wait()

    async def _send(self, channel_id: str, untold: _Untold) -> None:
        note = None
        if untold.notings:
            known = self._notes.get(channel_id) if self.hears(channel_id) else None
            if known is None:
                await self._feed.renote(channel_id, untold.of, changed=untold.changed)
                return
            noted = untold.of(known)
            note = None if noted == known else noted
        if untold.changed or note is not None:
            await self._feed.publish(channel_id, note)
        if note is not None and self.hears(channel_id):
            self._notes[channel_id] = note

    def _once_more(self, channel_id: str, untold: _Untold) -> None:
        newer = self._untold.get(channel_id, _Untold())
        self._untold[channel_id] = _Untold(untold.changed or newer.changed, [*untold.notings, *newer.notings])
