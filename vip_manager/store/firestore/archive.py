"""The database's documents as they are, read and written whole.

Firestore takes no thousand documents at once, so an import begins with a mark, `meta/import`, which goes with the last
of them: while it is there nobody opens the database but the next import, which starts over.
"""

import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from google.cloud.firestore_v1.base_document import DocumentSnapshot
from google.protobuf.timestamp_pb2 import Timestamp

from vip_manager.domain.session import VipSession
from vip_manager.ports import Conflict, StoreError
from vip_manager.store.archive import BATCH, UNOPENED, Archived, Load, NotEmpty
from vip_manager.store.document_json import to_json
from vip_manager.store.documents import AUDIT, CHANNELS, COLLECTIONS, KINDS
from vip_manager.store.fields import Document
from vip_manager.store.firestore.calls import MOST_WRITES, Calls
from vip_manager.store.firestore.claims import CLAIMS, claim_document, claim_id
from vip_manager.store.firestore.documents import COMMIT_ID, ORDER, content, lookups, storable
from vip_manager.store.firestore.opening import IMPORT, STAMP
from vip_manager.store.firestore.queries import everything

BESIDE = frozenset({COMMIT_ID, ORDER, "loginLower", "catchUpDueAt", "live", "open", "untried"})
"""Fields that only this store has (documents.py): they are left out, and made anew."""

MOST_BYTES = 4 * 1024 * 1024
"""In one commit; Firestore takes 10 MiB (https://cloud.google.com/firestore/quotas), and counts in another way."""

_PAGE = 1000
_BY = "by"
_WRITTEN = "written"


class FirestoreArchive:
    """`archive.Archive` of one database."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def documents(self) -> AsyncGenerator[Archived, None]:
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
        yield loading.load
        await loading.end()

    async def _written(self, collection: str, now: datetime) -> list[str]:
        """The ids, in the order in which they were made; but channels in that in which they were last changed."""
        query = everything(collection).to(self._calls.client).select([ORDER]).limit(_PAGE)
        found: list[tuple[datetime, int, str]] = []
        while True:
            page = await self._calls.query(query, now)
            found += [_order(collection, one) for one in page]
            if len(page) < _PAGE:
                return [document_id for *_, document_id in sorted(found)]
            query = query.start_after(page[-1])


def _order(collection: str, snapshot: DocumentSnapshot[Any]) -> tuple[datetime, int, str]:
    at = snapshot.update_time if collection == CHANNELS.collection else snapshot.create_time
    number = (snapshot.to_dict() or {}).get(ORDER)
    return at, number if isinstance(number, int) else 0, snapshot.id


async def _begin(calls: Calls) -> "_Loading":
    """Raises NotEmpty."""
    mark = await calls.get(calls.document(*IMPORT))
    if mark.exists:
        await _clear(calls)
    elif await _holds_anything(calls):
        raise NotEmpty(calls.place)
    loading = _Loading(calls, mark.update_time.timestamp_pb() if mark.exists else None)
    await loading.mark()
    return loading


@dataclass(slots=True)
class _Loading:
    """One import. Every commit renews the mark, on the condition that nobody else has: of two at once one gives up, and
    a commit whose answer was lost can be told from one that was not done."""

    _calls: Calls
    _marked_at: Timestamp | None
    _id: str = field(default_factory=lambda: uuid.uuid4().hex)
    _written: int = 0
    _order: int = field(default_factory=time.time_ns)

    async def mark(self) -> None:
        await self._commit([])

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
            raise StoreError(_OTHER) from error

    def _documents(self, one: Archived) -> list[tuple[str, str, Document]]:
        """The document as this store keeps it, and the claim of a live session."""
        record = KINDS[one.collection].read(one.id, one.document, UNOPENED, "")
        document = storable(one.document)
        document |= {**lookups(record, {"dueAt": None, "nextAt": None, **document}), COMMIT_ID: self._id}
        if one.collection == AUDIT.collection:
            self._order += 1
            document[ORDER] = self._order
        documents = [(one.collection, one.id, document)]
        if isinstance(record, VipSession) and record.live:
            documents.append((CLAIMS, claim_id(record), claim_document(record, self._id)))
        return documents

    async def _commit(self, documents: Sequence[tuple[str, str, Document]]) -> None:
        batch = self._calls.batch()
        self._written += len(documents)
        mark, reference = {_BY: self._id, _WRITTEN: self._written}, self._calls.document(*IMPORT)
        if self._marked_at is None:
            batch.create(reference, mark)
        else:
            batch.replace(reference, mark, self._marked_at)
        for collection, document_id, document in documents:
            batch.create(self._calls.document(collection, document_id), document)

        async def done_before() -> Timestamp | None:
            found = await self._calls.get(reference)
            return found.update_time.timestamp_pb() if content(found) == mark else None

        try:
            done = await self._calls.commit(batch, done_before)
        except Conflict as error:
            raise StoreError(_OTHER) from error
        self._marked_at = done if isinstance(done, Timestamp) else done[0].update_time.timestamp_pb()


_OTHER = "Somebody else writes to that database at the same time. Stop the program there, then run import again."


async def _holds_anything(calls: Calls) -> bool:
    for collection in (*COLLECTIONS, CLAIMS):
        if await calls.query(everything(collection).to(calls.client).limit(1)):
            return True
    return False


async def _clear(calls: Calls) -> None:
    for collection in (*COLLECTIONS, CLAIMS):
        query = everything(collection).to(calls.client).select([ORDER]).limit(MOST_WRITES)
        while found := await calls.query(query):
            batch = calls.batch()
            for snapshot in found:
                batch.delete(snapshot.reference)
            await calls.commit(batch)


def _batched(ids: list[str]) -> list[list[str]]:
    return [ids[first : first + BATCH] for first in range(0, len(ids), BATCH)]
