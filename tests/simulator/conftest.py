"""A simulator on a real port, with clocks that tests move by hand, and a hand to use it."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
from starlette.routing import Mount, Router
from starlette.types import ASGIApp

from tests.serving import serving
from tests.simulator.driver import Twitch
from tests.simulator.webhooks import Receiver
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.eventsub.timings import Timings
from vip_manager.simulator.world import World


class Clock:
    def __init__(self) -> None:
        self.passed = 0.0
        self._began = datetime(2026, 3, 1, 10, tzinfo=UTC)

    def real_now(self) -> datetime:
        return self._began + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed


class Start(Protocol):
    def __call__(self, world: World | None = None, **options: Any) -> str: ...


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def new_world(clock: Clock) -> Callable[..., World]:
    def make(path: Path | None = None, **options: Any) -> World:
        return World(path, real_now=clock.real_now, monotonic=clock.monotonic, **options)

    return make


@pytest.fixture(scope="session")
def host() -> Iterator[tuple[str, Router]]:
    """One server for all tests, for stopping one takes longer than most of them; each app has a prefix of its own."""
    router = Router()
    with serving(router) as url:
        yield url, router


@pytest.fixture
def serve(host: tuple[str, Router]) -> Callable[[ASGIApp], str]:
    url, router = host

    def mount(app: ASGIApp) -> str:
        prefix = f"/{len(router.routes)}"
        router.routes.append(Mount(prefix, app))
        return url + prefix

    return mount


@pytest.fixture
def start(serve: Callable[[ASGIApp], str], new_world: Callable[..., World]) -> Start:
    def begin(world: World | None = None, **options: Any) -> str:
        return serve(create_simulator(world or new_world(), **options))

    return begin


@pytest.fixture
async def twitch(start: Start) -> AsyncIterator[Twitch]:
    async with httpx.AsyncClient(base_url=start(), timeout=10, trust_env=False) as client:
        yield Twitch(client)


@pytest.fixture
async def hasty(start: Start) -> AsyncIterator[Twitch]:
    """One whose sockets have short timers."""
    url = start(timings=Timings(unused=0.2, keepalive=0.1, keepalive_least=0.1))
    async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as client:
        yield Twitch(client)


@pytest.fixture
def receiver(serve: Callable[[ASGIApp], str]) -> Receiver:
    made = Receiver()
    made.url = serve(made.app())
    return made
