"""How fast Twitch lets one go, measured in real time.

The points bucket: 800 a minute for each client and user, refilled steadily (API guide, "Rate limits"). VIP changes: 10
additions and 10 removals in 10 s a broadcaster, two windows apart from the bucket (API reference, Add Channel VIP).
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

BUCKET = 800
REFILL_SECONDS = 60.0
VIP_CHANGES = 10
VIP_SECONDS = 10.0


@dataclass(frozen=True)
class Points:
    """What is left after a call; `allowed` is False where the call itself found the bucket empty."""

    allowed: bool
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "Ratelimit-Limit": str(BUCKET),
            "Ratelimit-Remaining": str(self.remaining),
            "Ratelimit-Reset": str(self.reset),
        }


class Limits:
    def __init__(self, real_now: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._real_now = real_now
        self._monotonic = monotonic
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}
        self._windows: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def untouched(self) -> Points:
        """For answers to callers who can't be told apart: nothing is drained."""
        return Points(True, BUCKET - 1, math.ceil(self._real_now().timestamp()))

    def spend(self, client_id: str, user_id: str) -> Points:
        at = self._monotonic()
        level, since = self._buckets.get((client_id, user_id), (float(BUCKET), at))
        level = min(float(BUCKET), level + (at - since) * BUCKET / REFILL_SECONDS)
        allowed = level >= 1
        if allowed:
            level -= 1
        self._buckets[client_id, user_id] = (level, at)
        full_in = (BUCKET - level) * REFILL_SECONDS / BUCKET
        return Points(allowed, int(level), math.ceil(self._real_now().timestamp() + full_in))

    def vip_change(self, verb: str, broadcaster_id: str) -> bool:
        """Counts a change and says whether it is still within its window; one refused doesn't count."""
        at = self._monotonic()
        window = self._windows[verb, broadcaster_id]
        while window and window[0] <= at - VIP_SECONDS:
            window.popleft()
        if len(window) >= VIP_CHANGES:
            return False
        window.append(at)
        return True
