"""The file's documents as they are, read and written whole."""

import json
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from vip_manager.store.archive import BATCH, Archived, Load, NotEmpty
from vip_manager.store.document_json import to_json
from vip_manager.store.documents import COLLECTIONS
from vip_manager.store.fields import BrokenDocument
from vip_manager.store.sqlite.database import Database

_ORDER = {"vipSessions": "rowid", "redemptions": "rowid"}
"""What came first goes first where two wait since the same moment; a change doesn't make it come later."""
_LAST_WRITTEN = "version, rowid"
"""Of two channels with one login, the one that was saved later has it now."""


class SqliteArchive:
    """`archive.Archive` on the file at `path`, whose tables are there; by a connection of its own, so that nothing else
    comes between its reads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def documents(self) -> AsyncGenerator[Archived | BrokenDocument, None]:
        database = Database(self._path)
        try:
            async with database.transaction() as run:
                for collection in COLLECTIONS:
                    rows = await run(partial(_select, collection))
                    while page := await run(partial(_page, rows)):
                        for document_id, body in page:
                            yield _archived(collection, document_id, body)
        finally:
            await database.close()

    @asynccontextmanager
    async def loading(self) -> AsyncIterator[Load]:
        database = Database(self._path)
        try:
            async with database.transaction(write=True) as run:
                if await run(_holds_anything):
                    raise NotEmpty(str(self._path))

                async def load(batch: Sequence[Archived]) -> None:
                    await run(partial(_insert, batch))

                yield load
        finally:
            await database.close()


def _select(collection: str, connection: sqlite3.Connection) -> sqlite3.Cursor:
    order = _ORDER.get(collection, _LAST_WRITTEN)
    return connection.execute(f"SELECT id, body FROM {collection} ORDER BY {order}")  # noqa: S608


def _page(rows: sqlite3.Cursor, _: sqlite3.Connection) -> list[tuple[str, str]]:
    return rows.fetchmany(BATCH)


def _archived(collection: str, document_id: str, body: str) -> Archived | BrokenDocument:
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError):
        return BrokenDocument(collection, document_id, "body", "not JSON")
    if not isinstance(document, dict):
        return BrokenDocument(collection, document_id, "body", "not a JSON object")
    return Archived(collection, document_id, document)


def _holds_anything(connection: sqlite3.Connection) -> bool:
    return any(
        connection.execute(f"SELECT 1 FROM {collection} LIMIT 1").fetchone()  # noqa: S608
        for collection in COLLECTIONS
    )


def _insert(batch: Sequence[Archived], connection: sqlite3.Connection) -> None:
    """Each with a version of its own, so that the order in which they came can be told afterwards."""
    [(version,)] = connection.execute(
        "UPDATE meta SET version = version + ? WHERE id = 'sequence' RETURNING version", (len(batch),)
    ).fetchall()
    for number, one in enumerate(batch, version - len(batch) + 1):
        query = f"INSERT INTO {one.collection} (id, version, body) VALUES (?, ?, ?)"  # noqa: S608
        connection.execute(query, (one.id, number, to_json(one.document)))
