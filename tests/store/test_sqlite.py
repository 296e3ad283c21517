"""What is SQLite's own: the file, its modes, its durability, its plans."""

import asyncio
import json
import os
import re
import resource
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.store.conftest import SECRET, STAMP
from tests.store.records import ACCESS_TOKEN, REFRESH_TOKEN, T0, account, active, channel, later, line, redemption
from vip_manager.domain.audit import Action
from vip_manager.domain.books import Check
from vip_manager.domain.history import Wanted
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import RedemptionState
from vip_manager.ports import Conflict, Store, StoreError, StoreUnavailable
from vip_manager.store.fields import BrokenDocument
from vip_manager.store.sealing import TOKENS, Sealer
from vip_manager.store.sqlite import queries
from vip_manager.store.sqlite.migrations import STEPS, migrate
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.store.stamp import MadeByNewerProgram, Stamp, WrongStamp

OTHER_SECRET = "another root secret of 32 characters and more"


@contextmanager
def by_hand(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files(path: Path) -> list[Path]:
    return [path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")]


async def test_what_was_committed_is_there_after_reopening(path: Path, sealer: Sealer) -> None:
    store = SqliteStore.open(path, sealer, STAMP)
    saved = await store.commit(account(), line("a1"))
    await store.close()
    store = SqliteStore.open(path, sealer, STAMP)
    assert await store.accounts.get("1001") == saved
    assert len(await store.audit.latest("1001", 10)) == 1
    await store.close()


async def test_sessions_that_are_over_take_no_memory(path: Path, sealer: Sealer) -> None:
    """There are more of them every day."""
    store = SqliteStore.open(path, sealer, STAMP)
    session = await store.commit(active("s1", later(hours=1)))
    assert await store.sessions.get("s1") is await store.sessions.get("s1")
    session = await store.commit(session.ending(EndReason.EXPIRED))
    assert await store.sessions.get("s1") == session
    session = await store.commit(session.ended(later(hours=1), EndReason.EXPIRED))
    assert not store.sessions._kept
    assert await store.sessions.get("s1") == session
    assert not store.sessions._kept
    await store.close()


async def test_a_closed_store_is_unavailable_and_closes_again(path: Path, sealer: Sealer) -> None:
    store = SqliteStore.open(path, sealer, STAMP)
    await store.close()
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.ping()


async def test_files_are_the_owners_alone(path: Path, sealer: Sealer) -> None:
    umask = os.umask(0)
    try:
        store = SqliteStore.open(path, sealer, STAMP)
        await store.commit(channel())
    finally:
        os.umask(umask)
    assert mode(path.parent) == 0o700
    assert [mode(file) for file in files(path)] == [0o600] * 3
    await store.close()


async def test_a_file_left_open_to_others_is_closed_to_them(path: Path, sealer: Sealer) -> None:
    await SqliteStore.open(path, sealer, STAMP).close()
    path.chmod(0o644)
    store = SqliteStore.open(path, sealer, STAMP)
    assert mode(path) == 0o600
    await store.close()


async def test_commits_are_synced(store: SqliteStore) -> None:
    """FULL is what syncs every commit in WAL mode."""

    def modes(connection: sqlite3.Connection) -> tuple[str, int]:
        [(journal,)] = connection.execute("PRAGMA journal_mode").fetchall()
        [(synchronous,)] = connection.execute("PRAGMA synchronous").fetchall()
        return journal, synchronous

    assert await store._database.read(modes) == ("wal", 2)


async def test_tokens_are_nowhere_readable(path: Path, store: SqliteStore) -> None:
    await store.commit(account())
    contents = b"".join(file.read_bytes() for file in files(path))
    assert b'"accessToken":"v1.' in contents
    assert ACCESS_TOKEN.encode() not in contents
    assert REFRESH_TOKEN.encode() not in contents


async def test_documents_keep_the_names_of_the_earlier_system(path: Path, store: SqliteStore) -> None:
    await store.commit(account(), channel(), active("s1", later(hours=24)))
    expected = {
        "users": ["id", "username", "accessToken", "refreshToken", "expiresAt"],
        "channels": ["id", "ownerId", "channelPointRewardId", "vipDuration", "enabled"],
        "vipSessions": ["id", "channelId", "userId", "username", "grantedAt", "expiresAt", "redeemedWith"],
    }
    with by_hand(path) as connection:
        for table, names in expected.items():
            [(body,)] = connection.execute(f"SELECT body FROM {table}").fetchall()
            document = json.loads(body)
            assert list(document)[: len(names)] == names
        [(ends,)] = connection.execute("SELECT expiresAt FROM vipSessions").fetchall()
        assert ends == "2026-03-02T12:00:00.123456Z"


async def test_with_another_secret_an_account_must_reconnect(path: Path, sealer: Sealer) -> None:
    store = SqliteStore.open(path, sealer, STAMP)
    await store.commit(account())
    await store.close()

    store = SqliteStore.open(path, Sealer([OTHER_SECRET], TOKENS), STAMP)
    found = await store.accounts.get("1001")
    assert found is not None
    assert (found.tokens, found.reconnect) == (None, True)
    await store.close()

    store = SqliteStore.open(path, Sealer([OTHER_SECRET, SECRET], TOKENS), STAMP)
    found = await store.accounts.get("1001")
    assert found is not None
    assert found.tokens == account().tokens
    assert not found.reconnect
    await store.close()


async def test_tokens_moved_to_another_account_do_not_open(path: Path, store: SqliteStore) -> None:
    await store.commit(account("1"), account("2", tokens=None))
    with by_hand(path) as connection:
        connection.execute("UPDATE users SET body = (SELECT body FROM users WHERE id = '1') WHERE id = '2'")
    found = await store.accounts.get("2")
    assert found is not None
    assert (found.tokens, found.reconnect) == (None, True)


async def test_the_stamp_is_kept(path: Path, sealer: Sealer) -> None:
    await SqliteStore.open(path, sealer, STAMP).close()
    await SqliteStore.open(path, sealer, STAMP).close()
    for other in (Stamp("client-2", STAMP.auth_host), Stamp(STAMP.client_id, "sandbox")):
        with pytest.raises(WrongStamp) as caught:
            SqliteStore.open(path, sealer, other)
        message = str(caught.value)
        assert all(
            part in message for part in ("client-1", "id.twitch.tv", other.client_id, other.auth_host, "DATA_DIR")
        )
    await SqliteStore.open(path, sealer, STAMP).close()


async def test_a_newer_programs_file_is_refused_untouched(path: Path, sealer: Sealer) -> None:
    await SqliteStore.open(path, sealer, STAMP).close()
    with by_hand(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(MadeByNewerProgram, match="newer version"):
        SqliteStore.open(path, sealer, STAMP)
    assert path.read_bytes() == before


async def test_a_step_is_done_whole_or_not_at_all(path: Path, sealer: Sealer) -> None:
    await SqliteStore.open(path, sealer, STAMP).close()
    with by_hand(path) as connection:
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection, "here", (*STEPS, ("CREATE TABLE more (id)", "CREATE TABLE more (id)")))
        assert connection.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
        assert connection.execute("SELECT * FROM sqlite_schema WHERE name = 'more'").fetchall() == []
        migrate(connection, "here", (*STEPS, ("CREATE TABLE more (id)",)))
        assert connection.execute("SELECT * FROM more").fetchall() == []


async def test_a_file_that_is_no_database(path: Path, sealer: Sealer) -> None:
    path.parent.mkdir()
    path.write_text("something else, and long enough to be looked at" * 100)
    with pytest.raises(StoreError, match="damaged"):
        SqliteStore.open(path, sealer, STAMP)


async def test_a_place_that_is_no_directory(tmp_path: Path, sealer: Sealer) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreUnavailable, match="data"):
        SqliteStore.open(tmp_path / "data" / "vip.db", sealer, STAMP)


async def test_a_broken_record_stops_nobody_else(path: Path, store: SqliteStore) -> None:
    await store.commit(active("bad", T0), active("good", later(hours=1)))
    with by_hand(path) as connection:
        connection.execute("UPDATE vipSessions SET body = json_set(body, '$.credits', 'secret') WHERE id = 'bad'")
    with capture_logs() as logs:
        assert [one.id async for one in store.sessions.due(later(hours=2))] == ["good"]
    assert [(log["collection"], log["id"], log["field"]) for log in logs] == [("vipSessions", "bad", "credits")]
    with pytest.raises(BrokenDocument, match="vipSessions/bad: field 'credits': expected a list, found str"):
        await store.sessions.get("bad")


@pytest.mark.parametrize(("body", "problem"), [("[]", "not a JSON object"), ("7", "not a JSON object")])
async def test_a_body_that_is_no_document_is_named(path: Path, store: SqliteStore, body: str, problem: str) -> None:
    await store.commit(channel())
    with by_hand(path) as connection:
        connection.execute("UPDATE channels SET body = ?", (body,))
    with pytest.raises(BrokenDocument, match=f"field 'body': {problem}"):
        await store.channels.get("1001")


async def test_a_full_disk_is_unavailable_and_changes_nothing(path: Path, store: SqliteStore) -> None:
    """A limit on the file's size makes the same errors as a full disk."""
    saved = await store.commit(channel())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (files(path)[1].stat().st_size, before[1]))
    try:
        with pytest.raises(StoreUnavailable):
            await store.commit(channel("1002"), line("a1", detail={"text": "x" * 10_000}))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [one.id for one in await store.channels.all()] == [saved.id]
    await store.commit(channel("1002"))


