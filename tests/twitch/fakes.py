"""Hand-written stand-ins at the ports: a clock that is set, a store of accounts, a Twitch that answers by a script."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qsl

import httpx

from vip_manager.domain.account import CHANNEL_SCOPES, Account, TokenPair
from vip_manager.domain.channel import Channel
from vip_manager.ports import Conflict, Store
from vip_manager.twitch.client import TwitchClient

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CLIENT_ID = "the-client-id"
CLIENT_SECRET = "secret-of-the-client"
STREAMER = "1001"
VIEWER = "2001"


class FakeClock:
    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        return self.moment + timedelta(days=365)  # domain time must not matter here

    def real(self) -> datetime:
        return self.moment


@dataclass
class FakeAccounts:
    rows: dict[str, Account] = field(default_factory=dict)

    async def get(self, user_id: str) -> Account | None:
        return self.rows.get(user_id)


@dataclass
class FakeChannels:
    rows: dict[str, Channel] = field(default_factory=dict)

    async def get(self, channel_id: str) -> Channel | None:
        return self.rows.get(channel_id)


@dataclass
class FakeStore:
    """Accounts with compare-and-set. `before_commit` lets a test come in between a read and a write."""

    accounts: FakeAccounts = field(default_factory=FakeAccounts)
    channels: FakeChannels = field(default_factory=FakeChannels)
    commits: list[Account] = field(default_factory=list)
    before_commit: Callable[[Account], object] | None = None

    async def commit(self, account: Account) -> Account:
        if self.before_commit:
            hook, self.before_commit = self.before_commit, None
            hook(account)
        stored = self.accounts.rows.get(account.id)
        if (stored.version if stored else "") != account.version:
            raise Conflict(account.id)
        return self.put(account)

    def put(self, account: Account) -> Account:
        saved = replace(account, version=f"v{len(self.commits) + 1}")
        self.commits.append(saved)
        self.accounts.rows[account.id] = saved
        return saved

    def account(self, user_id: str = STREAMER) -> Account:
        return self.accounts.rows[user_id]

    def as_store(self) -> Store:
        return cast(Store, self)


def pair(access: str = "access-1", refresh: str = "refresh-1", life: timedelta = timedelta(hours=4)) -> TokenPair:
    return TokenPair(access, refresh, NOON + life, CHANNEL_SCOPES)


def signed_in(tokens: TokenPair | None = None) -> FakeStore:
    store = FakeStore()
    store.put(Account(STREAMER, "streamer", "Streamer", tokens=tokens or pair()))
    store.commits.clear()
    store.accounts.rows[STREAMER] = replace(store.account(), version="v0")
    return store


Answer = httpx.Response | Exception


@dataclass
class Call:
    method: str
    path: str
    query: list[tuple[str, str]]
    form: dict[str, str]
    body: Any
    headers: httpx.Headers

    @property
    def token(self) -> str:
        return str(self.headers.get("Authorization", "")).partition(" ")[2]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


class ScriptedTwitch:
    """Answers each `METHOD /path` from its own list; the last answer is given again and again."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.gate: asyncio.Event | None = None
        """Answers wait for it where there is one."""
        self._answers: dict[str, list[Answer | Callable[[Call], Answer]]] = {}

    def answers(self, name: str, *answers: Answer | Callable[[Call], Answer]) -> None:
        self._answers[name] = list(answers)

    def called(self, name: str) -> list[Call]:
        return [call for call in self.calls if call.name == name]

    async def handle(self, request: httpx.Request) -> httpx.Response:
        raw = request.content.decode()
        is_json = request.headers.get("Content-Type", "").startswith("application/json")
        call = Call(
            request.method,
            request.url.path,
            request.url.params.multi_items(),
            {} if is_json else dict(parse_qsl(raw)),
            json.loads(raw) if is_json and raw else None,
            request.headers,
        )
        self.calls.append(call)
        if self.gate is not None:
            await self.gate.wait()
        answers = self._answers[call.name]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            answer = answer(call)
        if isinstance(answer, Exception):
            raise answer
        # A response can be read only once; the last one is given again and again.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def client(self, store: FakeStore, clock: FakeClock | None = None, **changes: Any) -> TwitchClient:
        arguments: dict[str, Any] = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "auth_url": "https://auth.example/oauth2",
            "authorize_url": "https://auth.example/oauth2/authorize",
            "api_url": "https://api.example/helix",
            "eventsub_ws_url": "ws://127.0.0.1:1/ws",
            "store": store.as_store(),
            "clock": clock or FakeClock(),
            "transport": httpx.MockTransport(self.handle),
        }
        return TwitchClient(**(arguments | changes))


def ok(*items: object, cursor: str = "") -> httpx.Response:
    pagination = {"cursor": cursor} if cursor else {}
    return httpx.Response(200, json={"data": items, "pagination": pagination})


def refusal(status: int, message: str = "no", **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"error": "No", "status": status, "message": message}, headers=headers)


def token_reply(access: str = "access-2", refresh: str = "refresh-2", **changes: Any) -> httpx.Response:
    body = {
        "access_token": access,
        "refresh_token": refresh,
        "expires_in": 14400,
        "scope": sorted(CHANNEL_SCOPES),
        "token_type": "bearer",
    }
    return httpx.Response(200, json=body | changes)


def validated(**changes: Any) -> httpx.Response:
    """What /oauth2/validate says of a living token."""
    body: dict[str, Any] = {
        "client_id": CLIENT_ID,
        "login": "streamer",
        "user_id": STREAMER,
        "scopes": sorted(CHANNEL_SCOPES),
        "expires_in": 14000,
    }
    return httpx.Response(200, json=body | changes)


def reward_item(**changes: Any) -> dict[str, Any]:
    return {
        "id": "reward-1",
        "title": "VIP",
        "cost": 5000,
        "is_enabled": True,
        "is_paused": False,
        "should_redemptions_skip_request_queue": False,
    } | changes


def redemption_item(redemption_id: str = "redemption-1", **changes: Any) -> dict[str, Any]:
    return {
        "id": redemption_id,
        "broadcaster_user_id": STREAMER,
        "user_id": VIEWER,
        "user_login": "viewer",
        "user_name": "Viewer",
        "user_input": "",
        "status": "UNFULFILLED",
        "redeemed_at": "2026-03-01T11:59:00.123456789Z",
        "reward": {"id": "reward-1", "title": "VIP", "cost": 5000, "prompt": ""},
    } | changes
