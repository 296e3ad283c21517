"""All documents of a store as lines of JSON, to be taken into another store of either kind.

    {"format": "vip-manager", "version": 1, "stamp": {"clientId": ..., "authHost": ...}, "exportedAt": ...}
    {"collection": "users", "id": "1001", "document": {...}}            one a document, collection by collection
    {"documents": 1}                                                    a file that was cut lacks it

Within a collection documents come in the order in which they were written. Moments are texts as in `timestamps`, and
sealed tokens stay sealed: they are copied, and open again under the same root secret only. Tokens that are not sealed
are copied nowhere.
"""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, NoReturn, Protocol

from vip_manager.domain.session import VipSession
from vip_manager.ports import StoreError
from vip_manager.store.document_json import to_json
from vip_manager.store.documents import COLLECTIONS, KINDS, USERS
from vip_manager.store.fields import BrokenDocument, Document
from vip_manager.store.ids import is_id, is_twitch_id
from vip_manager.store.limits import not_stored_everywhere
from vip_manager.store.moments import with_moments
from vip_manager.store.sealing import UNOPENED
from vip_manager.store.stamp import Stamp
from vip_manager.store.takeover import without_readable_tokens

FORMAT = "vip-manager"
VERSION = 1

BATCH = 500
"""Documents that are read and written at once: memory does not grow with the store."""
LONGEST_LINE = 16 * 1024 * 1024
"""Bytes. A document of Firestore's has at most one MiB."""


class BadArchive(StoreError):
    """It is no whole export that this store could take. The message names line and field, and never what stood there;
    nothing was imported. `problem` is that alone."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"Nothing was imported. {problem}")
        self.problem = problem


class NotEmpty(StoreError):
    """The store that an import was meant for holds something already."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"There is data in {place} already, and an import is for an empty place. "
            "Let DATA_DIR (or FIRESTORE_DATABASE) name another one."
        )


class WrittenMeanwhile(NotEmpty):
    """Half of an import is not alone in its place: a program was running there, and what that wrote is kept."""

    def __init__(self, place: str) -> None:
        StoreError.__init__(
            self,
            f"There is data in {place} that no import has written: a program runs there, or did while an import went "
            "on. Nothing of it was deleted. Stop that program; then let FIRESTORE_DATABASE name an empty place.",
        )


class Overtaken(StoreError):
    """Somebody else writes to the place at the same time: another import, or a program."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"Somebody else writes to {place} at the same time, so this import was given up. Stop the program there, "
            "or wait for the other import. What is half imported nobody opens but the next import, which starts over."
        )


class ImportCutShort(StoreError):
    """An import into a store that can't undo what was written failed. The message says why, and what to do next."""

    def __init__(self, place: str, error: Exception) -> None:
        why = error.problem if isinstance(error, BadArchive) else str(error)
        super().__init__(
            f"The import was cut short: {why}\nWhat was written so far lies in {place}, and nobody opens that "
            "meanwhile. Run import again: it starts over."
        )


class HalfImported(StoreError):
    """An import into the store was cut short."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"The data in {place} is half of an import that was cut short, or that is going on. "
            "Run import again: it starts over, and once it is done the program starts as ever."
        )


@dataclass(frozen=True, slots=True)
class Archived:
    """A document as it is stored, tokens sealed. Moments are datetimes, or texts where the store keeps them as such."""

    collection: str
    id: str
    document: Document


Load = Callable[[Sequence[Archived]], Awaitable[None]]
"""Writes at most BATCH documents as they are."""


class Archive(Protocol):
    """What a store gives to be copied whole."""

    def documents(self) -> AsyncGenerator[Archived | BrokenDocument, None]:
        """All of them, of one moment: collection by collection in the order of COLLECTIONS, each in the order in which
        it was written; in the place of what is no document at all, what is wrong with it. Raises StoreError."""

    def loading(self) -> AbstractAsyncContextManager[Load]:
        """Into an empty store. Where the block ends with an error the store is empty as before, or, if it can't undo
        what was written, lets nobody open it but the next import, and ImportCutShort is raised. Raises NotEmpty,
        Overtaken, StoreError."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How many documents were written; and in words, which of these no import will take, and what was left out because
    a line can't hold it."""

    documents: int
    unreadable: Sequence[str]


