"""A house for each test, and a look at Twitch's own audit when it is over."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.house import HandClock, House
from tests.serving import serving
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def twitch_world() -> World:
    return World()


@pytest.fixture
def twitch_base(twitch_world: World) -> Iterator[str]:
    with serving(create_simulator(twitch_world)) as base:
        yield base


@pytest.fixture
async def house(twitch_base: str, tmp_path: Path, clock: HandClock) -> AsyncIterator[House]:
    house = House(twitch_base, tmp_path / "data", clock)
    await house.start()
    try:
        yield house
        audit = await house.audit()
        assert audit["foreign_vips_removed_by_api"] == []
        assert all(redemption["times_settled"] <= 1 for redemption in audit["redemptions"])
        assert audit["too_many_requests"] == 0
    finally:
        await house.close()
