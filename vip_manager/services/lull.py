"""For how long nobody asks for what was not there at all, where each question costs something."""

import time
from collections.abc import Awaitable, Callable

LASTS = 300.0
"""Seconds. What another process puts there meanwhile, and leaves undone, is found that much later."""


class Lull:
    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._asked_until = 0.0
        self._until = 0.0
        self._broken = 0

    @property
    def lasts(self) -> bool:
        return self._monotonic() < self._until

    async def begin_unless(self, anything: Callable[[], Awaitable[bool]]) -> None:
        """Asks whether there is anything, and no more often than a lull lasts."""
        now, broken = self._monotonic(), self._broken
        if now < self._asked_until:
            return
        self._asked_until = now + LASTS
        if not await anything() and broken == self._broken:
            self._until = self._asked_until

    def end(self) -> None:
        """This process has put something there, or may have: whoever asked meanwhile may not have seen it."""
        self._broken += 1
        self._until = 0.0
