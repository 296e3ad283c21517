"""Lives in which all that happens is told to webhooks, and whatever can go wrong with that does: it is nothing to the
ledger."""

from collections.abc import Mapping, Set

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.ledger.stage import CHANNELS, streamer
from tests.ledger.told import Told
from vip_manager.domain.notice import Event
from vip_manager.domain.outbox import Why
from vip_manager.ports import Undelivered

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


class Telling(Told):
    """Both streamers have two of them. `posted` counts what was to be posted, `failed` what came of it in vain."""

    posted = failed = 0

    beside = frozenset({"hook_added", "hook_changed", "hook_removed", "hook_stopped"})

    def turn_on(self) -> None:
        self.elsewhere = Elsewhere()
        for channel in CHANNELS:
            self.add(channel, 1)
            self.add(channel, 2)

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

    def tell(self) -> None:
        self.stage.house.outgoing = self.elsewhere
        asked, ends = self.elsewhere.asked, len(self.elsewhere.ends)
        super().tell()
        Telling.posted += self.elsewhere.asked - asked
        Telling.failed += ends - len(self.elsewhere.ends)
