"""The database's documents as they are, read and written whole.

Firestore takes no thousand documents at once, so an import begins with a mark, `meta/import`, which goes with the last
of them: while it is there nobody opens the database but the next import, which takes the mark, and starts over. Whoever
has lost the mark writes and deletes nothing any more.
"""

import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from google.cloud.firestore_v1.base_document import DocumentSnapshot
from google.protobuf.timestamp_pb2 import Timestamp

from vip_manager.domain.session import VipSession
from vip_manager.ports import Conflict, StoreError
from vip_manager.store.archive import (
    BATCH,
    Archived,
    ImportCutShort,
    Load,
    NotEmpty,
    Overtaken,
    WrittenMeanwhile,
)
from vip_manager.store.document_json import to_json
from vip_manager.store.documents import CHANNELS, COLLECTIONS, KINDS
from vip_manager.store.fields import BrokenDocument, Document
from vip_manager.store.firestore.calls import MOST_WRITES, Calls
from vip_manager.store.firestore.claims import CLAIMS, claim_document, claim_id
from vip_manager.store.firestore.documents import BESIDE, COMMIT_ID, ORDER, content, lookups, made, order_of, storable
from vip_manager.store.firestore.opening import IMPORT, STAMP
from vip_manager.store.firestore.queries import everything
from vip_manager.store.sealing import UNOPENED

MOST_BYTES = 4 * 1024 * 1024
"""In one commit; Firestore takes 10 MiB (https://cloud.google.com/firestore/quotas), and counts in another way."""

_BY = "by"
_COMMITS = "commits"
_EARLIER = "earlier"


