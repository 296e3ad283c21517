"""Telling the other instances, gently: Firestore takes about one write a second to one document for long
(https://cloud.google.com/firestore/docs/best-practices), so what comes close together goes out together."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from google.cloud.firestore_v1 import Increment

from vip_manager.ports import StoreUnavailable
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.revision import COLLECTION

APART = 0.5
"""Seconds, at least, between two writes of one channel's document. The first goes out at once."""


class _Batch:
    """What goes out with one write."""

    def __init__(self) -> None:
        self.note: dict[str, Any] | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Nobody may be there any more to hear how it went.
        self.done.add_done_callback(lambda done: done.cancelled() or done.exception())


class _Line:
    """A channel's writes, one after the other."""

    def __init__(self) -> None:
        self.next: _Batch | None = None
        self.writing = False
        self.task: asyncio.Task[None] | None = None


class Publisher:
    """`wrote` hears of every write that is over: its channel, and the revision's number where that is known."""

    def __init__(self, calls: Calls, instance: str, wrote: Callable[[str, int | None], None]) -> None:
        self._calls = calls
        self._instance = instance
        self._wrote = wrote
        self._lines: dict[str, _Line] = {}
        self._closing = asyncio.Event()

    async def publish(self, channel_id: str, note: Mapping[str, Any] | None) -> None:
        """Returns when a write that began after this call is done. A caller who is cancelled stops nothing."""
        if self._closing.is_set():
            raise StoreUnavailable("the feed is closed")
        self._calls.document(COLLECTION, channel_id)  # ValueError for the caller, rather than for all in the batch
        line = self._lines.setdefault(channel_id, _Line())
        batch = line.next = line.next or _Batch()
        if note is not None:
            batch.note = dict(note)
        if line.task is None:
            line.task = asyncio.create_task(self._write_out(channel_id, line))
        await asyncio.shield(batch.done)

    def writing(self, channel_id: str) -> bool:
        """Whether a write is under way."""
        line = self._lines.get(channel_id)
        return line is not None and line.writing

    async def close(self) -> None:
        """What waits goes out first, without its pauses."""
        self._closing.set()
        await asyncio.gather(*(line.task for line in self._lines.values() if line.task is not None))

    async def _write_out(self, channel_id: str, line: _Line) -> None:
        loop = asyncio.get_running_loop()
        while (batch := line.next) is not None:
            line.next = None
            earliest = loop.time() + APART
            await self._write(channel_id, line, batch)
            if not self._closing.is_set():
                await self._pause(earliest - loop.time())
        del self._lines[channel_id]

    async def _write(self, channel_id: str, line: _Line, batch: _Batch) -> None:
        number = None
        line.writing = True
        try:
            number = await self._increment(channel_id, batch.note)
        except Exception as error:
            batch.done.set_exception(error)
        else:
            batch.done.set_result(None)
        finally:
            line.writing = False
            batch.done.cancel()
            self._wrote(channel_id, number)

    async def _increment(self, channel_id: str, note: dict[str, Any] | None) -> int | None:
        """Sent again after a lost answer it may count twice: one more number that nobody can explain, hence news."""
        document: dict[str, Any] = {"revision": Increment(1), "by": self._instance}
        if note is not None:
            document["note"] = note
        batch = self._calls.batch()
        # The fields by name: `merge=True` would mix a new note with the old one.
        batch.set(self._calls.document(COLLECTION, channel_id), document, merge=list(document))
        [result] = await self._calls.commit(batch)
        [value] = result.transform_results
        return int(value.integer_value)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._closing.wait()
        except TimeoutError:
            pass
