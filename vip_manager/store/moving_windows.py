"""Rate limits counted in this process: for each who and rate, the moments that still count.

Not the `limits` library's own memory: that walks over all it keeps, with a thread for each key, after each hit.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import timedelta

from vip_manager.ports import Rate

MOST_KEPT = 50_000
"""So many are remembered at once; then those go first who came last the longest ago."""
FREED_AT_ONCE = 2
"""Each hit may add one, so two are enough for those whose time is over to become fewer."""


class MovingWindows:
    """`monotonic` counts seconds, from whenever."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, most_kept: int = MOST_KEPT) -> None:
        self._monotonic = monotonic
        self._most_kept = most_kept
        self._hits: OrderedDict[tuple[Rate, str], deque[float]] = OrderedDict()

    async def hit(self, rate: Rate, who: str) -> timedelta | None:
        now = self._monotonic()
        self._free(now)
        key = (rate, who)
        hits = self._hits.setdefault(key, deque())
        self._hits.move_to_end(key)
        while hits and hits[0] <= now - rate.seconds:
            hits.popleft()
        if len(hits) >= rate.most:
            return timedelta(seconds=hits[0] + rate.seconds - now)
        hits.append(now)
        if len(self._hits) > self._most_kept:
            self._hits.popitem(last=False)
        return None

    def _free(self, now: float) -> None:
        for _ in range(FREED_AT_ONCE):
            if not self._hits:
                return
            (rate, _), hits = next(iter(self._hits.items()))
            if hits[-1] > now - rate.seconds:
                return
            self._hits.popitem(last=False)
