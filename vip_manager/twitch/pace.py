"""Twitch takes 10 VIP adds and 10 VIP removals in 10 s of a broadcaster: wait for a turn instead of meeting a 429.

Source: https://dev.twitch.tv/docs/api/reference/#add-channel-vip and #remove-channel-vip.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_TIDIED = 5
"""Times in `seconds`: what is kept of a key that is idle is soon gone."""


@dataclass(slots=True)
class _Window:
    """Small: where thousands of channels have their ends at once, there is one for each."""

    queue: asyncio.Lock = field(default_factory=asyncio.Lock)
    callers: int = 0
    """Waiting and running ones."""
    running: int = 0
    ended: list[float] = field(default_factory=list)
    one_ended: asyncio.Event | None = None
    """Where somebody waits for that."""


class Pace:
    """At most `times` calls in any `seconds`, for each key by itself, first come first served.

    A call takes its place from its start until `seconds` after its end: whenever it reached Twitch in between, no
    window of Twitch's own ever holds more. A key that is idle takes no memory.
    """

    def __init__(
        self,
        times: int = 10,
        seconds: float = 10.0,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._times = times
        self._seconds = seconds
        self._monotonic = monotonic
        self._sleep = sleep
        self._windows: dict[str, _Window] = {}
        self._tidied_at = monotonic()

    def __len__(self) -> int:
        """How many keys are held in memory."""
        return len(self._windows)

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        self._tidy()
        window = self._windows.setdefault(key, _Window())
        window.callers += 1
        try:
            async with window.queue:  # an asyncio.Lock is fair
                await self._wait_for_room(window)
                window.running += 1
            try:
                yield
            finally:
                window.running -= 1
                window.ended.append(self._monotonic())
                if window.one_ended is not None:
                    window.one_ended.set()
        finally:
            window.callers -= 1

    async def _wait_for_room(self, window: _Window) -> None:
        while True:
            self._forget_old(window)
            if window.running + len(window.ended) < self._times:
                return
            if window.ended:
                await self._sleep(window.ended[0] + self._seconds - self._monotonic())
            else:
                window.one_ended = asyncio.Event()
                await window.one_ended.wait()

    def _forget_old(self, window: _Window) -> None:
        now = self._monotonic()
        while window.ended and window.ended[0] + self._seconds <= now:
            del window.ended[0]

    def _tidy(self) -> None:
        now = self._monotonic()
        if now - self._tidied_at < self._seconds / _TIDIED:
            return
        self._tidied_at = now
        for key, window in list(self._windows.items()):
            self._forget_old(window)
            if not (window.callers or window.ended):
                del self._windows[key]
