"""A channel that is open, and somebody's program that comes with a token."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx

from tests.house import House
from vip_manager.domain.api_token import TokenScope
from vip_manager.domain.team import Member, Role

CHANNEL = "/api/v1/channels/streamer"
VIPS = f"{CHANNEL}/vips"
REDEMPTIONS = f"{CHANNEL}/redemptions"


@dataclass
class Program:
    """Comes with that token; `browser` keeps no cookie of it."""

    browser: httpx.AsyncClient
    token: str

    async def call(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        given = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if body is not None:
            more["json"] = body
        return await self.browser.request(method, path, headers=given, **more)

    async def give(self, login: str = "viewer1", hours: float = 2, key: str = "") -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self.call("POST", VIPS, {"user_login": login, "hours": hours}, headers=headers)

    async def add(self, user_id: str = "3001", hours: float = 1, key: str = "") -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self.call("PATCH", f"{VIPS}/{user_id}", {"add_hours": hours}, headers=headers)

    async def end(self, user_id: str = "3001") -> httpx.Response:
        return await self.call("DELETE", f"{VIPS}/{user_id}")

    async def listed(self) -> list[dict[str, Any]]:
        answer = await self.call("GET", VIPS)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found


async def secret_of(
    house: House, login: str = "streamer", scope: TokenScope = TokenScope.WRITE, channel_id: str = "1001"
) -> str:
    """A token made by that person, who has signed in."""
    person = await house.sign_in(login)
    return (await house.services.api_tokens.make(person, channel_id, "Stream Deck", scope)).secret


async def on_team(house: House, role: Role | None) -> None:
    """`mod` is that in the channel; None: not on the team."""
    team = (Member("2001", "mod", "Mod", role, house.clock.now()),) if role else ()
    await house.services.store.commit(replace(await house.channel(), team=team))


def code(answer: httpx.Response) -> str:
    said: str = answer.json()["error"]["code"]
    return said
