"""The same lives of two instances on one Firestore database: each step is done by either, and both may die of it.

What goes on in the middle of the one's step does so in the other; where both want a turn, it is in vain there, as
after a time in which nobody waits any longer. What the other does at the same time waits for its turn.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RULE_MARKER, precondition, rule

from tests.ledger import scenes
from tests.ledger.choices import Choices
from tests.ledger.firestore import LOST, FirestorePlace
from tests.ledger.machine import Ledger, channels, some, viewers
from tests.ledger.place import Place
from tests.ledger.scenes import ADD, BY_THE_OTHER, LOOK, SETTLE
from tests.ledger.stage import IN_VAIN
from tests.ledger.wire import AT_THE_SAME_TIME, IN_THE_MIDDLE
from vip_manager.services.container import Services

_THERE = [f"{what} there" for what in ("sweep", "redeem", "hear again", "add an hour", "end", "make permanent")]
"""By the other instance, at the same time."""
AT_A_LOOK = [*scenes.AT_A_LOOK, *_THERE]
AT_AN_ADD = [*scenes.AT_AN_ADD, "end", "make permanent", *_THERE]
AT_A_SETTLEMENT = [*scenes.AT_A_SETTLEMENT, *_THERE]
AT_A_REMOVAL = [*scenes.AT_A_REMOVAL, "redeem", "hear again", "add an hour", *_THERE]
"""With turns among instances nothing is left out."""
_HERE, _THERE_AT_MOST = 0.05, 5.0
"""Seconds for what has begun beside: that it waits for a turn is seen where another instance has that."""
_EITHER = st.integers(0, 1)


L = TypeVar("L", bound=Ledger)

_OF_NO_INSTANCE = {
    "change_by_hand",
    "settle_by_hand",
    "change_reward_by_hand",
    "lose",
    "misbehave",
    "kill_token",
    "heal_twitch",
    "lag",
    "drop",
    "jump",
    "lose_tokens",
    "leave_twitch",
    "rename",
    "rest",
}
"""Steps that Twitch, time and people on Twitch take without the program."""


_OFTEN = {
    "redeem_and_meanwhile_at_the_look",
    "redeem_and_meanwhile_at_the_add",
    "redeem_and_meanwhile_at_the_settlement",
    "expire_and_meanwhile",
    "end_and_meanwhile",
    "take_by_hand_and_meanwhile",
    "sweep_together",
}
"""What two instances are here for."""
_TIMES = 3


def by_either(lives: type[L]) -> type[L]:
    """Its steps say in addition by which instance they are done, and each is noted."""
    for name, step in inspect.getmembers(lives):
        if hasattr(step, RULE_MARKER):
            for time in range(_TIMES if name in _OFTEN else 1):
                setattr(lives, f"{name}_{time}" if time else name, _by_either(step))
    return lives


def _by_either(step: Any) -> Any:
    def acted(self: "Instances", *arguments: Any, by: int | None = None, **named: Any) -> None:
        # A step that is part of another is done by the same.
        if by is not None:
            self.stage.acting = by
        with self.noting(step.__name__, by, named):
            step(self, *arguments, **named)

    acted.__name__ = step.__name__
    known = getattr(step, RULE_MARKER)
    by = {} if step.__name__ in _OF_NO_INSTANCE else {"by": _EITHER}
    setattr(acted, RULE_MARKER, replace(known, function=acted, arguments={**by, **known.arguments}))
    return acted


@by_either
class Instances(Choices):
    """`by` 0 or 1. A database over a wire does not take the same time twice, so a seed may not say everything: what a
    life was like in which something was found is printed at once."""

    def __init__(self) -> None:
        super().__init__()
        self.lived: list[str] = []
        self._noting = False

    @contextmanager
    def noting(self, step: str, by: int | None, named: dict[str, Any]) -> Iterator[None]:
        """But no step that is part of another."""
        if self._noting:
            yield
            return
        told = named if by is None else {"by": by, **named}
        self.lived.append(f"state.{step}({', '.join(f'{name}={value!r}' for name, value in told.items())})")
        self._noting = True
        try:
            yield
        finally:
            self._noting = False

    def calm_down(self) -> None:
        try:
            super().calm_down()
        except AssertionError as found:
            print("found in a life like this:", *self.lived, found, sep="\n", flush=True)
            raise

    def place(self, directory: Path) -> Place:
        return FirestorePlace(directory)

    @rule(what=st.sampled_from(AT_A_LOOK), channel=channels, viewer=viewers)
    def redeem_and_meanwhile_at_the_look(self, what: str, channel: str, viewer: str) -> None:
        self.redeem_meanwhile(LOOK, what, channel, viewer)

    @rule(what=st.sampled_from(AT_AN_ADD), channel=channels, viewer=viewers)
    def redeem_and_meanwhile_at_the_add(self, what: str, channel: str, viewer: str) -> None:
        self.redeem_meanwhile(ADD, what, channel, viewer)

    @rule(what=st.sampled_from(AT_A_SETTLEMENT), channel=channels, viewer=viewers)
    def redeem_and_meanwhile_at_the_settlement(self, what: str, channel: str, viewer: str) -> None:
        self.redeem_meanwhile(SETTLE, what, channel, viewer)

    @rule(what=st.sampled_from(AT_A_REMOVAL), channel=channels, viewer=viewers)
    def expire_and_meanwhile(self, what: str, channel: str, viewer: str) -> None:
        self.expire_meanwhile(what, channel, viewer)

    @rule(what=st.sampled_from(AT_A_REMOVAL), channel=channels, viewer=viewers)
    def end_and_meanwhile(self, what: str, channel: str, viewer: str) -> None:
        self.end_meanwhile(what, channel, viewer)

    @rule(what=st.sampled_from(AT_A_LOOK), channel=channels, viewer=viewers)
    def take_by_hand_and_meanwhile(self, what: str, channel: str, viewer: str) -> None:
        self.take_by_hand_meanwhile(what, channel, viewer)

    @rule(what=st.sampled_from(BY_THE_OTHER), channel=channels, viewer=viewers)
    def done_by_the_other(self, what: str, channel: str, viewer: str) -> None:
        """The one that acts is another than before, perhaps."""
        self.do(lambda: self.do_by(self.stage.house.services, what, channel, viewer))

    @rule(hours=st.sampled_from([0.0, 0.02, 3.0]))
    def sweep_together(self, hours: float) -> None:
        self.stage.pass_time(hours)
        self.do_together(lambda services: services.sweep.run())

    @precondition(lambda self: self.stage.mail)
    @rule(nth=some)
    def deliver_to_both(self, nth: int) -> None:
        """As where one takes the other's sockets over."""
        event = self.stage.mail.pop(nth % len(self.stage.mail))
        self.do_together(lambda services: self.stage.hear(event, services))

    @rule(what=st.lists(st.sampled_from(["", "", *LOST]), min_size=1, max_size=6))
    def lose_commits(self, what: list[str]) -> None:
        """What befalls the next ones."""
        self.stage.life.commits_lost[:] = what

    def do_together(self, work: Callable[[Services], Awaitable[Any]]) -> None:
        async def there() -> None:
            with suppress(*IN_VAIN):
                await work(await self.stage.second())

        async def both() -> None:
            await self.begin(self.stage.beside(there(), AT_THE_SAME_TIME), _THERE_AT_MOST)
            await work(self.stage.house.services)

        self.do(both)

    async def happen(self, what: str, channel: str, viewer: str) -> None:
        if what in _THERE:
            work = self.done_by(await self.stage.second(), what.removesuffix(" there"), channel, viewer)
            await self.begin(self.stage.beside(work, AT_THE_SAME_TIME), _THERE_AT_MOST)
        else:
            await super().happen(what, channel, viewer)

    async def begin(self, work: "asyncio.Task[None]", seconds: float = _HERE) -> None:
        """As far as it comes: to its end, or until it has to wait for a turn."""
        self.stage.began.append(work)
        waits = asyncio.create_task(self.waits())
        await asyncio.wait((work, waits), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        waits.cancel()

    async def waits(self) -> None:
        place = self.stage.place
        assert isinstance(place, FirestorePlace)
        await place.waits()

    async def in_the_middle(self, what: str, channel: str, viewer: str) -> None:
        await self.stage.beside(super().in_the_middle(what, channel, viewer), IN_THE_MIDDLE)
