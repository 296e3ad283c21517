"""The steps of a life, found as they happen: every effect that leaves the process, and death between any two of them.

An effect is a call to Twitch or a transaction of the store, and each has two edges: a call is about to be sent, and
has been answered (Twitch has done it; nobody here knows yet); a transaction is written but not committed, and is
committed. Nothing of the program is changed for it: the call is seen in httpx's transport, which Twitch's client takes,
the transaction in sqlite3's connection, which takes a class of one's own.
"""

import functools
import json
import os
import re
import signal
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx

from vip_manager.bootstrap import adapters
from vip_manager.twitch.client import TwitchClient

_WRITE = re.compile(r"(?:INSERT(?: OR IGNORE)? INTO|UPDATE) (\w+)")
_HOSTS = re.compile(r".*/(?:helix|oauth2)(?=/)")


LOST, MEANWHILE = "answer lost", "something else happens"
_BEFORE_A_CALL, _OPEN = "not sent", "written"


def changes_something(edge: str) -> bool:
    """Whether anything outside the process differs from the edge before: a reading call changes nothing, and what has
    not been sent, or not been committed, has not yet."""
    return not edge.startswith("GET ") and not edge.endswith((f": {_BEFORE_A_CALL}", f": {_OPEN}"))


def in_a_transaction(edge: str) -> bool:
    return edge.endswith(f": {_OPEN}")


def call_of(edge: str) -> str:
    """The call that is about to be sent there, or nothing."""
    return edge.removesuffix(f": {_BEFORE_A_CALL}") if edge.endswith(f": {_BEFORE_A_CALL}") else ""


class Steps:
    """The edges of this process's life, by number and name.

    At edge `die_at` the process tells `last_words` the edge's name and kills itself, as kill -9 does.
    """

    def __init__(self, die_at: int | None, last_words: Callable[[str], None]) -> None:
        self.edges: list[str] = []
        self.counting = False
        self._die_at = die_at
        self._last_words = last_words
        self._meanwhile: dict[str, Callable[[], Awaitable[None]]] = {}

    def meanwhile(self, call: str, happen: Callable[[], Awaitable[None]]) -> None:
        """What happens at the moment when the program is about to send that call for the first time."""
        self._meanwhile[call] = happen

    @property
    def expected(self) -> list[str]:
        """The calls that were not sent yet and at which something is to happen."""
        return list(self._meanwhile)

    async def reached(self, call: str) -> None:
        happen = self._meanwhile.pop(call, None) if self.counting else None
        if happen is not None:
            await happen()
            self.edge(f"{call}: {MEANWHILE}")

    def edge(self, name: str) -> None:
        if not self.counting:
            return
        self.edges.append(name)
        if len(self.edges) - 1 == self._die_at:
            self._last_words(name)
            os.kill(os.getpid(), signal.SIGKILL)


def watch(steps: Steps) -> None:
    """Every program that this process starts from now on is watched. There is no way back: the process is to die."""
    adapters.TwitchClient = functools.partial(  # type: ignore[attr-defined, assignment]
        TwitchClient, transport=_Transport(steps)
    )
    sqlite3.connect = functools.partial(sqlite3.connect, factory=functools.partial(WatchedConnection, steps))  # type: ignore[assignment]


class _Transport(httpx.AsyncHTTPTransport):
    def __init__(self, steps: Steps) -> None:
        # Plain http: loading the world's certificates takes longer than a life.
        super().__init__(verify=False)
        self._steps = steps

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call = f"{request.method} {_HOSTS.sub('', request.url.path)}"
        await self._steps.reached(call)
        self._steps.edge(f"{call}: {_BEFORE_A_CALL}")
        try:
            response = await super().handle_async_request(request)
            await response.aread()
        except httpx.TransportError:
            self._steps.edge(f"{call}: {LOST}")
            raise
        self._steps.edge(f"{call}: {response.status_code}")
        return response


class WatchedConnection(sqlite3.Connection):
    """A transaction that changed nothing is no step; a change outside of any is one by itself."""

    def __init__(self, steps: Steps, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._steps = steps
        self._changes = 0
        self._writes: list[str] = []

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> sqlite3.Cursor:  # type: ignore[override]
        if not self.in_transaction:
            self._changes, self._writes = self.total_changes, []
        if found := _WRITE.match(sql):
            self._writes.append(_written(found[1], parameters))
        if sql == "COMMIT":
            self._edge(_OPEN)
        done = super().execute(sql, parameters)
        if not self.in_transaction:
            self._edge("committed")
        return done

    def _edge(self, name: str) -> None:
        if self.total_changes > self._changes:
            self._steps.edge(f"commit {', '.join(filter(None, self._writes))}: {name}")


def _written(collection: str, parameters: Sequence[Any]) -> str:
    """Which record, and what it is now: names for people; a statement that looks otherwise has a shorter one."""
    body = next((one for one in parameters if isinstance(one, str) and one.startswith("{")), "")
    if not body:
        return ""
    document = json.loads(body)
    what = document.get("state") or document.get("action") or ""
    return f"{collection} {what}".rstrip()
