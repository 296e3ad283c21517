"""The file as it is at one moment, copied beside a running server; and put back, with what was there set aside.

SQLite's backup API copies in one step here: a read transaction, so that it is of one moment, and writers go on in the
write-ahead log (benchmarks/backup.py). In several steps it would begin anew with each write of another process, and
under load never end (https://www.sqlite.org/backup.html). VACUUM INTO takes half as long again, and may number anew the
rows, which tell what came first.
"""

import json
import os
import re
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vip_manager.ports import StoreError
from vip_manager.store.document_json import to_json
from vip_manager.store.private_files import make_directory, sync_directory
from vip_manager.store.sqlite.database import BUSY_TIMEOUT
from vip_manager.store.sqlite.migrations import STEPS
from vip_manager.store.stamp import MadeByNewerProgram, Stamp
from vip_manager.store.timestamps import from_text

NAME = re.compile(r"vip-\d{8}T\d{6}Z\.db")
"""Of a backup. Files of any other name are never deleted."""
_DRAFT = ".vip-manager-backup."
_RESTORING = ".vip-manager-restore."
_STAMP = "%Y%m%dT%H%M%SZ"
_BESIDE = ("-wal", "-journal")
"""What SQLite keeps beside a file, and takes for its own; -shm it makes anew."""
_LEFT_BY_OTHERS = re.compile(r"\.vip-manager-(backup|restore)\.(\d+)\.[0-9a-f]{8}(-journal|-wal|-shm)?")

_LAST_WORK = """
SELECT max(at) FROM (
    SELECT max(at) AS at FROM auditLog WHERE json_extract(body, '$.action') <> 'restored'
    UNION ALL SELECT max(json_extract(body, '$.gap.until')) FROM channels
    UNION ALL SELECT max(json_extract(body, '$.gap.closedAt')) FROM channels
)
"""


class BadFile(StoreError):
    """It is no whole backup that this program could take."""


class NotPruned(StoreError):
    """A backup was made, and older ones could not be deleted."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is whole, and older ones that were deleted after it was."""

    path: Path
    size: int
    pruned: int


def back_up(source: Path, directory: Path, at: datetime, named: datetime, keep: int) -> Made:
    """Copies `source` into `directory`, checks the copy, and only then deletes all but the newest `keep`. `at` is the
    moment by the records' clock, `named` by the wall's. Raises BadFile (the source is damaged), OSError; NotPruned."""
    make_directory(directory)
    _clear(directory)
    path = directory / f"vip-{named:{_STAMP}}.db"
    if path.exists():
        raise FileExistsError(f"{path} is there already")
    with _draft(directory, _DRAFT) as draft:
        try:
            _copy(source, draft)
            with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
                # One file, without a log beside it.
                copy.execute("PRAGMA journal_mode = DELETE").fetchall()
                _check(copy)
                body = to_json({"at": at})
                copy.execute("INSERT OR REPLACE INTO meta (id, version, body) VALUES ('backup', 0, ?)", (body,))
        except sqlite3.Error as error:
            raise _in_words(error, source) from error
        _sync(draft)
        os.replace(draft, path)
        sync_directory(directory)
    try:
        return Made(path, path.stat().st_size, _prune(directory, keep, path))
    except OSError as error:
        raise NotPruned(f"{path} was made, and older ones could not be deleted: {error}.") from error


@contextmanager
def draft_of(backup: Path, directory: Path, stamp: Stamp) -> Iterator[Path]:
    """A copy of that backup in `directory`, found whole and of this Twitch application; gone after the block, unless it
    was put in its place. Raises BadFile, MadeByNewerProgram, OSError."""
    if not backup.is_file():
        raise FileNotFoundError(f"there is no file {backup}")
    _clear(directory)
    with _draft(directory, _RESTORING) as draft:
        try:
            _copy(backup, draft)
            with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
                copy.execute("PRAGMA journal_mode = DELETE").fetchall()
                _check(copy)
                _check_kind(copy, backup, stamp)
        except sqlite3.Error as error:
            raise _in_words(error, backup) from error
        yield draft


def backed_up_at(path: Path) -> datetime | None:
    """When, by the records' clock, that backup was made; of a copy that somebody else made, the last line of the log:
    what came later is in no record of it. None where there is none."""
    with closing(sqlite3.connect(path)) as file:
        for (body,) in file.execute("SELECT body FROM meta WHERE id = 'backup'"):
            return from_text(json.loads(body)["at"])
    return last_line_at(path)


def last_line_at(path: Path) -> datetime | None:
    """Of the audit log. None where there is none, or where it can't be read."""
    return _moment(path, "SELECT max(at) FROM auditLog")


def last_work_at(path: Path) -> datetime | None:
    """Of the program, as far as that file tells. To have been restored is none; what the channels are behind since then
    is. None where it tells nothing, or can't be read."""
    return _moment(path, _LAST_WORK)


def _moment(path: Path, query: str) -> datetime | None:
    try:
        with closing(sqlite3.connect(_read_only(path), uri=True)) as file:
            [(at,)] = file.execute(query).fetchall()
            return from_text(at) if at else None
    except (sqlite3.Error, ValueError):
        return None


def sound(path: Path) -> bool:
    """Whether it can be read, found out without a change to it or to what is beside it."""
    try:
        with closing(sqlite3.connect(_read_only(path), uri=True)) as file:
            return file.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
    except sqlite3.Error:
        return False


