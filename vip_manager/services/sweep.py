"""One round of everything that is due: what the clock and the scheduler both call."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

import structlog

from vip_manager.domain.channel import Channel
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import Clock, Conflict, Store, StoreError, Twitch, TwitchError
from vip_manager.services.expire import Expire
from vip_manager.services.grant import Grant
from vip_manager.services.reconcile import Reconcile

log = structlog.get_logger(__name__)

MOST_SKEW = timedelta(seconds=60)
CATCH_UP_AGAIN = timedelta(minutes=1)
T = TypeVar("T", Redemption, VipSession)
U = TypeVar("U", Channel, Redemption, VipSession)
_BATCH = 500
_AT_ONCE_IN_A_CHANNEL = 10


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


class Sweep:
    """Safe to run twice at once: every step below claims its record before it acts."""

    def __init__(
        self, store: Store, twitch: Twitch, clock: Clock, expire: Expire, grant: Grant, reconcile: Reconcile
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._expire = expire
        self._grant = grant
        self._reconcile = reconcile

    async def run(self, seconds: float = 50.0) -> SweepReport:
        """One sweep, that starts nothing new after so many seconds of real time. Raises StoreError.

        Nothing is ended while our clock and Twitch's differ by more than a minute: one of them is wrong.
        """
        started = time.monotonic()
        report = SweepReport()
        try:
            async with asyncio.timeout(seconds):
                await self._catch_up(report)
                await self._redemptions(report)
                await self._sessions(report)
        except TimeoutError:
            log.warning("sweep ran out of time", seconds=seconds)
        report.remaining = await self._store.sessions.count_due(self._clock.now())
        report.duration_ms = round((time.monotonic() - started) * 1000)
        if report.expired or report.failed or report.recovered or report.refunded:
            log.info("sweep", **vars(report))
        return report

    async def _catch_up(self, report: SweepReport) -> None:
        now = self._clock.now()
        due = [one for one in await self._store.channels.all() if one.catch_up_at is None or one.catch_up_at <= now]

        async def one(channel: Channel) -> None:
            account = await self._store.accounts.get(channel.id)
            if account is None or not account.may_manage:
                await self._later(channel)
                return
            try:
                report.recovered += await self._reconcile.catch_up(channel.id)
            except TwitchError as error:
                log.warning("catch-up put off", channel_id=channel.id, error=str(error))
                await self._later(channel)

        async with asyncio.TaskGroup() as group:
            for channel in due:
                group.create_task(_guarded(one, channel))

    async def _later(self, channel: Channel) -> None:
        current = await self._store.channels.get(channel.id)
        if current is None:
            return
        try:
            await self._store.commit(replace(current, catch_up_at=self._clock.now() + CATCH_UP_AGAIN))
        except Conflict:
            log.debug("channel changed meanwhile", channel_id=channel.id)

    async def _redemptions(self, report: SweepReport) -> None:
        async def one(redemption: Redemption) -> None:
            done = await self._grant.redemption(redemption.id)
            if done is None:
                return
            report.refunded += done.state is RedemptionState.CANCELED
            report.failed += done.open

        await _by_channel(await self._store.redemptions.due(self._clock.now(), _BATCH), one)

    async def _sessions(self, report: SweepReport) -> None:
        skew = self._twitch.skew()
        if skew is not None and abs(skew) > MOST_SKEW:
            log.error("our clock and Twitch's differ", seconds=skew.total_seconds())
            return

        async def one(session: VipSession) -> None:
            if session.state is SessionState.GRANTING:
                granted = await self._grant.session(session.id)
                report.failed += granted is not None and granted.state is SessionState.GRANTING
            else:
                ended = await self._expire.session(session.id)
                report.expired += ended is SessionState.ENDED
                report.failed += ended is SessionState.ENDING

        while due := await self._store.sessions.due(self._clock.now(), _BATCH):
            await _by_channel(due, one)
            if len(due) < _BATCH:
                return


async def _by_channel(due: Iterable[T], one: Callable[[T], Awaitable[None]]) -> None:
    """Channels side by side, a few at once within each: a slow or broken channel holds up nobody else."""
    channels: defaultdict[str, list[T]] = defaultdict(list)
    for record in due:
        channels[record.channel_id].append(record)

    async def channel(records: list[T]) -> None:
        places = asyncio.Semaphore(_AT_ONCE_IN_A_CHANNEL)

        async def in_place(record: T) -> None:
            async with places:
                await _guarded(one, record)

        async with asyncio.TaskGroup() as group:
            for record in records:
                group.create_task(in_place(record))

    async with asyncio.TaskGroup() as group:
        for records in channels.values():
            group.create_task(channel(records))


async def _guarded(one: Callable[[U], Awaitable[None]], record: U) -> None:
    """A poisoned record must not end the sweep of the others; the store's trouble is everybody's."""
    try:
        await one(record)
    except StoreError:
        raise
    except Exception:
        log.exception("record could not be handled", record=type(record).__name__, id=record.id)
