"""Copying a store whole, by a file, and every file that is not one."""

import io
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.store.archived import documents, exported, imported, joined, lines
from tests.store.conftest import STAMP
from tests.store.every_kind import FULL, MINIMAL
from tests.store.records import ACCESS_TOKEN, REFRESH_TOKEN, T0, account, active, channel, later, line, redemption
from vip_manager.store import archive
from vip_manager.store.archive import BadArchive, NotEmpty
from vip_manager.store.documents import COLLECTIONS
from vip_manager.store.sealing import TOKENS, Sealer
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.store.stamp import Stamp


@pytest.fixture
async def other(tmp_path: Path, sealer: Sealer) -> AsyncIterator[SqliteStore]:
    """Another store, with nothing in it."""
    store = SqliteStore.open(tmp_path / "other" / "vip.db", sealer, STAMP)
    yield store
    await store.close()


@pytest.fixture
async def file(store: SqliteStore) -> bytes:
    """An export of every kind of record."""
    await store.commit(*FULL)  # type: ignore[type-var]
    await store.commit(*MINIMAL)  # type: ignore[type-var]
    return await exported(store.archive())


def rows(path: Path, columns: str = "id, body") -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            collection: connection.execute(f"SELECT {columns} FROM {collection} ORDER BY version, rowid").fetchall()
            for collection in COLLECTIONS
        }


async def test_what_is_exported_and_imported_is_the_same(
    path: Path, other: SqliteStore, file: bytes, tmp_path: Path
) -> None:
    assert await imported(other.archive(), file) == len(FULL) + len(MINIMAL)
    assert rows(tmp_path / "other" / "vip.db") == rows(path)
    assert await exported(other.archive()) == file


async def test_a_file_says_what_it_is_and_ends_with_how_much_it_holds(file: bytes) -> None:
    first, *between, last = lines(file)
    assert first == {
        "format": "vip-manager",
        "version": 1,
        "stamp": {"clientId": "client-1", "authHost": "id.twitch.tv"},
        "exportedAt": "2026-03-01T12:00:00.123456Z",
    }
    assert last == {"documents": len(between)} == {"documents": 18}
    assert all(one.keys() == {"collection", "id", "document"} for one in between)
    order = [COLLECTIONS.index(one["collection"]) for one in between]
    assert order == sorted(order)


async def test_an_empty_store(store: SqliteStore, other: SqliteStore) -> None:
    empty = await exported(store.archive())
    assert len(lines(empty)) == 2
    assert await imported(other.archive(), empty) == 0


async def test_tokens_stay_sealed_on_the_way_and_open_at_its_end(file: bytes, other: SqliteStore) -> None:
    assert b'"accessToken":"v1.' in file
    assert ACCESS_TOKEN.encode() not in file
    assert REFRESH_TOKEN.encode() not in file
    await imported(other.archive(), file)
    found = await other.accounts.get("1001")
    assert found is not None
    assert found.tokens == account().tokens


async def test_the_order_in_which_things_were_written_is_kept(store: SqliteStore, other: SqliteStore) -> None:
    """Lines of one moment, redemptions of one moment, and which of two channels has a login now."""
    for name in ("b", "a", "c"):
        await store.commit(redemption(name), line(name))
    first = await store.redemptions.get("b")
    assert first is not None
    await store.commit(replace(first, cost=7))
    older = await store.commit(channel("2"))
    await store.commit(channel("1"))
    await store.commit(replace(older, reward_cost=7))
    await imported(other.archive(), await exported(store.archive()))
    for one in (store, other):
        assert [entry.id for entry in await one.audit.latest("1001", 9)] == ["c", "a", "b"]
        assert [found.id for found in await one.redemptions.open("1001")] == ["b", "a", "c"]
        found = await one.channels.by_login("streamer")
        assert found is not None
        assert found.id == "2"


async def test_what_was_imported_can_be_worked_with(file: bytes, other: SqliteStore) -> None:
    await imported(other.archive(), file)
    found = await other.channels.get("1002")
    assert found is not None
    saved = await other.commit(replace(found, reward_cost=7), line("a3"))
    assert int(saved.version) > int(found.version)


