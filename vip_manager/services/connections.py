"""What we hear of Twitch for each channel, at this moment and in this process."""

from dataclasses import dataclass
from enum import StrEnum

from vip_manager.services.changes import Changes


class Hearing(StrEnum):
    LIVE = "live"
    CONNECTING = "connecting"
    RECONNECT = "reconnect"


@dataclass(frozen=True, slots=True)
class Connection:
    """`error` is a sentence about what stands in the way; `vips` how many VIPs Twitch showed at the last look."""

    hearing: Hearing = Hearing.CONNECTING
    error: str = ""
    vip_ids: frozenset[str] | None = None


class Connections:
    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._of: dict[str, Connection] = {}

    def of(self, channel_id: str) -> Connection:
        return self._of.get(channel_id, Connection())

    def heard(self, channel_id: str, hearing: Hearing, error: str = "") -> None:
        self._set(channel_id, Connection(hearing, error, self.of(channel_id).vip_ids))

    def saw_vips(self, channel_id: str, vip_ids: frozenset[str]) -> None:
        connection = self.of(channel_id)
        self._set(channel_id, Connection(connection.hearing, connection.error, vip_ids))

    def saw_vip(self, channel_id: str, user_id: str, vip: bool) -> None:
        """One viewer's badge, as an answer of Twitch showed it."""
        known = self.of(channel_id).vip_ids
        if known is not None:
            self.saw_vips(channel_id, known | {user_id} if vip else known - {user_id})

    def _set(self, channel_id: str, connection: Connection) -> None:
        if connection != self.of(channel_id):
            self._of[channel_id] = connection
            self._changes.announce(channel_id)
