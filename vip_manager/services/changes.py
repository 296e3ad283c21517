"""The feed of what changed: channel ids, coalesced, to everybody in this process who shows them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Subscription:
    """A queue of channel ids in which each waits at most once."""

    def __init__(self) -> None:
        self._waiting: dict[str, None] = {}
        self._arrived = asyncio.Event()

    def add(self, channel_id: str) -> None:
        self._waiting[channel_id] = None
        self._arrived.set()

    async def get(self) -> str:
        """The channel that has waited longest for being looked at."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        channel_id = next(iter(self._waiting))
        del self._waiting[channel_id]
        return channel_id


class Changes:
    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._revisions: defaultdict[str, int] = defaultdict(int)

    def announce(self, channel_id: str) -> None:
        """Something of that channel's picture is different now."""
        self._revisions[channel_id] += 1
        for subscription in self._subscriptions:
            subscription.add(channel_id)

    def revision(self, channel_id: str) -> int:
        """Grows with every change of the channel, in this process."""
        return self._revisions[channel_id]

    @asynccontextmanager
    async def subscribed(self) -> AsyncIterator[Subscription]:
        subscription = Subscription()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