async def test_thousands_of_documents(store: SqliteStore, other: SqliteStore) -> None:
    many = [redemption(f"p{number}", redeemed_at=later(seconds=number)) for number in range(2_990)]
    await store.commit(account(), channel(), *many, *(line(f"a{number}") for number in range(2_008)))
    file = await exported(store.archive())
    assert await imported(other.archive(), file) == 5_000
    assert await exported(other.archive()) == file


async def test_an_export_is_of_one_moment(store: SqliteStore) -> None:
    await store.commit(account(), channel())
    walk = store.archive().documents()
    found = [await anext(walk)]
    await store.commit(redemption("p1"), line("a1"))
    found += [one async for one in walk]
    assert [one.collection for one in found] == ["users", "channels"]


@pytest.mark.parametrize("kept", [account(), channel(), active("s1", T0), redemption("p1")])
async def test_an_import_is_for_an_empty_store_only(store: SqliteStore, other: SqliteStore, kept: Any) -> None:
    file = await exported(store.archive())
    await other.commit(kept)
    before = await exported(other.archive())
    with pytest.raises(NotEmpty, match="DATA_DIR"):
        await imported(other.archive(), file)
    assert await exported(other.archive()) == before


async def test_an_import_that_fails_half_way_leaves_nothing(file: bytes, other: SqliteStore) -> None:
    async def fail() -> None:
        async with other.archive().loading() as load:
            await load(list(archive.check(STAMP, io.BytesIO(file))))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await exported(other.archive()) == joined_empty()
    await imported(other.archive(), file)


def joined_empty() -> bytes:
    stamp = {"clientId": "client-1", "authHost": "id.twitch.tv"}
    header = {"format": "vip-manager", "version": 1, "stamp": stamp, "exportedAt": "2026-03-01T12:00:00.123456Z"}
    return joined(header, {"documents": 0}).replace(b": ", b":").replace(b", ", b",")


async def test_another_applications_export_is_refused(file: bytes, other: SqliteStore) -> None:
    for stamp in (Stamp("client-2", STAMP.auth_host), Stamp(STAMP.client_id, "sandbox")):
        with pytest.raises(BadArchive, match="TWITCH_CLIENT_ID"):
            await imported(other.archive(), file, stamp)


Spoil = Callable[[list[dict[str, Any]]], object]


def index(written: list[dict[str, Any]], collection: str) -> int:
    """Where the first of that collection stands."""
    return next(number for number, one in enumerate(written) if one.get("collection") == collection)


def with_field(collection: str, field: str, value: object) -> Spoil:
    def spoil(written: list[dict[str, Any]]) -> None:
        written[index(written, collection)]["document"][field] = value

    return spoil


def nested(levels: int) -> Any:
    return {"x": nested(levels - 1)} if levels else "secret"


def second_live(written: list[dict[str, Any]]) -> None:
    at = index(written, "vipSessions")
    written.insert(at, {**written[at], "id": "s0", "document": {**written[at]["document"], "id": "s0"}})


