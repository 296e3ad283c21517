"""The scenarios behind the tables of docs/simulator.md: one for each row, found by the row's endpoint and status."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.simulator.conftest import Clock
from tests.simulator.driver import CLIENT_ID, CLIENT_SECRET, Hand, Twitch

Answers = httpx.Response | list[httpx.Response]


@dataclass(frozen=True)
class Scene:
    """A fresh simulator, and who acts in it."""

    twitch: Twitch
    clock: Clock

    @property
    def client(self) -> httpx.AsyncClient:
        return self.twitch.client

    async def hand(self, user: str = "streamer", scope: str | None = None) -> Hand:
        return await (self.twitch.sign_in(user) if scope is None else self.twitch.sign_in(user, scope))

    async def app(self) -> Hand:
        """An app access token."""
        answer = await self.twitch.token(grant_type="client_credentials")
        return Hand(self.twitch, "1001", answer.json()["access_token"], "")

    async def dashboards_reward(self) -> str:
        """One that no application made."""
        return str((await self.twitch.control("reward", channel="streamer", title="By hand"))["id"])

    async def redeemed(self, viewer: str = "viewer1") -> str:
        return str((await self.twitch.control("redeem", channel="streamer", viewer=viewer))["id"])

    async def deleted(self, *users: str) -> None:
        for user in users:
            await self.twitch.control("delete-user", user=user)


Scenario = Callable[[Scene], Awaitable[Answers]]
SCENARIOS: dict[tuple[str, int], Scenario] = {}
APP = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


def provokes(endpoint: str, status: int) -> Callable[[Scenario], Scenario]:
    """All answers that the scenario returns must have this status. One row, one scenario."""

    def register(scenario: Scenario) -> Scenario:
        assert (endpoint, status) not in SCENARIOS, f"two scenarios for {endpoint} {status}"
        SCENARIOS[endpoint, status] = scenario
        return scenario

    return register


async def refused_without_rights(scene: Scene, method: str, path: str, body: Any = None, **params: Any) -> Answers:
    """401 for an endpoint of one's own channel: without the scope, by the app, and in somebody else's name."""
    unscoped, app, other = await scene.hand(scope=""), await scene.app(), await scene.hand("secondstreamer")
    return [
        await unscoped.call(method, path, body, **params),
        await app.call(method, path, body, **params),
        await other.call(method, path, body, **params),
    ]
