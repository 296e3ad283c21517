"""A backup of the file beside whoever writes to it; what is put back is whole, whenever that is cut short."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vip_manager import page
from vip_manager.store.lock import DataDirBusy, DataDirLock
from vip_manager.store.sealing import TOKENS, Sealer
from vip_manager.store.sqlite import backup as files
from vip_manager.store.sqlite.backup import BadFile
from vip_manager.store.sqlite.migrations import STEPS
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.store.stamp import MadeByNewerProgram, Stamp

STAMP = Stamp("client", "id.twitch.tv")
NOW = datetime(2026, 11, 28, 13, 5, 1, tzinfo=UTC)
SEALER = Sealer(["a root secret of the tests, long enough"], TOKENS)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "vip.db"
    opened(path)
    return path


def opened(path: Path, stamp: Stamp = STAMP) -> None:
    SqliteStore.open(path, SEALER, stamp)._database.abandon()


def make(source: Path, keep: int = 14, seconds: int = 0) -> Path:
    at = NOW + timedelta(seconds=seconds)
    return files.back_up(source, source.parent.parent / "backups", at, at, keep).path


def pairs(path: Path) -> tuple[int, int]:
    """How many there are of two things that are always written together."""
    with closing(sqlite3.connect(path)) as file:
        [(one,)] = file.execute("SELECT count(*) FROM redemptions").fetchall()
        [(other,)] = file.execute("SELECT count(*) FROM auditLog").fetchall()
        return one, other


WRITER = """
import itertools, sqlite3, sys
file = sqlite3.connect(sys.argv[1], timeout=5, isolation_level=None)
for number in itertools.count():
    file.execute("BEGIN IMMEDIATE")
    body = '{"a":"' + "x" * 900 + '"}'
    file.execute("INSERT INTO redemptions (id, version, body) VALUES (?, 1, ?)", (f"r{number}", body))
    file.execute("INSERT INTO auditLog (id, version, body) VALUES (?, 1, '{}')", (f"a{number}",))
    file.execute("COMMIT")
    if number == 200:
        print("now", flush=True)
"""


@contextmanager
def written_to(path: Path) -> Iterator[None]:
    """By another process, all the time."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
        try:
            assert writer.stdout
            writer.stdout.readline()
            yield
        finally:
            writer.kill()


def test_a_backup_is_of_one_moment_whoever_writes_meanwhile(source: Path) -> None:
    with written_to(source):
        before = pairs(source)[0]
        found = [pairs(make(source, seconds=number)) for number in range(3)]
    assert [one for one, _ in found] == [other for _, other in found]
    assert before <= found[0][0] <= found[1][0] <= found[2][0]


def test_it_is_one_file_that_its_owner_alone_may_read(source: Path) -> None:
    path = make(source)
    assert path.name == "vip-20261128T130501Z.db"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert files.backed_up_at(path) == NOW
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_only_the_newest_of_its_own_stay(source: Path) -> None:
    made = [make(source, seconds=number) for number in range(3)]
    stranger = made[0].with_name("vip-of-mine.db")
    stranger.touch()
    directory = made[0].with_name("vip-20200101T000000Z.db")
    directory.mkdir()
    newest = make(source, keep=2, seconds=9)
    assert sorted(newest.parent.iterdir()) == sorted([directory, made[2], newest, stranger])


def test_one_that_was_just_made_stays_though_others_are_of_a_clock_that_was_ahead(source: Path) -> None:
    ahead = [make(source, seconds=3600 + number) for number in range(3)]
    newest = make(source, keep=2)
    assert sorted(newest.parent.iterdir()) == [newest, ahead[2]]


def test_what_was_put_back_does_not_say_when_it_was_backed_up(source: Path) -> None:
    older = make(source)
    with files.draft_of(older, source.parent, STAMP) as draft:
        files.put_in_place(draft, source, NOW)
    assert files.backed_up_at(source) is None
    assert files.backed_up_at(make(source, seconds=60)) == NOW + timedelta(minutes=1)


def test_a_damaged_source_makes_no_backup_and_no_older_one_goes(source: Path) -> None:
    older = make(source)
    content = bytearray(source.read_bytes())
    content[8192:20000] = b"\xff" * (20000 - 8192)
    source.write_bytes(content)
    with pytest.raises(BadFile, match="damaged"):
        make(source, keep=1, seconds=5)
    assert list(older.parent.iterdir()) == [older]


def test_two_in_one_second_are_not_mixed_up(source: Path) -> None:
    make(source)
    with pytest.raises(FileExistsError):
        make(source)


DYING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from vip_manager.store.sqlite import backup as files
from vip_manager.store.stamp import Stamp
calls = {"before": int(sys.argv[4])}
def at(name, here):
    def dying(*given, **more):
        calls["before"] -= 1
        if calls["before"] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return here(*given, **more)
    return dying
for module, name in ((os, "fsync"), (os, "replace"), (os, "link"), (os, "rename"), (Path, "rename"), (Path, "unlink")):
    setattr(module, name, at(name, getattr(module, name)))
now = datetime(2026, 11, 28, 14, tzinfo=UTC)
first, second = Path(sys.argv[2]), Path(sys.argv[3])
if sys.argv[1] == "backup":
    files.back_up(first, second, now, now, 1)
else:
    with files.draft_of(first, second.parent, Stamp("client", "id.twitch.tv")) as draft:
        files.put_in_place(draft, second, now)