BAD: dict[str, tuple[Spoil, str]] = {
    "another format": (lambda all: all[0].update(format="secret"), r"Line 1: field 'format'"),
    "another version": (lambda all: all[0].update(version=2), r"Line 1: field 'version'"),
    "a version that is true": (lambda all: all[0].update(version=True), r"Line 1: field 'version'"),
    "no stamp": (lambda all: all[0].pop("stamp"), r"Line 1: field 'stamp'"),
    "no header": (lambda all: all.pop(0), r"Line 1: field 'format'"),
    "no end": (lambda all: all.pop(), r"Line 20: missing: the file is cut"),
    "a line is missing": (lambda all: all.pop(3), r"Line 19: field 'documents'"),
    "a line came twice": (lambda all: all.insert(2, all[1]), r"Line 3: field 'id': that document came before"),
    "more after the end": (lambda all: all.append(all[1]), r"Line 21: comes after"),
    "a count that is true": (lambda all: all.__setitem__(slice(1, None), [all[1], {"documents": True}]), r"Line 3"),
    "an unknown collection": (lambda all: all[2].update(collection="secret"), r"Line 3: field 'collection'"),
    "a collection that is a list": (lambda all: all[2].update(collection=["secret"]), r"Line 3: field 'collection'"),
    "the stamp as a document": (lambda all: all[2].update(collection="meta"), r"Line 3: field 'collection'"),
    "no id": (lambda all: all[2].pop("id"), r"Line 3: field 'id'"),
    "an id that is a path": (lambda all: all[2].update(id="secret/1"), r"Line 3: field 'id'"),
    "an id that is reserved": (lambda all: all[2].update(id="__secret__"), r"Line 3: field 'id'"),
    "an endless id": (lambda all: all[2].update(id="secret" * 300), r"Line 3: field 'id'"),
    "another id inside": (lambda all: all[2].update(id="secret"), r"Line 3: field 'document.id'"),
    "no document": (lambda all: all[2].update(document="secret"), r"Line 3: field 'document'"),
    "a field of another kind": (with_field("channels", "rewardCost", "secret"), r"field 'document.rewardCost'"),
    "no moment": (with_field("redemptions", "redeemedAt", "secret"), r"field 'document.redeemedAt'"),
    "a derived field": (with_field("redemptions", "dueAt", "secret"), r"field 'document.dueAt'"),
    "a nested field": (with_field("channels", "tiers", [{"hours": "secret"}]), r"'document.tiers\[0\].hours'"),
    "an unknown state": (with_field("vipSessions", "state", "secret"), r"field 'document.state'"),
    "a number without end": (with_field("vipSessions", "owed", float("inf")), r"no whole line of JSON"),
    "a number that is none": (with_field("vipSessions", "owed", 10**400), r"no whole line of JSON"),
    "half a character": (with_field("channels", "login", "secret\ud800"), r"no whole line of JSON"),
    "a moment that leaves the calendar": (
        with_field("users", "validatedAt", "0001-01-01T00:00:00+14:00"),
        r"field 'document.validatedAt'",
    ),
    "a list within a list": (with_field("channels", "x", [["secret"]]), r"field 'document': a list within a list"),
    "depths": (with_field("channels", "x", nested(21)), r"field 'document': more than 20 levels deep"),
    "depths without end": (with_field("channels", "x", nested(300)), r"field 'document': more than 20 levels deep"),
    "a field without a name": (with_field("channels", "x", {"": "secret"}), r"field 'document': a field has a name"),
    "a field of Google's": (with_field("channels", "__secret__", 1), r"field 'document': a field has a name"),
    "too large": (with_field("channels", "x", "secret" * 200_000), r"field 'document': larger than 1,000,000 bytes"),
    "hours without end": (with_field("channels", "vipDuration", 1e300), r"field 'document.vipDuration'"),
    "no Twitch id": (with_field("vipSessions", "userId", "secret" * 200), r"not an id of Twitch's"),
    "two live sessions": (second_live, r"field 'document.state': a second live session"),
}


@pytest.mark.parametrize(("spoil", "said"), BAD.values(), ids=BAD.keys())
async def test_a_file_that_is_not_sound_is_refused(file: bytes, other: SqliteStore, spoil: Spoil, said: str) -> None:
    written = lines(file)
    spoil(written)
    with pytest.raises(BadArchive, match=said) as caught:
        await imported(other.archive(), joined(*written))
    assert "secret" not in str(caught.value)
    assert str(caught.value).startswith("Nothing was imported. Line ")
    assert len(lines(await exported(other.archive()))) == 2


@pytest.mark.parametrize("length", [0, 1, 200, 2000, -4, -16])
async def test_a_file_that_was_cut_is_refused(file: bytes, other: SqliteStore, length: int) -> None:
    with pytest.raises(BadArchive, match=r"cut|empty"):
        await imported(other.archive(), file[:length])


@pytest.mark.parametrize(
    "middle",
    [
        b"\n",
        b"secret\n",
        b"[]\n",
        b"7\n",
        b"\xff\n",
        b'{"collection": "users", "id": "1", "document": {"a": NaN}}\n',
        b'{"collection": "users", "id": "1", "document": {"a": 1e999}}\n',
        b"[" * 100_000 + b"\n",
    ],
)
async def test_a_damaged_line_is_named(file: bytes, other: SqliteStore, middle: bytes) -> None:
    header, _, rest = file.partition(b"\n")
    with pytest.raises(BadArchive, match="Line 2: no whole line of JSON") as caught:
        await imported(other.archive(), header + b"\n" + middle + rest)
    assert "secret" not in str(caught.value)


