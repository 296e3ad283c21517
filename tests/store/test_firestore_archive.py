"""Copying a Firestore database whole, to and from either kind of store; and what half of an import is good for."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests import emulator
from tests.store.archived import documents, exported, imported, lines
from tests.store.conftest import STAMP
from tests.store.every_kind import FULL, MINIMAL
from tests.store.records import T0, account, active, channel, line, redemption, session
from vip_manager.domain.reasons import EndReason
from vip_manager.ports import Conflict, StoreError
from vip_manager.store import archive
from vip_manager.store.archive import HalfImported, NotEmpty
from vip_manager.store.documents import KINDS, kind_of
from vip_manager.store.firestore.archive import BESIDE
from vip_manager.store.firestore.claims import CLAIMS
from vip_manager.store.firestore.documents import lookups
from vip_manager.store.firestore.queries import everything
from vip_manager.store.firestore.store import FirestoreStore
from vip_manager.store.sealing import Sealer
from vip_manager.store.sqlite.store import SqliteStore


@pytest.fixture
async def other(firestore: FirestoreStore, sealer: Sealer) -> AsyncIterator[FirestoreStore]:
    """Another database, with nothing in it."""
    store = await FirestoreStore.open(emulator.new_project(), "", sealer, STAMP)
    yield store
    await store.close()


async def fill(store: FirestoreStore | SqliteStore) -> None:
    await store.commit(*FULL)  # type: ignore[type-var]
    await store.commit(*MINIMAL)  # type: ignore[type-var]


async def reopened(store: FirestoreStore, sealer: Sealer, *, importing: bool = False) -> FirestoreStore:
    return await FirestoreStore.open(store.calls.client.project, "", sealer, STAMP, importing=importing)


async def test_from_sqlite_to_firestore_and_back(
    store: SqliteStore, firestore: FirestoreStore, tmp_path_factory: pytest.TempPathFactory, sealer: Sealer
) -> None:
    await fill(store)
    before = await exported(store.archive())
    assert await imported(firestore.archive(), before) == len(FULL) + len(MINIMAL)
    between = await exported(firestore.archive())
    back = SqliteStore.open(tmp_path_factory.mktemp("back") / "vip.db", sealer, STAMP)
    await imported(back.archive(), between)
    after = await exported(back.archive())
    await back.close()
    assert documents(after) == documents(between) == documents(before)


async def test_from_firestore_to_firestore(firestore: FirestoreStore, other: FirestoreStore) -> None:
    await fill(firestore)
    before = await exported(firestore.archive())
    await imported(other.archive(), before)
    assert documents(await exported(other.archive())) == documents(before)
    found = await other.accounts.get("1001")
    assert found is not None
    assert found.tokens == account().tokens


async def test_every_record_comes_back_and_is_found(store: SqliteStore, firestore: FirestoreStore) -> None:
    """By the questions that are asked of fields which only Firestore has."""
    await fill(store)
    await imported(firestore.archive(), await exported(store.archive()))
    for one in (store, firestore):
        assert {found.id for found in await one.channels.due(T0.replace(year=2027), 9)} == {"1001", "1002"}
        found = await one.channels.by_login("Streamer")
        assert found is not None
        assert found.id == "1001"
        assert [found.id for found in await one.sessions.live("1001")] == ["s1"]
        assert [entry.id for entry in await one.audit.latest("1001", 9)] == ["a2", "a1"]
    assert (await firestore.books()).flaws == []


async def test_what_was_imported_can_be_worked_with(store: SqliteStore, firestore: FirestoreStore) -> None:
    await store.commit(channel(), active("s1", T0, user_id="v"), line("a1"))
    await imported(firestore.archive(), await exported(store.archive()))
    with pytest.raises(Conflict):
        await firestore.commit(session("s2", user_id="v"))
    found = await firestore.sessions.get("s1")
    assert found is not None
    ending = await firestore.commit(found.ending(EndReason.EXPIRED), line("a2"))
    await firestore.commit(ending.ended(T0, EndReason.EXPIRED))
    await firestore.commit(session("s2", user_id="v"))
    assert [entry.id for entry in await firestore.audit.latest("1001", 9)] == ["a2", "a1"]


async def test_the_order_in_which_things_were_written_is_kept(
    store: SqliteStore, firestore: FirestoreStore, other: FirestoreStore
) -> None:
    for name in ("b", "a", "c"):
        await store.commit(redemption(name), line(name))
    older = await store.commit(channel("2"))
    await store.commit(channel("1"))
    await store.commit(replace(older, reward_cost=7))
    await imported(firestore.archive(), await exported(store.archive()))
    await imported(other.archive(), await exported(firestore.archive()))
    for one in (store, firestore, other):
        assert [entry.id for entry in await one.audit.latest("1001", 9)] == ["c", "a", "b"]
        found = await one.channels.by_login("streamer")
        assert found is not None
        assert found.id == "2"


async def test_more_than_one_commit_takes(store: SqliteStore, firestore: FirestoreStore) -> None:
    """With a claim each, so that a batch of the file's is more than a commit of Firestore's."""
    many = [active(f"s{number}", T0) for number in range(700)]
    await store.commit(channel(), *many, *(line(f"a{number:03}") for number in range(600)))
    before = await exported(store.archive())
    assert await imported(firestore.archive(), before) == 1301
    after = await exported(firestore.archive())
    assert documents(after) == documents(before)
    logged = [one["id"] for one in lines(after) if one.get("collection") == "auditLog"]
    assert logged == [f"a{number:03}" for number in range(600)]
    claims = await firestore.calls.query(everything(CLAIMS).to(firestore.calls.client))
    assert len(claims) == 700


async def test_an_import_is_for_an_empty_database_only(
    store: SqliteStore, firestore: FirestoreStore, sealer: Sealer
) -> None:
    empty = await exported(store.archive())
    await firestore.commit(channel())
    before = await exported(firestore.archive())
    with pytest.raises(NotEmpty):
        await imported(firestore.archive(), empty)
    assert documents(await exported(firestore.archive())) == documents(before)
    await (await reopened(firestore, sealer)).close()


async def test_nobody_works_with_half_of_an_import_and_the_next_one_starts_over(
    store: SqliteStore, firestore: FirestoreStore, sealer: Sealer
) -> None:
    await fill(store)
    file = await exported(store.archive())
    half = [*archive.check(STAMP, io.BytesIO(file))][:8]

    async def cut_short() -> None:
        async with firestore.archive().loading() as load:
            await load(half)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await cut_short()
    with pytest.raises(HalfImported, match="Run import again"):
        await reopened(firestore, sealer)
    again = await reopened(firestore, sealer, importing=True)
    await imported(again.archive(), file)
    await again.close()
    opened = await reopened(firestore, sealer)
    assert documents(await exported(opened.archive())) == documents(file)
    await opened.close()


async def test_another_import_at_the_same_time_is_given_up(store: SqliteStore, firestore: FirestoreStore) -> None:
    await fill(store)
    all_of_it = [*archive.check(STAMP, io.BytesIO(await exported(store.archive())))]

    async def overtaken() -> None:
        async with firestore.archive().loading() as load:
            await load(all_of_it[:3])
            async with firestore.archive().loading() as other_load:
                await other_load(all_of_it)
            await load(all_of_it[3:])

    with pytest.raises(StoreError, match="Somebody else"):
        await overtaken()
    assert len(documents(await exported(firestore.archive()))) == len(all_of_it)


async def test_an_export_is_of_one_moment(firestore: FirestoreStore) -> None:
    await firestore.commit(account(), channel())
    walk = firestore.archive().documents()
    found = [await anext(walk)]
    await firestore.commit(redemption("p1"), line("a1"))
    found += [one async for one in walk]
    assert [one.collection for one in found] == ["users", "channels"]


def test_the_fields_that_only_this_store_has_are_known(sealer: Sealer) -> None:
    """Or an export would carry them, or leave out one of every store's."""
    for record in FULL:
        document = kind_of(record).write(record, sealer)
        assert not document.keys() & BESIDE
        assert lookups(record, document).keys() <= document.keys() | BESIDE
    assert {kind_of(record).collection for record in FULL} == KINDS.keys()
