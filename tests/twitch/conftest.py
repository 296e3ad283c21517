from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.house import Serve, one_server
from tests.twitch.fakes import FakeClock, FakeStore, ScriptedTwitch, signed_in
from tests.twitch.stage import CLIENT_ID, CLIENT_SECRET, RealClock, Stage, at_once
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World
from vip_manager.twitch.client import TwitchClient
from vip_manager.twitch.eventsub.socket import Backoff
from vip_manager.twitch.http import Timeouts
from vip_manager.twitch.pace import Pace


@pytest.fixture
def twitch() -> ScriptedTwitch:
    return ScriptedTwitch()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store() -> FakeStore:
    return signed_in()


@pytest.fixture
async def client(twitch: ScriptedTwitch, store: FakeStore, clock: FakeClock) -> AsyncIterator[TwitchClient]:
    client = twitch.client(store, clock)
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    with one_server() as serve:
        yield serve


@pytest.fixture
async def stage(serve: Serve) -> AsyncIterator[Stage]:
    url = serve(create_simulator(World()))
    store = FakeStore()
    reconnects: list[str] = []

    async def note(user_id: str) -> None:
        reconnects.append(user_id)

    client = TwitchClient(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        auth_url=f"{url}/oauth2",
        authorize_url=f"{url}/oauth2/authorize",
        api_url=f"{url}/helix",
        eventsub_ws_url=f"{url.replace('http', 'ws', 1)}/ws",
        store=store.as_store(),
        clock=RealClock(),
        on_reconnect_needed=note,
        timeouts=Timeouts(read=0.5),
        backoff=Backoff(sleep=at_once),
        adds=Pace(times=1000),  # Twitch's own limit stays
        removals=Pace(times=1000),
    )
    async with httpx.AsyncClient(base_url=url, trust_env=False) as curtain:
        yield Stage(client, curtain, store, reconnects)
    await client.aclose()