async def export(archive: Archive, stamp: Stamp, at: datetime, file: IO[bytes]) -> Exported:
    """Raises StoreError; OSError where the file can't be written. `at` is for people who find the file."""
    count = 0
    unreadable: list[str] = []
    _write(file, {"format": FORMAT, "version": VERSION, "stamp": _words(stamp), "exportedAt": at})
    async with aclosing(archive.documents()) as documents:
        async for one in documents:
            try:
                count += _write_document(file, one, unreadable)
            except BrokenDocument as error:
                # All else is to be copied still, and whoever copies must know that not all is sound.
                unreadable.append(f"{error} (left out)")
    _write(file, {"documents": count})
    return Exported(count, unreadable)


def _write_document(file: IO[bytes], one: Archived | BrokenDocument, unreadable: list[str]) -> int:
    """1: it was written. Raises BrokenDocument where it can't be."""
    if isinstance(one, BrokenDocument):
        raise one
    document = _without_readable_tokens(one.collection, one.document)
    try:
        line = to_json({"collection": one.collection, "id": one.id, "document": document}).encode()
    except (TypeError, ValueError, RecursionError):
        raise BrokenDocument(one.collection, one.id, "document", "holds what JSON can't") from None
    try:
        _read(Archived(one.collection, one.id, document))
    except BrokenDocument as error:
        unreadable.append(str(error))
    file.write(line + b"\n")
    return 1


async def load(archive: Archive, stamp: Stamp, file: IO[bytes]) -> int:
    """How many documents. The file is read from where it stands, and was `check`ed before: what comes to light only
    here may leave a store that can't undo half full. Raises BadArchive, NotEmpty, StoreError; OSError."""
    count = 0
    batch: list[Archived] = []
    async with archive.loading() as write:
        for one in check(stamp, file):
            batch.append(one)
            count += 1
            if len(batch) == BATCH:
                await write(batch)
                batch = []
        if batch:
            await write(batch)
    return count


def check(stamp: Stamp, file: IO[bytes]) -> Iterator[Archived]:
    """The file's documents, with moments as datetimes, each once it was found sound. The file is sound only if all of
    them come. Raises BadArchive; OSError."""
    reading = _Reading()
    for text in iter(lambda: file.readline(LONGEST_LINE + 1), b""):
        line = reading.parsed(text)
        if reading.line == 1:
            reading.header(line, stamp)
        elif "documents" in line:
            reading.end(line)
        else:
            yield reading.document(line)
    reading.close()


