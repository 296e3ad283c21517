from collections.abc import AsyncIterator

import pytest

from tests.twitch.fakes import FakeClock, FakeStore, ScriptedTwitch, signed_in
from vip_manager.twitch.client import TwitchClient


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
