"""What the rewards brought in the last days: sums for charts, made of what is stored."""

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vip_manager.domain.days import zone_of
from vip_manager.domain.insights import PERIODS, Ledger, Period, Sums
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Clock, Store

GOOD_FOR = timedelta(seconds=60)
TOP = 10
_MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a period or a day. `kept` redemptions are those that were not given back, `vips` the most at one time."""

    redemptions: int = 0
    given_back: int = 0
    kept: int = 0
    points: int = 0
    hours: float = 0.0
    vips: int = 0

    @classmethod
    def of(cls, sums: Sums) -> "Figures":
        return cls(
            sums.redemptions,
            sums.given_back,
            sums.redemptions - sums.given_back,
            sums.points,
            round(sums.hours, 2),
            sums.vips,
        )


@dataclass(frozen=True, slots=True)
class Day:
    """`day` as 2026-03-29."""

    day: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Top:
    login: str
    username: str
    redemptions: int
    points: int
    hours: float


@dataclass(frozen=True, slots=True)
class Report:
    """`days` in order, the last is today; `before`: as many days before, up to the same time of day. `any`: there is
    something to show."""

    period: int
    zone: str
    days: list[Day] = field(default_factory=list)
    total: Figures = field(default_factory=Figures)
    before: Figures = field(default_factory=Figures)
    top: list[Top] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return bool(self.total.redemptions or self.total.hours or self.total.vips or self.before.redemptions)


Key = tuple[str, int, str]


class Insights:
    """A report is good for GOOD_FOR; however many ask for one, it is made once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._kept: dict[Key, tuple[datetime, Report]] = {}
        self._making: dict[str, asyncio.Lock] = {}

    async def report(self, channel_id: str, period: int, zone: str) -> Report:
        """By days of that IANA time zone (UTC for an unknown one). The caller has checked that the person may see the
        channel. Raises InvalidInput, StoreError."""
        if period not in PERIODS:
            raise InvalidInput("days", "Choose one of the periods.")
        known = zone_of(zone)
        name = getattr(known, "key", "UTC")
        lock = self._making.setdefault(channel_id, asyncio.Lock())
        try:
            async with lock:
                key = (channel_id, period, name)
                made, report = self._kept.get(key, (None, None))
                now = self._clock.now()
                if report is None or made is None or not timedelta() <= now - made < GOOD_FOR:
                    report = await self._make(channel_id, Period(now, period, known), name)
                    self._keep(key, now, report)
                return report
        finally:
            if not lock.locked():
                self._making.pop(channel_id, None)

    async def _make(self, channel_id: str, period: Period, zone: str) -> Report:
        ledger = Ledger(period)
        until = period.now + timedelta(microseconds=1)
        redemptions = self._store.redemptions.between(channel_id, period.before_since, until)
        async with aclosing(redemptions):
            async for redemption in redemptions:
                ledger.redemption(redemption)
        sessions = self._store.sessions.since(channel_id, period.before_since)
        async with aclosing(sessions):
            async for session in sessions:
                ledger.session(session)
        ledger.done()
        return Report(
            period.count,
            zone,
            [Day(day.isoformat(), Figures.of(sums)) for day, sums in ledger.days.items()],
            Figures.of(ledger.total),
            Figures.of(ledger.before),
            [Top(one.login, one.username, one.redemptions, one.points, round(one.hours, 2)) for one in ledger.top(TOP)],
        )

    def _keep(self, key: Key, now: datetime, report: Report) -> None:
        self._kept.pop(key, None)
        self._kept[key] = (now, report)
        for old in _first(self._kept, len(self._kept) - _MOST_KEPT):
            del self._kept[old]


def _first(keys: Iterable[Key], count: int) -> list[Key]:
    return [key for key, _ in zip(keys, range(count), strict=False)]
