"""Takes over what an earlier system wrote, document by document, by compare-and-set: at the first start, and where
`verify --repair` finds what it wrote since.

What belongs together goes in one commit, and what was taken over is told from what was not by its fields: so two
instances may do it at once, and after a kill in the middle the next one does the rest.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from google.cloud.firestore_v1.base_document import DocumentSnapshot

from vip_manager.ports import Conflict, Record, StoreError, StoreUnavailable
from vip_manager.store import takeover
from vip_manager.store.documents import AUDIT, CHANNELS, SESSIONS, USERS, kind_of
from vip_manager.store.fields import BrokenDocument, Document
from vip_manager.store.firestore.calls import MOST_WRITES, Calls
from vip_manager.store.firestore.claims import CLAIMS, claim_document, claim_id, drop_where_left_over, holder_of
from vip_manager.store.firestore.client import Batch
from vip_manager.store.firestore.documents import COMMIT_ID, ORDER, content, lookups, storable
from vip_manager.store.firestore.queries import everything
from vip_manager.store.sealing import Sealer
from vip_manager.store.takeover import Viewing, is_ours

_log = structlog.get_logger(__name__)

_ROUNDS = 10
_NAMED = 3
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
        """Raises ValueError for what Firestore does not take."""
        for collection, document_id, document, was in self.documents:
            reference = calls.document(collection, document_id)
            if was is not None:
                batch.replace(reference, document, was.update_time.timestamp_pb())
            elif collection == AUDIT.collection:
                # Its id comes of the session's: there already is this very line, by whoever took that over before.
                batch.replace(reference, document)
            else:
                batch.create(reference, document)

    @property
    def places(self) -> list[str]:
        """Of what is taken over."""
        return [f"{collection}/{document_id}" for collection, document_id, _, was in self.documents if was is not None]


async def take_over(calls: Calls, now: datetime) -> None:
    """A document that can't be taken over is left as it is, and logged. Raises StoreUnavailable."""
    late: list[_Change] = []
    for _ in range(_ROUNDS):
        users = await _everything(calls, USERS.collection)
        channels = await _everything(calls, CHANNELS.collection)
        sessions = await _everything(calls, SESSIONS.collection)
        changes = [*_users(users), *_channels(channels, users), *_sessions(sessions, now)]
        late = await _save(calls, changes)
        if not late:
            if changes:
                _log.info("taken_over", documents=sum(len(change.documents) for change in changes))
            return
    places = [place for change in late for place in change.places]
    raise StoreUnavailable(
        f"What an earlier system left in {calls.place} could not be taken over: {', '.join(places[:_NAMED])}"
        f"{' and more' if len(places) > _NAMED else ''} changed, or that viewer's claim in {CLAIMS} did, each of "
        f"{_ROUNDS} times. If that system runs still, stop it; then start again."
    )


async def _everything(calls: Calls, collection: str) -> dict[str, DocumentSnapshot[Any]]:
    return {snapshot.id: snapshot for snapshot in await calls.whole(everything(collection).to(calls.client))}


def _users(users: dict[str, DocumentSnapshot[Any]]) -> Iterator[_Change]:
    for user_id, snapshot in users.items():
        document = content(snapshot)
        if not is_ours(USERS.collection, document):
            yield _Change((_of(takeover.account(user_id, document), snapshot),))
        elif takeover.has_readable_tokens(document):
            # All else in it stays as it is, whatever it is.
            wiped = takeover.without_readable_tokens(document)
            yield _Change(((USERS.collection, user_id, {**wiped, COMMIT_ID: _new_id()}, snapshot),))


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
    lines = {line.detail["session_id"]: (number, line) for number, line in enumerate(viewing.lines)}
    parts = []
    for session in sorted(viewing.sessions, key=lambda one: not one.live):
        part: list[_Written] = [_of(session, sessions[session.id])]
        if session.id in lines:
            order, line = lines[session.id]
            document = storable(kind_of(line).write(line, _NOTHING_SEALED))
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


async def _save(calls: Calls, changes: Iterable[_Change]) -> list[_Change]:
    """What was not done, because somebody else changed it meanwhile: look again."""
    late = []
    for together in _batches(changes):
        try:
            await _commit(calls, together)
        except StoreUnavailable:
            raise
        except (StoreError, ValueError):
            # One may be in the way of all others, whatever its reason.
            late += [change for change in together if not await _save_alone(calls, change)]
    return late


async def _save_alone(calls: Calls, change: _Change) -> bool:
    """Whether that is settled: it was done, or can't be."""
    try:
        await _commit(calls, [await _with_claim(calls, change)])
    except Conflict:
        return False
    except StoreUnavailable:
        raise
    except (StoreError, ValueError) as error:
        _log.error("document_not_taken_over", places=change.places, error=f"{type(error).__name__}: {error}")
    return True


async def _with_claim(calls: Calls, change: _Change) -> _Change:
    """Out of its way goes a claim that was left over. One that names the very session is there where a document was
    brought back that had been taken over before: it is renewed."""
    documents = []
    for collection, document_id, document, was in change.documents:
        held = was
        if collection == CLAIMS:
            found = await calls.get(calls.document(CLAIMS, document_id))
            if found.exists and holder_of(found) == document["sessionId"]:
                held = found
            elif found.exists:
                await drop_where_left_over(calls, found.reference)
        documents.append((collection, document_id, document, held))
    return replace(change, documents=tuple(documents))


async def _commit(calls: Calls, changes: list[_Change]) -> None:
    """Raises Conflict, StoreError; ValueError for what Firestore does not take."""
    batch = calls.batch()
    for change in changes:
        change.write(calls, batch)
    await calls.commit(batch)


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
