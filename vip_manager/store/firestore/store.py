"""The store on Cloud Firestore: for as many instances as there are."""

import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from google.cloud.firestore_v1.async_document import AsyncDocumentReference
from google.cloud.firestore_v1.types.write import WriteResult

from vip_manager.domain.audit import AuditEntry
from vip_manager.domain.books import Books, Flaw
from vip_manager.domain.life import TransitionRefused
from vip_manager.domain.session import VipSession
from vip_manager.ports import (
    Accounts,
    ApiCalls,
    ApiTokens,
    AuditLog,
    Channels,
    Conflict,
    Holdings,
    Outboxes,
    R,
    Record,
    Redemptions,
    S,
    Sessions,
)
from vip_manager.store.documents import kind_of
from vip_manager.store.fields import Document
from vip_manager.store.firestore.archive import FirestoreArchive
from vip_manager.store.firestore.calls import COMMIT_WITHIN, READ_WITHIN, Calls
from vip_manager.store.firestore.claims import Claims, delete_with_claim
from vip_manager.store.firestore.client import Batch, connect
from vip_manager.store.firestore.documents import (
    BESIDE,
    COMMIT_ID,
    ORDER,
    beside_version,
    lookups,
    next_version,
    read_version,
    storable,
)
from vip_manager.store.firestore.holdings import FirestoreHoldings
from vip_manager.store.firestore.inspection import read_books
from vip_manager.store.firestore.mending import mend
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.firestore.opening import STAMP, prepare
from vip_manager.store.firestore.parts import (
    FirestoreAccounts,
    FirestoreApiCalls,
    FirestoreApiTokens,
    FirestoreAuditLog,
    FirestoreChannels,
    FirestoreOutboxes,
    FirestoreRedemptions,
    FirestoreSessions,
)
from vip_manager.store.firestore.touched import Touches
from vip_manager.store.sealing import Sealer
from vip_manager.store.stamp import Stamp
from vip_manager.store.steps import check_step, has_life
from vip_manager.store.tally import tally


