"""The way between the program and Twitch, in one process and one thread: requests reach the simulator as ASGI messages,
and every edge on the way may be the last. What happens is the same each time, so a seed says everything.

What a network does to a request is done here, as httpx would tell of it; what Twitch does to it, by the simulator's
rules.
"""

import asyncio
import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import httpx
from starlette.types import ASGIApp

from tests.crash.steps import LOST, Steps

_HOSTS = re.compile(r".*/(?:helix|oauth2)(?=/)")

ON_THE_WAY: dict[str, type[httpx.TransportError]] = {
    "refuse": httpx.ConnectError,
    "cut": httpx.ReadError,
    "silence": httpx.ReadTimeout,
    "lose_answer": httpx.ReadTimeout,
    "cut_answer": httpx.ReadError,
}
"""What the program sees of a request that was lost, or (the last two) of one whose answer was."""
_DONE = ("lose_answer", "cut_answer")

beside: ContextVar[str] = ContextVar("how work is done beside that of a step", default="")
"""IN_THE_MIDDLE of it, which goes on only when that is over; or AT_THE_SAME_TIME."""
IN_THE_MIDDLE, AT_THE_SAME_TIME = "in the middle", "at the same time"

LOST_COMMIT = "that commit was lost by the test"
"""How a store's error begins whose cause is here."""


class Killed(BaseException):
    """The program has died here: nothing of it may go on."""


class Mortal(Steps):
    """Dies at the edge that is `left` edges away, or at the first one that is called `dies_at`. A dead program reaches
    nothing: neither Twitch nor the store. At the edge `refuses` the store says `refuses_with` instead, once.

    `about_to` is the request that it is about to send while something else happens in the middle. `commits_lost`: what
    befalls its next commits (of those stores where that may be).
    """

    def __init__(self) -> None:
        super().__init__(None, lambda edge: None)
        self.counting = True
        self.dead = False
        self.left: int | None = None
        self.dies_at = ""
        self.refuses = ""
        self.refuses_with = ""
        self.about_to: httpx.Request | None = None
        self.commits_lost: list[str] = []

    def edge(self, name: str) -> None:
        if name == self.refuses:
            self.refuses = ""
            raise sqlite3.OperationalError(self.refuses_with)
        if name == self.dies_at:
            self.dead = True
        self.check_alive(name)
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.dead = True
                raise Killed(name)

    def check_alive(self, name: str) -> None:
        if self.dead:
            raise Killed(name)

    def commit_lost(self) -> str:
        """What befalls the store's next commit, "" where nothing does."""
        return self.commits_lost.pop(0) if self.commits_lost else ""

    def be_calm(self) -> None:
        """Nothing is to happen any more."""
        self.left = None
        self.commits_lost.clear()
        self._meanwhile.clear()

    async def reached(self, call: str) -> None:
        # What happens in the middle of a step has no middle of its own.
        if not beside.get():
            await super().reached(call)


@dataclass
class Mishap:
    """What happens to the next `times` requests of that method whose path ends so."""

    method: str
    path: str
    do: str
    times: int

    def strikes(self, request: httpx.Request) -> bool:
        meant = self.times > 0 and request.method == self.method and request.url.path.endswith(self.path)
        self.times -= meant
        return meant


class Wire(httpx.AsyncBaseTransport):
    """`now`: Twitch's time, for the `Date` that its servers put on every answer."""

    def __init__(self, twitch: ASGIApp, steps: Mortal, mishaps: list[Mishap], now: Callable[[], datetime]) -> None:
        self._twitch = httpx.ASGITransport(twitch)
        self._steps = steps
        self._mishaps = mishaps
        self._now = now

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call = f"{request.method} {_HOSTS.sub('', request.url.path)}"
        self._steps.about_to = request
        await self._steps.reached(call)
        self._steps.about_to = None
        self._steps.edge(f"{call}: not sent")
        mishap = next((one for one in self._mishaps if one.strikes(request)), None)
        if mishap and mishap.do not in _DONE:
            raise ON_THE_WAY[mishap.do](mishap.do, request=request)
        response = await self._twitch.handle_async_request(request)
        await response.aread()
        response.headers["Date"] = format_datetime(self._now(), usegmt=True)
        if mishap:
            self._steps.edge(f"{call}: {LOST}")
            raise ON_THE_WAY[mishap.do](mishap.do, request=request)
        self._steps.edge(f"{call}: {response.status_code}")
        return response


class OrderlyLoop(asyncio.SelectorEventLoop):
    """What others leave to a thread is done at once, so that tasks come in the same order each time."""

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except BaseException as error:
            future.set_exception(error)
        return future
