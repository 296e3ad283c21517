"""A client, and the sandbox's Twitch on a real port behind it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.twitch.fakes import FakeStore
from vip_manager.domain.account import CHANNEL_SCOPES, Account
from vip_manager.ports import (
    ChannelEvent,
    Rejected,
)
from vip_manager.twitch.client import TwitchClient

REDIRECT = "http://localhost:3000/api/auth/callback"
CLIENT_ID = "sandbox-client-id"
CLIENT_SECRET = "sandbox-client-secret"


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def real(self) -> datetime:
        return datetime.now(UTC)


async def at_once(_: float) -> None:
    await asyncio.sleep(0)


@dataclass
class Stage:
    """The client, its store, and a hand behind the simulator's curtain."""

    client: TwitchClient
    curtain: httpx.AsyncClient
    store: FakeStore
    reconnects: list[str] = field(default_factory=list)

    async def control(self, action: str, **wish: Any) -> Any:
        answer = await self.curtain.post(f"/control/{action}", json=wish)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sign_in(self, login: str, scopes: frozenset[str] = CHANNEL_SCOPES) -> str:
        """Through the authorize page, as a browser would. Returns the user's id."""
        url = urlsplit(self.client.authorize_url(state="s1", scopes=scopes, redirect_uri=REDIRECT))
        asked = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        page = await self.curtain.get(url._replace(query="").geturl(), params=asked)
        assert page.status_code == 200
        answer = await self.curtain.post(url._replace(query="").geturl(), data={**asked, "user": login})
        returned = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert returned["state"] == ["s1"]
        tokens = await self.client.exchange_code(returned["code"][0], REDIRECT)
        assert tokens.scopes == scopes
        with pytest.raises(Rejected):
            await self.client.exchange_code(returned["code"][0], REDIRECT)
        who = await self.client.identify(tokens.access_token)
        assert (who.login, who.scopes) == (login, scopes)
        self.store.put(Account(who.user_id, who.login, who.login, tokens=tokens))
        return who.user_id

    async def id_of(self, login: str) -> str:
        return (await self.client.resolve_logins([login]))[login]


async def until(events: AsyncIterator[ChannelEvent], wanted: Callable[[ChannelEvent], bool]) -> ChannelEvent:
    async with asyncio.timeout(10):
        async for event in events:
            if wanted(event):
                return event
    raise AssertionError("the events ended")
