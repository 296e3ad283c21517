"""A house for each test, beside which the background runs with little patience."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import HandClock, House, Serve, one_server
from vip_manager import background
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World


@pytest.fixture(scope="package")
def serve() -> Iterator[Serve]:
    with one_server() as serve:
        yield serve


@pytest.fixture
def twitch_base(serve: Serve) -> str:
    return serve(create_simulator(World()))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def house(twitch_base: str, tmp_path: Path, clock: HandClock) -> AsyncIterator[House]:
    house = House(twitch_base, tmp_path / "data", clock)
    await house.start()
    try:
        yield house
    finally:
        await house.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "LISTEN_AGAIN_AFTER", timedelta(milliseconds=20))
    monkeypatch.setattr(background, "CLOCK_POLL", timedelta(milliseconds=5))
    monkeypatch.setattr(background, "OTHERS_POLL", timedelta(milliseconds=5))
