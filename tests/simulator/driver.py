"""A hand to use a simulated Twitch with, over HTTP and WebSocket as any client does."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.patience import MOST, Patience

CLIENT_ID = "sandbox-client-id"
CLIENT_SECRET = "sandbox-client-secret"
REDIRECT = "http://localhost:3000/api/auth/callback"
SCOPES = "channel:manage:redemptions channel:manage:vips moderation:read"
IDS = {"streamer": "1001", "secondstreamer": "1002", "mod": "2001", "permanentvip": "4001"} | {
    f"viewer{number}": str(3000 + number) for number in range(1, 10)
}
RATELIMIT = ("Ratelimit-Limit", "Ratelimit-Remaining", "Ratelimit-Reset")


class Twitch:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    @property
    def base(self) -> str:
        return str(self.client.base_url).rstrip("/")

    async def choose(self, **fields: str) -> httpx.Response:
        form = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT, "response_type": "code", "scope": SCOPES, **fields}
        return await self.client.post("oauth2/authorize", data=form)

    async def code(self, user: str = "streamer", **fields: str) -> str:
        answer = await self.choose(user=user, **fields)
        assert answer.status_code == 302, answer.text
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    async def token(self, **fields: str) -> httpx.Response:
        form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **fields}
        return await self.client.post("oauth2/token", data=form)

    async def sign_in(self, user: str = "streamer", scope: str = SCOPES) -> "Hand":
        code = await self.code(user, scope=scope)
        answer = await self.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
        assert answer.status_code == 200, answer.text
        tokens = answer.json()
        return Hand(self, IDS[user], tokens["access_token"], tokens["refresh_token"])

    async def control(self, action: str, **wish: Any) -> Any:
        answer = await self.client.post(f"control/{action}", json=wish)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, action: str, **wish: Any) -> str:
        """The code of the refusal; its message must be a sentence."""
        answer = await self.client.post(f"control/{action}", json=wish)
        assert 400 <= answer.status_code < 500, answer.text
        error = answer.json()["error"]
        assert error["message"].endswith(".")
        return str(error["code"])

    async def look(self, what: str) -> Any:
        return (await self.client.get(f"control/{what}")).json()

    async def channel(self, login: str = "streamer") -> Any:
        return next(one for one in (await self.look("world"))["channels"] if one["login"] == login)

    async def vips(self, login: str = "streamer") -> list[str]:
        return [one["login"] for one in (await self.channel(login))["vips"]]


class Hand:
    """A user's token, and calls of Helix with it."""

    def __init__(self, twitch: Twitch, user_id: str, access: str, refresh: str) -> None:
        self.twitch = twitch
        self.user_id = user_id
        self.access = access
        self.refresh = refresh

    async def call(self, method: str, path: str, body: Any = None, **params: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.access}", "Client-Id": CLIENT_ID}
        options: dict[str, Any] = {} if body is None else {"json": body}
        answer = await self.twitch.client.request(method, f"helix/{path}", params=params, headers=headers, **options)
        assert all(name in answer.headers for name in RATELIMIT)
        return answer

    async def vip(self, method: str, viewer: str, broadcaster_id: str | None = None) -> httpx.Response:
        own = self.user_id if broadcaster_id is None else broadcaster_id
        return await self.call(method, "channels/vips", broadcaster_id=own, user_id=IDS.get(viewer, viewer))

    async def rewards(self, method: str, body: Any = None, **params: Any) -> httpx.Response:
        return await self.call(
            method, "channel_points/custom_rewards", body, **{"broadcaster_id": self.user_id, **params}
        )

    async def redemptions(self, method: str, body: Any = None, **params: Any) -> httpx.Response:
        return await self.call(
            method,
            "channel_points/custom_rewards/redemptions",
            body,
            **{"broadcaster_id": self.user_id, **params},
        )

    async def make_reward(self, title: str = "VIP for a day", cost: int = 500, **more: Any) -> str:
        answer = await self.rewards("POST", {"title": title, "cost": cost, **more})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"][0]["id"])

    async def subscribe(self, session_id: str, kind: str, **condition: str) -> httpx.Response:
        return await self.call(
            "POST",
            "eventsub/subscriptions",
            {
                "type": kind,
                "version": "1",
                "condition": {"broadcaster_user_id": self.user_id, **condition},
                "transport": {"method": "websocket", "session_id": session_id},
            },
        )


def socket_to(twitch: Twitch, query: str = "") -> connect:
    return connect(twitch.base.replace("http", "ws", 1) + "/ws" + query, proxy=None)


async def frame(socket: ClientConnection) -> Any:
    return json.loads(await asyncio.wait_for(socket.recv(), 5))


async def notification(socket: ClientConnection) -> Any:
    """The next frame that is not a keepalive."""
    while (received := await frame(socket))["metadata"]["message_type"] == "session_keepalive":
        pass
    return received


async def session_of(socket: ClientConnection) -> str:
    return str((await frame(socket))["payload"]["session"]["id"])


async def close_code(socket: ClientConnection) -> int | None:
    await asyncio.wait_for(socket.wait_closed(), 5)
    return socket.close_code


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    patience = Patience(seconds)
    async with asyncio.timeout(seconds + MOST):
        while not await condition():
            if patience.over:
                raise TimeoutError
            await asyncio.sleep(0.005)
