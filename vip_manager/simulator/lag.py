"""Twitch's reads may lag behind its writes: Get VIPs as the channel was some seconds of real time ago.

Only reads by the API lag; what is added and removed, and the events of it, follow the world as it is. How far a channel
lags is the world's to keep; what changed lately is in memory only, so what changed before a restart counts as old.
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
        self._changes: deque[_Change] = deque()

    def forget(self) -> None:
        """The world is another one: nothing has changed in it lately."""
        self._changes.clear()

    def vip_changed(self, channel_id: str, user_id: str, *, added: bool) -> None:
        at = self._monotonic()
        self._changes.append(_Change(at, channel_id, user_id, added))
        while self._changes[0].at < at - LONGEST_SECONDS:
            self._changes.popleft()

    def vips(self, channel: Channel) -> list[str]:
        """Whom a read finds: the VIPs of now, with what changed since then undone, the newest first."""
        found = dict.fromkeys(channel.vips)
        then = self._monotonic() - channel.lag_seconds
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
