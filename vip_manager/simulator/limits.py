"""How fast Twitch lets one go, measured in real time.

Buckets of points, refilled steadily over a minute, one for each client and user (API guide, "Rate limits"): 800 for
everything, and one apart for chat messages (Chat docs, "Rate limits", which call it bigger and don't say how big; its
size here is ours). Windows slide, and are apart from the buckets: each says where its number comes from.
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

REFILL_SECONDS = 60.0


@dataclass(frozen=True)
class Bucket:
    name: str
    size: int


POINTS = Bucket("points", 800)
CHAT_POINTS = Bucket("chat", 2000)


@dataclass(frozen=True)
class Window:
    """At most so many within so many seconds."""

    name: str
    most: int
    seconds: float


VIPS_ADDED = Window("VIPs added", 10, 10.0)
VIPS_REMOVED = Window("VIPs removed", 10, 10.0)
"""API reference, Add and Remove Channel VIP; a broadcaster."""
MODERATORS_ADDED = Window("moderators added", 10, 10.0)
MODERATORS_REMOVED = Window("moderators removed", 10, 10.0)
"""API reference, Add and Remove Channel Moderator; a broadcaster."""
ANNOUNCEMENTS = Window("announcements", 1, 2.0)
"""API reference, Send Chat Announcement; a sender and channel."""
CHAT_AT_ONCE = Window("messages to a channel", 1, 1.0)
CHAT = Window("messages", 20, 30.0)
CHAT_WITH_BADGE = Window("messages with a badge", 100, 30.0)
"""Chat docs, "Rate limits"; a sender (and channel), the last for moderators, VIPs and the broadcaster."""


@dataclass(frozen=True)
class Points:
    """What is left after a call; `allowed` is False where the call itself found the bucket empty."""

    allowed: bool
    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "Ratelimit-Limit": str(self.limit),
            "Ratelimit-Remaining": str(self.remaining),
            "Ratelimit-Reset": str(self.reset),
        }


class Limits:
    def __init__(self, real_now: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._real_now = real_now
        self._monotonic = monotonic
        self._levels: dict[tuple[str, str, str], tuple[float, float]] = {}
        self._taken: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def untouched(self) -> Points:
        """For answers to callers who can't be told apart: nothing is drained."""
        return Points(True, POINTS.size, POINTS.size - 1, math.ceil(self._real_now().timestamp()))

    def spend(self, client_id: str, user_id: str, bucket: Bucket = POINTS) -> Points:
        at = self._monotonic()
        key = (bucket.name, client_id, user_id)
        level, since = self._levels.get(key, (float(bucket.size), at))
        level = min(float(bucket.size), level + (at - since) * bucket.size / REFILL_SECONDS)
        allowed = level >= 1
        if allowed:
            level -= 1
        self._levels[key] = (level, at)
        full_in = (bucket.size - level) * REFILL_SECONDS / bucket.size
        return Points(allowed, bucket.size, int(level), math.ceil(self._real_now().timestamp() + full_in))

    def take(self, *wanted: tuple[Window, str]) -> bool:
        """Counts once in each window of somebody, if there is room in all; what is refused counts in none."""
        at = self._monotonic()
        windows = []
        for window, whose in wanted:
            taken = self._taken[window.name, whose]
            while taken and taken[0] <= at - window.seconds:
                taken.popleft()
            if len(taken) >= window.most:
                return False
            windows.append(taken)
        for taken in windows:
            taken.append(at)
        return True
