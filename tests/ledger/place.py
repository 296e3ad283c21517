"""Where the data of a life lies: what a program needs to be told of it, how to read it from outside, and the edges at
which its life may end."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

from tests.crash.books import Books, read_all_books
from tests.crash.steps import WatchedConnection
from tests.ledger.wire import Mortal


class Place(Protocol):
    @property
    def directory(self) -> Path: ...

    @property
    def instances(self) -> int:
        """How many programs live on it side by side, each as mortal as the other."""

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings that lead there."""

    def books(self, *, log: bool) -> Books:
        """Read from the store itself, not through the program; without the audit log where nobody asks for it."""

    def edges(self, steps: Mortal) -> AbstractContextManager[None]:
        """The program that starts meanwhile finds its data there, and every commit has edges."""

    def bury(self) -> None:
        """The turns of those who are dead have run out."""

    def close(self) -> None: ...


class SqlitePlace:
    """A file of one program; another one, which never dies, may come beside."""

    instances = 1
    environment: Mapping[str, str] = {}

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def books(self, *, log: bool) -> Books:
        return read_all_books(self.directory, log=log)

    @contextmanager
    def edges(self, steps: Mortal) -> Iterator[None]:
        connect = sqlite3.connect
        watched = partial(WatchedConnection, steps)
        # The program opens it in a thread of its own, whose work an OrderlyLoop does itself.
        sqlite3.connect = partial(connect, factory=watched, check_same_thread=False)  # type: ignore[assignment]
        try:
            yield
        finally:
            sqlite3.connect = connect

    def bury(self) -> None:
        """They were in their memory."""

    def close(self) -> None:
        pass
