"""One round of everything that is due: what the clock and the scheduler both call."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog

from vip_manager import measures, tracing
from vip_manager.domain.channel import Channel
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import Clock, Store, StoreError, StoreUnavailable, Taken, Twitch, TwitchError
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
from vip_manager.services.side_by_side import Line
from vip_manager.services.sweep_round import Round, SweepReport, Work, longest_overdue
from vip_manager.services.upkeep import Upkeep
from vip_manager.services.vitals import Vitals
from vip_manager.services.waiting import Waiting

log = structlog.get_logger(__name__)

_MOST_REDEMPTIONS = 2000
_MOST_CHANNELS = 100
_SORTED_TOGETHER = 100
"""Sessions, by their channels, before the first of them is begun with."""
_MOST_GRANTING = 2000
_MOST_UNDER_WAY = 500
"""Channels with ends, and these: enough to keep all ways to Twitch full (twitch/vips.py: REMOVALS_AT_ONCE), and so few
that memory does not grow with how many are due."""
_MOST_PASSED_OVER = 2000
"""Sessions in a row, before the rest is left to the next sweep: reading them costs something."""
_AT_ONCE_IN_A_CHANNEL = 10
_MOST_IN_A_CHANNEL = 50
"""Sessions: more than Twitch takes of one channel in a sweep's time (twitch/pace.py)."""

