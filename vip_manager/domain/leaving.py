"""A streamer leaves: what they want done, and how far it has come."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Leaving:
    """Wanted `since` then, and done with all that concerns Twitch at `left_at`, None while it goes on.

    `end_vips`: who is VIP by us loses it; otherwise they keep it, and it is ours no more. `delete_data`: all that is
    stored goes, after that. `without_twitch`: where Twitch takes the streamer's tokens no more, what would need them is
    left undone.
    """

    since: datetime
    end_vips: bool = False
    delete_data: bool = False
    without_twitch: bool = False
    left_at: datetime | None = None
