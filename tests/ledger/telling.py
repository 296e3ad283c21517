"""Lives in which all that happens is told to webhooks, and whatever can go wrong with that does: it is nothing to the
ledger."""

from collections.abc import Awaitable, Callable, Mapping, Set
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.crash.books import Books
from tests.ledger.choices import Choices
from tests.ledger.stage import CHANNELS, streamer
from vip_manager.domain.notice import Event
from vip_manager.domain.outbox import Why
from vip_manager.ports import Undelivered

_ABOUT_HOOKS = frozenset({"hook_added", "hook_changed", "hook_removed", "hook_stopped"})
_ENDS: list[Exception] = [
    Undelivered(Why.UNREACHABLE, temporary=True),
    Undelivered(Why.UNREACHABLE, temporary=True, arrived=True),
    Undelivered(Why.TOO_MANY, temporary=True),
    Undelivered(Why.REFUSED),
    Undelivered(Why.FORBIDDEN),
    Undelivered(Why.GONE),
]


class Elsewhere:
    """Where posts lead to. `ends` is what comes of the next ones; after these they arrive."""

    def __init__(self) -> None:
        self.ends: list[Exception] = []
        self.asked = 0

    async def post(self, url: str, headers: Mapping[str, str], content: bytes, gone: Set[int]) -> None:
        self.asked += 1
        if self.ends:
            raise self.ends.pop(0)


class Telling(Choices):
    """Both streamers have two of them. `posted` counts what was to be posted, `failed` what came of it in vain."""

    posted = failed = 0

    def __init__(self) -> None:
        self.ready = False
        self.elsewhere = Elsewhere()
        super().__init__()
        for channel in CHANNELS:
            self.add(channel, 1)
            self.add(channel, 2)
        self.ready = True

    @rule(channel=st.sampled_from(list(CHANNELS)), number=st.integers(1, 3))
    def add(self, channel: str, number: int) -> None:
        hooks, every = self.stage.house.services.hooks, [one.value for one in Event]
        url = f"https://hooks.example/{number}"
        self.stage.attempt(lambda: hooks.add(streamer(channel), CHANNELS[channel], url, every))

    @rule(channel=st.sampled_from(list(CHANNELS)), on=st.booleans(), gone=st.booleans())
    def change(self, channel: str, on: bool, gone: bool) -> None:
        services, channel_id = self.stage.house.services, CHANNELS[channel]

        async def changed() -> None:
            found = await services.store.channels.get(channel_id)
            for one in found.hooks[:1] if found else ():
                if gone:
                    await services.hooks.remove(streamer(channel), channel_id, one.id)
                else:
                    await services.hooks.turn(streamer(channel), channel_id, one.id, on)

        self.stage.attempt(changed)

    @rule(ends=st.lists(st.sampled_from(_ENDS), min_size=1, max_size=6))
    def it_misbehaves(self, ends: list[Exception]) -> None:
        self.elsewhere.ends += ends

    def do(self, work: Callable[[], Awaitable[Any]]) -> None:
        super().do(work)
        if self.ready:
            self.tell()

    def calm_down(self) -> None:
        """Where the program died in the midst of telling, that stands in the log of whoever was told to keep one."""
        errors = self.stage.errors
        errors[:] = [one for one in errors if not ("outside not told" in one and "Killed" in one)]
        super().calm_down()

    def tell(self) -> None:
        """After each step. To tell of it changes nothing of what it tells of."""
        life = self.stage.life
        left, life.left = life.left, None
        dead, life.dead = life.dead, False
        before = _ledger(self.stage.books())
        services = self.stage.house.services
        services.hooks._outlet._outgoing = self.elsewhere
        asked, ends = self.elsewhere.asked, len(self.elsewhere.ends)

        async def told() -> None:
            for channel_id in CHANNELS.values():
                await services.herald.tend(channel_id)
            await services.herald.settled()

        self.stage.attempt(told)
        Telling.posted += self.elsewhere.asked - asked
        Telling.failed += ends - len(self.elsewhere.ends)
        assert _ledger(self.stage.books()) == before, "8: telling of it elsewhere has changed what happened"
        life.left, life.dead = left, dead


def _ledger(books: Books) -> tuple[Any, ...]:
    """That a webhook was turned off stands in the log, and is nothing to the ledger."""
    lines = [one for one in books.log if one["action"] not in _ABOUT_HOOKS]
    return books.sessions, books.redemptions, lines
