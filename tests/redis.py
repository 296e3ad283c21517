"""Redis itself: a server of its own for whoever asks, on a port that stays the same when it is started again."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import REQUIRED
from tests.emulator import free_port

_START_WITHIN = 10.0
_PASSWORD = "s3cr3t-of-redis"


class Redis:
    def __init__(self, program: str, directory: Path) -> None:
        self._program = program
        self._directory = directory
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.password = _PASSWORD
        self.url = f"redis://:{_PASSWORD}@127.0.0.1:{self._port}/0"

    def start(self) -> None:
        flags = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [self._program, *flags, "--requirepass", _PASSWORD, "--dir", str(self._directory)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + _START_WITHIN
        while not self._answers():
            assert self._process.poll() is None, "redis-server did not start"
            assert time.monotonic() < end, "redis-server does not answer"
            time.sleep(0.01)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def silence(self) -> None:
        """It still takes connections, and says nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def keys(self) -> str:
        """All that it holds, names and values, as it would tell anybody who may ask."""
        from redis import Redis as Client

        with Client.from_url(self.url) as client:
            return str([(key, client.lrange(key, 0, -1)) for key in client.scan_iter()])

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return bool(connection.recv(100))
        except OSError:
            return False


@contextmanager
def running(directory: Path) -> Iterator[Redis]:
    """Skips the test where there is no redis-server, and fails it where all parts are required."""
    program = shutil.which("redis-server")
    if program is None:
        if REQUIRED:
            pytest.fail("redis-server is missing")
        pytest.skip("redis-server is missing")
    redis = Redis(program, directory)
    redis.start()
    try:
        yield redis
    finally:
        redis.kill()
