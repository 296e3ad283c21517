"""What several instances share, by hand and in memory: time is moved by hand, and any call can be made to fail."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from vip_manager.ports import News, StoreUnavailable, Touched


@dataclass
class Lease:
    holder: str
    until: timedelta


class Door:
    """The store, as far as leases and news go. `out`: it is out of reach."""

    def __init__(self) -> None:
        self.time = timedelta()
        self.out = False
        self.leases: dict[str, Lease] = {}
        self.notes: dict[str, Mapping[str, Any]] = {}
        self.published: list[tuple[str, str]] = []

    def instance(self, name: str) -> "Instance":
        return Instance(self, name)

    def pass_time(self, by: timedelta) -> None:
        self.time += by

    def reached(self) -> None:
        if self.out:
            raise StoreUnavailable("out of reach")


class Instance:
    """`ports.Shared`, and both of its parts."""

    def __init__(self, door: Door, name: str) -> None:
        self._door = door
        self.instance = name
        self.leases = self
        self.feed = self
        self.following: frozenset[str] = frozenset()
        self.heard: list[News] = []

    async def take(self, name: str, holder: str, lasts: timedelta) -> bool:
        self._door.reached()
        lease = self._door.leases.get(name)
        if lease and lease.holder != holder and lease.until > self._door.time:
            return False
        self._door.leases[name] = Lease(holder, self._door.time + lasts)
        return True

    async def give_up(self, name: str, holder: str) -> None:
        self._door.reached()
        if name in self._door.leases and self._door.leases[name].holder == holder:
            del self._door.leases[name]

    async def publish(self, channel_id: str, note: Mapping[str, Any] | None = None) -> None:
        self._door.reached()
        if note is not None:
            self._door.notes[channel_id] = note
        self._door.published.append((self.instance, channel_id))

    async def forget(self, channel_id: str) -> None:
        self._door.reached()
        self._door.notes.pop(channel_id, None)

    async def renote(
        self, channel_id: str, noting: Callable[[Mapping[str, Any]], Mapping[str, Any]], *, changed: bool
    ) -> None:
        stands = self._door.notes.get(channel_id, {})
        noted = noting(stands)
        if changed or noted != stands:
            await self.publish(channel_id, noted)

    def touched(self, channel_id: str) -> Touched:
        return None

    def number(self, channel_id: str) -> int | None:
        return None

    async def note(self, channel_id: str) -> Mapping[str, Any]:
        self._door.reached()
        return self._door.notes.get(channel_id, {})

    def follow(self, channel_ids: frozenset[str]) -> None:
        self.following = channel_ids

    def followed(self, channel_id: str) -> bool:
        return channel_id in self.following

    async def news(self) -> AsyncGenerator[News, None]:
        for news in self.heard:
            yield news
