"""What the instances tell one another: that a channel has changed."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from vip_manager.ports import Conflict, News, Touched
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.listeners import Listeners
from vip_manager.store.firestore.listening import ListeningClient
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.firestore.publishing import Publisher
from vip_manager.store.firestore.revision import COLLECTION, Hearing, Revision, Verdict, read
from vip_manager.store.firestore.touched import Touches, together

_ANSWER_WITHIN = 1.0
"""Seconds. What may be our own change waits so long for the answer to its write; then it is told all the same."""

_TRIES = 5

_ECHO_WITHIN = 3.0
"""Seconds. A listener that has not told of our own change by then may be deaf."""


class FirestoreFeed:
    """ports.Feed. Made on the event loop.

    Publishing costs one write, at most two a second and channel. Following costs a read for each document when its
    listener is made, and one for each change, also our own; then see Listeners. `news` is for one reader at a time;
    what nobody has read yet waits, once a channel.
    """

    def __init__(
        self, calls: Calls, meter: Meter, touches: Touches, instance: str, connect: Callable[[], ListeningClient]
    ) -> None:
        self._calls = calls
        self._touches = touches
        self._instance = instance
        self._publisher = Publisher(calls, touches, instance, self._wrote)
        self._listeners = Listeners(connect, self, meter)
        self._hearings: dict[str, Hearing] = {}
        """Of the channels that are followed."""
        self._numbers: dict[str, int] = {}
        """Of those: as they were read."""
        self._doubts: dict[str, Revision] = {}
        """What may be a change of ours whose write is not answered yet."""
        self._waiting: dict[str, News] = {}
        self._arrived = asyncio.Event()
        self._read = False
        self._closed = False

    async def publish(self, channel_id: str, note: Mapping[str, Any] | None = None) -> None:
        await self._publisher.publish(channel_id, note)

    async def renote(
        self, channel_id: str, noting: Callable[[Mapping[str, Any]], Mapping[str, Any]], *, changed: bool
    ) -> None:
        """No read but where somebody else has written since our last write, or nothing but the note may have to be
        written."""
        stands = self._publisher.stood(channel_id) if changed else None
        for _ in range(_TRIES):
            stands = stands or await self._publisher.stands(channel_id)
            noted = noting(stands.note)
            if noted == stands.note and not changed:
                return
            try:
                await self._publisher.publish(channel_id, noted, stands)
                return
            except Conflict:
                stands = None
        raise Conflict(f"the note of {channel_id!r} changed each time it was to be written")

    def touched(self, channel_id: str) -> Touched:
        return self._touches.unseen(channel_id)

    async def forget(self, channel_id: str) -> None:
        """One delete."""
        self._publisher.forget(channel_id)
        batch = self._calls.batch()
        batch.delete(self._calls.document(COLLECTION, channel_id))
        await self._calls.commit(batch)

    async def note(self, channel_id: str) -> Mapping[str, Any]:
        """One read."""
        found = await self._calls.get(self._calls.document(COLLECTION, channel_id))
        revision = read(found) if found.exists else None
        if channel_id in self._hearings:
            self._numbers[channel_id] = revision.number if revision else 0
        return revision.note if revision else {}

    def number(self, channel_id: str) -> int | None:
        return self._numbers.get(channel_id)

    def follow(self, channel_ids: frozenset[str]) -> None:
        """Raises ValueError for what can't be a channel's id. Does nothing once the feed is closed."""
        if self._closed:
            return
        for channel_id in channel_ids:
            self._calls.document(COLLECTION, channel_id)
        self._hearings = {one: self._hearings.get(one) or Hearing(self._instance) for one in channel_ids}
        for left in self._waiting.keys() - channel_ids:
            del self._waiting[left]
        for left in self._doubts.keys() - channel_ids:
            del self._doubts[left]
        for left in self._numbers.keys() - channel_ids:
            del self._numbers[left]
        self._listeners.follow(channel_ids)

    def followed(self, channel_id: str) -> bool:
        return self._listeners.followed(channel_id)

    async def news(self) -> AsyncGenerator[News, None]:
        """For one reader at a time (RuntimeError for a second one); ends when the feed is closed."""
        if self._read:
            raise RuntimeError("somebody reads the news already")
        self._read = True
        try:
            while not self._closed:
                if not self._waiting:
                    self._arrived.clear()
                    await self._arrived.wait()
                    continue
                yield self._waiting.pop(next(iter(self._waiting)))
        finally:
            self._read = False

    async def close(self) -> None:
        """Publishes what waits, and leaves no thread. A second time does nothing."""
        if self._closed:
            return
        self._closed = True
        self._arrived.set()
        await self._publisher.close()
        await self._listeners.close()

    # What the listeners tell

    def begins(self, channel_id: str, revision: Revision | None) -> None:
        self._hearings[channel_id].begins(revision)
        self._doubts.pop(channel_id, None)
        unread = self._waiting.pop(channel_id, None)
        begins = None if unread else revision.number if revision else 0
        self._waiting[channel_id] = News(channel_id, revision.note if revision else {}, None, begins)
        self._arrived.set()

    def heard(self, revision: Revision) -> None:
        hearing = self._hearings[revision.channel_id]
        verdict = hearing.judge(revision, self._publisher.writing(revision.channel_id))
        if verdict is Verdict.UNSURE:
            self._doubts[revision.channel_id] = revision
            asyncio.get_running_loop().call_later(_ANSWER_WITHIN, self._out_of_doubt, revision)
        elif verdict is not Verdict.OLD:
            self._doubts.pop(revision.channel_id, None)
            if verdict is Verdict.FOREIGN:
                self._tell(revision.channel_id, revision.note, hearing.touched)

    def knows(self, revision: Revision) -> bool:
        hearing = self._hearings.get(revision.channel_id)
        return hearing is None or hearing.has(revision) or revision.channel_id in self._doubts

    # What the publisher tells

    def _wrote(self, channel_id: str, number: int | None) -> None:
        hearing = self._hearings.get(channel_id)
        if hearing is None:
            return
        if number is not None:
            hearing.wrote(number)
            if self.followed(channel_id):
                asyncio.get_running_loop().call_later(_ECHO_WITHIN, self._expect, channel_id, hearing, number)
        if channel_id in self._doubts:
            self.heard(self._doubts[channel_id])

    def _out_of_doubt(self, revision: Revision) -> None:
        if self._doubts.get(revision.channel_id) is revision:
            del self._doubts[revision.channel_id]
            hearing = self._hearings[revision.channel_id]
            if hearing.judge(revision, writing=False) is Verdict.FOREIGN:
                self._tell(revision.channel_id, revision.note, hearing.touched)

    def _expect(self, channel_id: str, hearing: Hearing, number: int) -> None:
        deaf = self._hearings.get(channel_id) is hearing and not hearing.reached(number)
        if deaf and channel_id not in self._doubts and self.followed(channel_id):
            self._listeners.suspect(channel_id)

    def _tell(self, channel_id: str, note: Mapping[str, Any], touched: Touched) -> None:
        unread = self._waiting.pop(channel_id, None)
        if unread is not None:
            touched = together(unread.touched, touched)
        self._waiting[channel_id] = News(channel_id, note, touched)
        self._arrived.set()
