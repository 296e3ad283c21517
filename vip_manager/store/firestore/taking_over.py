"""Takes over what an earlier system wrote: once, document by document, by compare-and-set.

What belongs together goes in one commit, and what was taken over is told from what was not by its fields: so two
instances may do it at once, and after a kill in the middle the next one does the rest.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from google.cloud.firestore_v1.base_document import DocumentSnapshot

from vip_manager.ports import Conflict, Record, StoreUnavailable
from vip_manager.store import takeover
from vip_manager.store.documents import CHANNELS, SESSIONS, USERS, kind_of
from vip_manager.store.fields import BrokenDocument, Document
from vip_manager.store.firestore.calls import MOST_WRITES, Calls
from vip_manager.store.firestore.claims import CLAIMS, claim_document, claim_id, drop_where_left_over
from vip_manager.store.firestore.client import Batch
from vip_manager.store.firestore.documents import COMMIT_ID, ORDER, content, lookups, storable
from vip_manager.store.firestore.queries import everything
from vip_manager.store.sealing import Sealer
from vip_manager.store.takeover import Viewing, is_ours

_log = structlog.get_logger(__name__)

_ROUNDS = 10
_TOGETHER = 200
"""Writes in a commit."""

_NOTHING_SEALED = Sealer(["nothing is sealed: what is taken over has no tokens"], "takeover")


_Written = tuple[str, str, Document, DocumentSnapshot[Any] | None]
"""Collection, id, the document, and the one that it replaces: None where there was none."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What goes together."""

    documents: tuple[_Written, ...]

    def write(self, calls: Calls, batch: Batch) -> None:
        for collection, document_id, document, was in self.documents:
            reference = calls.document(collection, document_id)
            if was is None:
                batch.create(reference, document)
            else:
                batch.replace(reference, document, was.update_time.timestamp_pb())


async def take_over(calls: Calls, now: datetime) -> None:
    """A document that can't be taken over is left as it is, and logged. Raises StoreUnavailable."""
    for _ in range(_ROUNDS):
        users = await _everything(calls, USERS.collection)
        channels = await _everything(calls, CHANNELS.collection)
        sessions = await _everything(calls, SESSIONS.collection)
        changes = [*_users(users), *_channels(channels, users), *_sessions(sessions, now)]
        if await _save(calls, changes):
            if changes:
                _log.info("taken_over", documents=sum(len(change.documents) for change in changes))
            return
    raise StoreUnavailable(f"{calls.place} is being changed by an earlier system: stop that first")


async def _everything(calls: Calls, collection: str) -> dict[str, DocumentSnapshot[Any]]:
    return {snapshot.id: snapshot for snapshot in await calls.whole(everything(collection).to(calls.client))}


def _users(users: dict[str, DocumentSnapshot[Any]]) -> Iterator[_Change]:
    for user_id, snapshot in users.items():
        document = content(snapshot)
        if not is_ours(USERS.collection, document):
            yield _Change((_of(takeover.account(user_id, document), snapshot),))


def _channels(channels: dict[str, DocumentSnapshot[Any]], users: dict[str, DocumentSnapshot[Any]]) -> Iterator[_Change]:
    names = {user_id: content(snapshot).get("username") for user_id, snapshot in users.items()}
    usernames = {user_id: name for user_id, name in names.items() if isinstance(name, str)}
    for channel_id, snapshot in channels.items():
        document = content(snapshot)
        if is_ours(CHANNELS.collection, document):
            continue
        try:
            yield _Change((_of(takeover.channel(channel_id, document, usernames), snapshot),))
        except BrokenDocument as error:
            _left(error)


def _sessions(sessions: dict[str, DocumentSnapshot[Any]], now: datetime) -> Iterator[_Change]:
    documents = {session_id: content(snapshot) for session_id, snapshot in sessions.items()}
    viewings, broken = takeover.sessions(documents, now)
    for error in broken:
        _left(error)
    for viewing in viewings:
        yield from _viewing(viewing, sessions)


def _viewing(viewing: Viewing, sessions: dict[str, DocumentSnapshot[Any]]) -> Iterator[_Change]:
    """In one commit, or where that would be too many, each session in its own, the live one first: then the others see
    that there is one."""
    lines = {line.detail["session_id"]: line for line in viewing.lines}
    parts = []
    for session in sorted(viewing.sessions, key=lambda one: not one.live):
        part: list[_Written] = [_of(session, sessions[session.id])]
        if session.id in lines:
            line = lines[session.id]
            document = storable(kind_of(line).write(line, _NOTHING_SEALED))
            order = int(line.at.timestamp() * 1_000_000_000)
            part.append((kind_of(line).collection, line.id, {**document, ORDER: order, COMMIT_ID: _new_id()}, None))
        if session.live:
            part.append((CLAIMS, claim_id(session), claim_document(session, _new_id()), None))
        parts.append(part)
    if sum(len(part) for part in parts) <= MOST_WRITES:
        yield _Change(tuple(one for part in parts for one in part))
    else:
        yield from (_Change(tuple(part)) for part in parts)


def _of(record: Record, was: DocumentSnapshot[Any]) -> _Written:
    document = storable(kind_of(record).write(record, _NOTHING_SEALED))
    return kind_of(record).collection, was.id, {**document, **lookups(record, document), COMMIT_ID: _new_id()}, was


async def _save(calls: Calls, changes: Iterable[_Change]) -> bool:
    """Whether all of it was done; if not, somebody else changed some of it meanwhile: look again."""
    done = True
    for together in _batches(changes):
        if await _commit(calls, together):
            continue
        for change in together:
            for collection, claim, _, _ in change.documents:
                if collection == CLAIMS:
                    await drop_where_left_over(calls, calls.document(CLAIMS, claim))
            done &= await _commit(calls, [change])
    return done


async def _commit(calls: Calls, changes: list[_Change]) -> bool:
    batch = calls.batch()
    for change in changes:
        change.write(calls, batch)
    try:
        await calls.commit(batch)
    except Conflict:
        return False
    return True


def _batches(changes: Iterable[_Change]) -> Iterator[list[_Change]]:
    together: list[_Change] = []
    writes = 0
    for change in changes:
        if together and writes + len(change.documents) > _TOGETHER:
            yield together
            together, writes = [], 0
        together.append(change)
        writes += len(change.documents)
    if together:
        yield together


def _new_id() -> str:
    return uuid.uuid4().hex


def _left(error: BrokenDocument) -> None:
    _log.error("document_not_taken_over", collection=error.collection, id=error.document_id, field=error.field)
