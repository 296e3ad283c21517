"""A streamer leaves: what they want done, and how far it has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

DRAGS_AFTER = timedelta(hours=6)
"""Most of what Twitch does not do at once, it does in that time."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Wanted `since` then, and done with all that concerns Twitch at `left_at`, None while it goes on.

    `end_vips`: who is VIP by us loses it; otherwise they keep it, and it is ours no more. `delete_data`: all that is
    stored goes, after that. `without_twitch`: what Twitch does not do is left undone, where it takes their tokens
    no more, or where it has not done it for long.
    """

    since: datetime
    end_vips: bool = False
    delete_data: bool = False
    without_twitch: bool = False
    left_at: datetime | None = None

    def drags(self, now: datetime) -> bool:
        """Whether it goes on for so long that the streamer may have had enough."""
        return self.left_at is None and now - self.since >= DRAGS_AFTER

    def gives_up(self, now: datetime) -> bool:
        """Whether what Twitch does not do now is left undone."""
        return self.without_twitch and self.drags(now)
