"""Marks a store's channels as put back to an earlier moment, so that the next catch-up of each reads on Twitch what it
misses before anything else is done there; and says what can't be read there."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.books import Books
from vip_manager.domain.channel import Channel
from vip_manager.domain.gap import Gap
from vip_manager.ports import Clock, Conflict, Store, StoreUnavailable
from vip_manager.services.journal import line

_RACES = 5
_FOUND_AGAIN = frozenset(
    {
        *(Action.REDEEMED, Action.FULFILLED, Action.REFUNDED, Action.REFUSED, Action.HELD, Action.PUT_OFF),
        *(Action.POINTS_KEPT, Action.TAKEN_BACK, Action.STREAM_BEGAN, Action.STREAM_ENDED, Action.MODDED),
        *(Action.REWARD_CLOSED, Action.REWARD_OPENED, Action.REWARD_QUEUED, Action.REWARD_LOST, Action.SEAT_TAKEN),
        *(Action.SIGNED_IN, Action.SIGNED_OUT, Action.FULL, Action.SEATS_FREE),
    }
)
"""Lines of what Twitch tells again, or of what needs no telling."""
_BY_ITSELF = frozenset({Action.GRANTED, Action.EXTENDED, Action.ENDED})
"""Twitch tells of these too, where nobody did them by hand."""


@dataclass(frozen=True, slots=True)
class Marked:
    channels: int
    without_token: int


class Restored:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def mark(self, since: datetime, until: datetime) -> Marked:
        """All records stand as they did at `since`, and the program had worked on `until` then. Can be done again, and
        beside a running program. Raises StoreError."""
        channels = await self._store.channels.all()
        for channel in channels:
            await self._mark(channel.id, since, until)
        accounts = {account.id: account for account in await self._store.accounts.all()}
        without = sum(
            channel.leaving is None and (channel.id not in accounts or accounts[channel.id].tokens is None)
            for channel in channels
        )
        return Marked(len(channels), without)

    async def _mark(self, channel_id: str, since: datetime, until: datetime) -> None:
        for _ in range(_RACES):
            channel = await self._store.channels.get(channel_id)
            if channel is None:
                return
            try:
                await self._store.commit(_behind(channel, since, until), self._line(channel, since, until))
            except Conflict:
                continue
            return
        raise StoreUnavailable("the channel's record is changing too fast")

    def _line(self, channel: Channel, since: datetime, until: datetime) -> AuditEntry:
        now = self._clock.now()
        return line(channel.id, now, Action.RESTORED, since=since.isoformat(), until=until.isoformat())


def _behind(channel: Channel, since: datetime, until: datetime) -> Channel:
    """One that was behind already misses the time before too."""
    if channel.gap is not None and channel.gap.open:
        since, until = min(since, channel.gap.since), max(until, channel.gap.until)
    caught_up_at = min(channel.caught_up_at, since) if channel.caught_up_at else None
    return replace(channel, gap=Gap(since, until), catch_up_at=None, caught_up_at=caught_up_at)


def lost(before: Books, after: Books) -> list[str]:
    """What stands in the log of `before` and not in that of `after`, in lines: first how much of it Twitch tells again,
    then each thing that it can't tell."""
    known = {entry.id for entry in after.audit}
    logins = {channel.id: channel.login for channel in (*after.channels, *before.channels)}
    missing = [entry for entry in before.audit if entry.id not in known]
    again = Counter(entry.action for entry in missing if _told_again(entry))
    said = [f"{count} x {action.value}" for action, count in sorted(again.items())]
    lines = [f"Of these Twitch tells again: {', '.join(said)}."] if said else []
    return lines + list(_gone([entry for entry in missing if not _told_again(entry)], logins))


def _told_again(entry: AuditEntry) -> bool:
    by_nobody = not entry.actor_name and entry.detail.get("source") not in ("manual", "api")
    return entry.action in _FOUND_AGAIN or (entry.action in _BY_ITSELF and by_nobody)


def _gone(entries: list[AuditEntry], logins: dict[str, str]) -> Iterator[str]:
    for entry in entries:
        hours = entry.detail.get("hours")
        words = [
            f"{entry.at:%F %T} UTC, {logins.get(entry.channel_id, entry.channel_id)}: {entry.action.value}",
            f"of {entry.subject_name}" if entry.subject_name else "",
            f"by {entry.actor_name}" if entry.actor_name else "",
            f"({hours:g} h)" if isinstance(hours, int | float) and hours else "",
        ]
        yield " ".join(word for word in words if word)
