"""Reads the file whole, and notes what is wrong with it and with its documents."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from vip_manager.domain.books import Books, Check, Flaw
from vip_manager.domain.channel import Channel
from vip_manager.store.documents import (
    AUDIT,
    BESIDE_THE_BOOKS,
    CHANNELS,
    REDEMPTIONS,
    SESSIONS,
    SIGN_INS,
    USERS,
    Kind,
    R,
)
from vip_manager.store.fields import Document
from vip_manager.store.inspection import Inspector
from vip_manager.store.sealing import Sealer
from vip_manager.store.timestamps import to_text


def read_books(connection: sqlite3.Connection, sealer: Sealer) -> Books:
    """Within the caller's transaction, so that all of it is of one moment."""
    inspector = Inspector(sealer, _lookups, shared=False)
    inspector.flaws.extend(
        Flaw(Check.DAMAGED, "file", "", problem)
        for (problem,) in connection.execute("PRAGMA integrity_check")
        if problem != "ok"
    )

    def every(kind: Kind[R]) -> list[R]:
        return list(_read(connection, kind, inspector))

    for kind in BESIDE_THE_BOOKS:
        every(kind)
    return Books(
        accounts=every(USERS),
        sign_ins=every(SIGN_INS),
        channels=every(CHANNELS),
        sessions=every(SESSIONS),
        redemptions=every(REDEMPTIONS),
        audit=every(AUDIT),
        flaws=inspector.flaws,
    )


def _read(connection: sqlite3.Connection, kind: Kind[R], inspector: Inspector) -> Iterator[R]:
    # `version` is the number of the commit: the order in which records were written, whatever the clock said.
    query = f"SELECT id, version, body FROM {kind.collection} ORDER BY version, rowid"  # noqa: S608
    for record_id, version, body in connection.execute(query):
        record = inspector.read(kind, record_id, _document(body), str(version))
        if record is not None:
            yield record


def _document(body: str) -> Document | None:
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _lookups(record: object, document: Document) -> Document:
    if isinstance(record, Channel):
        # SQLite finds it by what it says itself.
        return {}
    due_at = document["dueAt"]
    return {"dueAt": due_at and to_text(due_at)}
