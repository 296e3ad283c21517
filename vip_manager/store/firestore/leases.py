"""Who does what only one instance may do at a time: one small document a name, and compare-and-set on it.

Firestore stamps every write and every read with its own time, so a lease counts by that clock alone.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from google.cloud.firestore_v1.async_document import AsyncDocumentReference
from google.cloud.firestore_v1.base_document import DocumentSnapshot
from google.protobuf.timestamp_pb2 import Timestamp

from vip_manager.ports import Conflict, StoreError
from vip_manager.store.fields import Document
from vip_manager.store.firestore.calls import Calls

COLLECTION = "leases"

_TRIES = 5


class _Stamped(Protocol):
    def timestamp_pb(self) -> Timestamp: ...


@dataclass(frozen=True, slots=True)
class _Held:
    holder: str
    written: Timestamp


class FirestoreLeases:
    """ports.Leases. A lease that is free or already ours costs a write, one that is somebody else's a read (and a write
    that is refused). Raises StoreError; ValueError for a name that can't be a document's id, e.g. one with a "/"."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        # When ours were last written, so that renewing them needs no reading. It may be out of date: then the write is
        # refused, and we look.
        self._held: dict[str, _Held] = {}

    async def take(self, name: str, holder: str, lasts: timedelta) -> bool:
        reference = self._calls.document(COLLECTION, name)
        held = self._held.pop(name, None)
        written: Timestamp | None = held.written if held and held.holder == holder else None
        for _ in range(_TRIES):
            try:
                self._held[name] = _Held(holder, await self._write(reference, holder, lasts, written))
                return True
            except Conflict:
                found = await self._calls.get(reference)
            if not found.exists:
                written = None
            elif _holder(found) == holder or _has_run_out(found):
                written = _written(found)
            else:
                return False
        # Others write it all the time, so it is theirs.
        return False

    async def give_up(self, name: str, holder: str) -> None:
        reference = self._calls.document(COLLECTION, name)
        held = self._held.pop(name, None)
        written: Timestamp | None = held.written if held and held.holder == holder else None
        for _ in range(_TRIES):
            if written is None:
                found = await self._calls.get(reference)
                if not found.exists or _holder(found) != holder:
                    return
                written = _written(found)
            batch = self._calls.batch()
            batch.delete(reference, option=self._calls.client.write_option(last_update_time=written))
            try:
                await self._calls.commit(batch)
                return
            except Conflict:
                written = None
        raise Conflict(f"the lease {name!r} changed each time it was to be given up")

    async def _write(
        self, reference: AsyncDocumentReference, holder: str, lasts: timedelta, written: Timestamp | None
    ) -> Timestamp:
        """Makes it, or replaces the one that was last written then; returns when that was done. Raises Conflict."""
        # Firestore keeps the time of a document that is written as it already is, so every write is different. That
        # also tells ours from any other where the answer was lost.
        mark = secrets.token_hex(8)
        document: Document = {"holder": holder, "lasts": lasts / timedelta(seconds=1), "mark": mark}
        batch = self._calls.batch()
        if written is None:
            batch.create(reference, document)
        else:
            batch.replace(reference, document, written)

        async def applied() -> Timestamp | None:
            found = await self._calls.get(reference)
            return _written(found) if found.exists and (found.to_dict() or {}).get("mark") == mark else None

        done = await self._calls.commit(batch, applied)
        return done if isinstance(done, Timestamp) else _time(done[0].update_time)


def _holder(found: DocumentSnapshot[Any]) -> object:
    return (found.to_dict() or {}).get("holder")


def _has_run_out(found: DocumentSnapshot[Any]) -> bool:
    """By the store's clock at the moment of reading. One that somebody spoiled by hand binds nobody."""
    lasts = (found.to_dict() or {}).get("lasts")
    if not isinstance(lasts, int | float):
        return True
    return bool(found.read_time - found.update_time >= timedelta(seconds=lasts))


def _written(found: DocumentSnapshot[Any]) -> Timestamp:
    return _time(found.update_time)


def _time(stamped: _Stamped | None) -> Timestamp:
    if stamped is None:
        raise StoreError("Firestore did not say when it was written")
    return stamped.timestamp_pb()