def put_in_place(draft: Path, target: Path, now: datetime) -> Path | None:
    """The draft becomes the store's file, by one rename; what was there is set aside before, whole, under the name that
    is returned. Nobody else may have either open. Raises BadFile (somebody has), OSError."""
    with closing(sqlite3.connect(draft, isolation_level=None)) as file:
        # It goes on from here: a copy of it is not of that moment any more.
        file.execute("DELETE FROM meta WHERE id = 'backup'")
        file.execute("PRAGMA journal_mode = DELETE").fetchall()
    _sync(draft)
    aside = _set_aside(target, now) if target.exists() else None
    for ending in _BESIDE:
        # Beside another file it would be taken for that one's.
        target.with_name(target.name + ending).unlink(missing_ok=True)
    sync_directory(target.parent)
    os.replace(draft, target)
    sync_directory(target.parent)
    return aside


def _set_aside(target: Path, now: datetime) -> Path:
    for other in target.parent.glob("vip-before-restore-*.db"):
        if other.samefile(target):
            # A restore was cut short, and what it was about to replace is still in its place.
            other.unlink()
    aside, number = target.with_name(f"vip-before-restore-{now:{_STAMP}}.db"), 1
    while aside.exists():
        number += 1
        aside = target.with_name(f"vip-before-restore-{now:{_STAMP}}-{number}.db")
    logs = [(target.with_name(target.name + ending), aside.with_name(aside.name + ending)) for ending in _BESIDE]
    for there, kept in logs:
        if there.exists():
            # Before anybody opens the file: of a damaged one SQLite throws the log away.
            kept.unlink(missing_ok=True)
            _second_name(there, kept)
    _second_name(target, aside)
    sync_directory(target.parent)
    try:
        folded = _fold(target)
    except BadFile:
        for path in (aside, *(kept for _, kept in logs)):
            path.unlink(missing_ok=True)
        raise
    if folded:
        for _, kept in logs:
            kept.unlink(missing_ok=True)
    return aside


def _fold(target: Path) -> bool:
    """Into one file, without a log beside it: only who has it alone can do that. False where it is damaged. Raises
    BadFile."""
    try:
        with closing(sqlite3.connect(target, timeout=BUSY_TIMEOUT, isolation_level=None)) as file:
            file.execute("PRAGMA journal_mode = DELETE").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise BadFile(
                f"Nothing was restored: another command has {target} open. Wait for it to end, then run this again."
            ) from error
        return False
    except sqlite3.DatabaseError:
        # Which may be why it is to be replaced.
        return False
    return True


def _second_name(target: Path, aside: Path) -> None:
    try:
        os.link(target, aside)
    except OSError:
        # A file system without links.
        shutil.copy2(target, aside)
        _sync(aside)


def _copy(source: Path, draft: Path) -> None:
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with (
        closing(sqlite3.connect(_read_only(source), uri=True, timeout=30.0)) as there,
        closing(sqlite3.connect(draft)) as here,
    ):
        there.backup(here, pages=-1)


def _check(copy: sqlite3.Connection) -> None:
    problems = [problem for (problem,) in copy.execute("PRAGMA integrity_check(3)") if problem != "ok"]
    if problems:
        raise sqlite3.DatabaseError(problems[0])


def _check_kind(copy: sqlite3.Connection, backup: Path, stamp: Stamp) -> None:
    [(version,)] = copy.execute("PRAGMA user_version").fetchall()
    tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    found = copy.execute("SELECT body FROM meta WHERE id = 'stamp'").fetchall() if "meta" in tables else []
    if not found:
        raise BadFile(f"Nothing was restored: {backup} holds no data of VIP Manager.")
    if version > len(STEPS):
        raise MadeByNewerProgram(str(backup), version, len(STEPS))
    try:
        made_with = json.loads(found[0][0])
        made = Stamp(made_with["clientId"], made_with["authHost"])
        for (body,) in copy.execute("SELECT body FROM meta WHERE id = 'backup'"):
            from_text(json.loads(body)["at"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadFile(f"Nothing was restored: what {backup} says of itself can't be read.") from error
    if made != stamp:
        raise BadFile(
            f"Nothing was restored: {backup} was made with {made}, but the program now runs with {stamp}. "
            "Ids, tokens and rewards of the one mean nothing to the other."
        )


@contextmanager
def _draft(directory: Path, prefix: str) -> Iterator[Path]:
    draft = directory / f"{prefix}{os.getpid()}.{secrets.token_hex(4)}"
    try:
        yield draft
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            draft.with_name(draft.name + ending).unlink(missing_ok=True)


def _clear(directory: Path) -> None:
    """What one that was killed has left: also of this very process id, which in a container is each one's."""
    for path in directory.iterdir():
        left = _LEFT_BY_OTHERS.fullmatch(path.name)
        if left and (int(left[2]) == os.getpid() or not _alive(int(left[2]))):
            path.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _prune(directory: Path, keep: int, newest: Path) -> int:
    """`newest` stays, whatever the names of the others say: they may have been made by a clock that was ahead."""
    others = [path for path in directory.iterdir() if NAME.fullmatch(path.name) and path.is_file() and path != newest]
    old = sorted(others, key=lambda path: path.name, reverse=True)[keep - 1 :]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_only(path: Path) -> str:
    """As SQLite's file: URI (https://www.sqlite.org/uri.html)."""
    return f"{path.resolve().as_uri()}?mode=ro"


def _in_words(error: sqlite3.Error, path: Path) -> Exception:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return OSError(f"the disk is full ({error})")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
        return OSError(f"{path}: {error}")
    return BadFile(f"{path} is damaged, or no file of SQLite's: {error}")