class FirestoreStore:
    """`ports.Store` in a Firestore database. Made by `open`; `close` when done. It belongs to one event loop.

    A commit costs a write a record, and one more where a session becomes live or stops being so; it reads nothing.
    """

    def __init__(self, calls: Calls, sealer: Sealer) -> None:
        self._calls = calls
        self._sealer = sealer
        self.accounts: Accounts = FirestoreAccounts(calls, sealer)
        self.channels: Channels = FirestoreChannels(calls, sealer)
        self.sessions: Sessions = FirestoreSessions(calls, sealer)
        self.redemptions: Redemptions = FirestoreRedemptions(calls, sealer)
        self.audit: AuditLog = FirestoreAuditLog(calls, sealer)
        self.api_tokens: ApiTokens = FirestoreApiTokens(calls, sealer)
        self.api_calls: ApiCalls = FirestoreApiCalls(calls, sealer)
        self.outboxes: Outboxes = FirestoreOutboxes(calls, sealer)
        self.touches = Touches()
        """For those who tell others what was written."""
        self.holdings: Holdings = FirestoreHoldings(calls, self.touches)

    @classmethod
    async def open(
        cls,
        project: str,
        database: str,
        sealer: Sealer,
        stamp: Stamp,
        *,
        importing: bool = False,
        existing: bool = False,
        meter: Meter | None = None,
        read_within: float = READ_WITHIN,
        commit_within: float = COMMIT_WITHIN,
    ) -> "FirestoreStore":
        """Stamps the database where nobody has, and takes over what an earlier system left in it. `database` "" is the
        default one, `…_within` are seconds that a call may take; FIRESTORE_EMULATOR_HOST is honoured. `importing` opens
        also what an import left half done. `existing` neither stamps nor takes over.

        Raises WrongStamp, MadeByNewerProgram, HalfImported, NoData (where `existing`, and nobody has stamped it),
        StoreUnavailable, NotAllowed, StoreError (no credentials).
        """
        client = await asyncio.to_thread(connect, project, database)
        calls = Calls(client, meter or Meter(), read_within=read_within, commit_within=commit_within)
        try:
            await prepare(calls, stamp, importing=importing, existing=existing)
        except BaseException:
            await calls.close()
            raise
        return cls(calls, sealer)

    @property
    def meter(self) -> Meter:
        """What was read and written so far."""
        return self._calls.meter

    @property
    def calls(self) -> Calls:
        """For what else shares the database."""
        return self._calls

    async def commit(self, first: R, /, *rest: Record | AuditEntry) -> R:
        """Also raises ValueError: for an id that Firestore does not take, and for more than 500 documents."""
        commit_id, claims, batch = uuid.uuid4().hex, Claims(), self._calls.batch()
        now = time.time_ns()
        stored_first, document = await self._write(batch, claims, first, commit_id, now)
        for place, record in enumerate(rest, start=1):
            await self._write(batch, claims, record, commit_id, now + place)
        claims.write(self._calls, batch, commit_id)

        lost = False

        async def version_where_applied() -> str | None:
            """A try whose answer was lost was done: nobody else knows this commit's id."""
            nonlocal lost
            lost = True
            stored = await self._calls.get(stored_first)
            if not stored.exists or (stored.to_dict() or {}).get(COMMIT_ID) != commit_id:
                return None
            return next_version(stored.update_time, first, document)

        async def done_at_last() -> Sequence[WriteResult] | str:
            try:
                return await self._calls.commit(batch, version_where_applied)
            except Conflict:
                if not await claims.drop_left_over(self._calls):
                    raise
                return await self._calls.commit(batch, version_where_applied)

        try:
            done = await done_at_last()
        except BaseException as error:
            # Nobody can say whether it was done: somebody may have changed one of the records since.
            if lost or not isinstance(error, Conflict):
                self.touches.wrote((first, *rest))
            raise
        self.touches.wrote((first, *rest))
        version = done if isinstance(done, str) else next_version(done[0].update_time, first, document)
        tally((first, *rest))
        return replace(first, version=version)

    async def commit_two(self, first: R, second: S, /, *rest: Record | AuditEntry) -> tuple[R, S]:
        done = await self.commit(first, second, *rest)
        return done, replace(second, version=beside_version(done.version, second))

    async def delete(self, record: Record) -> None:
        if isinstance(record, VipSession):
            await delete_with_claim(self._calls, record)
        else:
            batch = self._calls.batch()
            batch.delete(self._calls.document(kind_of(record).collection, record.id))
            await self._calls.commit(batch)
        self.touches.deleted(record)

    async def ping(self) -> None:
        await self._calls.get(self._calls.document(*STAMP))

    async def books(self) -> Books:
        return await read_books(self._calls, self._sealer)

    async def mend(self, flaws: Sequence[Flaw], now: datetime) -> None:
        await mend(self._calls, flaws, now)

    def archive(self) -> FirestoreArchive:
        """For copying it whole."""
        return FirestoreArchive(self._calls)

    async def close(self) -> None:
        """A second time does nothing; every call after it raises StoreUnavailable."""
        await self._calls.close()

    async def _write(
        self, batch: Batch, claims: Claims, record: Record | AuditEntry, commit_id: str, order: int
    ) -> tuple[AsyncDocumentReference, Document]:
        kind = kind_of(record)
        reference = self._calls.document(kind.collection, record.id)
        document = storable(kind.write(record, self._sealer))
        document |= {**lookups(record, document), COMMIT_ID: commit_id}
        stored_state = None
        if isinstance(record, AuditEntry):
            batch.create(reference, {**document, ORDER: order})
        elif not record.version:
            batch.create(reference, document)
        else:
            read_at, stored_state = read_version(record.version)
            await self._check_step(reference, record, stored_state)
            batch.revise(reference, document, BESIDE, read_at)
        if isinstance(record, VipSession):
            claims.note(record, stored_state)
        return reference, document

    async def _check_step(self, reference: AsyncDocumentReference, record: Record, stored_state: str | None) -> None:
        """Raises TransitionRefused; but Conflict where the record is old: what it leads to is nobody's fault then."""
        if not has_life(record):
            return
        try:
            check_step(stored_state, record)
        except TransitionRefused:
            stored = await self._calls.get(reference)
            if not stored.exists or stored.update_time.timestamp_pb() != read_version(record.version)[0]:
                raise Conflict(f"{reference.path} was changed by somebody else meanwhile") from None
            raise
