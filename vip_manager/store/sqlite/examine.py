"""A look at the file that changes nothing: neither its tables nor what lies beside it."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from vip_manager.ports import StoreError
from vip_manager.store.sqlite.migrations import STEPS
from vip_manager.store.stamp import MadeByNewerProgram, Stamp, WrongStamp


@dataclass(frozen=True, slots=True)
class Examined:
    """`version` of the data, and the one that this program `knows`."""

    version: int
    knows: int


def examine(path: Path, stamp: Stamp) -> Examined:
    """Raises StoreError: damaged, of another Twitch application, of a newer program."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5.0)) as file:
            [(version,)] = file.execute("PRAGMA user_version").fetchall()
            problems = [problem for (problem,) in file.execute("PRAGMA quick_check(1)") if problem != "ok"]
            rows = file.execute("SELECT body FROM meta WHERE id = 'stamp'").fetchall() if version else []
    except sqlite3.Error as error:
        raise StoreError(f"{path} can't be read: {error}; restore a backup") from error
    if problems:
        raise StoreError(f"{path} is damaged ({problems[0]}); restore a backup")
    if version > len(STEPS):
        raise MadeByNewerProgram(str(path), version, len(STEPS))
    for (body,) in rows:
        document = json.loads(body)
        made_with = Stamp(document["clientId"], document["authHost"])
        if made_with != stamp:
            raise WrongStamp(str(path), made_with, stamp, "let DATA_DIR name another directory")
    return Examined(version, len(STEPS))
