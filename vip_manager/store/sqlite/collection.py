"""One kind of records in a table: how its rows become records.

A list leaves out a record that can't be read, and logs its collection, id and field: one broken document must not stop
a sweep or empty a page. Asked for by itself it raises BrokenDocument.
"""

import json
import sqlite3
from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import Any, Generic

import structlog

from vip_manager.store.documents import Kind, R
from vip_manager.store.fields import BrokenDocument
from vip_manager.store.sealing import Sealer
from vip_manager.store.sqlite.database import Database

_log = structlog.get_logger(__name__)

_BATCH = 500


class Collection(Generic[R]):
    def __init__(self, database: Database, sealer: Sealer, kind: Kind[R], *, keeps: int = 0) -> None:
        """`keeps`: so many records are not made anew while their rows are what they were. For a kind that is read often
        and holds no secret."""
        self._keeps = keeps
        self._kept: dict[str, tuple[tuple[str, int, str], R]] = {}
        self._database = database
        self._sealer = sealer
        self._kind = kind

    def let_go(self, record_id: str) -> None:
        """It is not read often any more: its record is made anew where it is."""
        self._kept.pop(record_id, None)

    async def get(self, record_id: str) -> R | None:
        return await self._one(f"FROM {self._kind.collection} WHERE id = ?", (record_id,))

    async def _one(self, query: str, arguments: Sequence[object]) -> R | None:
        def work(connection: sqlite3.Connection) -> R | None:
            row = connection.execute(f"SELECT id, version, body {query}", arguments).fetchone()
            return None if row is None else self._record(row)

        return await self._database.read_one(work)

    async def _many(self, *queries: tuple[str, Sequence[object]], limit: int | None = None) -> list[R]:
        """The records of the queries, one query after the other, at most `limit` readable ones altogether."""

        def work(connection: sqlite3.Connection) -> list[R]:
            found: list[R] = []
            for query, arguments in queries:
                if limit is not None and len(found) >= limit:
                    break
                # Rows are fetched as they are read, so that unreadable ones don't use up the limit.
                rows = connection.execute(f"SELECT id, version, body {query}", arguments)
                self._fill(found, rows, limit)
                rows.close()
            return found

        return await self._database.read(work)

    async def _count(self, columns: str, *queries: tuple[str, Sequence[object]]) -> list[tuple[int, ...]]:
        def work(connection: sqlite3.Connection) -> list[tuple[int, ...]]:
            return [
                connection.execute(f"SELECT {columns} {query}", arguments).fetchone() for query, arguments in queries
            ]

        return await self._database.read(work)

    async def _paged(
        self, moment: str, query: str, given: Sequence[object], start: tuple[str, int]
    ) -> AsyncGenerator[R, None]:
        """All that it finds, a batch at a time, each after the moment and the row at which the last one ended."""

        def work(connection: sqlite3.Connection) -> tuple[list[R], tuple[str, int] | None]:
            rows = connection.execute(f"SELECT {moment}, rowid, id, version, body {query}", (*given, *start, _BATCH))
            every = rows.fetchall()
            found: list[R] = []
            # Of so many none is kept: those that are read often would make room for what may never be read again.
            self._fill(found, (row[2:] for row in every), None, keep=False)
            return found, every[-1][:2] if len(every) == _BATCH else None

        place: tuple[str, int] | None = start
        while place is not None:
            start = place
            batch, place = await self._database.read(work)
            for one in batch:
                yield one

    def _fill(
        self, found: list[R], rows: Iterable[tuple[str, int, str]], limit: int | None, *, keep: bool = True
    ) -> None:
        for row in rows:
            try:
                found.append(self._record(row, keep=keep))
            except BrokenDocument as error:
                _log.error("document_left_out", collection=error.collection, id=error.document_id, field=error.field)
            if limit is not None and len(found) >= limit:
                return

    def _read_again(self, record: R) -> bool:
        """Whether it is worth being kept."""
        return True

    def _record(self, row: tuple[str, int, str], *, keep: bool = True) -> R:
        record_id, version, body = row
        kept = self._kept.get(record_id)
        if kept is not None and kept[0] == row:
            return kept[1]
        try:
            document: Any = json.loads(body)
        except (ValueError, RecursionError):
            raise BrokenDocument(self._kind.collection, record_id, "body", "not JSON") from None
        if not isinstance(document, dict):
            raise BrokenDocument(self._kind.collection, record_id, "body", "not a JSON object")
        record = self._kind.read(record_id, document, self._sealer, str(version))
        if self._keeps and keep and self._read_again(record):
            if len(self._kept) >= self._keeps:
                self._kept.clear()
            self._kept[record_id] = (row, record)
        return record
