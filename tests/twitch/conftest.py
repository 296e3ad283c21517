import socket
import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import uvicorn

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


@pytest.fixture
def address() -> Iterator[str]:
    """Of a simulator of its own, e.g. 127.0.0.1:40123."""
    listener = socket.create_server(("127.0.0.1", 0))  # takes connections before the server does: nobody has to wait
    config = uvicorn.Config(
        create_simulator(World()),
        loop="asyncio",
        lifespan="off",
        ws="websockets-sansio",
        log_level="critical",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield "{}:{}".format(*listener.getsockname())
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture
async def stage(address: str) -> AsyncIterator[Stage]:
    store = FakeStore()
    reconnects: list[str] = []

    async def note(user_id: str) -> None:
        reconnects.append(user_id)

    client = TwitchClient(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        auth_url=f"http://{address}/oauth2",
        authorize_url=f"http://{address}/oauth2/authorize",
        api_url=f"http://{address}/helix",
        eventsub_ws_url=f"ws://{address}/ws",
        store=store.as_store(),
        clock=RealClock(),
        on_reconnect_needed=note,
        timeouts=Timeouts(read=0.5),
        backoff=Backoff(sleep=at_once),
        adds=Pace(times=1000),  # Twitch's own limit stays
        removals=Pace(times=1000),
    )
    async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as curtain:
        yield Stage(address, client, curtain, store, reconnects)
    await client.aclose()
