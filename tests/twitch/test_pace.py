import asyncio

import pytest

from vip_manager.twitch.pace import Pace


class FakeTime:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 0.0)
        await asyncio.sleep(0)


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def pace(time: FakeTime) -> Pace:
    return Pace(monotonic=time.monotonic, sleep=time.sleep)


async def test_ten_at_once_and_the_eleventh_ten_seconds_later(pace: Pace, time: FakeTime) -> None:
    started: list[tuple[int, float]] = []

    async def call(number: int) -> None:
        async with pace.turn("channel"):
            started.append((number, time.now))

    await asyncio.gather(*(call(number) for number in range(25)))

    assert [number for number, _ in started] == list(range(25))
    assert [at - 1000 for _, at in started] == [0.0] * 10 + [10.0] * 10 + [20.0] * 5


async def test_a_place_is_taken_until_ten_seconds_after_the_end(pace: Pace, time: FakeTime) -> None:
    for _ in range(10):
        async with pace.turn("channel"):
            time.now += 3
    # The first three ended more than 10 s before the tenth did: 27 s .. 30 s hold what ended after 20 s.
    async with pace.turn("channel"):
        assert time.now == 1030.0


async def test_running_calls_take_places_too(pace: Pace, time: FakeTime) -> None:
    go = asyncio.Event()
    running = 0

    async def call() -> None:
        nonlocal running
        async with pace.turn("channel"):
            running += 1
            await go.wait()

    tasks = [asyncio.create_task(call()) for _ in range(12)]
    while running < 10:
        await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    assert running == 10
    go.set()
    await asyncio.gather(*tasks)
    assert running == 12
    assert time.now == 1010.0


async def test_channels_do_not_wait_for_one_another(pace: Pace, time: FakeTime) -> None:
    for channel in range(50):
        async with pace.turn(str(channel)):
            pass
    assert time.now == 1000.0


async def test_who_gives_up_waiting_leaves_no_place_behind(pace: Pace, time: FakeTime) -> None:
    never = asyncio.Event()

    async def call() -> None:
        async with pace.turn("channel"):
            await never.wait()

    tasks = [asyncio.create_task(call()) for _ in range(12)]
    for _ in range(20):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    time.now += 20
    async with pace.turn("channel"):
        assert time.now == 1020.0


async def test_idle_channels_are_forgotten(pace: Pace, time: FakeTime) -> None:
    for channel in range(100):
        async with pace.turn(str(channel)):
            pass
    assert len(pace) == 100
    time.now += 11
    async with pace.turn("another"):
        pass
    assert len(pace) == 1
