"""Telling the other instances, gently: Firestore takes about one write a second to one document for long
(https://cloud.google.com/firestore/docs/best-practices), so what comes close together goes out together."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from google.cloud.firestore_v1 import Increment
from google.protobuf.timestamp_pb2 import Timestamp

from vip_manager.ports import StoreUnavailable, Touched
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.revision import COLLECTION, read, written_by
from vip_manager.store.firestore.touched import Touches

APART = 0.5
"""Seconds, at least, between two writes of one channel's document. The first goes out at once."""


_REMEMBERED = 1000
"""Channels of which it is remembered how their documents stood after the last write of ours."""


@dataclass(frozen=True, slots=True)
class Stands:
    """How a channel's document stands: its number, its note, and when it was written; None where there is none."""

    number: int
    note: Mapping[str, Any]
    written: Timestamp | None


class _Batch:
    """What goes out with one write. Where it is `over` something, only if that stands there still."""

    def __init__(self) -> None:
        self.note: dict[str, Any] | None = None
        self.over: Stands | None = None
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

    def __init__(self, calls: Calls, touches: Touches, instance: str, wrote: Callable[[str, int | None], None]) -> None:
        self._calls = calls
        self._touches = touches
        self._instance = instance
        self._wrote = wrote
        self._lines: dict[str, _Line] = {}
        self._stands: OrderedDict[str, Stands] = OrderedDict()
        self._closing = asyncio.Event()

    async def publish(self, channel_id: str, note: Mapping[str, Any] | None, over: Stands | None = None) -> None:
        """Returns when a write that began after this call is done. A caller who is cancelled stops nothing. With `over`
        raises Conflict where something else stands there by now."""
        if self._closing.is_set():
            raise StoreUnavailable("the feed is closed")
        self._calls.document(COLLECTION, channel_id)  # ValueError for the caller, rather than for all in the batch
        line = self._lines.setdefault(channel_id, _Line())
        batch = line.next = line.next or _Batch()
        if note is not None:
            batch.note, batch.over = dict(note), over
        if line.task is None:
            line.task = asyncio.create_task(self._write_out(channel_id, line))
        await asyncio.shield(batch.done)

    def stood(self, channel_id: str) -> Stands | None:
        """How it stood after our last write, where nobody had written between that and the one before."""
        return self._stands.get(channel_id)

    async def stands(self, channel_id: str) -> Stands:
        """One read."""
        found = await self._calls.get(self._calls.document(COLLECTION, channel_id))
        if not found.exists:
            return Stands(0, {}, None)
        revision = read(found)
        return Stands(revision.number, revision.note, found.update_time.timestamp_pb())

    def forget(self, channel_id: str) -> None:
        """What is remembered of it is not so any more."""
        self._stands.pop(channel_id, None)

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
            number = await self._increment(channel_id, batch)
        except Exception as error:
            batch.done.set_exception(error)
        else:
            batch.done.set_result(None)
        finally:
            line.writing = False
            batch.done.cancel()
            self._wrote(channel_id, number)

    async def _increment(self, channel_id: str, publishing: _Batch) -> int:
        """Sent again after a lost answer it may count twice: one more number that nobody can explain, hence news."""
        touched = self._touches.untold(channel_id)
        try:
            return await self._write_over(channel_id, publishing.note, publishing.over, touched)
        except BaseException:
            self._touches.not_told(channel_id, touched)
            raise

    async def _write_over(
        self, channel_id: str, note: dict[str, Any] | None, over: Stands | None, touched: Touched
    ) -> int:
        before = self._stands.pop(channel_id, None)
        document: dict[str, Any] = {"revision": Increment(1), **written_by(self._instance, touched)}
        if note is not None:
            document["note"] = note
        batch = self._calls.batch()
        reference = self._calls.document(COLLECTION, channel_id)
        if over is not None:
            batch.merge_where(reference, document, over.written)
        else:
            # The fields by name: `merge=True` would mix a new note with the old one.
            batch.set(reference, document, merge=list(document))
        [result] = await self._calls.commit(batch)
        [value] = result.transform_results
        stands = Stands(int(value.integer_value), note or {}, result.update_time.timestamp_pb())
        if note is not None:
            self._remember(channel_id, stands)
        elif before is not None and stands.number == before.number + 1:
            self._remember(channel_id, replace(stands, note=before.note))
        return stands.number

    def _remember(self, channel_id: str, stands: Stands) -> None:
        self._stands[channel_id] = stands
        while len(self._stands) > _REMEMBERED:
            self._stands.popitem(last=False)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._closing.wait()
        except TimeoutError:
            pass
