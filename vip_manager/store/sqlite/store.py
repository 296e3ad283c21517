"""The store on one SQLite file: for one server on one machine, with commands beside it."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from vip_manager.domain.account import Account
from vip_manager.domain.audit import AuditEntry
from vip_manager.domain.books import Books, Flaw
from vip_manager.domain.channel import Channel
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
)
from vip_manager.store.document_json import to_json
from vip_manager.store.documents import kind_of
from vip_manager.store.sealing import Sealer
from vip_manager.store.sqlite.archive import SqliteArchive
from vip_manager.store.sqlite.database import Database, immediately
from vip_manager.store.sqlite.holdings import SqliteHoldings
from vip_manager.store.sqlite.inspection import read_books
from vip_manager.store.sqlite.migrations import migrate
from vip_manager.store.sqlite.queries import (
    SqliteAccounts,
    SqliteApiCalls,
    SqliteApiTokens,
    SqliteAuditLog,
    SqliteChannels,
    SqliteOutboxes,
    SqliteRedemptions,
    SqliteSessions,
)
from vip_manager.store.stamp import Stamp, WrongStamp
from vip_manager.store.steps import check_step, has_life
from vip_manager.store.tally import tally


class SqliteStore:
    """`ports.Store` on a file. Made by `open`; `close` when done."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self.accounts: Accounts = SqliteAccounts(database, sealer)
        self.channels: Channels = SqliteChannels(database, sealer)
        self.sessions: SqliteSessions = SqliteSessions(database, sealer)
        self.redemptions: Redemptions = SqliteRedemptions(database, sealer)
        self.audit: AuditLog = SqliteAuditLog(database, sealer)
        self.api_tokens: ApiTokens = SqliteApiTokens(database, sealer)
        self.api_calls: ApiCalls = SqliteApiCalls(database, sealer)
        self.outboxes: Outboxes = SqliteOutboxes(database, sealer)
        self.holdings: Holdings = SqliteHoldings(database)

    @classmethod
    def open(cls, path: Path, sealer: Sealer, stamp: Stamp) -> "SqliteStore":
        """Opens or makes the file, and brings its tables up to date. Blocks: it belongs to the start of the program.

        Raises WrongStamp, MadeByNewerProgram, StoreUnavailable, StoreError (damaged).
        """
        database = Database(path)
        try:
            database.prepare(lambda connection: migrate(connection, str(path)))
            database.prepare(lambda connection: _check_stamp(connection, str(path), stamp))
        except BaseException:
            database.abandon()
            raise
        return cls(database, sealer)

    async def commit(self, first: R, /, *rest: Record | AuditEntry) -> R:
        # A session that ends makes room, in the same commit, for the viewer's next one, in whichever order they came.
        writes = sorted((first, *rest), key=lambda write: isinstance(write, VipSession) and write.live)

        def work(connection: sqlite3.Connection) -> str:
            [(version,)] = connection.execute(
                "UPDATE meta SET version = version + 1 WHERE id = 'sequence' RETURNING version"
            ).fetchall()
            for write in writes:
                self._save(connection, write, version)
            return str(version)

        done = replace(first, version=await self._database.write(work))
        tally(writes)
        for write in writes:
            if isinstance(write, VipSession) and not write.live:
                self.sessions.let_go(write.id)
        return done

    async def commit_two(self, first: R, second: S, /, *rest: Record | AuditEntry) -> tuple[R, S]:
        done = await self.commit(first, second, *rest)
        return done, replace(second, version=done.version)

    async def delete(self, record: Record) -> None:
        query = f"DELETE FROM {kind_of(record).collection} WHERE id = ?"  # noqa: S608
        await self._database.write(lambda connection: connection.execute(query, (record.id,)).rowcount)
        if isinstance(record, Account | Channel):
            # With either, all that there was of somebody is gone.
            await self._database.empty_log()

    async def ping(self) -> None:
        await self._database.read(lambda connection: connection.execute("SELECT version FROM meta").fetchone())

    async def others_version(self) -> int:
        """A number that changes when another program has changed the file, and only then."""
        return await self._database.read(
            lambda connection: int(connection.execute("PRAGMA data_version").fetchone()[0])
        )

    async def books(self) -> Books:
        return await self._database.read(lambda connection: read_books(connection, self._sealer))

    async def mend(self, flaws: Sequence[Flaw], now: datetime) -> None:
        """No flaw that is seen here asks for it."""

    def archive(self) -> SqliteArchive:
        """For copying it whole."""
        return SqliteArchive(self._database.path)

    async def close(self) -> None:
        """Finishes what was asked for before, then lets go of the file. A second time does nothing."""
        await self._database.close()

    def _save(self, connection: sqlite3.Connection, record: Record | AuditEntry, version: int) -> None:
        kind = kind_of(record)
        expected = "" if isinstance(record, AuditEntry) else record.version
        body = to_json(kind.write(record, self._sealer))
        if not expected:
            query = f"INSERT INTO {kind.collection} (id, version, body) VALUES (?, ?, ?)"  # noqa: S608
            connection.execute(query, (record.id, version, body))
            return
        if has_life(record):
            query = f"SELECT json_extract(body, '$.state') FROM {kind.collection} WHERE id = ? AND version = ?"  # noqa: S608
            for (stored,) in connection.execute(query, (record.id, expected)).fetchall():
                check_step(stored, record)
        query = f"UPDATE {kind.collection} SET version = ?, body = ? WHERE id = ? AND version = ?"  # noqa: S608
        if connection.execute(query, (version, body, record.id, expected)).rowcount != 1:
            raise Conflict(f"{kind.collection}/{record.id} was changed by somebody else meanwhile")


def _check_stamp(connection: sqlite3.Connection, place: str, stamp: Stamp) -> None:
    """The first program to open the store stamps it."""
    body = to_json({"clientId": stamp.client_id, "authHost": stamp.auth_host})
    with immediately(connection):
        connection.execute("INSERT OR IGNORE INTO meta (id, version, body) VALUES ('stamp', 0, ?)", (body,))
        [(found,)] = connection.execute("SELECT body FROM meta WHERE id = 'stamp'").fetchall()
    document = json.loads(found)
    made_with = Stamp(document["clientId"], document["authHost"])
    if made_with != stamp:
        raise WrongStamp(place, made_with, stamp, "let DATA_DIR name another directory")
