"""When a channel is live, as far as it is known, and what that does to clocks that count by it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

GRACE = timedelta(minutes=10)
"""A stream that is back so soon is the same stream."""


@dataclass(frozen=True, slots=True)
class Stream:
    """`live_since` is when the stream began, None where there is none; `off_at` when the last one before that was over;
    `seen_at` when, by our clock, it was last known to be live."""

    live_since: datetime | None = None
    off_at: datetime | None = None
    seen_at: datetime | None = None

    @property
    def live(self) -> bool:
        return self.live_since is not None

    def seen_live(self, since: datetime, now: datetime) -> "Stream":
        """Twitch shows a stream that began then. If it is not the one that we know of, that one was over before; when,
        we can't tell where nobody told us: as soon as it was last seen, so that no hours are lost to anybody."""
        if self.live_since is None:
            return replace(self, live_since=since, seen_at=now)
        if self.live_since == since:
            return replace(self, seen_at=now)
        off_at = min(max(self.seen_at or self.live_since, self.live_since), since)
        return Stream(since, off_at, now)

    def seen_off(self, at: datetime | None) -> "Stream":
        """It is over since then; since it was last seen live, where nobody says when."""
        if self.live_since is None:
            return self
        off_at = at or self.seen_at or self.live_since
        return Stream(None, max(off_at, self.live_since), None)
