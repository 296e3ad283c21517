"""Who comes too often waits: as this process counts, as instances count together, and while Redis is away."""

import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog.testing

from tests import redis
from vip_manager.ports import Rate
from vip_manager.store.moving_windows import MovingWindows
from vip_manager.store.rate_limits import AGAIN_AFTER, LONGEST_WAIT, ProcessRates, RedisRates

THREE = Rate("three", 3, 60)
OTHER = Rate("other", 3, 60)
ADDRESS = "203.0.113.77"


class Hand:
    """A clock moved by hand; seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def times(limits: ProcessRates | MovingWindows, how_often: int, rate: Rate = THREE, who: str = ADDRESS) -> int:
    """How many of so many were let through."""
    return [await limits.hit(rate, who) for _ in range(how_often)].count(None)


async def test_so_many_in_any_so_many_seconds_and_the_wait_is_true() -> None:
    clock = Hand()
    limits = ProcessRates("key", clock)
    assert await limits.hit(THREE, ADDRESS) is None
    clock.now += 20
    assert await times(limits, 5) == 2
    wait = await limits.hit(THREE, ADDRESS)
    assert wait == timedelta(seconds=40)
    clock.now += wait.total_seconds() - 0.001
    assert await limits.hit(THREE, ADDRESS) is not None
    clock.now += 0.001
    assert await times(limits, 5) == 1, "the two of later still count"


async def test_each_address_and_each_rate_counts_for_itself() -> None:
    limits = ProcessRates("key")
    assert await times(limits, 5) == 3
    assert await times(limits, 5, OTHER) == 3
    assert await times(limits, 5, THREE, "203.0.113.78") == 3


async def test_what_is_refused_does_not_count() -> None:
    clock = Hand()
    limits = ProcessRates("key", clock)
    await times(limits, 1000)
    clock.now += 60
    assert await times(limits, 5) == 3


async def test_many_addresses_fill_no_memory_and_the_busy_one_is_remembered() -> None:
    limits = MovingWindows(most_kept=100)
    await times(limits, 3)
    for number in range(1000):
        await limits.hit(THREE, f"address {number}")
        await limits.hit(THREE, ADDRESS)
    assert len(limits._hits) == 100
    assert await times(limits, 1) == 0


async def test_who_does_not_come_again_is_forgotten_once_it_counts_no_more() -> None:
    clock = Hand()
    limits = MovingWindows(clock)
    for number in range(100):
        await limits.hit(THREE, f"address {number}")
    clock.now += 30
    await times(limits, 3)
    assert len(limits._hits) == 101
    clock.now += 30
    for _ in range(60):
        await limits.hit(OTHER, ADDRESS)
    assert len(limits._hits) == 2
    assert await times(limits, 1) == 0, "and what still counts is remembered"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[redis.Redis]:
    with redis.running(tmp_path) as server:
        yield server


@pytest.fixture
async def two(server: redis.Redis) -> AsyncIterator[tuple[RedisRates, RedisRates, Hand]]:
    """Two instances on one Redis, and the clock by which they ask again."""
    clock = Hand()
    one, other = RedisRates(server.url, "key", clock), RedisRates(server.url, "key", clock)
    yield one, other, clock
    await one.aclose()
    await other.aclose()


async def test_instances_count_together(two: tuple[RedisRates, RedisRates, Hand]) -> None:
    one, other, _ = two
    assert await times(one, 2) == 2
    assert await times(other, 5) == 1
    wait = await one.hit(THREE, ADDRESS)
    assert wait is not None
    assert timedelta(seconds=50) < wait <= timedelta(seconds=60)
    assert await times(other, 5, OTHER) == 3


async def test_redis_holds_no_address(two: tuple[RedisRates, RedisRates, Hand], server: redis.Redis) -> None:
    await times(two[0], 2)
    held = server.keys()
    assert "vip-manager" in held
    assert ADDRESS not in held


async def test_without_redis_each_counts_for_itself_and_with_it_together_again(
    two: tuple[RedisRates, RedisRates, Hand], server: redis.Redis
) -> None:
    one, other, clock = two
    await one.hit(THREE, ADDRESS)
    await other.hit(OTHER, ADDRESS)
    server.kill()
    with structlog.testing.capture_logs() as lines:
        assert await times(one, 5) == 3
        assert await times(other, 5) == 3
        clock.now += AGAIN_AFTER
        assert await times(one, 5) == 0
        assert len(lines) == 2, "one line an instance"
        server.start()
        assert await times(one, 5) == 0, "it is asked again only after a while"
        clock.now += AGAIN_AFTER
        assert await times(one, 2) == 2
        assert await times(other, 5) == 1
        assert [line["log_level"] for line in lines] == ["warning", "warning", "info", "info"]
    assert server.password not in str(lines)


async def test_a_redis_that_says_nothing_makes_nobody_wait(
    two: tuple[RedisRates, RedisRates, Hand], server: redis.Redis
) -> None:
    one, _, clock = two
    await one.hit(THREE, ADDRESS)
    server.silence()
    begun = time.monotonic()
    assert await times(one, 1000) == 3
    assert time.monotonic() - begun < 3 * LONGEST_WAIT, "the first waits, the others don't"
    clock.now += AGAIN_AFTER
    await times(one, 1000)
    assert time.monotonic() - begun < 5 * LONGEST_WAIT