class FirestoreArchive:
    """`archive.Archive` of one database."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def documents(self) -> AsyncGenerator[Archived | BrokenDocument, None]:
        """Two reads a document: the first for the order in which they were written, which no query gives. An export
        has an hour, for which Firestore keeps what stood at its moment
        (https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#runqueryrequest)."""
        now: datetime = (await self._calls.get(self._calls.document(*STAMP))).read_time
        for collection in COLLECTIONS:
            for ids in _batched(await self._written(collection, now)):
                references = [self._calls.client.collection(collection).document(one) for one in ids]
                found = {one.id: one for one in await self._calls.several(references, now)}
                for document_id in ids:
                    document = content(found[document_id])
                    own = {name: value for name, value in document.items() if name not in BESIDE}
                    yield Archived(collection, document_id, own)

    @asynccontextmanager
    async def loading(self) -> AsyncIterator[Load]:
        loading = await _begin(self._calls)
        try:
            await loading.clear()
            yield loading.load
            await loading.end()
        except (NotEmpty, Overtaken):
            raise
        except (StoreError, OSError) as error:
            raise ImportCutShort(self._calls.place, error) from error

    async def _written(self, collection: str, now: datetime) -> list[str]:
        """The ids, in the order in which they were made; but channels in that in which they were last changed. What
        one import has made in one commit keeps its order until it is changed."""
        query = everything(collection).to(self._calls.client).select([ORDER])
        found = await self._calls.whole(query, now)
        return [one.id for one in sorted(found, key=_saved if collection == CHANNELS.collection else made)]


def _saved(snapshot: DocumentSnapshot[Any]) -> tuple[datetime, int, str]:
    return snapshot.update_time, order_of(snapshot), snapshot.id


async def _begin(calls: Calls) -> "_Loading":
    """With the mark taken, so that an import that goes on meanwhile writes nothing any more. Raises NotEmpty."""
    mark = await calls.get(calls.document(*IMPORT))
    if mark.exists:
        loading = _Loading(calls, mark.update_time.timestamp_pb(), _imports(content(mark)))
    elif await _holds_anything(calls):
        raise NotEmpty(calls.place)
    else:
        loading = _Loading(calls, None, ())
    await loading.mark()
    return loading


def _imports(mark: Document) -> tuple[str, ...]:
    """Ids of those whose documents may be lying there."""
    earlier = mark.get(_EARLIER)
    named = [mark.get(_BY), *(earlier if isinstance(earlier, list) else ())]
    return tuple(one for one in named if isinstance(one, str))


@dataclass(slots=True)
class _Loading:
    """One import. Every commit renews the mark, on the condition that nobody else has: of two at once one gives up, and
    a commit whose answer was lost can be told from one that was not done. `_earlier` are the ids of the imports that
    were cut short before; each document says in its commit id which import has written it."""

    _calls: Calls
    _marked_at: Timestamp | None
    _earlier: tuple[str, ...]
    _id: str = field(default_factory=lambda: uuid.uuid4().hex)
    _commits: int = 0
    _order: int = field(default_factory=time.time_ns)

    async def mark(self) -> None:
        """Raises Overtaken."""
        await self._commit()

    async def clear(self) -> None:
        """Deletes what earlier imports left. Raises WrittenMeanwhile where there is anything else: then nothing is
        deleted, and where no import left anything the mark goes too. Raises Overtaken."""
        try:
            await self._look_through(delete=False)
        except WrittenMeanwhile:
            if not self._earlier:
                await self.end()
            raise
        if self._earlier:
            await self._look_through(delete=True)
            self._earlier = ()

    async def _look_through(self, *, delete: bool) -> None:
        for collection in (*COLLECTIONS, CLAIMS):
            query = everything(collection).to(self._calls.client).select([COMMIT_ID])
            async with aclosing(self._calls.pages(query, MOST_WRITES - 1)) as pages:
                async for page in pages:
                    if any(content(one).get(COMMIT_ID) not in self._earlier for one in page):
                        raise WrittenMeanwhile(self._calls.place)
                    if delete:
                        await self._commit(gone=page)

    async def load(self, batch: Sequence[Archived]) -> None:
        together: list[tuple[str, str, Document]] = []
        size = 0
        logins: set[object] = set()
        for one in batch:
            documents = self._documents(one)
            bytes_more = sum(len(to_json(document)) for _, _, document in documents)
            # Of two channels with one login the one that was changed later has it: by the time of its commit.
            login = documents[0][2].get("loginLower")
            full = len(together) + len(documents) + 1 > MOST_WRITES or size + bytes_more > MOST_BYTES
            if together and (full or login in logins):
                await self._commit(together)
                together, size, logins = [], 0, set()
            together += documents
            size += bytes_more
            if login is not None:
                logins.add(login)
        if together:
            await self._commit(together)

    async def end(self) -> None:
        batch = self._calls.batch()
        option = self._calls.client.write_option(last_update_time=self._marked_at)
        batch.delete(self._calls.document(*IMPORT), option=option)

        async def gone() -> bool | None:
            return not (await self._calls.get(self._calls.document(*IMPORT))).exists or None

        try:
            await self._calls.commit(batch, gone)
        except Conflict as error:
            raise Overtaken(self._calls.place) from error

    def _documents(self, one: Archived) -> list[tuple[str, str, Document]]:
        """The document as this store keeps it, and the claim of a live session."""
        record = KINDS[one.collection].read(one.id, one.document, UNOPENED, "")
        document = storable(one.document)
        self._order += 1
        beside = {COMMIT_ID: self._id, ORDER: self._order}
        document |= {**lookups(record, {"dueAt": None, "nextAt": None, **document}), **beside}
        documents = [(one.collection, one.id, document)]
        if isinstance(record, VipSession) and record.live:
            documents.append((CLAIMS, claim_id(record), claim_document(record, self._id)))
        return documents

    async def _commit(
        self, documents: Sequence[tuple[str, str, Document]] = (), *, gone: Sequence[DocumentSnapshot[Any]] = ()
    ) -> None:
        """Raises Overtaken, also where what is to be gone was changed since it was found."""
        batch = self._calls.batch()
        self._commits += 1
        mark = {_BY: self._id, _COMMITS: self._commits, _EARLIER: list(self._earlier)}
        reference = self._calls.document(*IMPORT)
        if self._marked_at is None:
            batch.create(reference, mark)
        else:
            batch.replace(reference, mark, self._marked_at)
        for collection, document_id, document in documents:
            batch.create(self._calls.document(collection, document_id), document)
        for snapshot in gone:
            batch.delete(
                snapshot.reference, option=self._calls.client.write_option(last_update_time=snapshot.update_time)
            )

        async def done_before() -> Timestamp | None:
            found = await self._calls.get(reference)
            return found.update_time.timestamp_pb() if content(found) == mark else None

        try:
            done = await self._calls.commit(batch, done_before)
        except Conflict as error:
            raise Overtaken(self._calls.place) from error
        self._marked_at = done if isinstance(done, Timestamp) else done[0].update_time.timestamp_pb()


async def _holds_anything(calls: Calls) -> bool:
    for collection in (*COLLECTIONS, CLAIMS):
        if await calls.query(everything(collection).to(calls.client).limit(1)):
            return True
    return False


def _batched(ids: list[str]) -> list[list[str]]:
    return [ids[first : first + BATCH] for first in range(0, len(ids), BATCH)]
