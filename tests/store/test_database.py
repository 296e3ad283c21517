"""What comes to SQLite's thread at the same time."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from vip_manager.ports import Conflict, StoreUnavailable
from vip_manager.store.sqlite.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / "a.db")
    database.prepare(lambda connection: connection.execute("CREATE TABLE things (id TEXT PRIMARY KEY)"))
    yield database
    await database.close()


def kept(*names: str) -> Callable[[sqlite3.Connection], int]:
    def work(connection: sqlite3.Connection) -> int:
        return sum(connection.execute("INSERT INTO things VALUES (?)", (name,)).rowcount for name in names)

    return work


async def names(database: Database) -> list[str]:
    rows = await database.read(lambda connection: connection.execute("SELECT id FROM things ORDER BY id").fetchall())
    return [name for (name,) in rows]


async def busy(database: Database) -> None:
    """What is asked for from now on comes together."""
    database._executor.submit(asyncio.run, asyncio.sleep(0.05))


async def test_each_of_those_that_share_a_commit_is_done_wholly_or_not_at_all(database: Database) -> None:
    await busy(database)
    done = await asyncio.gather(
        database.write(kept("a")),
        database.write(kept("b", "a")),
        database.write(kept("c", "d")),
        return_exceptions=True,
    )
    assert [done[0], done[2]] == [1, 2]
    assert isinstance(done[1], Conflict)
    assert await names(database) == ["a", "c", "d"]


async def test_a_disk_that_gives_up_in_the_middle_costs_only_what_it_was_asked_for_then(database: Database) -> None:
    """SQLite rolls all back where the disk is full: those that it would have taken are asked for again."""

    def full(connection: sqlite3.Connection) -> None:
        connection.execute("ROLLBACK")
        raise sqlite3.OperationalError("database or disk is full")

    await busy(database)
    done = await asyncio.gather(
        database.write(kept("a")), database.write(full), database.write(kept("b")), return_exceptions=True
    )
    assert [done[0], done[2]] == [1, 1]
    assert isinstance(done[1], StoreUnavailable)
    assert await names(database) == ["a", "b"]


async def test_one_row_is_read_as_it_was_written_last(database: Database) -> None:
    def found(connection: sqlite3.Connection) -> object:
        return connection.execute("SELECT id FROM things WHERE id = 'a'").fetchone()

    assert await database.read_one(found) is None
    await database.write(kept("a"))
    assert await database.read_one(found) == ("a",)
    await database.close()
    with pytest.raises(StoreUnavailable):
        await database.read_one(found)


async def test_who_reads_one_row_writes_nothing(database: Database) -> None:
    """On that way it can't; the other way is asked."""
    await database.read_one(kept("a"))
    assert await names(database) == []


async def test_closing_finishes_what_was_asked_for(database: Database) -> None:
    first = asyncio.create_task(database.write(kept("a")))
    await asyncio.sleep(0)
    # These come while that one is with the disk, and make a group of their own.
    rest = [asyncio.create_task(database.write(kept(name))) for name in "bcd"]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(first, *rest) == [1, 1, 1, 1]
    with sqlite3.connect(database.path) as connection:
        assert connection.execute("SELECT COUNT(*) FROM things").fetchone() == (4,)
    connection.close()
