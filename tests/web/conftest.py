"""The API routes over ASGI, with real services behind them and the simulator as Twitch."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.house import HandClock, House
from tests.serving import serving
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World
from vip_manager.web.edge import Edge
from vip_manager.web.outside import Outside

CRON_SECRET = "a scheduler's secret of the tests"


@pytest.fixture
def twitch_base() -> Iterator[str]:
    with serving(create_simulator(World())) as base:
        yield base


@pytest.fixture
async def house(twitch_base: str, tmp_path: Path) -> AsyncIterator[House]:
    house = House(twitch_base, tmp_path / "data", HandClock(), {"CRON_SECRET": CRON_SECRET})
    await house.start()
    try:
        yield house
    finally:
        await house.close()


@pytest.fixture
async def browser(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Keeps cookies, and follows no redirect by itself."""
    assert house.api is not None
    outside = Outside(public_url=house.settings.public_url)
    app = Edge(Starlette(routes=[Mount("/api", house.api)]), outside)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=house.settings.public_url) as client:
        yield client


async def form_of(house: House, browser: httpx.AsyncClient) -> dict[str, str]:
    """The hidden fields of the pages that this browser was given."""
    person = await house.services.access.person(f"vip={browser.cookies['vip']}")
    assert person is not None
    return {"token": house.services.form_tokens.of(person.sign_in_id)}
