"""Tells the outside what happened, where the streamer has chosen so: in chat, and by webhooks.

It reads the audit log behind what was done, and touches nothing else: whatever goes wrong here, no VIP and no points
are the worse for it. A notice is written down (domain/outbox.py) before it goes out, and crossed out once it has
arrived. Several processes may do so at once: whoever writes it down, or takes up what was put off, has it in hand.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence, Set
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from vip_manager.domain.channel import Channel
from vip_manager.domain.notice import Event, Notice, ends_soon, notice_of
from vip_manager.domain.outbox import OVERLAP, Outbox, Parcel, Why
from vip_manager.domain.retry import Retry
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import Clock, Conflict, Store, StoreError, Undelivered, Unwanted
from vip_manager.services.changes import Changes
from vip_manager.services.lull import Lull

log = structlog.get_logger(__name__)

PATIENCE = timedelta(seconds=2)
"""What is on its way may keep a request waiting for so long, of real time: after its answer the process may sleep."""
SOON_AGAIN = timedelta(seconds=30)
"""What is tried again by then, this process does not leave to a sweep."""
_READ_ON_AFTER = timedelta(minutes=5)
"""Where nothing is told, so often it is written down that all was read: no reading goes back much further."""
_MOST_DUE = 200
_IN_HAND = 3
"""Deliveries of one place that a process takes up at once."""
_MOST_AT_ONCE = 20
"""Deliveries of one outlet in a process."""
_MOST_IN_TROUBLE = 10
"""Beside them, those to places where the last one failed: they hold up one another, and nobody who is well."""
_SHOWN_EVERY = timedelta(minutes=1)
"""That something has arrived is shown to the minute."""


class Outlet(Protocol):
    """A way to the outside."""

    @property
    def lasts(self) -> timedelta:
        """A notice is of use for so long."""

    @property
    def twice(self) -> bool:
        """Rather twice than never. Otherwise what may have arrived is not sent again."""

    def targets(self, channel: Channel) -> Mapping[str, Set[Event]]:
        """The places that it leads to from that channel, and what each is to be told; none where it is off."""

    async def deliver(self, channel: Channel, target: str, notice: Notice) -> None:
        """Raises Undelivered, Unwanted."""


Wanted = Mapping[str, tuple[Outlet, Set[Event]]]


class Herald:
    """`alone`: no other process is at work on that store, so that this one, when it begins, reads whatever the last one
    may have left unread. Where instances come and go each channel is read again in its own time (domain/outbox.py)."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        changes: Changes,
        outlets: Sequence[Outlet],
        *,
        alone: bool = True,
        lull: Lull | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._changes = changes
        self._outlets = outlets
        self._alone = alone
        self._lull = lull or Lull()
        self._room = {outlet: asyncio.Semaphore(_MOST_AT_ONCE) for outlet in outlets}
        self._sickroom = {outlet: asyncio.Semaphore(_MOST_IN_TROUBLE) for outlet in outlets}
        self._in_trouble: set[tuple[str, str]] = set()
        self._again: dict[str, bool] = {}
        self._silent: set[str] = set()
        self._lanes: defaultdict[tuple[str, str], deque[Parcel]] = defaultdict(deque)
        self._tasks: set[asyncio.Task[None]] = set()
        self._waits: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """For as long as the program runs: each change of a channel may be one to tell of."""
        if not self._outlets:
            return
        async with self._changes.subscribed() as changes:
            if self._alone:
                await self._begin()
            while True:
                self._look(await changes.get())

    async def _begin(self) -> None:
        """What was committed just before a process ended, nobody may have read."""
        try:
            for channel in await self._store.channels.all():
                if self._wanted(channel):
                    self._look(channel.id)
        except StoreError as error:
            log.warning("outside not looked at", error=str(error))

    async def sweep(self) -> None:
        """What is due: put off, left by a process that is gone, or a VIP that ends soon. Raises StoreError."""
        if not self._outlets or self._lull.lasts:
            return
        due = await self._store.outboxes.due(self._clock.now(), _MOST_DUE)
        for outbox in due:
            # Another process may have begun it meanwhile.
            self._silent.discard(outbox.id)
            self._look(outbox.id)
        if not due and not self._alone:
            await self._lull.begin_unless(self._store.outboxes.any)

    async def settled(self) -> None:
        """Returns when all that is on its way now has arrived or not, or it takes too long."""
        # What was announced a moment ago is taken up first.
        await asyncio.sleep(0)
        end = asyncio.get_running_loop().time() + PATIENCE.total_seconds()
        while self._tasks and (left := end - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(set(self._tasks), timeout=left)

    async def aclose(self) -> None:
        """What is on its way is cut off; the next process finds where it stood."""
        tasks = [*self._tasks, *self._waits]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def tend(self, channel_id: str) -> None:
        """Reads what is new in that channel's log, and sends on its way what is due. Raises StoreError."""
        channel = await self._store.channels.get(channel_id)
        wanted = self._wanted(channel) if channel else {}
        if channel is None or not wanted:
            await self._fall_silent(channel_id)
            return
        self._silent.discard(channel_id)
        self._in_trouble = {(one, target) for one, target in self._in_trouble if one != channel_id or target in wanted}
        for parcel in await self._taken(channel, wanted):
            lane = self._lanes[channel_id, parcel.target]
            lane.append(parcel)
            if len(lane) == 1:
                self._start(self._deliver_all(channel, parcel.target, wanted[parcel.target][0]))

    def _wanted(self, channel: Channel) -> Wanted:
        if channel.leaving is not None:
            return {}
        found = [(outlet, outlet.targets(channel)) for outlet in self._outlets]
        return {target: (outlet, events) for outlet, targets in found for target, events in targets.items()}

    async def _fall_silent(self, channel_id: str) -> None:
        """Whatever is turned on one day begins with that day."""
        if channel_id not in self._silent:
            outbox = await self._outbox(channel_id)
            if outbox is not None:
                await self._store.delete(outbox)
            self._silent.add(channel_id)

    async def _outbox(self, channel_id: str) -> Outbox | None:
        """One that can't be read is begun anew: what was on its way is lost, what happens from now on is told."""
        try:
            return await self._store.outboxes.get(channel_id)
        except StoreError as error:
            if error.temporary:
                raise
            log.error("outbox begun anew", channel_id=channel_id, error=str(error))
            now = self._clock.now()
            await self._store.delete(Outbox(channel_id, now, now))
            return None

    async def _taken(self, channel: Channel, wanted: Wanted) -> list[Parcel]:
        """What is to be delivered now, written down as in our hands."""
        while True:
            now = self._clock.now()
            known = await self._outbox(channel.id)
            outbox = (known or Outbox(channel.id, now, now)).only_for(wanted)
            outbox = _given_up(outbox, wanted, now)
            outbox, notices = await self._news(outbox, channel, wanted, now)
            outbox = outbox.with_parcels(_parcels(notices, channel, wanted, now))
            taken = [one.claimed(now) for one in self._in_hand(channel.id, outbox.due(now))]
            for one in taken:
                outbox = outbox.changed(one)
            if outbox == known:
                return []
            try:
                await self._store.commit(outbox)
                return taken
            except Conflict:
                continue
            finally:
                self._lull.end()

    def _in_hand(self, channel_id: str, due: Sequence[Parcel]) -> Iterator[Parcel]:
        """Few at once of each place: what waits for its turn longer than a claim holds, somebody else would take."""
        targets = {one.target for one in due}
        room = {target: _IN_HAND - len(self._lanes.get((channel_id, target), ())) for target in targets}
        for one in due:
            if room[one.target] > 0:
                room[one.target] -= 1
                yield one

    async def _news(
        self, outbox: Outbox, channel: Channel, wanted: Wanted, now: datetime
    ) -> tuple[Outbox, list[Notice]]:
        """What happened, and what is about to, that was not told yet; and the outbox that knows of it."""
        read: list[tuple[str, datetime]] = []
        new: list[Notice] = []
        async with aclosing(self._store.audit.since(channel.id, outbox.read_until - OVERLAP)) as lines:
            async for line in lines:
                notice = notice_of(line)
                if notice is None:
                    continue
                read.append((notice.id, notice.at))
                if notice.id not in outbox.read and notice.at >= outbox.begun_at:
                    new.append(notice)
        if new or now - outbox.read_until > _READ_ON_AFTER:
            until = max(now, outbox.read_until)
            kept = tuple(line_id for line_id, at in read if at >= until - OVERLAP)
            outbox = replace(outbox, read_until=until, read=kept)
        if any(Event.ENDS_SOON in events for _, events in wanted.values()):
            sessions = await self._store.sessions.live(channel.id)
            outbox, soon = _soon(outbox, sessions, timedelta(minutes=channel.chat.soon_minutes), now)
            new += soon
        elif outbox.soon_at or outbox.told_soon:
            outbox = replace(outbox, soon_at=None, told_soon=())
        return outbox, new

    async def _deliver_all(self, channel: Channel, target: str, outlet: Outlet) -> None:
        """One after the other, in the order in which it happened: a slow place holds up its own notices only."""
        lane = self._lanes[channel.id, target]
        try:
            while lane:
                in_trouble = (channel.id, target) in self._in_trouble
                async with (self._sickroom if in_trouble else self._room)[outlet]:
                    await self._deliver(channel, lane[0], outlet)
                lane.popleft()
        finally:
            self._lanes.pop((channel.id, target), None)
        self._look(channel.id)

    async def _deliver(self, channel: Channel, parcel: Parcel, outlet: Outlet) -> None:
        error: Undelivered | None = None
        unwanted = False
        try:
            await outlet.deliver(channel, parcel.target, parcel.notice)
        except Unwanted:
            unwanted = True
        except Undelivered as undelivered:
            error = undelivered
        except Exception:
            log.exception("notice could not be delivered", channel_id=channel.id, target=parcel.target)
            error = Undelivered(Why.BROKEN, arrived=True)
        (self._in_trouble.add if error else self._in_trouble.discard)((channel.id, parcel.target))
        now = self._clock.now()
        again = _again(parcel, error, outlet, now) if error else None

        def outcome(outbox: Outbox) -> Outbox:
            if unwanted:
                return outbox.without(parcel.id)
            return outbox.failed(parcel, now, error.why, again=again) if error else outbox.arrived(parcel, now)

        if error:
            log.info(
                "notice not delivered", channel_id=channel.id, target=parcel.target, why=error.why, again=bool(again)
            )
        try:
            await self._changed(channel.id, parcel, outcome)
        except StoreError as trouble:
            log.warning("delivery not written down", channel_id=channel.id, error=str(trouble))
        if again and again.next_at and again.next_at - now <= SOON_AGAIN:
            self._wait(channel.id, again.next_at - now)

    async def _changed(self, channel_id: str, parcel: Parcel, outcome: Callable[[Outbox], Outbox]) -> None:
        """Where the parcel is gone, whoever turned it off meant that."""
        while (outbox := await self._store.outboxes.get(channel_id)) is not None and outbox.holds(parcel):
            changed = outcome(outbox)
            try:
                await self._store.commit(changed)
            except Conflict:
                continue
            if _differs(outbox, changed, parcel.target):
                self._changes.announce_here(channel_id)
            return

    def _look(self, channel_id: str) -> None:
        """Once at a time a channel; and once more, where something happened meanwhile."""
        if channel_id in self._again:
            self._again[channel_id] = True
            return
        self._again[channel_id] = False
        self._start(self._look_at(channel_id))

    async def _look_at(self, channel_id: str) -> None:
        try:
            while True:
                self._again[channel_id] = False
                await self.tend(channel_id)
                if not self._again[channel_id]:
                    return
        except StoreError as error:
            # What is new, and was not read, no sweep knows of.
            log.warning("outside not told", channel_id=channel_id, error=str(error))
            self._wait(channel_id, SOON_AGAIN)
        finally:
            del self._again[channel_id]

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("outside not told", exc_info=error)

    def _wait(self, channel_id: str, pause: timedelta) -> None:
        async def waited() -> None:
            await asyncio.sleep(pause.total_seconds())
            self._look(channel_id)

        task = asyncio.create_task(waited())
        self._waits.add(task)
        task.add_done_callback(self._waits.discard)


def _given_up(outbox: Outbox, wanted: Wanted, now: datetime) -> Outbox:
    """Without what is of no use any more, or may have arrived and must not arrive twice."""
    for one in outbox.due(now):
        outlet, _ = wanted[one.target]
        if one.claimed_at and not outlet.twice:
            outbox = outbox.failed(one, now, Why.SILENT, again=None)
        elif now - one.notice.at > outlet.lasts:
            outbox = outbox.failed(one, now, one.retry.error or Why.TOO_LATE, again=None)
    return outbox


def _parcels(notices: Sequence[Notice], channel: Channel, wanted: Wanted, now: datetime) -> Iterator[Parcel]:
    """Of whoever asked not to be shown nothing is told."""
    for notice in notices:
        if channel.hides(notice.user_id):
            continue
        for target, (outlet, events) in wanted.items():
            if notice.event in events and now - notice.at <= outlet.lasts:
                yield Parcel(target, notice, now)


def _differs(before: Outbox, after: Outbox, target: str) -> bool:
    """What pages show of how that place does, and nothing else."""
    was, stands = before.standing(target), after.standing(target)
    if (was.error, was.given_up, was.failures) != (stands.error, stands.given_up, stands.failures):
        return True
    if stands.arrived_at is None or stands.arrived_at == was.arrived_at:
        return False
    return was.arrived_at is None or stands.arrived_at - was.arrived_at >= _SHOWN_EVERY


def _again(parcel: Parcel, error: Undelivered, outlet: Outlet, now: datetime) -> Retry | None:
    if not error.temporary or (error.arrived and not outlet.twice):
        return None
    retry = parcel.retry.put_off(now, error.why, error.wait)
    return retry if retry.next_at and retry.next_at - parcel.notice.at <= outlet.lasts else None


def _soon(
    outbox: Outbox, sessions: Sequence[VipSession], lead: timedelta, now: datetime
) -> tuple[Outbox, list[Notice]]:
    """A VIP that lasts not even twice as long as that never "ends soon": it has just begun."""
    new, told, next_at = [], [], None
    for one in sessions:
        ends, began = one.expires_at, one.granted_at
        if ends is None or began is None or ends <= now:
            continue
        notice = ends_soon(one, now)
        if notice.id in outbox.told_soon:
            # Also where the badge is away for a while, or `lead` has become shorter.
            told.append(notice.id)
        elif one.state is not SessionState.ACTIVE or ends - began < 2 * lead:
            continue
        elif ends - lead > now:
            next_at = min(next_at or ends - lead, ends - lead)
        else:
            told.append(notice.id)
            new.append(notice)
    return replace(outbox, soon_at=next_at, told_soon=tuple(told)), new
