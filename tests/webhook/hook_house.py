"""A house that Twitch posts its events to, over real connections."""

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.background.listening import counted_once
from tests.house import SECRET, HandClock, House, until
from vip_manager.services.connections import Hearing
from vip_manager.settings import Settings
from vip_manager.store.sealing import WEBHOOKS, derived
from vip_manager.twitch.eventsub.messages import REDEMPTION_ADD, TYPES
from vip_manager.web.edge import Edge

KEY = derived([SECRET], WEBHOOKS)[0]
CLIENT = {"client_id": "sandbox-client-id", "client_secret": "sandbox-client-secret"}

T = TypeVar("T")


class InTheTestsLoop:
    """Has an app that belongs to the test's own loop answer what a server's thread was asked."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self._loop = asyncio.get_running_loop()
        self._answering = 0

    async def close(self) -> None:
        """Until nothing is being answered any more; what comes later is refused."""
        self.app = None

        async def calm() -> bool:
            return not self._answering

        await until(calm, "all requests to be answered")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._answering += 1
        try:
            await self._answer(scope, receive, send)
        finally:
            self._answering -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app is None:
            await PlainTextResponse("nobody is here", status_code=502)(scope, receive, send)
            return
        server = asyncio.get_running_loop()

        async def received() -> Message:
            return await _elsewhere(server, receive())

        async def sent(message: Message) -> None:
            await _elsewhere(server, send(message))

        await _elsewhere(self._loop, self.app(scope, received, sent))


async def _elsewhere(loop: asyncio.AbstractEventLoop, work: Awaitable[T]) -> T:
    assert isinstance(work, Coroutine)
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))


@dataclass
class Post:
    """A message as Twitch would post it; a test changes what it likes after it was signed."""

    kind: str
    body: bytes
    id: str
    stamp: str
    retry: str = "0"
    key: str = KEY

    @property
    def headers(self) -> dict[str, str]:
        signed = self.id.encode() + self.stamp.encode() + self.body
        return {
            "Content-Type": "application/json",
            "Twitch-Eventsub-Message-Id": self.id,
            "Twitch-Eventsub-Message-Retry": self.retry,
            "Twitch-Eventsub-Message-Type": self.kind,
            "Twitch-Eventsub-Message-Signature": "sha256="
            + hmac.new(self.key.encode(), signed, hashlib.sha256).hexdigest(),
            "Twitch-Eventsub-Message-Timestamp": self.stamp,
        }


def post(payload: Any, kind: str = "notification", *, message_id: str = "", ago: timedelta = timedelta()) -> Post:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    stamp = (datetime.now(UTC) - ago).isoformat().replace("+00:00", "Z")
    return Post(kind, body, message_id or str(uuid.uuid4()), stamp)


def subscription(kind: str = REDEMPTION_ADD, channel_id: str = "1001", status: str = "enabled") -> dict[str, Any]:
    return {
        "id": "a-subscription",
        "type": kind,
        "version": "1",
        "status": status,
        "cost": 0,
        "condition": {"broadcaster_user_id": channel_id},
        "transport": {"method": "webhook", "callback": "https://vip.example/api/eventsub"},
        "created_at": "2026-03-01T10:00:00Z",
    }


def badge(kind: str, viewer_id: str = "3001", channel_id: str = "1001") -> dict[str, Any]:
    """What is posted where somebody's badge has changed."""
    event = {"user_id": viewer_id, "broadcaster_user_id": channel_id}
    return {"subscription": subscription(kind, channel_id), "event": event}


class HookHouse(House):
    """`public` is where the program is served."""

    def __init__(self, base: str, directory: Path, clock: HandClock, public: str, served: InTheTestsLoop) -> None:
        super().__init__(base, directory, clock)
        self.public = public
        self.app_secret = SECRET
        self.app_secret_previous: tuple[str, ...] = ()
        self.served = served

    @property
    def settings(self) -> Settings:
        return replace(
            super().settings,
            eventsub_transport="webhook",
            public_url=self.public,
            app_secret=self.app_secret,
            app_secret_previous=self.app_secret_previous,
        )

    @property
    def callback(self) -> str:
        return f"{self.public}/api/eventsub"

    async def start(self) -> None:
        await super().start()
        assert self.api is not None
        self.served.app = Edge(Starlette(routes=[Mount("/api", self.api)]))

    async def deliver(self, message: Post, *, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.http.post(
            self.callback, content=message.body, headers=message.headers if headers is None else headers
        )

    async def as_app(self, method: str, **more: Any) -> httpx.Response:
        """Any call of subscriptions with the program's own token."""
        form = {**CLIENT, "grant_type": "client_credentials"}
        token = (await self.http.post("oauth2/token", data=form)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Client-Id": CLIENT["client_id"]}
        return await self.http.request(method, "helix/eventsub/subscriptions", headers=headers, **more)

    async def listed(self) -> list[dict[str, Any]]:
        """All subscriptions by webhook that Twitch has."""
        listed: list[dict[str, Any]] = (await self.as_app("GET")).json()["data"]
        return listed

    async def statuses(self) -> dict[str, str]:
        """Of the subscriptions that lead here, by type."""
        return {one["type"]: one["status"] for one in await self.listed() if self._leads_here(one)}

    async def subscribe(
        self, kind: str, channel_id: str = "1001", callback: str = "", secret: str = KEY, **condition: str
    ) -> str:
        """A subscription that this program did not make just now."""
        body = {
            "type": kind,
            "version": "1",
            "condition": {"broadcaster_user_id": channel_id, **condition},
            "transport": {"method": "webhook", "callback": callback or self.callback, "secret": secret},
        }
        answer = await self.as_app("POST", json=body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["data"][0]["id"])

    async def stands(self, channel_id: str = "1001") -> bool:
        """Whether all subscriptions do, on Twitch and in the picture."""
        found = {
            one["type"]
            for one in await self.listed()
            if one["condition"].get("broadcaster_user_id") == channel_id and one["status"] == "enabled"
        }
        live = self.services.connections.of(channel_id).hearing is Hearing.LIVE
        return live and found >= set(TYPES)

    async def hears(self, channel_id: str = "1001") -> None:
        """Until all subscriptions stand."""
        await until(lambda: self.stands(channel_id), f"channel {channel_id} to be heard by webhook")

    async def redemption_becomes_vip(self, viewer: str = "viewer1") -> None:
        made = await self.control("redeem", channel="streamer", viewer=viewer)
        await counted_once(self, made["id"])

    async def attempts(self, kind: str = "notification") -> list[dict[str, Any]]:
        """What Twitch has posted and how it was answered, oldest first."""
        lines = (await self.http.get("control/journal", params={"after": 0, "limit": 1000})).json()["journal"]
        return [line for line in lines if line.get("message_type") == kind]

    async def due(self, channel_id: str = "1001") -> bool:
        at = (await self.channel(channel_id)).catch_up_at
        return at is not None and at <= self.clock.now()

    async def not_due(self, channel_id: str = "1001") -> None:
        """Everything of that channel is caught up with."""
        self.clock.jump(1)
        await self.services.sweep.run()
        assert not await self.due(channel_id)

    def _leads_here(self, one: dict[str, Any]) -> bool:
        return bool(one["transport"].get("callback") == self.callback)


def becomes(house: House, viewer: str) -> Callable[[], Awaitable[bool]]:
    async def vip() -> bool:
        return viewer in await house.vips()

    return vip
