"""When a channel is live, as far as it is known."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

GRACE = timedelta(minutes=10)
"""A stream that is back so soon is the same stream."""
LAG = timedelta(minutes=3)
"""For so long after a change Twitch's list of streams may show how it was before."""
SAME = timedelta(minutes=1)
"""Two beginnings so near each other are of one stream: Twitch's list gives it in whole seconds, its event to the
fraction of one."""
UNWATCHED = timedelta(minutes=30)
"""Where it was not looked at for longer than that, nobody takes two streams for one because they might be."""


@dataclass(frozen=True, slots=True)
class Stream:
    """`live_since` is when the stream began, None where there is none; `off_at` when the last one before that was over,
    and `off_by` when it was at the latest, where nobody told us: `off_at` is then when it was last seen. `seen_at` is
    when it was last known to be live.

    Each verb returns what is known after that was heard or seen. Events come late, twice, in any order and not at all,
    but each has its own times; what Twitch's list shows is as of now, or of a little while ago.
    """

    live_since: datetime | None = None
    off_at: datetime | None = None
    seen_at: datetime | None = None
    off_by: datetime | None = None

    @property
    def live(self) -> bool:
        return self.live_since is not None

    @property
    def surely_off_at(self) -> datetime | None:
        """When the last stream was over at the latest."""
        return self.off_by or self.off_at

    def over(self, now: datetime) -> bool:
        """Whether there is none, nor was until a moment ago."""
        off_at = self.surely_off_at
        return not self.live and (off_at is None or now - off_at > GRACE)

    def began(self, since: datetime) -> "Stream":
        """An event says that a stream began then. One that is known, or over by now, is nothing new."""
        known = self.live_since is not None and since <= self.live_since + SAME
        over = self.off_at is not None and since <= self.off_at
        return self if known or over else self._next(since, since)

    def ended(self, at: datetime) -> "Stream":
        """An event says that the stream was over then. An earlier one's end is nothing new."""
        if self.live_since is None or at < self.live_since or (self.off_at is not None and at <= self.off_at):
            return self
        return Stream(None, at)

    def shown(self, since: datetime | None, now: datetime) -> "Stream":
        """Twitch's list shows a stream that began then, or none."""
        if since is None:
            if self.live_since is None or now - self.live_since < LAG:
                return self
            off_at, off_by = self._over_by(now)
            return Stream(None, off_at, None, off_by)
        if self.live_since is not None and since <= self.live_since + SAME:
            return replace(self, seen_at=now)
        if self.live_since is None and self.off_at is not None and since <= self.off_at:
            # The list is behind, or the stream was not over after all.
            behind = now - (self.off_by or self.off_at) < LAG
            return self if behind else replace(self, live_since=since, seen_at=now)
        return self._next(since, now)

    def _next(self, since: datetime, seen_at: datetime) -> "Stream":
        if self.live_since is None:
            return replace(self, live_since=since, seen_at=seen_at)
        off_at, off_by = self._over_by(since)
        return Stream(since, off_at, seen_at, off_by)

    def _over_by(self, latest: datetime) -> tuple[datetime, datetime]:
        """From when to when the stream that is known may have come to its end, by that moment."""
        seen_at = max(filter(None, (self.live_since, self.seen_at)), default=latest)
        off_at = min(seen_at, latest)
        return off_at, latest if latest - off_at <= UNWATCHED else off_at
