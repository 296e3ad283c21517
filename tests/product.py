"""The product as a person starts it: a process of its own, on a port of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.patience import Patience
from tests.warm import Forked
from vip_manager import page

LONGEST_WAIT = 30.0


def until(condition: Callable[[], bool], what: str, seconds: float = LONGEST_WAIT) -> None:
    """Waits for a condition, not for a time; `seconds` are those of tests/patience.py."""
    patience = Patience(seconds)
    while not condition():
        assert not patience.over, f"waited {seconds} s for: {what}"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Product:
    """`output` grows with all that the process says; `environment` is the process' own, for commands beside it. A
    `cold` one is started as a person does it, by `command`; the others find the program imported (tests/warm.py)."""

    def __init__(self, directory: Path, environment: Mapping[str, str], port: int = 0, *, cold: bool = False) -> None:
        self.port = port or free_port()
        self.base = f"http://localhost:{self.port}"
        self.output = directory / "output.txt"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TWITCH_", "REFLEX_"))},
            "DATA_DIR": str(directory / "data"),
            "PORT": str(self.port),
            **environment,
        }
        self.command = [sys.executable, "-m", "vip_manager.server"]
        self._cold = cold
        self._process: subprocess.Popen[bytes] | Forked | None = None

    def start(self) -> None:
        self._process = self._started() if self._cold else Forked(self.environment, self.output)
        until(self.answers, "the product answers")

    @contextmanager
    def running(self) -> Iterator["Product"]:
        """Until whoever asked for it is done."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def _started(self) -> subprocess.Popen[bytes]:
        with self.output.open("ab") as output:
            return subprocess.Popen(
                self.command,
                cwd=page.ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.output.read_text()
        try:
            # Loading the world's certificates would take longer than the answer.
            return httpx.get(f"{self.base}/api/health", trust_env=False, timeout=2, verify=False).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """kill -9: nothing is finished, nothing is written."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def stop(self, how: int = signal.SIGINT) -> int:
        """Ctrl-C, or what else tells it to stop; returns the exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(how)
        try:
            return self._process.wait(LONGEST_WAIT)
        finally:
            self._process.kill()
            self._process = None
