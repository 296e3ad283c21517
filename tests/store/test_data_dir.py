"""The lock on the data directory, and the sandbox's own secret in it."""

import asyncio
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from vip_manager.store.local_secret import BadLocalSecret, local_app_secret
from vip_manager.store.lock import DataDirBusy, DataDirLock

HOLDER = """
import signal, sys
from pathlib import Path
from vip_manager.store.lock import DataDirLock
lock = DataDirLock(Path(sys.argv[1]))
print("held", flush=True)
signal.pause()
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_second_server_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with DataDirLock(data):
        with pytest.raises(DataDirBusy) as caught:
            DataDirLock(data)
        assert caught.value.pid == os.getpid()
        for part in ("already running", str(data), str(os.getpid()), "DATA_DIR"):
            assert part in str(caught.value)
        with DataDirLock(tmp_path / "other"):
            pass
    lock = DataDirLock(data)
    lock.release()
    lock.release()
    assert (mode(data), mode(data / "lock")) == (0o700, 0o600)


def test_a_killed_server_lets_go(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(DataDirBusy) as caught:
            DataDirLock(tmp_path)
        assert caught.value.pid == holder.pid
        holder.kill()
        holder.wait()
        DataDirLock(tmp_path).release()


def test_an_unreadable_pid_is_left_out(tmp_path: Path) -> None:
    with DataDirLock(tmp_path):
        (tmp_path / "lock").write_text("what?")
        with pytest.raises(DataDirBusy, match="another process"):
            DataDirLock(tmp_path)


def test_the_secret_is_made_once(tmp_path: Path) -> None:
    data = tmp_path / "data" / "sandbox"
    secret = local_app_secret(data)
    assert len(secret) >= 32
    assert local_app_secret(data) == secret
    assert local_app_secret(tmp_path / "other") != secret
    assert os.listdir(data) == ["app-secret"]
    assert [mode(path) for path in (data.parent, data, data / "app-secret")] == [0o700, 0o700, 0o600]


async def test_starts_at_the_same_time_get_the_same_secret(tmp_path: Path) -> None:
    secrets = await asyncio.gather(*(asyncio.to_thread(local_app_secret, tmp_path) for _ in range(8)))
    assert len(set(secrets)) == 1
    assert os.listdir(tmp_path) == ["app-secret"]


def test_a_secret_left_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    secret = local_app_secret(tmp_path)
    (tmp_path / "app-secret").chmod(0o644)
    assert local_app_secret(tmp_path) == secret
    assert mode(tmp_path / "app-secret") == 0o600


def test_a_damaged_secret_is_said_not_used(tmp_path: Path) -> None:
    (tmp_path / "app-secret").write_text("short-secret")
    with pytest.raises(BadLocalSecret, match="damaged") as caught:
        local_app_secret(tmp_path)
    assert "short-secret" not in str(caught.value)
