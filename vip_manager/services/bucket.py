"""A token bucket: so many at once, and then so many a second."""

import time
from collections.abc import Callable


class Bucket:
    """Full at first. `monotonic` counts seconds, from whenever."""

    __slots__ = ("_burst", "_left", "_monotonic", "_per_second", "_seen")

    def __init__(self, per_second: float, burst: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = self._left = burst
        self._monotonic = monotonic
        self._seen = monotonic()

    def take(self) -> bool:
        """Whether there was one left."""
        now = self._monotonic()
        self._left = min(self._burst, self._left + (now - self._seen) * self._per_second)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
