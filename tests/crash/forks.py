"""Processes that cost little: forked from one that has imported the program already, and nothing more.

`python -m tests.crash.forks` reads a task a line, lives it in a process of its own, and answers a line: how that
process ended, and what it had said before.
"""

import gc
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from vip_manager.page import ROOT

Task = dict[str, Any]
Say = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class End:
    """`signal` that killed the process, or 0; `said`: everything it told, later words over earlier ones."""

    signal: int
    exit: int
    said: dict[str, Any]


class Forks:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def live(self, task: Task) -> End:
        """Lives that task to its end, however it ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the process that forks is gone"
        return End(**json.loads(line))


@contextmanager
def forks() -> Iterator[Forks]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.forks"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Forks(process)
        assert process.stdin is not None
        process.stdin.close()


def _in_a_fork(task: Task, live: Callable[[Task, Say], None]) -> dict[str, Any]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _be(task, live, lambda words: _write(writing, words))
    os.close(writing)
    with os.fdopen(reading) as told:
        said: dict[str, Any] = {}
        for line in told:
            said |= json.loads(line)
    _, status = os.waitpid(pid, 0)
    killed = os.WIFSIGNALED(status)
    return {
        "signal": os.WTERMSIG(status) if killed else 0,
        "exit": 0 if killed else os.WEXITSTATUS(status),
        "said": said,
    }


def _be(task: Task, live: Callable[[Task, Say], None], say: Say) -> None:
    """Never returns: what the parent would do next is none of the child's business."""
    code = 1
    try:
        live(task, say)
        code = 0
    except BaseException:
        say({"error": traceback.format_exc()})
    finally:
        os._exit(code)


def _write(pipe: int, words: dict[str, Any]) -> None:
    line = (json.dumps(words) + "\n").encode()
    while line:
        line = line[os.write(pipe, line) :]


def _serve() -> None:
    # Imported here and once: this is what a start costs. The three are what httpx imports at its first call.
    from tests.crash.life import live

    for name in ("anyio._backends._asyncio", "h11", "httpcore"):
        import_module(name)
    # Not installed, and httpcore looks for it in every folder at every step of a call: it shall not find it at once.
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]
    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(_in_a_fork(json.loads(line), live)), flush=True)


if __name__ == "__main__":
    _serve()