class _Reading:
    """Where in the file it is, and what of it must not come twice."""

    def __init__(self) -> None:
        self.line = 0
        self._documents = 0
        self._ended = False
        self._ids: set[tuple[str, str]] = set()
        self._live: set[tuple[str, str]] = set()

    def parsed(self, text: bytes) -> dict[str, Any]:
        self.line += 1
        if self._ended:
            self._bad("comes after what should be the last one")
        if len(text) > LONGEST_LINE:
            self._bad(f"longer than {LONGEST_LINE} bytes")
        try:
            line = json.loads(text.decode(), parse_constant=_no_number, parse_float=_finite, parse_int=_short)
            if b"\\u" in text:
                # An escape can stand for half a character, which no store takes.
                json.dumps(line, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            # Its message would hold what stands there.
            line = None
        if not isinstance(line, dict):
            self._bad("no whole line of JSON; the file is cut or damaged")
        return line

    def header(self, line: dict[str, Any], stamp: Stamp) -> None:
        if line.get("format") != FORMAT:
            self._bad("field 'format': not an export of VIP Manager")
        if line.get("version") != VERSION or isinstance(line["version"], bool):
            self._bad(f"field 'version': written by another version of VIP Manager; this one reads {VERSION}")
        if line.get("stamp") != _words(stamp):
            self._bad(
                "field 'stamp': made with another Twitch application, or another Twitch. Use the TWITCH_CLIENT_ID and "
                "TWITCH_AUTH_URL it was made with"
            )

    def document(self, line: dict[str, Any]) -> Archived:
        collection, document_id, document = line.get("collection"), line.get("id"), line.get("document")
        if not isinstance(collection, str) or collection not in COLLECTIONS:
            self._bad(f"field 'collection': not one of {', '.join(COLLECTIONS)}")
        if not isinstance(document_id, str) or not is_id(document_id):
            self._bad("field 'id': not an id")
        if not isinstance(document, dict):
            self._bad("field 'document': not a document")
        if document.get("id", document_id) != document_id:
            self._bad("field 'document.id': another id than the line's")
        if (problem := not_stored_everywhere(document)) is not None:
            self._bad(f"field 'document': {problem}")
        document = _without_readable_tokens(collection, document)
        if (collection, document_id) in self._ids:
            self._bad("field 'id': that document came before")
        self._ids.add((collection, document_id))
        found = Archived(collection, document_id, with_moments(collection, document))
        try:
            record = _read(found)
        except BrokenDocument as error:
            within = error.document_id.removeprefix(document_id).lstrip("/")
            self._bad(f"field 'document.{within}{'.' if within else ''}{error.field}': {error.problem}")
        if isinstance(record, VipSession) and record.live:
            viewer = (record.channel_id, record.user_id)
            if not all(is_twitch_id(one) for one in viewer):
                self._bad("field 'document.userId' or 'document.channelId': not an id of Twitch's")
            if viewer in self._live:
                self._bad("field 'document.state': a second live session of the same viewer in the same channel")
            self._live.add(viewer)
        self._documents += 1
        return found

    def end(self, line: dict[str, Any]) -> None:
        self._ended = True
        if line["documents"] != self._documents or isinstance(line["documents"], bool):
            self._bad("field 'documents': another number of documents than came before; some are missing")

    def close(self) -> None:
        if not self._ended:
            self.line += 1
            self._bad("missing: the file is cut before its end" if self.line > 1 else "missing: the file is empty")

    def _bad(self, problem: str) -> NoReturn:
        raise BadArchive(f"Line {self.line}: {problem}.")


def _read(one: Archived) -> object:
    """Raises BrokenDocument."""
    if (problem := not_stored_everywhere(one.document)) is not None:
        raise BrokenDocument(one.collection, one.id, "document", problem)
    try:
        record: object = KINDS[one.collection].read(one.id, one.document, UNOPENED, "")
    except (TypeError, ValueError, OverflowError):
        raise BrokenDocument(one.collection, one.id, "document", "can't be read") from None
    due_at = one.document.get("dueAt")
    if due_at is not None and not isinstance(with_moments(one.collection, {"dueAt": due_at})["dueAt"], datetime):
        # Stores ask for it, and no record is read from it.
        raise BrokenDocument(one.collection, one.id, "dueAt", "expected a moment with its time zone")
    return record


def _without_readable_tokens(collection: str, document: Document) -> Document:
    """Tokens that anybody could read are never copied: an earlier system's, which count as absent anyway."""
    return without_readable_tokens(document) if collection == USERS.collection else document


def _words(stamp: Stamp) -> dict[str, str]:
    return {"clientId": stamp.client_id, "authHost": stamp.auth_host}


def _write(file: IO[bytes], line: Document) -> None:
    file.write(to_json(line).encode() + b"\n")


def _no_number(_: str) -> NoReturn:
    raise ValueError("not a number")


def _short(text: str) -> int:
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError("more than 64 bits")
    return number


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("too large a number")
    return number
