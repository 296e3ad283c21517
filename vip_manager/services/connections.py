"""What we hear of Twitch for each channel, at this moment and in this process."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from vip_manager.domain.reasons import Trouble
from vip_manager.services.changes import Changes

SETTLES_AFTER = timedelta(minutes=1)
"""Twitch's lists lag behind its answers: for so long what they show of a fresh change proves nothing."""

SILENCE = frozenset({Trouble.UNAVAILABLE, Trouble.RATE_LIMITED})
"""Troubles of the connection, not of one viewer."""


class Hearing(StrEnum):
    LIVE = "live"
    CONNECTING = "connecting"
    RECONNECT = "reconnect"


@dataclass(frozen=True, slots=True)
class Connection:
    """`error` is a Trouble that stands in the way, of events or of what we ask; `vip_ids` who was VIP then."""

    hearing: Hearing = Hearing.CONNECTING
    error: str = ""
    vip_ids: frozenset[str] | None = None


class Connections:
    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._of: dict[str, Connection] = {}
        self._removed: dict[tuple[str, str], datetime] = {}

    def of(self, channel_id: str) -> Connection:
        return self._of.get(channel_id, Connection())

    def heard(self, channel_id: str, hearing: Hearing, error: str = "") -> None:
        self._set(channel_id, Connection(hearing, error, self.of(channel_id).vip_ids))

    def answers(self, channel_id: str, trouble: str = "") -> None:
        """Whether Twitch answers what it is asked for that channel: `trouble` is what the last work was put off for."""
        connection = self.of(channel_id)
        if connection.hearing is not Hearing.CONNECTING:
            self._set(channel_id, replace(connection, error=trouble if trouble in SILENCE else ""))

    def saw_vips(self, channel_id: str, vip_ids: frozenset[str]) -> None:
        connection = self.of(channel_id)
        self._set(channel_id, Connection(connection.hearing, connection.error, vip_ids))

    def saw_vip(self, channel_id: str, user_id: str, vip: bool) -> None:
        """One viewer's badge, as an answer of Twitch showed it."""
        known = self.of(channel_id).vip_ids
        if known is not None:
            self.saw_vips(channel_id, known | {user_id} if vip else known - {user_id})

    def removed(self, channel_id: str, user_id: str, now: datetime) -> None:
        """Twitch has confirmed that it took a badge, at our word."""
        self.saw_vip(channel_id, user_id, False)
        self._removed = {key: at for key, at in self._removed.items() if now - at < SETTLES_AFTER}
        self._removed[channel_id, user_id] = now

    def just_removed(self, channel_id: str, user_id: str, now: datetime) -> bool:
        """Whether a list that still shows the badge may be behind. A moment that is still to come was told by a clock
        that was wrong."""
        at = self.removed_at(channel_id, user_id)
        return at is not None and timedelta() <= now - at < SETTLES_AFTER

    def removed_at(self, channel_id: str, user_id: str) -> datetime | None:
        """When our last removal was confirmed, if that was not long ago."""
        return self._removed.get((channel_id, user_id))

    def _set(self, channel_id: str, connection: Connection) -> None:
        if connection != self.of(channel_id):
            self._of[channel_id] = connection
            self._changes.announce(channel_id)
