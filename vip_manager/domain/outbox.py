"""What is on its way to the outside, a channel: notices, each to one place, until they have arrived or are of no use.

The audit log is where they come from: a line is committed with what it tells of, so nothing that happened is left out,
and telling it can't undo or delay anything. Lines are read from a little before where the last reading ended, for one
that is stamped earlier may be committed later; those that were read stand in `read`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from vip_manager.domain.notice import Notice
from vip_manager.domain.retry import Retry

OVERLAP = timedelta(minutes=1)
READ_AGAIN = timedelta(hours=1)
"""So long after it was read last, an outbox is due: a line that was committed just before a process ended, and that
nobody has read, is found then where nothing else leads to it."""
CLAIMED_FOR = timedelta(minutes=1)
"""Whoever took a parcel and has not said by then what became of it is gone. Longer than any delivery takes."""
MOST_PARCELS = 200


class Why(StrEnum):
    """Why a notice did not arrive. REFUSED: the other side said no, and will again. GONE: there is no such address any
    more. FORBIDDEN: the address leads into a private network. NO_PERMISSION: Twitch does not let us say it. TOO_MANY:
    the other side asks us to wait. BROKEN: a fault of ours. SILENT: whoever had it in hand is gone, and it may have
    arrived. TOO_LATE: it was not of use any more."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    NO_PERMISSION = "no_permission"
    TOO_MANY = "too_many"
    BROKEN = "broken"
    SILENT = "silent"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Parcel:
    """`target` is where it goes to. `claimed_at`: somebody has it in hand since then."""

    target: str
    notice: Notice
    made_at: datetime
    claimed_at: datetime | None = None
    retry: Retry = field(default_factory=Retry)

    @property
    def id(self) -> str:
        return f"{self.notice.id}.{self.target}"

    @property
    def due_at(self) -> datetime:
        if self.claimed_at:
            return self.claimed_at + CLAIMED_FOR
        return self.retry.next_at or self.made_at

    def claimed(self, now: datetime) -> "Parcel":
        return replace(self, claimed_at=now)

    def put_off(self, retry: Retry) -> "Parcel":
        return replace(self, claimed_at=None, retry=retry)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a target does: `failures` in a row, the last one for `error`; how many were given up on altogether."""

    target: str
    arrived_at: datetime | None = None
    failed_at: datetime | None = None
    failures: int = 0
    error: str = ""
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class Outbox:
    """A channel's; `id` is the channel's. What happened before `begun_at` is not told. `soon_at` is when somebody's VIP
    is about to end, and `told_soon` has the ids of the notices that were made of such."""

    id: str
    begun_at: datetime
    read_until: datetime
    read: tuple[str, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    told_soon: tuple[str, ...] = ()
    soon_at: datetime | None = None
    standings: tuple[Standing, ...] = ()
    version: str = ""

    @property
    def due_at(self) -> datetime:
        """When there is something to do."""
        moments = [self.read_until + READ_AGAIN, *(one.due_at for one in self.parcels)]
        return min([*moments, self.soon_at] if self.soon_at else moments)

    def standing(self, target: str) -> Standing:
        return next((one for one in self.standings if one.target == target), Standing(target))

    def next_try(self, target: str) -> datetime | None:
        """When what did not arrive there is sent again."""
        return min(
            (one.retry.next_at for one in self.parcels if one.target == target and one.retry.next_at), default=None
        )

    def due(self, now: datetime) -> list[Parcel]:
        return [one for one in self.parcels if one.due_at <= now]

    def holds(self, parcel: Parcel) -> bool:
        return any(one.id == parcel.id for one in self.parcels)

    def with_parcels(self, made: Iterable[Parcel]) -> "Outbox":
        """The newest of them, where there are too many; what has no room is given up on."""
        every = (*self.parcels, *made)
        box = self
        for one in every[:-MOST_PARCELS]:
            box = box._stands(one.target, given_up=box.standing(one.target).given_up + 1)
        return replace(box, parcels=every[-MOST_PARCELS:])

    def changed(self, parcel: Parcel) -> "Outbox":
        """With that one in the place of what it was."""
        return replace(self, parcels=tuple(parcel if one.id == parcel.id else one for one in self.parcels))

    def without(self, parcel_id: str) -> "Outbox":
        return replace(self, parcels=tuple(one for one in self.parcels if one.id != parcel_id))

    def arrived(self, parcel: Parcel, now: datetime) -> "Outbox":
        return self.without(parcel.id).heard_by(parcel.target, now)

    def heard_by(self, target: str, now: datetime) -> "Outbox":
        """Something has arrived there."""
        return self._stands(target, arrived_at=now, failures=0, error="")

    def failed(self, parcel: Parcel, now: datetime, error: str, *, again: Retry | None) -> "Outbox":
        """`again`: None where it is given up on."""
        before = self.standing(parcel.target)
        given_up = before.given_up + (again is None)
        box = self.without(parcel.id) if again is None else self.changed(parcel.put_off(again))
        failures = before.failures + 1
        return box._stands(parcel.target, failed_at=now, failures=failures, error=error, given_up=given_up)

    def only_for(self, targets: Iterable[str]) -> "Outbox":
        """Of places that there are no more nothing is left."""
        wanted = set(targets)
        return replace(
            self,
            parcels=tuple(one for one in self.parcels if one.target in wanted),
            standings=tuple(one for one in self.standings if one.target in wanted),
        )

    def _stands(self, target: str, **changes: Any) -> "Outbox":
        stands = replace(self.standing(target), **changes)
        return replace(self, standings=(*(one for one in self.standings if one.target != target), stands))
