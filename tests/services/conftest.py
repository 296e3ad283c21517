"""A house for each test, and a look at Twitch's own audit when it is over."""

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.house import HandClock, House, Serve, one_server
from tests.services.watched_commits import WatchedCommits
from vip_manager.domain.audit import Action
from vip_manager.domain.books import Check
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World
from vip_manager.store.sqlite.store import SqliteStore


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


class TwitchTime:
    """By which Twitch counts its limits and the lag of its lists; tests may move it on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def twitch_time() -> TwitchTime:
    return TwitchTime()


@pytest.fixture
def twitch_world(twitch_time: TwitchTime) -> World:
    return World(monotonic=twitch_time.monotonic)


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    with one_server() as serve:
        yield serve


@pytest.fixture
def twitch_base(serve: Serve, twitch_world: World) -> str:
    return serve(create_simulator(twitch_world))


@pytest.fixture
async def house(twitch_base: str, tmp_path: Path, clock: HandClock) -> AsyncIterator[House]:
    house = House(twitch_base, tmp_path / "data", clock)
    await house.start()
    try:
        yield house
        assert [finding for finding in await house.wrong() if finding.check is not Check.UNREADABLE] == []
        audit = await house.audit()
        named = {line.detail["login"] for line in await house.entries() if line.action is Action.CLOCKED}
        assert [one for one in audit["foreign_vips_removed_by_api"] if one["viewer"] not in named] == []
        assert all(redemption["times_settled"] <= 1 for redemption in audit["redemptions"])
        assert audit["too_many_requests"] == 0
    finally:
        await house.close()


@pytest.fixture(autouse=True)
def commits() -> Iterator[WatchedCommits]:
    """Whatever a test has the program do, each step leaves in the audit log what the tables say."""
    commits = WatchedCommits()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqliteStore, "commit", commits.around(SqliteStore.commit))
        yield commits
    assert commits.wrong == []