T = TypeVar("T", Redemption, VipSession)


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
        sweep, now, late = Round(asyncio.Semaphore(_MOST_UNDER_WAY)), self._clock.now(), False
        redemptions, channels = await asyncio.gather(
            self._store.redemptions.due(now, _MOST_REDEMPTIONS), self._store.channels.due(now, _MOST_CHANNELS)
        )
        for redemption in redemptions:
            sweep.found[redemption.channel_id].redemptions.append(redemption)
        for channel in channels:
            work = sweep.found[channel.id]
            work.channel, work.catch_up, work.leaving = channel, channel.leaving is None, channel.leaving is not None
        for beside in (self._upkeep.where_due(), self._herald.sweep(), self._gauges.where_due()):
            sweep.under_way.begin(beside)
        try:
            # At least a moment, also where the store was slow to say what is due.
            async with asyncio.timeout(max(started + seconds - time.monotonic(), 1.0)) as patience:
                try:
                    await self._take_up(sweep, now)
                except StoreError:
                    # What is under way comes to its end all the same.
                    await sweep.under_way.over()
                    raise
                await sweep.under_way.over()
        except TimeoutError:
            if not patience.expired():
                raise
            late = sweep.left = True
            log.warning("sweep ran out of time", seconds=seconds)
        finally:
            await sweep.under_way.cut_off()
        # Of most sweeps it is known that they leave nothing, without counting it.
        sweep.report.remaining = await self._store.sessions.count_due(self._clock.now()) if sweep.left else 0
        self._vitals.swept()
        return sweep.report, not late

    async def _take_up(self, sweep: Round, now: datetime) -> None:
        """Whatever is due, as there is room for it, the longest overdue end first. What can't be begun with now keeps
        nothing waiting that comes after it."""
        sessions: list[VipSession] = []
        async with aclosing(self._store.sessions.due(now)) as due:
            async for session in due:
                sessions.append(session)
                if len(sessions) == _SORTED_TOGETHER:
                    await self._begin(sweep, sessions, now)
                    sessions = []
                    if sweep.clocks_agree is False or sweep.passed_over >= _MOST_PASSED_OVER:
                        # Of what comes now nothing, or next to nothing, could be begun with.
                        sweep.left = True
                        return
        await self._begin(sweep, sessions, now)

    async def _begin(self, sweep: Round, sessions: Sequence[VipSession], now: datetime) -> None:
        """With these, and with all else that was found before."""
        sweep.overdue = max(sweep.overdue, longest_overdue(sessions, now))
        measures.sweep_lag.set(sweep.overdue)
        for session in sessions:
            taken_up = await self._sort(sweep, session)
            sweep.passed_over = 0 if taken_up else sweep.passed_over + 1
            sweep.left = sweep.left or not taken_up
        found, sweep.found = sweep.found, defaultdict(Work)
        # Ends have their room to themselves: whatever else hangs, none of them waits for it.
        for channel_id, work in found.items():
            if not work.ends_first:
                self._start(sweep, channel_id, work)
        for channel_id, work in found.items():
            if work.ends_first:
                work.places = 1 + min(len(work.ending), _AT_ONCE_IN_A_CHANNEL)
                for _ in range(work.places):
                    await sweep.room.acquire()
                self._start(sweep, channel_id, work)

    async def _sort(self, sweep: Round, session: VipSession) -> bool:
        """By its channel; whether it is taken up."""
        granting = session.state is SessionState.GRANTING
        if not granting and sweep.clocks_agree is None:
            sweep.clocks_agree = await clocks.agree_now(self._twitch)
        channel_id = session.channel_id
        if (channel_id in self._busy and channel_id not in sweep.open) or not (granting or sweep.clocks_agree):
            return False
        work = sweep.open.get(channel_id) or sweep.found.get(channel_id) or Work()
        if work.taken_up >= _MOST_IN_A_CHANNEL:
            return False
        if granting and (work.ends is not None or sweep.granting >= _MOST_GRANTING):
            return False
        if channel_id not in sweep.open:
            sweep.found[channel_id] = work
        work.add(session)
        sweep.granting += granting
        return True

    def _start(self, sweep: Round, channel_id: str, work: Work) -> None:
        if channel_id in self._busy:
            sweep.left = True
            self._make_room(sweep, work)
            return
        self._busy.add(channel_id)
        sweep.open[channel_id] = work
        sweep.under_way.begin(self._channel(channel_id, work, sweep), partial(self._over, channel_id, work, sweep))

    def _over(self, channel_id: str, work: Work, sweep: Round) -> None:
        sweep.open.pop(channel_id, None)
        self._busy.discard(channel_id)
        self._make_room(sweep, work)

    def _make_room(self, sweep: Round, work: Work) -> None:
        for _ in range(work.places):
            sweep.room.release()
        work.places = 0

    async def _channel(self, channel_id: str, work: Work, sweep: Round) -> None:
        """Ends first: they are promised to the minute. Those that are found while all else is done go beside it."""
        if not await self._up_to_date(channel_id, work, sweep.report):
            sweep.left = True
            return
        work.ends = Line(lambda session: self._end_of(session, work, sweep), _AT_ONCE_IN_A_CHANNEL, work.ending)
        work.ending = []
        try:
            await work.ends.over()
            self._make_room(sweep, work)
            ended = work.ends_taken_up
            if ended and work.channel is not None:
                await self._seat(work.channel)
            await self._all_else(channel_id, work, sweep.report)
            await work.ends.over()
            # From here on nobody can join them.
            sweep.open.pop(channel_id, None)
            if work.ends_taken_up > ended and work.channel is not None:
                await self._seat(work.channel)
        finally:
            sweep.open.pop(channel_id, None)
            await work.ends.cut_off()

    async def _all_else(self, channel_id: str, work: Work, report: SweepReport) -> None:
        await self._each(work.granting, self._resume, report)
        if work.catch_up and await self._catch_up(channel_id, report, work.channel):
            found = await self._store.redemptions.open(channel_id)
            work.redemptions = [one for one in found if one.retry.due(self._clock.now())]
        await self._each(work.redemptions, self._settle, report)
        if work.leaving:
            await self._leave_on(channel_id)

    async def _up_to_date(self, channel_id: str, work: Work, report: SweepReport) -> bool:
        """Whether what is due there is known. In a channel that was restored it is only after a catch-up: somebody's
        end may have moved, and what seems to be open may be done."""
        work.channel = work.channel or await self._store.channels.get(channel_id)
        if work.channel is None or not work.channel.behind:
            return True
        if not work.catch_up:
            return False
        work.catch_up = False
        await self._catch_up(channel_id, report)
        work.channel = await self._store.channels.get(channel_id)
        if work.channel is None or work.channel.behind:
            return False
        now = self._clock.now()
        live = await self._store.sessions.live(channel_id)
        ends = await clocks.agree_now(self._twitch)
        work.ending = [one for one in live if ends and (one.due_to_end(now) or _stopped(one, SessionState.ENDING, now))]
        work.ends_taken_up = len(work.ending)
        work.granting = [one for one in live if _stopped(one, SessionState.GRANTING, now)]
        work.redemptions = [one for one in await self._store.redemptions.open(channel_id) if one.retry.due(now)]
        return True

    async def _seat(self, channel: Channel) -> None:
        """What has ended may have made room for somebody who waits."""
        try:
            await self._waiting.after_end(channel)
        except StoreUnavailable:
            raise
        except Taken:
            log.debug("line for a seat left to the instance that is at it", channel_id=channel.id)
        except TwitchError as error:
            log.warning("line for a seat put off", channel_id=channel.id, error=str(error))
        except Exception:
            log.exception("line for a seat could not be seen to", channel_id=channel.id)

    async def _end_of(self, session: VipSession, work: Work, sweep: Round) -> None:
        try:
            if not await self._guarded(self._end, session, sweep.report):
                sweep.left = True
        finally:
            # Others may have its place, though the rest of its channel has to wait for Twitch's limit.
            if work.places > 1:
                work.places -= 1
                sweep.room.release()

    async def _end(self, session: VipSession, report: SweepReport) -> bool:
        ended = await self._expire.due(session, wait=False)
        report.expired += ended is SessionState.ENDED
        report.failed += ended is SessionState.ENDING
        return ended is not None

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

    async def _catch_up(self, channel_id: str, report: SweepReport, known: Channel | None = None) -> int:
        try:
            account = await self._store.accounts.get(channel_id)
            if account is not None and account.may_manage:
                await self._accounts.validate_where_due(account)
                found = await self._reconcile.catch_up(channel_id, wait=False, known=known)
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

    async def _each(
        self, records: Iterable[T], handle: Callable[[T, SweepReport], Awaitable[object]], report: SweepReport
    ) -> None:
        async def guarded(record: T) -> None:
            await self._guarded(handle, record, report)

        await Line(guarded, _AT_ONCE_IN_A_CHANNEL, records).over()

    async def _guarded(
        self, handle: Callable[[T, SweepReport], Awaitable[object]], record: T, report: SweepReport
    ) -> bool:
        """A poisoned record is put off and must not stop the others; a store out of reach is everybody's trouble.
        Returns whether it was put off, or what `handle` says."""
        try:
            return bool(await handle(record, report))
        except StoreUnavailable:
            raise
        except Taken:
            log.debug("left to the instance that is at it", record=type(record).__name__, id=record.id)
            return False
        except Exception:
            log.exception("record could not be handled", record=type(record).__name__, id=record.id)
            report.failed += 1
            await self._put_off(record)
            return True

    async def _put_off(self, record: Redemption | VipSession) -> None:
        try:
            await put_off_as_broken(self._store, record, self._clock.now())
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("record could not be put off", id=record.id)


def _stopped(session: VipSession, state: SessionState, now: datetime) -> bool:
    return session.state is state and session.retry.due(now)
