"""All documents of one channel, whatever they say: to be handed over, or deleted."""

import json
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Any

from vip_manager.ports import Document
from vip_manager.store.documents import AUDIT, CHANNELS, KEPT_BESIDE, REDEMPTIONS, SESSIONS, USERS, handed_over
from vip_manager.store.sqlite.database import Database

BATCH = 500
OLDEST_FIRST = (SESSIONS.collection, REDEMPTIONS.collection)
_FIRST_OF_ALL, _LAST_OF_ALL = -1, 2**63 - 1

Row = tuple[int, str, str]


class SqliteHoldings:
    """ports.Holdings. Pages go by rowid, so that none holds up the file for others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pages(self, channel_id: str) -> AsyncGenerator[Sequence[Document], None]:
        if own := await self._database.read(partial(_own, channel_id)):
            yield own
        for collection in OLDEST_FIRST:
            after = _FIRST_OF_ALL
            while rows := await self._database.read(partial(_after, collection, channel_id, after)):
                yield [_document(collection, row) for row in rows]
                after = rows[-1][0]
        before = _LAST_OF_ALL
        while rows := await self._database.read(partial(_before, AUDIT.collection, channel_id, before)):
            yield [_document(AUDIT.collection, row) for row in rows]
            before = rows[-1][0]

    async def erase(self, channel_id: str) -> int:
        for collection in (*OLDEST_FIRST, *KEPT_BESIDE, AUDIT.collection):
            if deleted := await self._database.write(partial(_erase, collection, channel_id)):
                return deleted
        return 0


def _own(channel_id: str, connection: sqlite3.Connection) -> list[Document]:
    found = []
    for collection in (USERS.collection, CHANNELS.collection):
        query = f"SELECT rowid, id, body FROM {collection} WHERE id = ?"  # noqa: S608
        found += [_document(collection, row) for row in connection.execute(query, (channel_id,))]
    return found


def _after(collection: str, channel_id: str, rowid: int, connection: sqlite3.Connection) -> list[Row]:
    query = f"SELECT rowid, id, body FROM {collection} WHERE channelId = ? AND rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
    return connection.execute(query, (channel_id, rowid, BATCH)).fetchall()


def _before(collection: str, channel_id: str, rowid: int, connection: sqlite3.Connection) -> list[Row]:
    query = f"SELECT rowid, id, body FROM {collection} WHERE channelId = ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"  # noqa: S608
    return connection.execute(query, (channel_id, rowid, BATCH)).fetchall()


def _erase(collection: str, channel_id: str, connection: sqlite3.Connection) -> int:
    query = f"DELETE FROM {collection} WHERE rowid IN (SELECT rowid FROM {collection} WHERE channelId = ? LIMIT ?)"  # noqa: S608
    return connection.execute(query, (channel_id, BATCH)).rowcount


def _document(collection: str, row: Row) -> Document:
    _, document_id, body = row
    try:
        fields: Any = json.loads(body)
    except (ValueError, RecursionError):
        fields = None
    fields = fields if isinstance(fields, dict) else None
    if fields is None:
        # What can't be read is theirs too, but for what may be a token.
        return Document(collection, document_id, {} if collection == USERS.collection else {"unreadable": body})
    return Document(collection, document_id, handed_over(collection, fields))
