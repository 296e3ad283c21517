"""What this process has seen by itself since it started, and what is not worth writing down for each time."""

from datetime import datetime, timedelta

from vip_manager.ports import Clock


class Vitals:
    """`started_at`, `swept_at` and what `heard_at` says are domain time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.started_at = clock.now()
        self.swept_at: datetime | None = None
        self._rested_since = clock.real()
        self._heard: dict[str, datetime] = {}
        self._queues: dict[str, bool] = {}

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

    def saw_queue(self, channel_id: str, on: bool) -> None:
        """Whether all rewards of that channel have their queue on, as Twitch showed it last."""
        self._queues[channel_id] = on

    def queue_on(self, channel_id: str) -> bool | None:
        """None: not seen yet."""
        return self._queues.get(channel_id)
