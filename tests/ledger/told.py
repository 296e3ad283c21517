"""Lives in which all that happens is told to the outside: it is nothing to the ledger."""

from collections.abc import Awaitable, Callable, Set
from typing import Any

from tests.crash.books import Books
from tests.ledger.choices import Choices
from tests.ledger.stage import CHANNELS


class Told(Choices):
    """It is told after each step. `beside`: actions in the log that may come of telling alone."""

    beside: Set[str] = frozenset()

    def __init__(self) -> None:
        self.ready = False
        super().__init__()
        self.turn_on()
        self.ready = True

    def turn_on(self) -> None:
        raise NotImplementedError

    def do(self, work: Callable[[], Awaitable[Any]]) -> None:
        super().do(work)
        if self.ready:
            self.tell()

    def tell(self) -> None:
        life = self.stage.life
        left, life.left = life.left, None
        dead, life.dead = life.dead, False
        before = self._ledger(self.stage.books())
        herald = self.stage.house.services.herald

        async def told() -> None:
            for channel_id in CHANNELS.values():
                await herald.tend(channel_id)
            await herald.settled()

        self.stage.attempt(told)
        assert self._ledger(self.stage.books()) == before, "8: telling of it has changed what happened"
        life.left, life.dead = left, dead

    def calm_down(self) -> None:
        """Where the program died in the midst of telling, that stands in the log of whoever was told to keep one."""
        errors = self.stage.errors
        errors[:] = [one for one in errors if not ("outside not told" in one and "Killed" in one)]
        super().calm_down()

    def _ledger(self, books: Books) -> tuple[Any, ...]:
        return books.sessions, books.redemptions, [one for one in books.log if one["action"] not in self.beside]
