"""The test's end of the talk with a library that runs in a process of its own (its warnings and loops stay there)."""

import json
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.patience import Patience

PATIENCE_SECONDS = 20.0
ROOT = Path(__file__).resolve().parents[3]


class Refusal(Exception):
    """A library raised: `kind` is its own exception's name, `status` the HTTP status where the exception tells it."""

    def __init__(self, kind: str, status: int | None, says: str) -> None:
        super().__init__(f"{kind} {status or ''}: {says}")
        self.kind = kind
        self.status = status
        self.says = says


class Library:
    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        self._heard: list[dict[str, Any]] = []
        self._asked = 0
        self._news = threading.Condition()
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=ROOT,
                env={**os.environ, "NO_PROXY": "*", **environment},
            )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def begin(self, do: str, **what: Any) -> None:
        """A wish whose answer is awaited later, by `answer`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **what}) + "\n")
        self._process.stdin.flush()
        self._asked += 1

    def answer(self) -> Any:
        """Raises Refusal where the library raised."""
        message = self._next(lambda one: "answer" in one or "refused" in one)
        self._asked -= 1
        if "refused" in message:
            raise Refusal(message["refused"], message["status"], message["says"])
        return message["answer"]

    def ask(self, do: str, **what: Any) -> Any:
        self.begin(do, **what)
        return self.answer()

    def saw(self, event: str) -> dict[str, Any]:
        """The next of these events, waited for; each is given once."""
        return self._next(lambda one: one.get("event") == event)

    @property
    def at_rest(self) -> bool:
        """Every wish was answered, and the process waits for another."""
        with self._news:
            return self._asked == 0 and not self._heard

    def saw_nothing(self) -> bool:
        """Nothing came so far that was not asked for."""
        with self._news:
            return not self._heard

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            code = self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        assert code == 0, f"ended with {code}\n{self._log.read_text()}"

    def _next(self, wanted: Any) -> dict[str, Any]:
        def find() -> dict[str, Any] | None:
            return next((one for one in self._heard if wanted(one)), None)

        with self._news:
            patience = Patience(PATIENCE_SECONDS)
            while not (arrived := self._news.wait_for(lambda: find() is not None or self._ended(), 1.0)):
                if patience.over:
                    break
            message = find()
            assert message is not None, (
                f"{'ended early' if arrived else 'nothing came'}; heard {self._heard}\n{self._log.read_text()}"
            )
            self._heard.remove(message)
            return message

    def _ended(self) -> bool:
        return any("ended" in one for one in self._heard)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._hear(json.loads(line))
        self._hear({"ended": True})

    def _hear(self, message: dict[str, Any]) -> None:
        with self._news:
            self._heard.append(message)
            self._news.notify_all()
