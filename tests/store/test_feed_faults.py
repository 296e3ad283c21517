"""ports.Feed on Firestore when the listeners' connection fails, or the listeners do."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from google.api_core import exceptions as google_errors
from google.cloud.firestore_v1.types import ExistenceFilter, ListenResponse

from tests import emulator
from tests.house import until
from tests.proxy import Proxy
from tests.store.instances import WITHIN, Instance, Instances
from vip_manager.store.firestore import feed, listener, listeners


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    server = emulator.running()
    proxy = Proxy(server.host, server.port)
    yield proxy
    proxy.close()


@pytest.fixture
async def instances(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Instances]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.running().address)
    instances = Instances(emulator.new_project())
    yield instances
    proxy.thaw()
    await instances.close()


@pytest.fixture
def one(instances: Instances) -> Instance:
    return instances.start()


@pytest.fixture
def two(instances: Instances, proxy: Proxy) -> Instance:
    """Listens through the proxy; what it writes goes past it."""
    return instances.start(listen_at=proxy.address)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds so as not to cost much takes less."""
    monkeypatch.setattr(listeners, "PROBE_AFTER", 0.5)
    monkeypatch.setattr(listeners, "_PROBE_WITHIN", 0.5)
    monkeypatch.setattr(listeners, "_TOLD_WITHIN", 0.3)
    monkeypatch.setattr(listeners, "_LOOKS_EVERY", 0.1)
    monkeypatch.setattr(listeners, "_FIRST_PAUSE", 0.05)
    monkeypatch.setattr(feed, "_ECHO_WITHIN", 0.5)


async def not_followed(two: Instance, channel_id: str, seconds: float) -> None:
    async def fallen() -> bool:
        return not two.feed.followed(channel_id)

    await until(fallen, "the listener to be known not to stand", seconds)


async def test_a_connection_that_is_cut(one: Instance, two: Instance, proxy: Proxy) -> None:
    await two.follow("1", "2")
    proxy.cut()
    await not_followed(two, "1", 1)
    await one.feed.publish("1", {"n": 1})
    await two.hears("1", n=1)
    assert two.feed.followed("1")
    assert [news.channel_id for news in two.told] == ["1"], "the listener goes on where it was"


async def test_an_outage_costs_no_processor_and_nothing_is_missed(one: Instance, two: Instance, proxy: Proxy) -> None:
    await two.follow("1")
    proxy.stop()
    await not_followed(two, "1", 1)
    began = time.process_time()
    await one.feed.publish("1", {"n": 1})
    await asyncio.sleep(1.5)
    assert time.process_time() - began < 0.5
    assert not two.feed.followed("1")
    proxy.start()
    await two.hears("1", n=1, seconds=10)
    assert two.feed.followed("1")


async def test_a_dead_connection_that_nobody_has_closed(soon: None, one: Instance, two: Instance, proxy: Proxy) -> None:
    await two.follow("1", "2")
    proxy.swallow()
    await one.feed.publish("1", {"n": 1})
    await two.hears("1", n=1, seconds=5)
    await two.hears("2")
    await two.stands("1", "2")


async def test_an_own_change_shows_that_the_connection_is_dead(
    soon: None, monkeypatch: pytest.MonkeyPatch, two: Instance, proxy: Proxy
) -> None:
    monkeypatch.setattr(listeners, "PROBE_AFTER", 1000)
    await two.follow("1")
    proxy.swallow()
    await two.feed.publish("1")
    await not_followed(two, "1", 5)
    await two.stands("1")
    await two.hears("1")


async def test_a_server_that_is_frozen(soon: None, one: Instance, two: Instance, proxy: Proxy) -> None:
    await two.follow("1")
    proxy.freeze()
    await not_followed(two, "1", 5)
    await one.feed.publish("1", {"n": 1})
    proxy.thaw()
    await two.hears("1", n=1, seconds=10)
    await two.stands("1")


async def test_starting_while_the_server_is_away(one: Instance, two: Instance, proxy: Proxy) -> None:
    proxy.stop()
    two.read()
    two.feed.follow(frozenset({"1"}))
    await one.feed.publish("1", {"n": 1})
    assert not two.feed.followed("1")
    proxy.start()
    await two.hears("1", n=1, seconds=15)
    assert two.feed.followed("1")


async def test_closing_while_the_server_is_frozen(soon: None, two: Instance, proxy: Proxy) -> None:
    await two.follow("1")
    proxy.freeze()
    await not_followed(two, "1", 5)
    began = asyncio.get_running_loop().time()
    await two.close()
    assert asyncio.get_running_loop().time() - began < 3


async def test_a_listener_that_is_refused_for_good(soon: None, one: Instance, two: Instance) -> None:
    await two.follow("1", "2")
    [standing] = two.feed._listeners._listeners
    assert standing._watch is not None
    assert standing._watch._rpc is not None
    standing._watch._rpc._finalize(google_errors.PermissionDenied("the role was taken away"))
    await not_followed(two, "1", 1)
    await two.hears("1", seconds=5)
    await two.hears("2", seconds=5)
    await one.feed.publish("1", {"n": 1})
    await two.hears("1", n=1)


async def test_a_listener_whose_thread_dies(
    soon: None, monkeypatch: pytest.MonkeyPatch, one: Instance, two: Instance
) -> None:
    await two.follow("1")
    with monkeypatch.context() as broken:

        def fails(snapshot: object) -> None:
            raise RuntimeError("nobody expected that")

        broken.setattr(listener, "read", fails)
        await one.feed.publish("1", {"n": 1})
        await not_followed(two, "1", WITHIN)
    await two.hears("1", n=1, seconds=10)
    await one.feed.publish("1", {"n": 2})
    await two.hears("1", n=2)


async def test_a_listener_that_is_deaf_on_a_sound_connection(soon: None, one: Instance, two: Instance) -> None:
    await two.follow("1")
    [standing] = two.feed._listeners._listeners
    assert standing._watch is not None
    assert standing._watch._consumer is not None
    standing._watch._consumer._on_response = lambda proto: None
    await one.feed.publish("1", {"n": 1})
    await two.hears("1", n=1, seconds=5)
    await two.stands("1")


async def test_one_whose_stream_breaks_all_the_time_is_made_anew(
    soon: None, one: Instance, two: Instance, proxy: Proxy
) -> None:
    await two.follow("1")
    [first] = two.feed._listeners._listeners

    async def given_up() -> bool:
        if two.feed.followed("1"):
            proxy.cut()
        return first.over

    await until(given_up, "the listener to be given up", 10)
    await two.stands("1")
    await one.feed.publish("1", {"n": 1})
    await two.hears("1", n=1)


async def test_a_count_that_does_not_agree(soon: None, one: Instance, two: Instance) -> None:
    """Firestore says so where a listener has missed that a document is gone."""
    await two.follow("1")
    [standing] = two.feed._listeners._listeners
    assert standing._watch is not None
    standing._watch.on_snapshot(ListenResponse(filter=ExistenceFilter(count=7)))
    await not_followed(two, "1", 1)
    await two.stands("1")
    await one.feed.publish("1", {"n": 1})
    await two.hears("1", n=1)


async def test_what_watching_an_idle_connection_costs(soon: None, two: Instance) -> None:
    await two.follow("1", "2", "3")

    async def probed() -> bool:
        return two.feed._listeners._probes >= 3

    before, began = two.meter.reads, asyncio.get_running_loop().time()
    await until(probed, "three probes", 5)
    assert asyncio.get_running_loop().time() - began > 1.4
    await two.close()
    assert two.meter.reads - before <= 3
