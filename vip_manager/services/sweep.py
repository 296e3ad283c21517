"""One round of everything that is due: what the clock and the scheduler both call."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import structlog

from vip_manager import measures, tracing
from vip_manager.domain.channel import Channel
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import Clock, Store, StoreUnavailable, Taken, Twitch, TwitchError
from vip_manager.services import clocks
from vip_manager.services.accounts import AccountService
from vip_manager.services.channels import ChannelService
from vip_manager.services.expire import Expire
from vip_manager.services.gauges import Gauges
from vip_manager.services.grant import Grant
from vip_manager.services.herald import Herald
from vip_manager.services.leave import Leave
from vip_manager.services.postpone import put_off_as_broken
from vip_manager.services.reconcile import CATCH_UP_AGAIN, Reconcile
from vip_manager.services.upkeep import Upkeep
from vip_manager.services.vitals import Vitals
from vip_manager.services.waiting import Waiting

log = structlog.get_logger(__name__)

_MOST = 2000
_MOST_CHANNELS = 100
_AT_ONCE_IN_A_CHANNEL = 10

T = TypeVar("T", Redemption, VipSession)


@dataclass
class SweepReport:
    """What a sweep did. `failed`: put off with an error; `remaining`: due and not reached; `recovered`: found by
    catch-up."""

    expired: int = 0
    failed: int = 0
    remaining: int = 0
    recovered: int = 0
    refunded: int = 0
    duration_ms: int = 0


@dataclass
class _Work:
    """What is due in one channel. `leaving`: it is left, which stands in the place of a catch-up. `channel`: as it was
    found to be due itself."""

    ending: list[VipSession] = field(default_factory=list)
    granting: list[VipSession] = field(default_factory=list)
    redemptions: list[Redemption] = field(default_factory=list)
    catch_up: bool = False
    leaving: bool = False
    channel: Channel | None = None


class Sweep:
    """Safe to run twice at once: every step below claims its record before it acts.

    Channels go side by side, each at its own pace. One that is still busy with an earlier sweep of this process is
    left to that sweep, so that a slow or broken channel holds up nobody else.
    """

    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        expire: Expire,
        grant: Grant,
        reconcile: Reconcile,
        channels: ChannelService,
        waiting: Waiting,
        accounts: AccountService,
        upkeep: Upkeep,
        leave: Leave,
        vitals: Vitals,
        herald: Herald,
        gauges: Gauges,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._expire = expire
        self._grant = grant
        self._reconcile = reconcile
        self._channels = channels
        self._waiting = waiting
        self._accounts = accounts
        self._upkeep = upkeep
        self._leave = leave
        self._vitals = vitals
        self._herald = herald
        self._gauges = gauges
        self._busy: set[str] = set()

    async def run(self, seconds: float = 40.0) -> SweepReport:
        """One sweep; what is not done after so many seconds of real time is left to the next. Raises StoreUnavailable.

        Nothing is ended while our clock and Twitch's differ by more than a minute: one of them is wrong.
        """
        started = time.monotonic()
        outcome = "failed"
        try:
            with tracing.step("sweep"):
                report, in_time = await self._run(started, seconds)
            outcome = "done" if in_time else "out_of_time"
        finally:
            took = time.monotonic() - started
            measures.sweeps.add(1, {"outcome": outcome})
            measures.sweep_duration.record(took)
        report.duration_ms = round(took * 1000)
        if report.expired or report.failed or report.recovered or report.refunded:
            log.info("sweep", **vars(report))
        return report

    async def _run(self, started: float, seconds: float) -> tuple[SweepReport, bool]:
        """What was done, and whether that was all that could be done now."""
        report = SweepReport()
        busy = began = False
        while True:
            ended = report.expired
            due, more, overdue = await self._due()
            busy = busy or bool(due)
            works = [self._channel(channel_id, work, report) for channel_id, work in due.items()]
            if not began:
                measures.sweep_lag.set(overdue)
                works += [self._upkeep.where_due(), self._herald.sweep(), self._gauges.where_due()]
                began = True
            # At least a moment, also where the store was slow to say what is due.
            late = await _by_then(works, max(started + seconds - time.monotonic(), 1.0))
            # As many as are taken up at once were due, so there may be others; where none could be ended, not again.
            if late or not more or report.expired == ended or time.monotonic() > started + seconds:
                break
        if late:
            log.warning("sweep ran out of time", seconds=seconds)
        # An idle sweep, of which there are many, need not count what it has just not found.
        report.remaining = await self._store.sessions.count_due(self._clock.now()) if busy or self._busy else 0
        self._vitals.swept()
        return report, not late

    async def _due(self) -> tuple[dict[str, _Work], bool, float]:
        """By channels; whether more may be to end than is taken up at once; and how many seconds the longest overdue
        end is overdue."""
        now = self._clock.now()
        due: dict[str, _Work] = {}

        def work(channel_id: str) -> _Work:
            return due.setdefault(channel_id, _Work())

        sessions, redemptions, channels = await asyncio.gather(
            self._store.sessions.due(now, _MOST),
            self._store.redemptions.due(now, _MOST),
            self._store.channels.due(now, _MOST_CHANNELS),
        )
        for session in sessions:
            granting = session.state is SessionState.GRANTING
            (work(session.channel_id).granting if granting else work(session.channel_id).ending).append(session)
        for redemption in redemptions:
            work(redemption.channel_id).redemptions.append(redemption)
        for channel in channels:
            work(channel.id).catch_up = channel.leaving is None
            work(channel.id).leaving = channel.leaving is not None
            work(channel.id).channel = channel
        for channel_id in self._busy & due.keys():
            del due[channel_id]
        if any(one.ending for one in due.values()) and not await clocks.agree_now(self._twitch):
            for one in due.values():
                one.ending = []
        return due, len(sessions) == _MOST, _longest_overdue(sessions, now)

    async def _channel(self, channel_id: str, work: _Work, report: SweepReport) -> None:
        """Ends first: they are promised to the minute."""
        self._busy.add(channel_id)
        try:
            if not await self._up_to_date(channel_id, work, report):
                return
            await _few_at_once(work.ending, lambda session: self._guarded(self._end, session, report))
            if work.ending:
                await self._seat(channel_id)
            await _few_at_once(work.granting, lambda session: self._guarded(self._resume, session, report))
            if work.catch_up and await self._catch_up(channel_id, report):
                found = await self._store.redemptions.open(channel_id)
                work.redemptions = [one for one in found if one.retry.due(self._clock.now())]
            await _few_at_once(work.redemptions, lambda redemption: self._guarded(self._settle, redemption, report))
            if work.leaving:
                await self._leave_on(channel_id)
        finally:
            self._busy.discard(channel_id)

    async def _up_to_date(self, channel_id: str, work: _Work, report: SweepReport) -> bool:
        """Whether what is due there is known. In a channel that was restored it is only after a catch-up: somebody's
        end may have moved, and what seems to be open may be done."""
        channel = work.channel or await self._store.channels.get(channel_id)
        if channel is None or not channel.behind:
            return True
        if not work.catch_up:
            return False
        work.catch_up = False
        await self._catch_up(channel_id, report)
        channel = await self._store.channels.get(channel_id)
        if channel is None or channel.behind:
            return False
        now = self._clock.now()
        live = await self._store.sessions.live(channel_id)
        ends = await clocks.agree_now(self._twitch)
        work.ending = [one for one in live if ends and (one.due_to_end(now) or _stopped(one, SessionState.ENDING, now))]
        work.granting = [one for one in live if _stopped(one, SessionState.GRANTING, now)]
        work.redemptions = [one for one in await self._store.redemptions.open(channel_id) if one.retry.due(now)]
        return True

    async def _seat(self, channel_id: str) -> None:
        """What has ended may have made room for somebody who waits."""
        try:
            await self._waiting.advance(channel_id, wait=False)
        except StoreUnavailable:
            raise
        except Taken:
            log.debug("line for a seat left to the instance that is at it", channel_id=channel_id)
        except TwitchError as error:
            log.warning("line for a seat put off", channel_id=channel_id, error=str(error))
        except Exception:
            log.exception("line for a seat could not be seen to", channel_id=channel_id)

    async def _end(self, session: VipSession, report: SweepReport) -> None:
        ended = await self._expire.session(session.id, wait=False)
        report.expired += ended is SessionState.ENDED
        report.failed += ended is SessionState.ENDING

    async def _resume(self, session: VipSession, report: SweepReport) -> None:
        granted = await self._grant.session(session.id, wait=False)
        report.failed += granted is not None and granted.state is SessionState.GRANTING

    async def _settle(self, redemption: Redemption, report: SweepReport) -> None:
        # Its session, earlier in this sweep, may have put it off again.
        current = await self._store.redemptions.get(redemption.id)
        if current is None or not current.retry.due(self._clock.now()):
            return
        done = await self._grant.redemption(redemption.id, wait=False)
        if done is not None:
            report.refunded += done.state is RedemptionState.CANCELED
            report.failed += done.open and not done.held

    async def _leave_on(self, channel_id: str) -> None:
        try:
            await self._leave.go_on(channel_id, wait=False)
            return
        except StoreUnavailable:
            raise
        except Taken:
            log.debug("leaving left to the instance that is at it", channel_id=channel_id)
            return
        except Exception:
            log.exception("a channel could not be left", channel_id=channel_id)
        if await self._store.channels.get(channel_id):
            await self._channels.not_now(channel_id, self._clock.now() + CATCH_UP_AGAIN)

    async def _catch_up(self, channel_id: str, report: SweepReport) -> int:
        try:
            account = await self._store.accounts.get(channel_id)
            if account is not None and account.may_manage:
                await self._accounts.validate_where_due(account)
                found = await self._reconcile.catch_up(channel_id, wait=False)
                report.recovered += found
                return found
        except StoreUnavailable:
            raise
        except Taken:
            log.debug("catch-up left to the instance that is at it", channel_id=channel_id)
        except TwitchError as error:
            log.warning("catch-up put off", channel_id=channel_id, error=str(error))
        except Exception:
            log.exception("catch-up could not be done", channel_id=channel_id)
        await self._channels.not_now(channel_id, self._clock.now() + CATCH_UP_AGAIN)
        return 0

    async def _guarded(
        self, handle: Callable[[T, SweepReport], Awaitable[None]], record: T, report: SweepReport
    ) -> None:
        """A poisoned record is put off and must not stop the others; a store out of reach is everybody's trouble."""
        try:
            await handle(record, report)
        except StoreUnavailable:
            raise
        except Taken:
            log.debug("left to the instance that is at it", record=type(record).__name__, id=record.id)
        except Exception:
            log.exception("record could not be handled", record=type(record).__name__, id=record.id)
            report.failed += 1
            await self._put_off(record)

    async def _put_off(self, record: Redemption | VipSession) -> None:
        try:
            await put_off_as_broken(self._store, record, self._clock.now())
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("record could not be put off", id=record.id)


def _stopped(session: VipSession, state: SessionState, now: datetime) -> bool:
    return session.state is state and session.retry.due(now)


def _longest_overdue(sessions: Iterable[VipSession], now: datetime) -> float:
    """Seconds, of what is to end. What was tried and put off is counted as such."""
    ends = [one.expires_at for one in sessions if one.expires_at and not one.retry.attempts]
    return max(((now - at).total_seconds() for at in ends if at <= now), default=0.0)


async def _by_then(works: Iterable[Coroutine[Any, Any, None]], seconds: float) -> bool:
    """Whether any was cut off, since it was not done after so many seconds."""
    tasks = [asyncio.create_task(work) for work in works]
    if not tasks:
        return False
    try:
        await asyncio.wait(tasks, timeout=seconds)
    finally:
        late = [task for task in tasks if not task.done()]
        for task in late:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    return bool(late)


async def _few_at_once(records: Iterable[T], handle: Callable[[T], Awaitable[None]]) -> None:
    places = asyncio.Semaphore(_AT_ONCE_IN_A_CHANNEL)

    async def in_place(record: T) -> None:
        async with places:
            await handle(record)

    outcomes = await asyncio.gather(*(in_place(record) for record in records), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