async def test_a_line_without_end_is_not_taken_into_memory(
    file: bytes, other: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LONGEST_LINE", 4096)
    header, _, rest = file.partition(b"\n")
    with pytest.raises(BadArchive, match="Line 2: longer than 4096 bytes"):
        await imported(other.archive(), header + b"\n" + b" " * 10_000 + rest)


async def test_windows_line_ends_and_unknown_fields_do_no_harm(file: bytes, other: SqliteStore) -> None:
    written = lines(file)
    written[index(written, "channels")]["document"]["ofALaterVersion"] = {"a": [1]}
    await imported(other.archive(), joined(*written).replace(b"\n", b"\r\n"))
    found = documents(await exported(other.archive()))
    assert found["channels", "1001"]["ofALaterVersion"] == {"a": [1]}


async def test_what_can_not_be_read_is_copied_and_named(path: Path, store: SqliteStore) -> None:
    await store.commit(channel(), redemption("p1"), line("a1"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE channels SET body = json_set(body, '$.rewardCost', 'secret')")
        connection.execute("UPDATE redemptions SET body = json_set(body, '$.dueAt', 'secret')")
    copy = io.BytesIO()
    done = await archive.export(store.archive(), STAMP, T0, copy)
    assert done.documents == 3
    assert done.unreadable == [
        "channels/1001: field 'rewardCost': expected a whole number, found str",
        "redemptions/p1: field 'dueAt': expected a moment with its time zone",
    ]
    assert documents(copy.getvalue())["channels", "1001"]["rewardCost"] == "secret"


@pytest.mark.parametrize("body", ["[]", "7", '{"id": "1001", "login": "\\ud800"}', '{"a": 1e999}'])
async def test_what_no_line_can_hold_is_left_out_and_named(path: Path, store: SqliteStore, body: str) -> None:
    await store.commit(channel(), redemption("p1"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE channels SET body = ?", (body,))
    copy = io.BytesIO()
    done = await archive.export(store.archive(), STAMP, T0, copy)
    assert done.documents == 1
    assert documents(copy.getvalue()).keys() == {("redemptions", "p1")}
    [said] = done.unreadable
    assert said.startswith("channels/1001: field ")
    assert said.endswith("(left out)")


async def test_tokens_that_anybody_could_read_are_copied_nowhere(
    path: Path, store: SqliteStore, other: SqliteStore, file: bytes, tmp_path: Path
) -> None:
    """Those of an earlier system count as absent, whatever they are."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE users SET body = json_set(body, '$.accessToken', 'clear')")
    assert b"clear" not in await exported(store.archive())
    written = lines(file)
    written[index(written, "users")]["document"] |= {"accessToken": "clear", "refreshToken": {"a": "clear"}}
    await imported(other.archive(), joined(*written))
    assert b"clear" not in b"".join(one.read_bytes() for one in (tmp_path / "other").iterdir())
    found = await other.accounts.get("1001")
    assert found is not None
    assert (found.tokens, found.reconnect) == (None, True)


async def test_an_earlier_systems_users_are_copied_too(path: Path, store: SqliteStore, other: SqliteStore) -> None:
    await store.commit(account())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE users SET body = json_set(body, '$.accessToken', 'U2FsdGVk', '$.expiresAt', 1767225600)"
        )
    file = await exported(store.archive())
    assert await imported(other.archive(), file) == 1
    assert json.loads(file.splitlines()[1])["document"]["expiresAt"] is None
    found = await other.accounts.get("1001")
    assert found is not None
    assert found.reconnect


async def test_under_another_secret_everybody_signs_in_again(file: bytes, tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "third" / "vip.db", Sealer(["another root secret"], TOKENS), STAMP)
    await imported(store.archive(), file)
    found = await store.accounts.get("1001")
    await store.close()
    assert found is not None
    assert (found.tokens, found.reconnect) == (None, True)
