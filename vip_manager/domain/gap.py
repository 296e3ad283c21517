"""A time of which there are no records any more: what came after the backup that was restored."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """The records stand as they did at `since`, and the program worked on `until` then. `closed_at`: when it was read
    on Twitch what became of these hours; None: not yet, and until then nothing is given, ended or settled."""

    since: datetime
    until: datetime
    closed_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.closed_at is None
