"""Firestore without an answer, with a lost one, and with many at once."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from tests import emulator
from tests.proxy import Proxy, proxy_to
from tests.store.conftest import STAMP
from tests.store.records import (
    T0,
    channel,
    line,
    session,
)
from vip_manager.domain.channel import Channel
from vip_manager.ports import Conflict, StoreUnavailable
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.firestore.store import FirestoreStore
from vip_manager.store.sealing import Sealer


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(10):
        while not await condition():
            await asyncio.sleep(0)


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    running = emulator.running()
    async with proxy_to(running.host, running.port) as proxy:
        yield proxy


def impatient(calls: Calls) -> None:
    """Once it is open: on a machine that is busy a first call takes longer than this."""
    calls._read_within = calls._commit_within = 0.2


async def opened_behind(proxy: Proxy, project: str, sealer: Sealer, **limits: Any) -> FirestoreStore:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", proxy.address)
        return await FirestoreStore.open(project, "", sealer, STAMP, **limits)


@pytest.fixture
async def far(proxy: Proxy, project: str, sealer: Sealer, meter: Meter) -> AsyncIterator[FirestoreStore]:
    """The same database as `firestore`, behind the proxy."""
    store = await opened_behind(proxy, project, sealer, meter=meter)
    yield store
    await store.close()


class TestOutOfReach:
    @pytest.fixture
    async def silent(self) -> AsyncIterator[str]:
        """Takes connections, and never says a word."""
        over = asyncio.Event()

        async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await over.wait()
            writer.transport.abort()

        server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        over.set()
        server.close()
        await server.wait_closed()

    @pytest.fixture(params=["nobody listens", "nobody answers"])
    def nowhere(self, request: pytest.FixtureRequest, silent: str, monkeypatch: pytest.MonkeyPatch) -> str:
        address = silent if request.param == "nobody answers" else f"127.0.0.1:{emulator.free_port()}"
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        return address

    async def test_at_the_start_it_says_what_it_looked_for(self, nowhere: str, sealer: Sealer) -> None:
        async with asyncio.timeout(3):
            with pytest.raises(StoreUnavailable, match=f"project 'some-project' at {nowhere}") as caught:
                await FirestoreStore.open("some-project", "", sealer, STAMP, read_within=0.3)
        assert caught.value.temporary

    async def test_later_and_back_again(self, proxy: Proxy, project: str, sealer: Sealer) -> None:
        store = await opened_behind(proxy, project, sealer)
        impatient(store.calls)
        for trouble in (proxy.refuse, proxy.freeze):
            trouble()
            for call in (
                store.ping,
                lambda: store.channels.all(),
                lambda: store.commit(channel()),
                lambda: store.delete(channel()),
                lambda: store.sessions.count_due(T0),
                store.books,
            ):
                async with asyncio.timeout(3):
                    with pytest.raises(StoreUnavailable, match=project):
                        await call()
            proxy.cut()
            await until(lambda: answers(store))
        await store.close()

    async def test_nothing_that_waits_is_left_hanging_by_the_end(self, proxy: Proxy, far: FirestoreStore) -> None:
        proxy.hold_answers()
        waiting = asyncio.create_task(far.ping())
        await proxy.held.wait()
        await far.close()
        with pytest.raises(StoreUnavailable, match="closed"):
            await waiting
        with pytest.raises(StoreUnavailable, match="closed"):
            await far.ping()
        await far.close()

    async def test_a_caller_may_give_up(self, proxy: Proxy, far: FirestoreStore) -> None:
        proxy.hold_answers()
        waiting = asyncio.create_task(far.ping())
        await proxy.held.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        proxy.mend()
        await far.ping()

    async def test_a_cut_is_not_seen_where_the_next_try_answers(self, proxy: Proxy, far: FirestoreStore) -> None:
        await far.commit(channel())
        proxy.hold_answers()
        reading = asyncio.create_task(far.channels.get("1001"))
        await proxy.held.wait()
        proxy.cut()
        assert await reading is not None


async def answers(store: FirestoreStore) -> bool:
    try:
        await store.ping()
    except StoreUnavailable:
        return False
    return True


class TestLostAnswers:
    """A commit was done, and its answer never came."""

    async def lost(self, proxy: Proxy, commit: Awaitable[Channel]) -> asyncio.Task[Channel]:
        proxy.hold_answers()
        running = asyncio.ensure_future(commit)
        await proxy.held.wait()
        return running

    async def test_what_was_made_is_found(self, proxy: Proxy, far: FirestoreStore, firestore: FirestoreStore) -> None:
        running = await self.lost(proxy, far.commit(channel(), session("s1"), line("a1")))
        await until(lambda: firestore.channels.get("1001"))
        proxy.cut()
        assert await running == await firestore.channels.get("1001")
        assert len(await firestore.audit.latest("1001", 10)) == 1

    async def test_what_was_changed_is_found(
        self, proxy: Proxy, far: FirestoreStore, firestore: FirestoreStore
    ) -> None:
        first = await far.commit(channel())
        running = await self.lost(proxy, far.commit(replace(first, reward_cost=7)))
        await until(lambda: cost_is(firestore, 7))
        proxy.cut()
        second = await running
        assert second == await firestore.channels.get("1001")
        await far.commit(replace(second, reward_cost=8))

    async def test_somebody_elses_is_not_taken_for_ours(
        self, proxy: Proxy, far: FirestoreStore, firestore: FirestoreStore
    ) -> None:
        """Even where they wrote the very same."""
        first = await far.commit(channel())
        wanted = replace(first, reward_cost=7)
        proxy.freeze()
        running = asyncio.create_task(far.commit(wanted))
        await firestore.commit(wanted)
        proxy.cut()
        with pytest.raises(Conflict):
            await running

    async def test_where_another_change_followed_it_conflicts(
        self, proxy: Proxy, far: FirestoreStore, firestore: FirestoreStore
    ) -> None:
        first = await far.commit(channel())
        far.touches.untold("1001")
        running = await self.lost(proxy, far.commit(replace(first, reward_cost=7)))
        await until(lambda: cost_is(firestore, 7))
        seen = await firestore.channels.get("1001")
        assert seen is not None
        await firestore.commit(replace(seen, reward_cost=8))
        proxy.cut()
        with pytest.raises(Conflict):
            await running
        # It was done all the same, and others are to be told.
        assert far.touches.untold("1001") == ("channels/1001",)


async def cost_is(store: FirestoreStore, cost: int) -> bool:
    found = await store.channels.get("1001")
    return found is not None and found.reward_cost == cost


class TestManyAtOnce:
    async def test_each_of_twenty_gets_through_by_compare_and_set(
        self, firestore: FirestoreStore, project: str, sealer: Sealer
    ) -> None:
        other = await FirestoreStore.open(project, "", sealer, STAMP)
        await firestore.commit(channel())

        async def add_one(store: FirestoreStore) -> None:
            pause = 0.01
            while True:
                found = await store.channels.get("1001")
                assert found is not None
                try:
                    await store.commit(replace(found, reward_cost=found.reward_cost + 1))
                    return
                except Conflict:
                    await asyncio.sleep(random.uniform(0, pause))
                    pause = min(pause * 2, 0.3)

        async with asyncio.timeout(20):
            await asyncio.gather(*(add_one(store) for store in [firestore, other] * 10))
        assert await cost_is(firestore, 20)
        await other.close()

    async def test_a_viewer_gets_one_live_session_from_two_instances(
        self, firestore: FirestoreStore, project: str, sealer: Sealer
    ) -> None:
        other = await FirestoreStore.open(project, "", sealer, STAMP)
        tries = [
            store.commit(session(f"s{number}", user_id="2001")) for number, store in enumerate([firestore, other] * 5)
        ]
        results = await asyncio.gather(*tries, return_exceptions=True)
        [winner] = [result for result in results if not isinstance(result, BaseException)]
        assert all(isinstance(result, Conflict) for result in results if isinstance(result, BaseException))
        assert await other.sessions.live("1001") == [winner]
        await other.close()

    async def test_two_live_sessions_in_one_commit_conflict(self, firestore: FirestoreStore) -> None:
        with pytest.raises(Conflict, match="second live session"):
            await firestore.commit(session("s1", user_id="1"), session("s2", user_id="1"))
