"""Every read and write of Firestore goes through here: with a deadline and retries of our own, counted, and with its
errors in the words of the port.

The client's own `timeout=` does not hold while the server is out of reach (a call may block for a minute), and its
retries neither say what was tried nor end in time.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from google.cloud.firestore_v1.async_document import AsyncDocumentReference
from google.cloud.firestore_v1.async_query import AsyncQuery
from google.cloud.firestore_v1.base_document import DocumentSnapshot
from google.cloud.firestore_v1.types.write import WriteResult

from vip_manager.ports import Conflict, StoreUnavailable
from vip_manager.store.firestore.client import Batch, Client
from vip_manager.store.firestore.errors import EXPECTED, PASSING, UNDONE, translated
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.ids import is_id

T = TypeVar("T")

READ_WITHIN = 5.0
COMMIT_WITHIN = 8.0
MOST_WRITES = 500
"""In one commit (https://cloud.google.com/firestore/quotas)."""

PAGE = 1000
"""Documents in one answer."""

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


class Calls:
    """Calls to one database, each done within `read_within` or `commit_within` seconds, or given up.

    Every call raises StoreUnavailable, NotAllowed, or StoreError for what trying again can't help.
    """

    def __init__(
        self,
        client: Client,
        meter: Meter,
        *,
        read_within: float = READ_WITHIN,
        commit_within: float = COMMIT_WITHIN,
    ) -> None:
        self._client = client
        self._meter = meter
        self._read_within = read_within
        self._commit_within = commit_within
        self._closed = False
        self.on_unavailable: Callable[[], None] = lambda: None
        """Called where the server is out of reach, or does not let us in."""
        database = client._database
        of = f" database {database!r}" if database != "(default)" else ""
        self.place = f"Firestore{of} in project {client.project!r} at {client.host}"

    @property
    def meter(self) -> Meter:
        return self._meter

    @property
    def client(self) -> Client:
        """For references and queries: they ask nothing by themselves."""
        return self._client

    def document(self, collection: str, document_id: str) -> AsyncDocumentReference:
        """Raises ValueError where it can't be an id."""
        if not is_id(document_id):
            raise ValueError(f"{document_id!r} can't be a document's id")
        return self._client.collection(collection).document(document_id)

    def batch(self) -> Batch:
        return Batch(self._client)

    async def get(self, reference: AsyncDocumentReference) -> DocumentSnapshot[Any]:
        """One read, whether it is there (`exists`) or not."""
        snapshot: DocumentSnapshot[Any] = await self._persistently(
            lambda: reference.get(retry=None, timeout=self._read_within), self._read_within
        )
        self._meter.looked_up(1)
        return snapshot

    async def several(
        self, references: Sequence[AsyncDocumentReference], read_time: datetime | None = None
    ) -> list[DocumentSnapshot[Any]]:
        """A read each, in no order; `read_time` as with `query`."""

        async def once() -> list[DocumentSnapshot[Any]]:
            answers = self._client.get_all(list(references), retry=None, timeout=self._read_within, read_time=read_time)
            return [snapshot async for snapshot in answers]

        found = await self._persistently(once, self._read_within)
        self._meter.looked_up(len(found))
        return found

    async def query(self, query: AsyncQuery, read_time: datetime | None = None) -> list[DocumentSnapshot[Any]]:
        """All that it finds; `read_time`, whole microseconds, asks for how things stood then."""
        found: list[DocumentSnapshot[Any]] = await self._persistently(
            lambda: query.get(retry=None, timeout=self._read_within, read_time=read_time), self._read_within
        )
        self._meter.looked_up(len(found))
        return found

    async def pages(
        self, query: AsyncQuery, size: int = PAGE, read_time: datetime | None = None
    ) -> AsyncGenerator[list[DocumentSnapshot[Any]], None]:
        """All that a query without a limit finds, at most `size` at once: so that each call is done in time. What was
        found before may be deleted meanwhile."""
        query = query.limit(size)
        while page := await self.query(query, read_time):
            yield page
            if len(page) < size:
                return
            query = query.start_after(page[-1])

    async def whole(self, query: AsyncQuery, read_time: datetime | None = None) -> list[DocumentSnapshot[Any]]:
        """All of `pages` together."""
        return [snapshot async for page in self.pages(query, read_time=read_time) for snapshot in page]

    async def count(self, query: AsyncQuery) -> int:
        aggregation: Any = query.count(alias="all")
        [[result]] = await self._persistently(
            lambda: aggregation.get(retry=None, timeout=self._read_within), self._read_within
        )
        self._meter.counted(int(result.value))
        return int(result.value)

    async def commit(
        self, batch: Batch, applied: Callable[[], Awaitable[T | None]] | None = None
    ) -> Sequence[WriteResult] | T:
        """All writes of the batch or none. It may have been done where StoreUnavailable is raised.

        After an answer that was lost it is sent again: all writes must have the same effect a second time, or a
        condition. Where the second time a condition does not hold, `applied` finds out whether that is because the
        first had been done, and what it says then is returned.

        Raises Conflict, and ValueError for more than 500 writes.
        """
        if len(batch) > MOST_WRITES:
            raise ValueError(f"{len(batch)} writes in one commit; Firestore takes {MOST_WRITES}")
        lost = False

        async def once() -> Sequence[WriteResult] | T:
            nonlocal lost
            try:
                # The batch forgets its writes once they are done, and only then.
                return await batch.commit(retry=None, timeout=self._commit_within)
            except EXPECTED as error:
                refusal = translated(error, self.place, conditional=True)
                if lost and applied is not None and isinstance(refusal, Conflict):
                    done = await applied()
                    if done is not None:
                        return done
                lost = lost or (isinstance(error, PASSING) and not isinstance(error, UNDONE))
                raise

        deletes = batch.deletes
        writes = len(batch) - deletes
        results = await self._persistently(once, self._commit_within, conditional=True)
        self._meter.changed(writes, deletes)
        return results

    async def close(self) -> None:
        """A second time does nothing."""
        if not self._closed:
            self._closed = True
            await self._client.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("the store is closed")

    async def _persistently(self, call: Callable[[], Awaitable[T]], within: float, *, conditional: bool = False) -> T:
        """What passes is tried again until the time is up, after pauses that grow and differ among callers."""
        last: Exception | None = None
        pause = _FIRST_PAUSE
        try:
            async with asyncio.timeout(within):
                while True:
                    self._check_open()
                    try:
                        return await call()
                    except PASSING as error:
                        last = error
                    except asyncio.CancelledError:
                        # The channel's end cancels what waits for an answer, as if somebody had cancelled the caller.
                        if self._closed and not _being_cancelled():
                            raise StoreUnavailable("the store was closed meanwhile") from None
                        raise
                    await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311
                    pause = min(pause * 2, _LONGEST_PAUSE)
        except TimeoutError:
            said = translated(last, self.place) if last else f"{self.place} did not answer within {within:g} s"
            self.on_unavailable()
            raise StoreUnavailable(str(said)) from last
        except EXPECTED as error:
            refusal = translated(error, self.place, conditional=conditional)
            if isinstance(refusal, StoreUnavailable):
                self.on_unavailable()
            raise refusal from error


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
