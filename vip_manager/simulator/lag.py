"""Twitch's reads may lag behind its writes: Get VIPs as the channel was some seconds of real time ago.

Only reads by the API lag; what is added and removed, and the events of it, follow the world as it is. In memory only:
after a restart nothing lags, and what changed before it counts as old.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from vip_manager.simulator.records import Channel

LONGEST_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class _Change:
    at: float
    channel_id: str
    user_id: str
    added: bool


class Lag:
    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._seconds: dict[str, float] = {}
        self._changes: deque[_Change] = deque()

    def put(self, channel_id: str, seconds: float) -> None:
        """From now on, and for changes made before too; 0 shows the channel as it is."""
        self._seconds[channel_id] = seconds

    def vip_changed(self, channel_id: str, user_id: str, *, added: bool) -> None:
        at = self._monotonic()
        self._changes.append(_Change(at, channel_id, user_id, added))
        while self._changes[0].at < at - LONGEST_SECONDS:
            self._changes.popleft()

    def vips(self, channel: Channel) -> list[str]:
        """Whom a read finds: the VIPs of now, with what changed since then undone, the newest first."""
        found = dict.fromkeys(channel.vips)
        then = self._monotonic() - self._seconds.get(channel.id, 0.0)
        for change in reversed(self._changes):
            if change.at <= then:
                break
            if change.channel_id != channel.id:
                continue
            if change.added:
                found.pop(change.user_id, None)
            else:
                found[change.user_id] = None
        return list(found)
