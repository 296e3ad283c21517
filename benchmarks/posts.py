"""Posts as Twitch sends them: signed, over a few connections that stay open; and how long each took to be answered."""

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

REDEEMED = "channel.channel_points_custom_reward_redemption.add"


def redemption(number: int, channel_id: str, viewer: str, moment: datetime | None = None) -> bytes:
    """Redeemed then, or now. A body as Twitch's reference has it (https://dev.twitch.tv/docs/eventsub/eventsub-subscription-types/)."""
    at = (moment or datetime.now(UTC)).isoformat().replace("+00:00", "Z")
    return json.dumps(
        {
            "subscription": {
                "id": f"subscription-{channel_id}",
                "type": REDEEMED,
                "version": "1",
                "status": "enabled",
                "cost": 0,
                "condition": {"broadcaster_user_id": channel_id, "reward_id": ""},
                "transport": {"method": "webhook", "callback": "https://vip.example/api/eventsub"},
                "created_at": "2026-03-01T10:00:00Z",
            },
            "event": {
                "id": f"{uuid.UUID(int=uuid.uuid4().int ^ number)}",
                "broadcaster_user_id": channel_id,
                "broadcaster_user_login": f"channel{channel_id}",
                "broadcaster_user_name": f"Channel{channel_id}",
                "user_id": viewer,
                "user_login": f"viewer{viewer}",
                "user_name": f"Viewer{viewer}",
                "user_input": "",
                "status": "unfulfilled",
                "reward": {"id": f"reward-{channel_id}", "title": "VIP for a day", "cost": 5000, "prompt": ""},
                "redeemed_at": at,
            },
        }
    ).encode()


def post(key: str, body: bytes) -> bytes:
    """The whole request."""
    message_id, stamp = str(uuid.uuid4()), datetime.now(UTC).isoformat().replace("+00:00", "Z")
    signature = hmac.new(key.encode(), message_id.encode() + stamp.encode() + body, hashlib.sha256).hexdigest()
    head = (
        "POST /api/eventsub HTTP/1.1\r\n"
        "Host: localhost\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"Twitch-Eventsub-Message-Id: {message_id}\r\n"
        "Twitch-Eventsub-Message-Retry: 0\r\n"
        "Twitch-Eventsub-Message-Type: notification\r\n"
        f"Twitch-Eventsub-Message-Signature: sha256={signature}\r\n"
        f"Twitch-Eventsub-Message-Timestamp: {stamp}\r\n"
        f"Twitch-Eventsub-Subscription-Type: {REDEEMED}\r\n"
        "Twitch-Eventsub-Subscription-Version: 1\r\n\r\n"
    )
    return head.encode() + body


class Line(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._came = b""

    @classmethod
    async def to(cls, port: int) -> "Line":
        _, line = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, end, body = self._came.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        self._came = b""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(int(head[9:12]))

    @property
    def open(self) -> bool:
        """The server ends one that was silent for some seconds."""
        return self._transport is not None and not self._transport.is_closing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server has closed the connection"))

    async def ask(self, request: bytes) -> int:
        """The answer's status."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def kept_busy(port: int, requests: Iterator[bytes], lines: int, seconds: float) -> tuple[float, list[float]]:
    """As many connections, each with its next request as soon as it is answered: requests a second, and the seconds
    that each took. Raises where one is not answered with 2xx."""
    took: list[float] = []
    end = time.perf_counter() + seconds

    async def one(line: Line) -> None:
        while time.perf_counter() < end:
            request = next(requests)
            began = time.perf_counter()
            status = await line.ask(request)
            took.append(time.perf_counter() - began)
            if not 200 <= status < 300:
                raise RuntimeError(f"HTTP {status}")

    opened = [await Line.to(port) for _ in range(lines)]
    began = time.perf_counter()
    try:
        await asyncio.gather(*(one(line) for line in opened))
    finally:
        for line in opened:
            line.close()
    return len(took) / (time.perf_counter() - began), took


async def at_pace(
    port: int, make: Callable[[], tuple[bytes, Callable[[], None], object]], rate: float, seconds: float
) -> None:
    """So many requests a second, whether or not the ones before are answered; until all are. `make` gives a request,
    and what is to be called when it is sent."""
    free: list[Line] = []
    works: set[asyncio.Task[None]] = set()

    async def one() -> None:
        request, sent, _ = make()
        line = free.pop() if free else await Line.to(port)
        sent()
        status = await line.ask(request)
        free.append(line)
        if not 200 <= status < 300:
            raise RuntimeError(f"HTTP {status}")

    began, number = time.perf_counter(), 0
    while (due := number / rate) < seconds:
        await asyncio.sleep(max(began + due - time.perf_counter(), 0))
        works.add(asyncio.create_task(one()))
        number += 1
    await asyncio.gather(*works)
    for line in free:
        line.close()


def share(values: Sequence[float], part: float) -> float:
    """The value that this part of all is not above: 0.5 is the median."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]