"""


def dies(what: str, first: Path, second: Path, step: int) -> bool:
    done = subprocess.run(
        [sys.executable, "-c", DYING, what, str(first), str(second), str(step)], cwd=page.ROOT, check=False
    )
    assert done.returncode in (0, -signal.SIGKILL)
    return done.returncode != 0


def test_a_death_at_any_step_of_a_backup_leaves_no_half_one_and_the_old_ones(source: Path) -> None:
    older = make(source)
    step = 0
    while dies("backup", source, older.parent, step):
        step += 1
        found = {path for path in older.parent.iterdir() if files.NAME.fullmatch(path.name)}
        assert older in found or any(path != older for path in found)
        assert all(pairs(path) == (0, 0) for path in found)
        for path in found - {older}:
            path.unlink()
        if not older.exists():
            shutil.copy(source, older)
    assert step >= 3
    assert [path.name for path in older.parent.iterdir()] == ["vip-20261128T140000Z.db"]


def test_a_death_at_any_step_of_a_restore_leaves_the_old_state_or_the_new_one(source: Path) -> None:
    backup = make(source)
    with closing(sqlite3.connect(source, isolation_level=None)) as file:
        file.execute("INSERT INTO redemptions (id, version, body) VALUES ('r', 1, '{}')")
    step, new = 0, False
    while dies("restore", backup, source, step):
        step += 1
        new = new or pairs(source) == (0, 0)
        assert pairs(source) == ((0, 0) if new else (1, 0))
    assert step >= 3
    assert pairs(source) == (0, 0)
    kept = source.with_name("vip-before-restore-20261128T140000Z.db")
    assert kept.exists()
    assert not list(source.parent.glob(".vip-manager-*"))


def restored(backup: Path, target: Path, stamp: Stamp = STAMP) -> Path | None:
    with files.draft_of(backup, target.parent, stamp) as draft:
        return files.put_in_place(draft, target, NOW)


def test_what_was_there_is_kept_whole_and_its_log_is_not_taken_for_the_new_ones(source: Path) -> None:
    backup = make(source)
    # As a kill -9 leaves it: the last commits are in the log alone.
    with closing(sqlite3.connect(source, isolation_level=None)) as file:
        file.execute("INSERT INTO redemptions (id, version, body) VALUES ('r', 1, '{}')")
        for ending in ("", "-wal", "-shm"):
            shutil.copy(f"{source}{ending}", f"{source}.then{ending}")
    for ending in ("", "-wal", "-shm"):
        os.replace(f"{source}.then{ending}", f"{source}{ending}")
    aside = restored(backup, source)
    assert aside is not None
    assert pairs(source) == (0, 0)
    assert pairs(aside) == (1, 0)


def test_what_was_set_aside_in_the_same_second_stays(source: Path) -> None:
    backup = make(source)
    first, second = restored(backup, source), restored(backup, source)
    assert first
    assert second
    assert {path.name for path in source.parent.glob("vip-before-*")} == {first.name, second.name}


def test_a_damaged_one_is_set_aside_with_its_log(source: Path) -> None:
    backup = make(source)
    source.write_bytes(b"no database" * 1000)
    source.with_name("vip.db-wal").write_bytes(b"a log")
    aside = restored(backup, source)
    assert aside is not None
    assert aside.read_bytes() == b"no database" * 1000
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == b"a log"
    opened(source)
    assert pairs(source) == (0, 0)


def test_where_nothing_is_left_it_is_put_there(source: Path) -> None:
    backup = make(source)
    source.unlink()
    assert restored(backup, source) is None
    assert pairs(source) == (0, 0)


def test_one_that_somebody_has_open_is_left_alone(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = make(source)
    monkeypatch.setattr(files, "BUSY_TIMEOUT", 0.01)
    with closing(sqlite3.connect(source, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM meta").fetchall()
        with pytest.raises(BadFile, match="another command"):
            restored(backup, source)


@pytest.mark.parametrize("cut", [0, 100, 5000])
def test_a_file_that_was_cut_is_refused(source: Path, cut: int) -> None:
    backup = make(source)
    backup.write_bytes(backup.read_bytes()[:cut])
    with pytest.raises(BadFile):
        restored(backup, source)
    assert not list(source.parent.glob("vip-before*"))


def test_another_applications_is_refused(source: Path) -> None:
    backup = make(source)
    with pytest.raises(BadFile, match="another"):
        restored(backup, source, Stamp("another", "id.twitch.tv"))


def test_a_newer_programs_is_refused(source: Path) -> None:
    backup = make(source)
    with closing(sqlite3.connect(backup)) as file:
        file.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    with pytest.raises(MadeByNewerProgram):
        restored(backup, source)


@pytest.mark.parametrize(("what", "body"), [("stamp", '{"clientId": "client"}'), ("backup", "[]"), ("backup", "now")])
def test_one_whose_words_of_itself_are_damaged_is_refused(source: Path, what: str, body: str) -> None:
    made = make(source)
    with closing(sqlite3.connect(made)) as file, file:
        file.execute("UPDATE meta SET body = ? WHERE id = ?", (body, what))
    with pytest.raises(BadFile, match="of itself"), files.draft_of(made, source.parent, STAMP):
        pass


def test_a_file_of_something_else_is_refused(source: Path) -> None:
    other = source.with_name("other.db")
    with closing(sqlite3.connect(other)) as file:
        file.execute("CREATE TABLE something (id)")
    with pytest.raises(BadFile, match="holds no data"):
        restored(other, source)


def test_the_lock_keeps_it_from_a_running_server(source: Path) -> None:
    with DataDirLock(source.parent), pytest.raises(DataDirBusy):
        DataDirLock(source.parent)
