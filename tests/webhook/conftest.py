"""A house that Twitch posts to, for each test."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import HandClock, Serve, one_server
from tests.webhook.hook_house import HookHouse, InTheTestsLoop
from vip_manager.services import deliveries
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.eventsub.timings import Timings
from vip_manager.simulator.world import World

TIMINGS = Timings(answer=5.0, retries=(0.01,) * 8, webhook_failures=3)


@pytest.fixture(scope="package")
def serve() -> Iterator[Serve]:
    with one_server() as serve:
        yield serve


@pytest.fixture
def twitch_base(serve: Serve) -> str:
    return serve(create_simulator(World(), timings=TIMINGS))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def house(serve: Serve, twitch_base: str, tmp_path: Path, clock: HandClock) -> AsyncIterator[HookHouse]:
    served = InTheTestsLoop()
    house = HookHouse(twitch_base, tmp_path / "data", clock, serve(served), served)
    await house.start()
    try:
        yield house
        audit = await house.audit()
        assert all(redemption["times_settled"] <= 1 for redemption in audit["redemptions"])
    finally:
        await served.close()
        await house.close()


@pytest.fixture
async def open_house(house: HookHouse) -> HookHouse:
    """With a channel that is heard, and has its reward."""
    await house.open()
    await house.hears()
    return house


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows an event is waited for only so long that it is seen to be waited for."""
    monkeypatch.setattr(deliveries, "PATIENCE", timedelta(milliseconds=100))
