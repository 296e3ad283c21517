"""What the pictures of a channel are made of: read whole, and after that only as far as it was written, where every
change of the channel is heard of and says what was."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from weakref import WeakValueDictionary

import structlog

from vip_manager.domain.account import Account
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.outbox import Outbox
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.session import VipSession
from vip_manager.ports import Clock, Store, StoreError, StoreUnavailable, Touched
from vip_manager.services.changes import Changes, Watch
from vip_manager.services.connections import Connections

log = structlog.get_logger(__name__)

R = TypeVar("R", Redemption, VipSession)

LATEST = 60
"""Lines of the audit log."""
DAY = timedelta(hours=24)

WHOLE_AGAIN = 2 * 60.0
"""Seconds after which a change has all of it read again: an instance that was killed between a commit and telling of it
has told nobody what it wrote."""
LINES_AGAIN = 60 * 60.0
"""The same for the lines of the log, which are most of it: within it only those that may be new are read."""
READ_AGAIN = 30.0
"""The same for whoever asks where nothing has changed, as a page that is loaded does."""
UNHEARD_OF = 0.5
"""Seconds for which what was read of a channel is true whose changes in other instances are not listened to. Pages that
ask for it do so every 1.4 s at most, and are to be true within two."""
OVERLAP = timedelta(minutes=2)
"""So much older may a line be that is written by another clock, or about what was a while ago."""
COUNTED_FOR = timedelta(minutes=10)
"""So long what has slipped out of the last 24 hours may be among what is counted of them."""

_COUNTED = frozenset({Action.REDEEMED, Action.REFUNDED, Action.TAKEN_BACK})
"""With every other line as many were redeemed, and given back, as before."""
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ForPublic:
    """`live` as `Sessions.live` has them."""

    channel: Channel
    account: Account | None
    live: list[VipSession]


@dataclass(frozen=True, slots=True)
class ForStaff(ForPublic):
    """`opened` and `undecided` redemptions, oldest first; the `latest` lines, newest first; how many were redeemed in
    the last 24 hours, and how many of these given back; `outbox` where the outside is told."""

    opened: list[Redemption]
    undecided: list[Redemption]
    latest: list[AuditEntry]
    today: int
    refunds: int
    outbox: Outbox | None


@dataclass(slots=True)
class _Staff:
    """Read whole at `read_at`, and of the `latest` lines, `new_lines` since; all of these at `lines_at`, by this
    process's own time."""

    read_at: datetime
    lines_at: float
    opened: dict[str, Redemption]
    undecided: dict[str, Redemption]
    latest: list[AuditEntry]
    new_lines: int
    today: int
    refunds: int
    counted_at: datetime
    outbox: Outbox | None


@dataclass(slots=True)
class _Records:
    """Of one channel, as of `revision`, while it is under that `watch`; `whole_at` by this process's own time, when
    there had been that `number` of changes in all instances. `sessions`: the live ones."""

    watch: Watch | None
    revision: int
    number: int | None
    whole_at: float
    channel: Channel
    account: Account | None
    sessions: dict[str, VipSession]
    staff: _Staff | None = None

    @property
    def live(self) -> list[VipSession]:
        return sorted(self.sessions.values(), key=lambda one: (one.expires_at or _NEVER, one.created_at))


@dataclass(slots=True)
class _Read:
    """What was touched, as it stands now; None where it is gone."""

    account: list[Account | None] = field(default_factory=list)
    channel: list[Channel | None] = field(default_factory=list)
    sessions: dict[str, VipSession | None] = field(default_factory=dict)
    redemptions: dict[str, Redemption | None] = field(default_factory=dict)
    lines: list[AuditEntry] = field(default_factory=list)
    outbox: bool = False


