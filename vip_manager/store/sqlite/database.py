"""One SQLite connection on one thread of its own, and its errors in the words of the port."""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from vip_manager.ports import Conflict, StoreError, StoreUnavailable
from vip_manager.store.private_files import create_file, make_directory

T = TypeVar("T")

BUSY_TIMEOUT = 5.0
"""Seconds to wait for another program's transaction on the same file."""

_BUSY_POLL = 0.01
_PAGE_BYTES = 2048
_LOG_PAGES = 4000
"""So many pages of the write-ahead log are gathered before they go to the file, each once however often it was
written: 8 MB, where SQLite would wait for 4."""
_MOST_AT_ONCE = 100
"""Writes that share a commit."""


@contextmanager
def immediately(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that may write from its first statement on, so that what it reads can't change before it writes."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


@contextmanager
def _snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Several reads of the same moment."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        _roll_back(connection)


@contextmanager
def _port_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        # Its message names table and column, never a value.
        raise Conflict(f"somebody else was first: {error}") from error
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(f"SQLite: {error}") from error
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.DatabaseError as error:
        raise StoreError(f"SQLite: {error}. The file may be damaged; restore a backup.") from error


_Outcome = tuple[Any, BaseException | None]


@dataclass(frozen=True, slots=True, eq=False)
class _Write:
    work: Callable[[sqlite3.Connection], Any]
    done: asyncio.Future[Any]


class Run(Protocol):
    """Has that done on the database's thread."""

    def __call__(self, work: Callable[[sqlite3.Connection], T], /) -> Awaitable[T]: ...


class Database:
    """Calls run on the one thread, writes in their order. A call whose caller was cancelled may have taken effect."""

    def __init__(self, path: Path) -> None:
        """Opens the file, making it (0600) and its directory (0700) where they are missing. Blocks; raises
        StoreUnavailable."""
        self.path = path
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._closed = False
        self._reads: list[tuple[Callable[[sqlite3.Connection], Any], asyncio.Future[Any]]] = []
        self._writes: deque[_Write] = deque()
        self._writing: asyncio.Future[list[tuple[_Write, _Outcome]]] | None = None
        self._reader: sqlite3.Connection | None = None
        try:
            self._connection = self._executor.submit(_connect, path).result()
        except BaseException:
            self._executor.shutdown()
            raise

    def prepare(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Like `write`, but blocking, and without a transaction around it: for the start of the program."""
        return self._executor.submit(self._guarded, work).result()

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What is read at the same time goes to the thread as one: the way there costs more than most reads."""

        def snapshot(connection: sqlite3.Connection) -> T:
            with _snapshot(connection):
                return work(connection)

        if self._closed:
            raise StoreUnavailable("the store is closed")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._reads.append((snapshot, done))
        if len(self._reads) == 1:
            loop.call_soon(self._read_all, loop)
        return await done

    def _read_all(self, loop: asyncio.AbstractEventLoop) -> None:
        reads, self._reads = self._reads, []

        def one_by_one() -> list[tuple[Any, Exception | None]]:
            return [self._outcome(work) for work, _ in reads]

        def told(every: asyncio.Future[list[tuple[Any, Exception | None]]]) -> None:
            for (_, done), (found, error) in zip(reads, every.result(), strict=True):
                if done.done():
                    continue
                if error is None:
                    done.set_result(found)
                else:
                    done.set_exception(error)

        if reads:
            loop.run_in_executor(self._executor, one_by_one).add_done_callback(told)

    def _outcome(self, work: Callable[[sqlite3.Connection], T]) -> tuple[T | None, Exception | None]:
        try:
            return self._guarded(work), None
        except Exception as error:
            return None, error

    async def read_one(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Like `read`, for one statement that finds one row by an index: that is done sooner than handed to a thread.
        It sees all that was written by now, and in WAL mode no reader waits for who writes. Where this one would have
        to wait all the same, the thread does it."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        try:
            if self._reader is None:
                self._reader = _connect_reader(self.path)
            return work(self._reader)
        except sqlite3.Error:
            return await self.read(work)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """All that `work` does is durable when this returns, or nothing of it was done. It may be called again where
        the disk did not take it the first time, so it changes nothing but the database."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        loop = asyncio.get_running_loop()
        write = _Write(work, loop.create_future())
        self._writes.append(write)
        if self._writing is None or self._writing.get_loop() is not loop:
            self._write_next(loop)
        done: T = await write.done
        return done

    @asynccontextmanager
    async def transaction(self, *, write: bool = False) -> AsyncIterator["Run"]:
        """One transaction over many calls, by what it gives; nothing else may use this database meanwhile. All that is
        read is of one moment, and all that is written is durable after the block, or undone where it raises."""
        await self._run(lambda connection: connection.execute("BEGIN IMMEDIATE" if write else "BEGIN"))
        try:
            yield self._run
            await self._run(lambda connection: connection.execute("COMMIT"))
        finally:
            await self._run(_roll_back)

    async def empty_log(self) -> None:
        """Whatever was deleted can't be read in the write-ahead log any more; where another program reads the file at
        this moment, not until SQLite empties it the next time."""
        await self._run(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())

    async def close(self) -> None:
        """Finishes what was asked for before, then lets go of the file. A second time does nothing."""
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        self._read_all(loop)
        while self._writing is not None and self._writing.get_loop() is loop:
            await asyncio.wait([self._writing])
        if self._reader is not None:
            self._reader.close()
        await loop.run_in_executor(self._executor, self._connection.close)
        self._executor.shutdown()

    def abandon(self) -> None:
        """`close` for a start that failed. Blocks."""
        self._closed = True
        self._executor.submit(self._connection.close).result()
        self._executor.shutdown()

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise StoreUnavailable("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._guarded, work)

    def _write_next(self, loop: asyncio.AbstractEventLoop) -> None:
        """What has come together while the disk was busy goes to it as one: it takes as long for many as for one."""

        def told(group: asyncio.Future[list[tuple[_Write, _Outcome]]]) -> None:
            self._writing = None
            if self._writes:
                self._write_next(loop)
            for write, (value, error) in group.result():
                if write.done.done():
                    continue
                if error is None:
                    write.done.set_result(value)
                else:
                    write.done.set_exception(error)

        self._writing = loop.run_in_executor(self._executor, self._write_group)
        self._writing.add_done_callback(told)

    def _write_group(self) -> list[tuple[_Write, _Outcome]]:
        waiting = [self._writes.popleft() for _ in range(min(len(self._writes), _MOST_AT_ONCE))]
        # For others nobody waits any more.
        writes = [one for one in waiting if not one.done.cancelled()]
        outcomes = self._together(writes) if len(writes) > 1 else None
        return list(zip(writes, outcomes or map(self._alone, writes), strict=True))

    def _alone(self, write: _Write) -> _Outcome:
        try:
            with _port_errors(), immediately(self._connection):
                value = write.work(self._connection)
            return value, None
        except BaseException as error:
            return None, error

    def _together(self, writes: Sequence[_Write]) -> list[_Outcome] | None:
        """In one transaction, in which each is done wholly or not at all. None where that could not be committed: then
        nothing was done."""
        outcomes: list[_Outcome] = []
        try:
            with immediately(self._connection):
                for write in writes:
                    outcomes.append(self._within(write))
                    if not self._connection.in_transaction:
                        # As with a full disk: SQLite has rolled back what came before, too.
                        return None
        except sqlite3.Error:
            return None
        return outcomes

    def _within(self, write: _Write) -> _Outcome:
        self._connection.execute("SAVEPOINT one")
        try:
            with _port_errors():
                value = write.work(self._connection)
            self._connection.execute("RELEASE one")
            return value, None
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO one")
                self._connection.execute("RELEASE one")
            return None, error

    def _guarded(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with _port_errors():
            return work(self._connection)


def _roll_back(connection: sqlite3.Connection) -> None:
    """Nothing is open any more where it was committed; after a full disk SQLite may have rolled back by itself."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait for its busy timeout where two switch one fresh file at the same time: both hold a read lock
    that the other would have to give up (https://www.sqlite.org/c3ref/busy_handler.html)."""
    end = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > end:
                raise
        time.sleep(_BUSY_POLL)


def _connect_reader(path: Path) -> sqlite3.Connection:
    """Beside the other one, which has made the file. It never waits, and never writes."""
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    try:
        make_directory(path.parent)
        # SQLite gives -wal and -shm the mode of the file itself (https://sqlite.org/src: findCreateFileMode).
        create_file(path)
        for beside in (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            if beside.exists():
                beside.chmod(0o600)
    except OSError as error:
        raise StoreUnavailable(f"can't open {path}: {error.strerror or error}") from error
    with _port_errors():
        # isolation_level None: transactions begin and end where this module says, and nowhere else.
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)
        try:
            # Of a new file: a commit changes few bytes in many places, and writes the pages that these are on.
            connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            _switch_to_wal(connection)
            connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
            # In WAL mode only FULL syncs at every commit; NORMAL may lose the last ones in a power cut.
            connection.execute("PRAGMA synchronous = FULL")
            # What is deleted is overwritten, and does not lie in the file until its place is needed.
            connection.execute("PRAGMA secure_delete = ON")
        except BaseException:
            connection.close()
            raise
        return connection
