"""Reads the file whole, and notes what only the store can see: damage, documents that can't be read, sealed tokens that
don't open, and due times that are not what their record says."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from vip_manager.domain.account import Account
from vip_manager.domain.books import Books, Check, Flaw
from vip_manager.store.documents import AUDIT, CHANNELS, REDEMPTIONS, SESSIONS, SIGN_INS, USERS, Kind, R
from vip_manager.store.fields import BrokenDocument, Document
from vip_manager.store.sealing import Sealer
from vip_manager.store.timestamps import to_text


def read_books(connection: sqlite3.Connection, sealer: Sealer) -> Books:
    """Within the caller's transaction, so that all of it is of one moment."""
    flaws = [
        Flaw(Check.DAMAGED, "file", "", problem)
        for (problem,) in connection.execute("PRAGMA integrity_check")
        if problem != "ok"
    ]

    def every(kind: Kind[R]) -> list[R]:
        return list(_read(connection, kind, sealer, flaws))

    return Books(
        accounts=every(USERS),
        sign_ins=every(SIGN_INS),
        channels=every(CHANNELS),
        sessions=every(SESSIONS),
        redemptions=every(REDEMPTIONS),
        audit=every(AUDIT),
        flaws=flaws,
    )


def _read(connection: sqlite3.Connection, kind: Kind[R], sealer: Sealer, flaws: list[Flaw]) -> Iterator[R]:
    # `version` is the number of the commit: the order in which records were written, whatever the clock said.
    query = f"SELECT id, version, body FROM {kind.collection} ORDER BY version, rowid"  # noqa: S608
    for record_id, version, body in connection.execute(query):
        try:
            document: Any = json.loads(body)
            if not isinstance(document, dict):
                raise ValueError("not a document")
            record = kind.read(record_id, document, sealer, str(version))
        except BrokenDocument as error:
            flaws.append(Flaw(Check.UNREADABLE, kind.collection, record_id, f"field {error.field!r} can't be read"))
        except ValueError:
            flaws.append(Flaw(Check.UNREADABLE, kind.collection, record_id, "is no document"))
        else:
            flaws.extend(_flaws(kind, record, document, sealer))
            yield record


def _flaws(kind: Kind[R], record: R, document: Document, sealer: Sealer) -> Iterator[Flaw]:
    if isinstance(record, Account):
        if record.tokens is None and (document.get("accessToken") or document.get("refreshToken")):
            yield Flaw(Check.UNSEALED, kind.collection, record.id, "the sealed Twitch tokens don't open")
        return
    if kind in (SESSIONS, REDEMPTIONS):
        due_at = kind.write(record, sealer)["dueAt"]
        if document.get("dueAt") != (due_at and to_text(due_at)):
            yield Flaw(Check.DUE, kind.collection, record.id, "its due time is not what the record says")