class AtHand:
    """`keeps`: there are other instances, and reading costs. Otherwise all is read each time."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        changes: Changes,
        connections: Connections,
        *,
        keeps: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._clock = clock
        self._changes = changes
        self._connections = connections
        self._keeps = keeps
        self._monotonic = monotonic
        self._kept: dict[str, _Records] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def public(self, channel_id: str) -> ForPublic | None:
        """None where there is no such channel. Raises StoreError."""
        found = await self._records(channel_id, staff=False)
        return ForPublic(found.channel, found.account, found.live) if found is not None else None

    async def staff(self, channel_id: str) -> ForStaff | None:
        """The same, with what the staff sees besides."""
        found = await self._records(channel_id, staff=True)
        if found is None or found.staff is None:
            return None
        staff = found.staff
        return ForStaff(
            found.channel,
            found.account,
            found.live,
            _oldest_first(staff.opened),
            _oldest_first(staff.undecided),
            staff.latest.copy(),
            staff.today,
            staff.refunds,
            staff.outbox,
        )

    async def _records(self, channel_id: str, *, staff: bool) -> _Records | None:
        if not self._keeps:
            return await self._whole(channel_id, staff=staff)
        lock = self._locks.setdefault(channel_id, asyncio.Lock())
        async with lock:
            self._forget_unseen()
            revision = self._changes.revision(channel_id)
            kept = self._kept.pop(channel_id, None)
            touched = self._touched(channel_id, kept)
            if kept is not None and touched is not None and self._is_old(kept, revision):
                heard = self._connections.up_to_date(channel_id)
                kept = await self._whole(channel_id, staff=staff, before=kept.staff if heard else None)
            elif kept is None or touched is None or not await self._bring(kept, touched):
                kept = await self._whole(channel_id, staff=staff)
            elif staff and kept.staff is None:
                kept.staff = await self._for_staff(kept.channel)
            if kept is not None and kept.watch is not None:
                kept.revision = revision
                self._kept[channel_id] = kept
            return kept

    def _forget_unseen(self) -> None:
        for channel_id in self._kept.keys() - self._changes.shown:
            del self._kept[channel_id]

    def _touched(self, channel_id: str, kept: _Records | None) -> Touched:
        """Since that was read; None where nobody can say."""
        if kept is None or kept.watch is None or kept.watch is not self._changes.watch(channel_id):
            return None
        return kept.watch.since(kept.revision, kept.number)

    def _is_old(self, kept: _Records, revision: int) -> bool:
        good_for = READ_AGAIN if kept.revision == revision else WHOLE_AGAIN
        if not self._connections.up_to_date(kept.channel.id):
            good_for = UNHEARD_OF
        return self._monotonic() - kept.whole_at > good_for

    async def _whole(self, channel_id: str, *, staff: bool, before: _Staff | None = None) -> _Records | None:
        """`before`: how that was read the last time, if all was heard of since."""
        watch, revision = self._changes.watch(channel_id), self._changes.revision(channel_id)
        at = self._monotonic()
        # Before all else, for what is said of it is how it was then, or later.
        await self._connections.current(channel_id)
        number = self._connections.number(channel_id)
        channel = await self._store.channels.get(channel_id)
        if channel is None:
            return None
        account = await self._store.accounts.get(channel_id)
        if staff:
            live, for_staff = await asyncio.gather(
                self._store.sessions.live(channel_id), self._for_staff(channel, before)
            )
        else:
            live, for_staff = await self._store.sessions.live(channel_id), None
        return _Records(watch, revision, number, at, channel, account, {one.id: one for one in live}, for_staff)

    async def _for_staff(self, channel: Channel, before: _Staff | None = None) -> _Staff:
        now, at = self._clock.now(), self._monotonic()
        if before is not None and (before.new_lines > LATEST // 3 or at - before.lines_at > LINES_AGAIN):
            before = None
        opened, undecided, latest, (today, refunds), outbox = await asyncio.gather(
            self._store.redemptions.open(channel.id),
            self._store.redemptions.undecided(channel.id),
            self._latest(channel.id, before),
            self._store.redemptions.count_since(channel.id, now - DAY),
            self._outbox(channel),
        )
        lines_at = before.lines_at if before is not None else at
        return _Staff(now, lines_at, _by_id(opened), _by_id(undecided), latest, 0, today, refunds, now, outbox)

    async def _latest(self, channel_id: str, before: _Staff | None) -> list[AuditEntry]:
        """Lines stay as they are: only those are read that may have come since."""
        if before is None:
            return await self._store.audit.latest(channel_id, LATEST)
        since = before.read_at - OVERLAP
        newer = [one async for one in self._store.audit.since(channel_id, since)]
        return [*reversed(newer), *(one for one in before.latest if one.at < since)][:LATEST]

    async def _bring(self, kept: _Records, touched: Iterable[str]) -> bool:
        """Up to what was written since. False where it can't be: then nothing is kept of it."""
        try:
            read = await self._read(kept, touched)
            if None in read.channel:
                return False
            for channel in read.channel:
                kept.channel = channel or kept.channel
            for account in read.account:
                kept.account = account
            for session_id, session in read.sessions.items():
                _put(kept.sessions, session_id, session, session is not None and session.live)
            if kept.staff is not None:
                await self._bring_staff(kept.staff, kept.channel, read)
        except StoreUnavailable:
            raise
        except StoreError as error:
            log.info("read whole", channel_id=kept.channel.id, error=str(error))
            return False
        return True

    async def _bring_staff(self, staff: _Staff, channel: Channel, read: _Read) -> None:
        now = self._clock.now()
        known = {one.id for one in staff.latest}
        lines = [one for one in read.lines if one.id not in known]
        if any(one.action in _COUNTED for one in lines) or not timedelta() <= now - staff.counted_at < COUNTED_FOR:
            staff.today, staff.refunds = await self._store.redemptions.count_since(channel.id, now - DAY)
            staff.counted_at = now
        if read.outbox or read.channel:
            staff.outbox = await self._outbox(channel)
        for redemption_id, redemption in read.redemptions.items():
            _put(staff.opened, redemption_id, redemption, redemption is not None and redemption.open)
            _put(staff.undecided, redemption_id, redemption, redemption is not None and redemption.undecided)
        for line in lines:
            # Of one moment, the one that was written later comes first.
            place = next((at for at, one in enumerate(staff.latest) if one.at <= line.at), len(staff.latest))
            staff.latest.insert(place, line)
            staff.new_lines += 1
        del staff.latest[LATEST:]

    async def _read(self, kept: _Records, touched: Iterable[str]) -> _Read:
        read = _Read()
        lines: dict[str, AuditEntry | None] = {}

        async def one(collection: str, document_id: str) -> None:
            match collection:
                case "users":
                    read.account.append(await self._store.accounts.get(document_id))
                case "channels":
                    read.channel.append(await self._store.channels.get(document_id))
                case "vipSessions":
                    read.sessions[document_id] = await self._store.sessions.get(document_id)
                case "redemptions" if kept.staff is not None:
                    read.redemptions[document_id] = await self._store.redemptions.get(document_id)
                case "auditLog" if kept.staff is not None:
                    lines[document_id] = None
                    lines[document_id] = await self._store.audit.get(document_id)
                case "outboxes":
                    read.outbox = True

        known = {line.id for line in kept.staff.latest} if kept.staff is not None else set()
        named = [path.partition("/")[::2] for path in touched]
        await asyncio.gather(*(one(collection, name) for collection, name in named if name not in known))
        read.lines = [line for line in lines.values() if line is not None]
        return read

    async def _outbox(self, channel: Channel) -> Outbox | None:
        """None where the outside is told nothing. One that can't be read, the herald begins anew: nothing else on the
        page is the worse for it."""
        if not channel.hooks and not channel.chat.on:
            return None
        try:
            return await self._store.outboxes.get(channel.id)
        except StoreUnavailable:
            raise
        except StoreError as error:
            log.warning("outbox not shown", channel_id=channel.id, error=str(error))
            return None


def _oldest_first(redemptions: dict[str, Redemption]) -> list[Redemption]:
    return sorted(redemptions.values(), key=lambda one: one.redeemed_at)


def _by_id(redemptions: Iterable[Redemption]) -> dict[str, Redemption]:
    return {one.id: one for one in redemptions}


def _put(shelf: dict[str, R], record_id: str, record: R | None, stays: bool) -> None:
    if record is not None and stays:
        shelf[record_id] = record
    else:
        shelf.pop(record_id, None)