async def test_a_file_that_somebody_else_holds_is_unavailable(path: Path, store: SqliteStore) -> None:
    await store._database.read(lambda connection: connection.execute("PRAGMA busy_timeout = 1").fetchone())
    with by_hand(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            await store.commit(channel())
        connection.execute("ROLLBACK")
    await store.commit(channel())


async def test_two_programs_on_one_file(path: Path, sealer: Sealer, store: SqliteStore) -> None:
    """Each hears of the other's commits, and no counter is lost."""
    other = SqliteStore.open(path, sealer, STAMP)
    before = await store.others_version()
    await store.commit(channel(reward_cost=0))
    assert await store.others_version() == before

    async def count(on: Store) -> None:
        done = 0
        while done < 25:
            found = await on.channels.get("1001")
            assert found is not None
            try:
                await on.commit(
                    channel(reward_cost=found.reward_cost + 1, version=found.version),
                )
            except Conflict:
                continue
            done += 1

    await asyncio.gather(*(count(on) for on in (store, other, store, other)))
    found = await store.channels.get("1001")
    assert found is not None
    assert found.reward_cost == 100
    assert await store.others_version() != before
    await other.close()


async def test_many_open_one_fresh_file_at_once(path: Path, sealer: Sealer) -> None:
    opened = await asyncio.gather(
        *(asyncio.to_thread(SqliteStore.open, path, sealer, STAMP) for _ in range(6)), return_exceptions=True
    )
    stores = [store for store in opened if isinstance(store, SqliteStore)]
    for store in stores:
        await store.close()
    assert len(stores) == 6, opened


@pytest.mark.parametrize("after", [1, 7, 40])
async def test_what_was_acknowledged_survives_kill_9(path: Path, sealer: Sealer, after: int) -> None:
    await SqliteStore.open(path, sealer, STAMP).close()
    for turn in range(2):
        name = f"turn{turn}"
        with subprocess.Popen(
            [sys.executable, "-m", "tests.store.writer", str(path), SECRET, name], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            acknowledged = [writer.stdout.readline().strip() for _ in range(after)]
            writer.kill()
            # What it managed to say before the signal arrived was acknowledged too.
            acknowledged += [said for said in writer.stdout.read().split("\n")[:-1] if said]
        store = SqliteStore.open(path, sealer, STAMP)
        kept = {one.id for one in await store.redemptions.open(name)}
        logged = {one.id for one in await store.audit.latest(name, 100_000)}
        await store.close()
        assert len(acknowledged) >= after
        assert kept >= set(acknowledged)
        assert kept == logged
    with by_hand(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


HOT_QUERIES = {
    "due sessions": (queries.SESSIONS_DUE + queries._DUE_AFTER, "vipSessionsDue", True),
    "sessions never tried": (queries.SESSIONS_UNTRIED + queries._DUE_AFTER, "vipSessionsUnfinished", False),
    "the viewer's live session": (queries.SESSION_LIVE_OF, "vipSessionsLive", True),
    "the viewer's session that ended last": (queries.SESSION_LAST_ENDED, "vipSessionsEnded", True),
    "channels to catch up": (queries.CHANNELS_DUE, "channelsByCatchUp", True),
    "a channel's live sessions": (queries.SESSIONS_LIVE, "vipSessionsLive", False),
    "due redemptions": (queries.REDEMPTIONS_DUE, "redemptionsDue", True),
    "redemptions never tried": (queries.REDEMPTIONS_UNTRIED, "redemptionsDue", True),
    "redemptions of a session": (queries.REDEMPTIONS_OF_SESSION, "redemptionsBySession", True),
    "open redemptions": (queries.REDEMPTIONS_OPEN, "redemptionsOpen", True),
    "redemptions to decide about": (queries.REDEMPTIONS_UNDECIDED, "redemptionsUndecided", True),
    "redemptions since": (queries.REDEMPTIONS_SINCE, "redemptionsByTime", True),
    "channel by login": (queries.CHANNEL_BY_LOGIN, "channelsByLogin", True),
    "audit log": (queries.AUDIT_LATEST, "auditLogByTime", True),
    "a login's sessions": (queries.SESSION_BY_LOGIN, "vipSessionsByLogin", True),
    "a login's redemptions": (queries.REDEMPTION_BY_LOGIN, "redemptionsByLogin", True),
    # Those of one moment are ordered by themselves.
    "redemptions between": (queries.REDEMPTIONS_BETWEEN, "redemptionsByTime", False),
    "sessions that ended": (queries.SESSIONS_ENDED, "vipSessionsByEnd", True),
    "sign-ins that are over": (queries.SIGN_INS_OVER, "signInsByEnd", True),
}


@pytest.mark.parametrize(("query", "index", "ordered"), HOT_QUERIES.values(), ids=HOT_QUERIES.keys())
async def test_hot_queries_use_their_index(
    path: Path, store: SqliteStore, query: str, index: str, ordered: bool
) -> None:
    """`ordered`: the index gives the order too, so that a limit ends the work."""
    await store.commit(active("s1", T0), redemption("p1"), channel(), account(), line("a1"))
    with by_hand(path) as connection:
        arguments = ("x",) * query.count("?")
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN SELECT id, version, body {query}", arguments)]
    assert any("SEARCH" in step and index in step for step in plan), plan
    if ordered:
        assert not any("TEMP B-TREE" in step for step in plan), plan


SEARCHES: list[tuple[str, Wanted]] = [
    ("auditLogByTime", Wanted()),
    ("auditLogByAction", Wanted(frozenset({Action.GRANTED, Action.ENDED}))),
    ("auditLogBySubject auditLogByActor", Wanted(person_id="2001")),
    ("auditLogBySubject auditLogByActor", Wanted(frozenset({Action.ENDED}), "2001", T0, T0)),
]


@pytest.mark.parametrize(("indexes", "wanted"), SEARCHES)
@pytest.mark.parametrize("older", [True, False])
@pytest.mark.parametrize("beside", [None, ("2026", 7)])
async def test_a_page_of_the_log_is_read_off_an_index(
    path: Path, store: SqliteStore, indexes: str, wanted: Wanted, older: bool, beside: tuple[str, int] | None
) -> None:
    await store.commit(channel(), line("a1"))
    used = set()
    with by_hand(path) as connection:
        for query, given in queries.audit_queries("1001", wanted, beside, older=older):
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN SELECT at, rowid, body {query}", given)]
            assert not any("TEMP B-TREE" in step or "SCAN" in step for step in plan), plan
            used |= {name for step in plan for name in re.findall(r"INDEX (\w+) \(.*at[<>]", step)}
    assert used == set(indexes.split())


async def test_what_an_older_file_holds_is_found_by_the_newer_indexes(tmp_path: Path, sealer: Sealer) -> None:
    path = tmp_path / "older.db"
    with by_hand(path) as connection:
        migrate(connection, "here", STEPS[:1])
        body = json.dumps({"channelId": "1001", "rewardId": "r", "userId": "2", "redeemedAt": T0.isoformat()})
        connection.execute("INSERT INTO redemptions (id, version, body) VALUES ('p1', 1, ?)", (body,))
        connection.execute("UPDATE redemptions SET body = json_set(body, '$.state', 'kept')")
    store = SqliteStore.open(path, sealer, STAMP)
    assert [one.id for one in await store.redemptions.undecided("1001")] == ["p1"]
    await store.close()


async def test_a_damaged_file_is_a_flaw_and_the_rest_is_read(path: Path, sealer: Sealer, store: SqliteStore) -> None:
    await store.commit(redemption("p1", received_at=later(hours=1)))
    assert (await store.books()).flaws == []
    await store.close()
    with by_hand(path) as connection:
        # The index no longer holds what its definition says.
        connection.execute("PRAGMA writable_schema = ON")
        changed = connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'redeemedAt', 'receivedAt') WHERE name = 'redemptionsByTime'"
        )
        assert changed.rowcount == 1
    store = SqliteStore.open(path, sealer, STAMP)
    books = await store.books()
    await store.close()
    assert {flaw.check for flaw in books.flaws} == {Check.DAMAGED}
    assert [one.id for one in books.redemptions] == ["p1"]


async def test_the_books_keep_the_order_of_writing_and_name_what_can_not_be_read(
    path: Path, store: SqliteStore
) -> None:
    await store.commit(account(), channel(), redemption("p1"), redemption("p2"), line("a2", later(hours=2)))
    await store.commit(channel("1002"), line("a1"))
    with by_hand(path) as connection:
        connection.execute("UPDATE redemptions SET body = json_set(body, '$.state', 'lost') WHERE id = 'p1'")
        connection.execute("UPDATE redemptions SET body = json_set(body, '$.dueAt', NULL) WHERE id = 'p2'")
        connection.execute("UPDATE users SET body = json_set(body, '$.refreshToken', 'v1.abc')")
        connection.execute("UPDATE channels SET body = '[]' WHERE id = '1002'")
    books = await store.books()
    assert [entry.id for entry in books.audit] == ["a2", "a1"]
    assert [one.id for one in books.redemptions] == ["p2"]
    assert {(flaw.check, flaw.collection, flaw.id) for flaw in books.flaws} == {
        (Check.UNSEALED, "users", "1001"),
        (Check.UNREADABLE, "channels", "1002"),
        (Check.UNREADABLE, "redemptions", "p1"),
        (Check.DUE, "redemptions", "p2"),
    }


async def test_the_books_are_of_one_moment_whatever_is_written_meanwhile(path: Path, store: SqliteStore) -> None:
    await store.commit(redemption("p1"))
    written: list[str] = []

    def write(statement: str) -> None:
        if "FROM redemptions" in statement and not written:
            with by_hand(path) as connection:
                connection.execute("UPDATE redemptions SET body = json_set(body, '$.state', 'granting')")
            written.append(statement)

    store._database.prepare(lambda connection: connection.set_trace_callback(write))
    [read] = (await store.books()).redemptions
    assert written
    assert read.state is RedemptionState.RECEIVED
    [read] = (await store.books()).redemptions
    assert read.state is RedemptionState.GRANTING
