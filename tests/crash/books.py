"""What is stored, read from the file itself and not through the program that wrote it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Books:
    """Documents by id, and the audit log's lines about one viewer."""

    sessions: dict[str, Document]
    redemptions: dict[str, Document]
    log: list[Document]

    def credits(self) -> Iterator[tuple[str, float]]:
        """Whose hours count: (credit's id, hours), of every session whose VIP was given."""
        for session in self.sessions.values():
            if session["grantedAt"]:
                for credit in session["credits"]:
                    yield credit["id"], credit["hours"]

    def lines(self, action: str, redemption_id: str = "") -> list[Document]:
        return [
            line
            for line in self.log
            if line["action"] == action and redemption_id in ("", line["detail"].get("redemption_id"))
        ]

    def hours(self, *actions: str) -> float:
        """That those lines tell of, altogether."""
        return sum(float(line["detail"].get("hours", 0)) for action in actions for line in self.lines(action))


def read_books(directory: Path, viewer_id: str) -> Books:
    with closing(sqlite3.connect(f"file:{directory / 'vip.db'}?mode=ro", uri=True)) as file:
        log = _documents(file, "auditLog").values()
        return Books(
            sessions=_documents(file, "vipSessions"),
            redemptions=_documents(file, "redemptions"),
            log=[line for line in log if line["subjectId"] == viewer_id],
        )


def read_all_books(directory: Path, *, log: bool = True) -> Books:
    """With the lines about everybody, or with none."""
    with closing(sqlite3.connect(f"file:{directory / 'vip.db'}?mode=ro", uri=True)) as file:
        lines = list(_documents(file, "auditLog").values()) if log else []
        return Books(_documents(file, "vipSessions"), _documents(file, "redemptions"), lines)


def _documents(file: sqlite3.Connection, collection: str) -> dict[str, Document]:
    rows = file.execute(f"SELECT id, body FROM {collection} ORDER BY rowid")
    return {record_id: json.loads(body) for record_id, body in rows}
