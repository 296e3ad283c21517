"""The product, started by a process that has imported it already: a fifth of a second instead of two.

There is one such process a pytest process, begun with the first product. It does no more than import, and has no thread
but its first. Each product is a fork of it, with an environment and an output of its own, and begins where
`python -m vip_manager.server` begins.
"""

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from tests import receiver
from vip_manager import page


class Forked:
    """As much of `subprocess.Popen` as a product needs."""

    def __init__(self, environment: Mapping[str, str], output: Path) -> None:
        self.pid: int = _ask(start={"environment": dict(environment), "output": str(output)})
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            self._code = _ask(look=self.pid)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("vip_manager.server", timeout or 0)
            time.sleep(0.005)
        return code

    def send_signal(self, what: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, what)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@cache
def _importer() -> subprocess.Popen[bytes]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TWITCH_", "REFLEX_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.warm"], cwd=page.ROOT, env=clean, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    atexit.register(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    """Its products end with it, should one be left."""
    process.communicate()


def _ask(**wish: Any) -> Any:
    process = _importer()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(wish).encode() + b"\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def _serve_wishes() -> None:
    from vip_manager import server

    wishes = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    _redirect(Path(os.devnull))
    os.environ.update(server.SERVING)
    # What `server` imports late, and what uvicorn imports by name.

    import vip_manager.vip_manager  # noqa: F401

    gc.freeze()
    running: set[int] = set()
    try:
        for line in wishes:
            wish = json.loads(line)
            if "start" in wish:
                pid = os.fork()
                if not pid:
                    wishes.close()
                    answers.close()
                    _be_the_product(**wish["start"])
                running.add(pid)
                answer: int | None = pid
            else:
                pid, status = os.waitpid(wish["look"], os.WNOHANG)
                running.discard(pid)
                answer = os.waitstatus_to_exitcode(status) if pid else None
            answers.write(json.dumps(answer).encode() + b"\n")
            answers.flush()
    finally:
        for pid in running:
            os.kill(pid, signal.SIGKILL)


def _redirect(output: Path) -> None:
    for file, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        opened = os.open(output if file else os.devnull, flags | (os.O_APPEND | os.O_CREAT if file else 0), 0o600)
        os.dup2(opened, file)
        os.close(opened)


def _be_the_product(environment: dict[str, str], output: str) -> NoReturn:
    from vip_manager import server

    code = 1
    try:
        _redirect(Path(output))
        os.environ.clear()
        os.environ.update(environment)
        if trusted := os.environ.pop(receiver.VARIABLE, ""):
            receiver.lead_there(trusted)
        code = server.main()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve_wishes()
