"""The feed of what changed: channel ids, coalesced, to everybody who shows them, in this process and in others."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

from vip_manager.ports import Touched

Note = Mapping[str, Any]
"""What is known of a channel and is no record: plain values."""

Noting = Callable[[Note], Note]
"""What a note is made into, whatever stands there by then."""


_REMEMBERED = 100
"""Changes of one channel of which it is known what was written."""


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


class Watch:
    """What is written of a channel for as long as somebody looks at it here."""

    def __init__(self, revision: int) -> None:
        self._revision = revision
        self._known: deque[tuple[Touched, Touched, int | None]] = deque(maxlen=_REMEMBERED)

    def add(self, ours: Touched, others: Touched, begins: int | None) -> None:
        """What was written here, and by others, with one more change. `begins` as in `ports.News`."""
        self._revision += 1
        self._known.append((ours, others, begins))

    def since(self, revision: int, number: int | None) -> Touched:
        """With all changes after that one. Where they begin to be heard of only then, whatever others wrote before is
        known of too, if there had been that `number` of changes."""
        later = self._revision - revision
        if later > len(self._known):
            return None
        touched: dict[str, None] = {}
        for ours, others, begins in list(self._known)[len(self._known) - later :]:
            if begins is not None and begins == number:
                others = ()
            if ours is None or others is None:
                return None
            touched.update(dict.fromkeys((*ours, *others)))
        return tuple(touched)


class Others(Protocol):
    """The other instances."""

    def tell(self, channel_id: str, noting: Noting | None, *, more: bool = False) -> None:
        """Of a change of what is stored; or, with `noting`, of what is known. `more` follows in a moment. Returns at
        once."""

    def touched(self, channel_id: str) -> Touched:
        """What of that channel was written here since this was asked last."""

    async def told(self) -> None:
        """Returns when they were told of all that was to be told by now, or it takes too long."""

    async def forget(self, channel_id: str) -> None:
        """There is no such channel any more: once they were told, nothing is kept of it. Raises StoreError."""

    def follow(self, channel_ids: frozenset[str]) -> None:
        """What they change in these channels, and in no others, is to be heard of here."""


class Changes:
    """`others`: None where there are none."""

    def __init__(self, others: Others | None = None) -> None:
        self._others = others
        self.shown: frozenset[str] = frozenset()
        """The channels that somebody looks at in this process."""
        self._subscriptions: set[Subscription] = set()
        self._revisions: defaultdict[str, int] = defaultdict(int)
        self._watches: dict[str, Watch] = {}

    def announce(self, channel_id: str, *, more: bool = False) -> None:
        """Something that is stored of that channel is different now. `more`: and more will be in a moment, with which
        the others are told of this, if it is not long in coming."""
        self.announce_here(channel_id)
        if self._others is not None:
            self._others.tell(channel_id, None, more=more)

    def note(self, channel_id: str, noting: Noting, *, here: bool) -> None:
        """What is known of that channel is different now, `here` too or elsewhere only."""
        if here:
            self.announce_here(channel_id)
        if self._others is not None:
            self._others.tell(channel_id, noting)

    async def told(self) -> None:
        """Before a request is answered after which this process may sleep: the other instances know, if they can."""
        if self._others is not None:
            await self._others.told()

    async def forget(self, channel_id: str) -> None:
        """That channel is gone: whoever looks is told, and nothing is kept of it for others. Raises StoreError."""
        self.announce_here(channel_id, None)
        if self._others is not None:
            self._others.tell(channel_id, None)
            await self._others.forget(channel_id)

    def announce_here(self, channel_id: str, touched: Touched = (), *, begins: int | None = None) -> None:
        """To this process only: others know, or have nothing from it. `touched` and `begins` as in `ports.News`, beside
        what was written here."""
        ours = self._others.touched(channel_id) if self._others is not None else None
        self._revisions[channel_id] += 1
        if watch := self._watches.get(channel_id):
            watch.add(ours, touched, begins)
        for subscription in self._subscriptions:
            subscription.add(channel_id)

    def looked_at(self, channel_ids: frozenset[str]) -> None:
        """Somebody looks at these channels in this process, and at no others."""
        self.shown = channel_ids
        for left in self._watches.keys() - channel_ids:
            del self._watches[left]
        for new in channel_ids - self._watches.keys():
            self._watches[new] = Watch(self._revisions[new])
        if self._others is not None:
            self._others.follow(channel_ids)

    def revision(self, channel_id: str) -> int:
        """Grows with every change of the channel, in this process."""
        return self._revisions[channel_id]

    def watch(self, channel_id: str) -> Watch | None:
        """Of a channel that is shown; another one each time that it comes to be."""
        return self._watches.get(channel_id)

    @asynccontextmanager
    async def subscribed(self) -> AsyncIterator[Subscription]:
        subscription = Subscription()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
