"""What we hear of Twitch for each channel at this moment, in this process and, where there are others, in them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from vip_manager.domain.reasons import Trouble
from vip_manager.services.changes import Changes, Note
from vip_manager.services.neighbours import Neighbours

SETTLES_AFTER = timedelta(minutes=1)
"""Twitch's lists lag behind its answers: for so long what they show of a fresh change proves nothing."""
_TIDIED_EVERY = timedelta(seconds=1)
"""Not with each removal: where thousands end at once, that took longer than all else."""
_MOST_REMOVED = 5_000
"""Of the last ones. What has become of an older one, the store says (services/badge.py)."""

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

    def connecting(self, error: str) -> "Connection":
        return replace(self, hearing=Hearing.CONNECTING, error=error)


class Connections:
    """`neighbours`: the other instances; None where there are none."""

    def __init__(self, changes: Changes, neighbours: Neighbours | None = None) -> None:
        self._changes = changes
        self._neighbours = neighbours
        self._of: dict[str, Connection] = {}
        self._removed: dict[tuple[str, str], tuple[datetime, datetime]] = {}
        self._tidied_at: datetime | None = None

    def of(self, channel_id: str) -> Connection:
        """As this process knows it."""
        return self._of.get(channel_id, Connection())

    def deaf(self) -> int:
        """Channels that are known here and whose events do not arrive, for a reason that is not their streamer's."""
        return sum(one.hearing is Hearing.CONNECTING and bool(one.error) for one in self._of.values())

    async def current(self, channel_id: str) -> Connection:
        """As whichever instance knew it last. Raises StoreError."""
        if self._neighbours is not None and not self.up_to_date(channel_id):
            self.told(channel_id, await self._neighbours.note(channel_id))
        return self.of(channel_id)

    def number(self, channel_id: str) -> int | None:
        """Of the changes that there had been in all instances when `current` was asked last; None where it is not
        known."""
        return self._neighbours.number(channel_id) if self._neighbours is not None else None

    def told(self, channel_id: str, note: Note) -> None:
        """What an instance, this one or another, has noted last."""
        if connection := _noted(note):
            self._of[channel_id] = connection

    def up_to_date(self, channel_id: str) -> bool:
        """Whether every change of that channel, in whichever instance, is heard of here."""
        return self._neighbours is None or self._neighbours.hears(channel_id)

    def heard(self, channel_id: str, hearing: Hearing, error: str = "") -> None:
        self._change(channel_id, lambda known: Connection(hearing, error, known.vip_ids))

    def silent(self, channel_id: str, error: str) -> None:
        """No events until further notice, where there were some; that the streamer must sign in again says more."""
        self._change(channel_id, lambda known: known.connecting(error) if known.hearing is Hearing.LIVE else known)

    def not_yet(self, channel_id: str, error: str) -> None:
        """Whether events come could not be found out; where they did, they may still."""
        self._change(channel_id, lambda known: known if known.hearing is Hearing.LIVE else known.connecting(error))

    def answers(self, channel_id: str, trouble: str = "") -> None:
        """Whether Twitch answers what it is asked for that channel: `trouble` is what the last work was put off for."""
        error = trouble if trouble in SILENCE else ""
        self._change(
            channel_id, lambda known: known if known.hearing is Hearing.CONNECTING else replace(known, error=error)
        )

    def saw_vips(self, channel_id: str, vip_ids: frozenset[str]) -> None:
        self._change(channel_id, lambda known: replace(known, vip_ids=vip_ids))

    def saw_vip(self, channel_id: str, user_id: str, vip: bool) -> None:
        """One viewer's badge, as an answer of Twitch showed it."""

        def seen(known: Connection) -> Connection:
            ids = known.vip_ids
            return known if ids is None else replace(known, vip_ids=ids | {user_id} if vip else ids - {user_id})

        self._change(channel_id, seen)

    def removed(self, channel_id: str, user_id: str, now: datetime, by_twitch: datetime) -> None:
        """Twitch has confirmed that it took a badge, at our word: now, which is `by_twitch` as its own stamps have it,
        for our clock may be wrong, or be set before it tells of that."""
        self.saw_vip(channel_id, user_id, False)
        if self._tidied_at is None or not timedelta() <= now - self._tidied_at < _TIDIED_EVERY:
            last = islice(self._removed.items(), max(len(self._removed) - _MOST_REMOVED, 0), None)
            self._removed = {key: at for key, at in last if now - at[0] < SETTLES_AFTER}
            self._tidied_at = now
        # Anew, so that it is the last one.
        self._removed.pop((channel_id, user_id), None)
        self._removed[channel_id, user_id] = (now, by_twitch)

    def just_removed(self, channel_id: str, user_id: str, now: datetime) -> bool:
        """Whether a list that still shows the badge may be behind. A moment that is still to come was told by a clock
        that was wrong."""
        at = self._removed.get((channel_id, user_id))
        return at is not None and timedelta() <= now - at[0] < SETTLES_AFTER

    def removed_at(self, channel_id: str, user_id: str) -> datetime | None:
        """When our last removal was confirmed, by Twitch's clock, if that was not long ago."""
        at = self._removed.get((channel_id, user_id))
        return at and at[1]

    def _change(self, channel_id: str, change: Callable[[Connection], Connection]) -> None:
        """Here, and in what the other instances know, which may be something else."""
        before = self.of(channel_id)
        connection = change(before)
        if connection != Connection():
            self._of[channel_id] = connection
        else:
            # Of most channels that a sweep comes to nothing is known here, which takes no room.
            self._of.pop(channel_id, None)
        if connection != before or not self.up_to_date(channel_id):
            self._changes.note(
                channel_id,
                lambda note: {**note, **_note(change(_noted(note) or Connection()))},
                here=connection != before,
            )


def _note(connection: Connection) -> Note:
    vip_ids = None if connection.vip_ids is None else sorted(connection.vip_ids)
    return {"hearing": connection.hearing.value, "error": connection.error, "vipIds": vip_ids}


def _noted(note: Note) -> Connection | None:
    """None where there is no note, or none that this program can read: a newer one's."""
    try:
        vip_ids = note["vipIds"]
        return Connection(
            Hearing(note["hearing"]), str(note["error"]), None if vip_ids is None else frozenset(map(str, vip_ids))
        )
    except (KeyError, ValueError, TypeError):
        return None
