"""A Twitch that says yes to everything at once, in the process that measures, and notes when VIP was asked for."""

import asyncio
import json
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httptools

from vip_manager.domain.account import CHANNEL_SCOPES
from vip_manager.twitch.eventsub.messages import TYPES


class Twitch:
    """`added` is called with a viewer's id when the call comes that makes them VIP; the answer waits for `open`."""

    def __init__(self) -> None:
        self.callback = ""
        self.added: Callable[[str], None] = lambda viewer: None
        self.open = asyncio.Event()
        self.open.set()
        self.heard_at = time.monotonic()
        self.calls = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """The port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def quiet(self, seconds: float = 2.0) -> None:
        """Until nothing was asked for so long."""
        while time.monotonic() - self.heard_at < seconds:
            await asyncio.sleep(0.1)

    def answer(self, method: str, url: str, headers: dict[bytes, bytes], body: bytes) -> tuple[int, Any]:
        self.heard_at = time.monotonic()
        self.calls += 1
        parts = urlsplit(url)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        path = parts.path.removeprefix("/helix")
        match method, path:
            case "POST", "/channels/vips":
                self.added(asked["user_id"])
                return 204, None
            case "PATCH", "/channel_points/custom_rewards/redemptions":
                return 200, {"data": [_settled(asked, json.loads(body)["status"])]}
            case "GET", "/channel_points/custom_rewards":
                return 200, {"data": [_reward(asked["broadcaster_id"])]}
            case "GET", "/eventsub/subscriptions":
                return 200, self._subscriptions(asked.get("user_id", ""))
            case "POST", "/oauth2/token":
                return 200, {"access_token": "app", "expires_in": 5_000_000, "token_type": "bearer"}
            case "GET", "/oauth2/validate":
                user_id = headers[b"authorization"].decode().rpartition("-")[2]
                identity = {"client_id": "client", "login": f"channel{user_id}", "user_id": user_id}
                return 200, identity | {"scopes": sorted(CHANNEL_SCOPES), "expires_in": 14_000}
            case "POST", _:
                return 202, {"data": []}
        return 200, {"data": [], "pagination": {}, "total": 0, "total_cost": 0, "max_total_cost": 10_000}

    def _subscriptions(self, channel_id: str) -> dict[str, Any]:
        every = [
            {
                "id": f"{kind}-{channel_id}",
                "type": kind,
                "version": "1",
                "status": "enabled",
                "cost": 0,
                "condition": {"broadcaster_user_id": channel_id},
                "transport": {"method": "webhook", "callback": self.callback},
                "created_at": "2026-03-01T10:00:00Z",
            }
            for kind in TYPES
            if channel_id
        ]
        return {"data": every, "pagination": {}, "total": 0, "total_cost": 0, "max_total_cost": 10_000}


def _reward(channel_id: str) -> dict[str, Any]:
    return {
        "id": f"reward-{channel_id}",
        "title": "VIP for a day",
        "cost": 5000,
        "prompt": "",
        "is_enabled": True,
        "is_paused": False,
        "should_redemptions_skip_request_queue": False,
    }


def _settled(asked: dict[str, str], status: str) -> dict[str, Any]:
    return {
        "id": asked["id"],
        "user_id": "1",
        "user_login": "viewer",
        "user_name": "Viewer",
        "status": status,
        "redeemed_at": "2026-03-01T10:00:00Z",
        "reward": _reward(asked["broadcaster_id"]),
    }


class _Connection(asyncio.Protocol):
    def __init__(self, twitch: Twitch) -> None:
        self._twitch = twitch
        self._parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._url, self._body, self._headers = b"", b"", dict[bytes, bytes]()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode()
        status, said = self._twitch.answer(method, self._url.decode(), self._headers, self._body)
        if self._twitch.open.is_set():
            self._send(status, said)
        else:
            self._waiting = asyncio.create_task(self._later(status, said))

    async def _later(self, status: int, said: Any) -> None:
        await self._twitch.open.wait()
        self._send(status, said)

    def _send(self, status: int, said: Any) -> None:
        body = b"" if said is None else json.dumps(said).encode()
        length = "" if said is None else f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        head = f"HTTP/1.1 {status} Yes\r\nDate: {formatdate(usegmt=True)}\r\n{length}\r\n"
        self._transport.write(head.encode() + body)
