"""What this process has seen by itself since it started, and what is not worth writing down for each time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from vip_manager.ports import Clock


@dataclass(frozen=True, slots=True)
class Queues:
    """Whether the queue of a reward is `on`, by its id, as Twitch showed it at that moment."""

    on: Mapping[str, bool]
    seen_at: datetime


class Vitals:
    """`started_at`, `swept_at` and all other times are domain time. `alone`: no other process serves the same
    channels, so that what this one has not seen, nobody has."""

    def __init__(self, clock: Clock, *, alone: bool = True) -> None:
        self._clock = clock
        self.alone = alone
        self.started_at = clock.now()
        self.swept_at: datetime | None = None
        self._rested_since = clock.real()
        self._heard: dict[str, datetime] = {}
        self._queues: dict[str, Queues] = {}

    def swept(self) -> None:
        """A sweep has looked at all that was due."""
        self.swept_at = self._clock.now()
        self._rested_since = self._clock.real()

    @property
    def rests_for(self) -> timedelta:
        """Real time since the last sweep, or since the start: a jump of the sandbox's clock is no pause."""
        return self._clock.real() - self._rested_since

    def in_domain(self, real: datetime | None) -> datetime | None:
        """That moment of real time as the clock of all else has it."""
        return real and real + (self._clock.now() - self._clock.real())

    def heard(self, channel_id: str) -> None:
        """Twitch has told us of something that happened in that channel."""
        self._heard[channel_id] = self._clock.now()

    def heard_at(self, channel_id: str) -> datetime | None:
        return self._heard.get(channel_id)

    def saw_queues(self, channel_id: str, on: Mapping[str, bool]) -> None:
        """By reward; of those that Twitch did not show now, what it showed before stands."""
        before = self._queues.get(channel_id)
        self._queues[channel_id] = Queues({**(before.on if before else {}), **on}, self._clock.now())

    def queues(self, channel_id: str) -> Queues | None:
        """None: not seen yet."""
        return self._queues.get(channel_id)
