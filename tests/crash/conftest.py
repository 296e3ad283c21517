"""Twitch as a simulator in this process: it outlives the product, and is broken as a test wants it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.house import HandClock, House, environment
from tests.product import Product
from tests.serving import serving
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World


class Twitch:
    """The simulator's control, for tests that wait."""

    def __init__(self, base: str) -> None:
        self.base = base

    def control(self, action: str, **wish: Any) -> Any:
        answer = httpx.post(f"{self.base}/control/{action}", json=wish, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self, what: str) -> Any:
        return httpx.get(f"{self.base}/control/{what}", trust_env=False).json()

    def holds(self) -> bool:
        return any(rule["holding"] for rule in self.look("faults")["faults"])

    def heal(self) -> None:
        httpx.delete(f"{self.base}/control/faults", trust_env=False)

    def badge(self, login: str) -> dict[str, Any]:
        found: dict[str, Any] = self.look("audit")["vip_by_api"].get("streamer", {}).get(login, {})
        return found

    def redemption(self) -> dict[str, Any]:
        [only] = self.look("audit")["redemptions"]
        return dict(only)


@pytest.fixture
def twitch() -> Iterator[Twitch]:
    with serving(create_simulator(World())) as base:
        yield Twitch(base)


@pytest.fixture
async def house(twitch: Twitch, tmp_path: Path) -> AsyncIterator[House]:
    house = House(twitch.base, tmp_path / "data", HandClock())
    try:
        yield house
    finally:
        await house.close()


@pytest.fixture
def product(twitch: Twitch, tmp_path: Path, built_page: None) -> Iterator[Product]:
    product = Product(tmp_path, {**environment(twitch.base, tmp_path / "data"), "EXPIRY_TICK_SECONDS": "1"})
    try:
        yield product
    finally:
        twitch.heal()
        product.stop()
