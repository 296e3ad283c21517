"""When to try again after something failed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vip_manager.domain.reasons import PASSING

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)
STUCK_AFTER = 6
"""Attempts: some five minutes of them."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a record was put off, until when, and why.

    A fresh record has never been put off: it is due at once.
    """

    attempts: int = 0
    next_at: datetime | None = None
    error: str = ""

    @property
    def stuck(self) -> bool:
        """Whether it may never pass by itself, and a person should look. It is tried again all the same."""
        return self.attempts >= STUCK_AFTER and self.error not in PASSING

    def due(self, now: datetime) -> bool:
        return self.next_at is None or self.next_at <= now

    def put_off(self, now: datetime, error: str, wait: timedelta | None = None) -> "Retry":
        """The next try, later with every failure: 5 s, 10 s, 20 s ... 15 min, or after `wait` where Twitch names it."""
        pause = min(FIRST_PAUSE * 2 ** min(self.attempts, 20), LONGEST_PAUSE)
        return Retry(self.attempts + 1, now + max(pause if wait is None else wait, timedelta()), error)

    def due_now(self, now: datetime) -> "Retry":
        """The same history, due at once: what stood in the way was mended."""
        return Retry(self.attempts, now if self.next_at else None, self.error)
