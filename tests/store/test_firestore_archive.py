"""Copying a Firestore database whole, to and from either kind of store; and what half of an import is good for."""

import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from google.cloud.firestore_v1 import GeoPoint

from tests import emulator
from tests.store.archived import documents, exported, imported, lines
from tests.store.conftest import STAMP
from tests.store.every_kind import FULL, MINIMAL
from tests.store.records import T0, account, active, channel, line, redemption, session
from vip_manager.domain.reasons import EndReason
from vip_manager.ports import Conflict
from vip_manager.store import archive
from vip_manager.store.archive import (
    Archived,
    HalfImported,
    ImportCutShort,
    NotEmpty,
    Overtaken,
    WrittenMeanwhile,
)
from vip_manager.store.documents import KINDS, kind_of
from vip_manager.store.firestore.archive import _begin, _Loading
from vip_manager.store.firestore.claims import CLAIMS
from vip_manager.store.firestore.documents import BESIDE, lookups
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
    assert list(documents(after)) == list(documents(between)) == list(documents(before)), "in that order"


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
        await store.commit(redemption(name), active(name, T0), line(name))
    older = await store.commit(channel("2"))
    await store.commit(channel("1"))
    await store.commit(replace(older, reward_cost=7))
    await imported(firestore.archive(), await exported(store.archive()))
    await imported(other.archive(), await exported(firestore.archive()))
    for one in (store, firestore, other):
        assert [entry.id for entry in await one.audit.latest("1001", 9)] == ["c", "a", "b"]
        assert [found.id for found in await one.redemptions.open("1001")] == ["b", "a", "c"]
        assert [found.id for found in await one.sessions.live("1001")] == ["b", "a", "c"]
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

    with pytest.raises(Overtaken, match="Somebody else"):
        await overtaken()
    assert len(documents(await exported(firestore.archive()))) == len(all_of_it)


async def test_an_import_that_another_one_has_taken_over_from_writes_nothing_more(
    store: SqliteStore, firestore: FirestoreStore, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while the other one is still clearing away what it had written."""
    await fill(store)
    file = await exported(store.archive())
    all_of_it = [*archive.check(STAMP, io.BytesIO(file))]
    clear = _Loading.clear

    async def late() -> None:
        async with firestore.archive().loading() as load:
            await load(all_of_it[:5])

            async def clear_while_the_first_goes_on(loading: _Loading) -> None:
                with pytest.raises(Overtaken):
                    await load(all_of_it[5:])
                await clear(loading)

            with monkeypatch.context() as patch:
                patch.setattr(_Loading, "clear", clear_while_the_first_goes_on)
                assert await imported(firestore.archive(), file) == len(all_of_it)

    with pytest.raises(Overtaken):
        await late()
    opened = await reopened(firestore, sealer)
    assert documents(await exported(opened.archive())) == documents(file)
    await opened.close()


async def test_what_a_running_program_writes_beside_an_import_is_never_deleted(
    store: SqliteStore, firestore: FirestoreStore, sealer: Sealer
) -> None:
    await fill(store)
    file = await exported(store.archive())
    half = [*archive.check(STAMP, io.BytesIO(file))][:8]

    async def cut_short() -> None:
        async with firestore.archive().loading() as load:
            await load(half)
            await firestore.commit(channel("777"), redemption("q"))
            raise OSError("the disk is gone")

    with pytest.raises(ImportCutShort, match=r"disk is gone\n.*Run import again"):
        await cut_short()
    before = documents(await exported(firestore.archive()))
    for _ in range(2):
        with pytest.raises(WrittenMeanwhile, match="Stop that program"):
            await imported(firestore.archive(), file)
    assert documents(await exported(firestore.archive())) == before
    with pytest.raises(HalfImported):
        await reopened(firestore, sealer)
    for kept in (await firestore.channels.get("777"), await firestore.redemptions.get("q")):
        assert kept is not None
        await firestore.delete(kept)
    await imported(firestore.archive(), file)
    assert documents(await exported(firestore.archive())) == documents(file)


async def test_a_place_that_is_filled_while_an_import_begins_can_be_opened_still(
    store: SqliteStore, firestore: FirestoreStore, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = _Loading.mark

    async def late(loading: _Loading) -> None:
        await firestore.commit(channel())
        await mark(loading)

    monkeypatch.setattr(_Loading, "mark", late)
    with pytest.raises(NotEmpty):
        await imported(firestore.archive(), await exported(store.archive()))
    opened = await reopened(firestore, sealer)
    assert await opened.channels.get("1001") is not None
    await opened.close()


async def test_what_several_imports_have_left_goes(store: SqliteStore, firestore: FirestoreStore) -> None:
    """Each is killed before it has cleared away what came before it."""
    await fill(store)
    file = await exported(store.archive())
    all_of_it = [*archive.check(STAMP, io.BytesIO(file))]

    async def killed(written: Sequence[Archived]) -> None:
        async with firestore.archive().loading() as load:
            await load(written)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await killed(all_of_it)
    for _ in range(2):
        await _begin(firestore.calls)
    await imported(firestore.archive(), file)
    assert documents(await exported(firestore.archive())) == documents(file)


async def test_an_export_is_of_one_moment(firestore: FirestoreStore) -> None:
    await firestore.commit(account(), channel())
    walk = firestore.archive().documents()
    found = [await anext(walk)]
    await firestore.commit(redemption("p1"), line("a1"))
    found += [one async for one in walk]
    assert [one.collection for one in found] == ["users", "channels"]


async def test_what_json_can_not_hold_is_left_out_and_named(firestore: FirestoreStore) -> None:
    await firestore.commit(channel(), redemption("p1"), line("a1"))
    await firestore.calls.client.document("redemptions/p1").update({"where": GeoPoint(1, 2)})
    copy = io.BytesIO()
    done = await archive.export(firestore.archive(), STAMP, T0, copy)
    assert done.unreadable == ["redemptions/p1: field 'document': holds what JSON can't (left out)"]
    assert documents(copy.getvalue()).keys() == {("channels", "1001"), ("auditLog", "a1")}
    assert lines(copy.getvalue())[-1] == {"documents": 2}


async def test_a_token_that_is_not_sealed_is_in_no_copy(firestore: FirestoreStore) -> None:
    await firestore.commit(account(), account("1002"))
    await firestore.calls.client.document("users/1002").update({"accessToken": "clear"})
    copy = await exported(firestore.archive())
    assert b"clear" not in copy
    assert documents(copy)["users", "1002"]["refreshToken"] is None
    assert documents(copy)["users", "1001"]["accessToken"].startswith("v1.")


def test_the_fields_that_only_this_store_has_are_known(sealer: Sealer) -> None:
    """Or an export would carry them, or leave out one of every store's."""
    for record in FULL:
        document = kind_of(record).write(record, sealer)
        assert not document.keys() & BESIDE
        assert lookups(record, document).keys() <= document.keys() | BESIDE
    assert {kind_of(record).collection for record in FULL} == KINDS.keys()
