"""What the rewards brought in the last days: sums for charts, made of what is stored."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from weakref import WeakValueDictionary

from vip_manager.domain.days import zone_of
from vip_manager.domain.insights import PERIODS, Ledger, Period, Sums
from vip_manager.domain.terms import InvalidInput
from vip_manager.domain.unchanging import Unchanging
from vip_manager.ports import Clock, RateLimits, Store
from vip_manager.services.rates import REPORTS

GOOD_FOR = timedelta(seconds=60)
TOP = 10
_CHANNELS_KEPT = 200
_KEPT_OF_CHANNEL = 3 * len(PERIODS)
"""For a team that lives in three time zones."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a period, or of a `day` (2026-03-29). `kept` redemptions are those that were not given back, `vips` the most
    at one time."""

    day: str = ""
    redemptions: int = 0
    given_back: int = 0
    kept: int = 0
    points: int = 0
    hours: float = 0.0
    vips: int = 0

    @classmethod
    def of(cls, sums: Sums, day: str = "") -> "Figures":
        return cls(
            day,
            sums.redemptions,
            sums.given_back,
            sums.redemptions - sums.given_back,
            sums.points,
            round(sums.hours, 2),
            sums.vips,
        )


class Course(StrEnum):
    """How a figure stands to the one before. LIKE: less than half a percent apart. NEW: before there was nothing."""

    UP = "up"
    DOWN = "down"
    LIKE = "like"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Change:
    """`percent`: by how much it went up or down."""

    course: str = Course.LIKE
    percent: int = 0

    @classmethod
    def of(cls, now: float, before: float) -> "Change":
        if not before:
            return cls(Course.NEW if now else Course.LIKE)
        percent = round((now - before) / before * 100)
        return cls(Course.UP if percent > 0 else Course.DOWN if percent < 0 else Course.LIKE, abs(percent))


@dataclass(frozen=True, slots=True)
class Changes:
    redemptions: Change = field(default_factory=Change)
    points: Change = field(default_factory=Change)
    hours: Change = field(default_factory=Change)
    vips: Change = field(default_factory=Change)

    @classmethod
    def of(cls, now: Figures, before: Figures) -> "Changes":
        return cls(*(Change.of(getattr(now, one.name), getattr(before, one.name)) for one in fields(cls)))


@dataclass(frozen=True, slots=True)
class Top:
    login: str
    username: str
    redemptions: int
    points: int
    hours: float


@dataclass(frozen=True, slots=True)
class Report(Unchanging):
    """`days` in order, the last is today; `before`: as many days before, up to the same time of day. `nothing`: there
    was not a single redemption, hour or VIP in either."""

    period: int = 30
    zone: str = ""
    nothing: bool = True
    days: list[Figures] = field(default_factory=list)
    total: Figures = field(default_factory=Figures)
    before: Figures = field(default_factory=Figures)
    changes: Changes = field(default_factory=Changes)
    top: list[Top] = field(default_factory=list)


Key = tuple[int, str]
"""A period, and the name of a zone."""


class Insights:
    """A report is good for GOOD_FOR; however many ask for one, it is made once."""

    def __init__(self, store: Store, clock: Clock, rates: RateLimits) -> None:
        self._store = store
        self._clock = clock
        self._rates = rates
        self._kept: dict[str, dict[Key, tuple[datetime, Report]]] = {}
        self._making: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def report(self, channel_id: str, period: int, zone: str) -> Report:
        """By days of that IANA time zone (UTC for an unknown one). The caller has checked that the person may see the
        channel. Raises InvalidInput, also where too many had to be made, StoreError."""
        if period not in PERIODS:
            raise InvalidInput("days", "Choose one of the periods.")
        known = zone_of(zone)
        name = getattr(known, "key", "UTC")
        # It is there for as long as somebody makes one, or waits for it.
        lock = self._making.setdefault(channel_id, asyncio.Lock())
        async with lock:
            key = (period, name)
            made, report = self._kept.get(channel_id, {}).get(key, (None, None))
            now = self._clock.now()
            if report is None or made is None or not timedelta() <= now - made < GOOD_FOR:
                if await self._rates.hit(REPORTS, channel_id) is not None:
                    raise InvalidInput(
                        "days", "Figures were added up many times just now. Wait a minute, then try again."
                    )
                report = await self._make(channel_id, Period(now, period, known), name)
                if not report.nothing:
                    # The first redemption shows at once.
                    self._keep(channel_id, key, now, report)
            return report

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
        total, before = Figures.of(ledger.total), Figures.of(ledger.before)
        return Report(
            period.count,
            zone,
            total == before == Figures(),
            [Figures.of(sums, day.isoformat()) for day, sums in ledger.days.items()],
            total,
            before,
            Changes.of(total, before),
            [Top(one.login, one.username, one.redemptions, one.points, round(one.hours, 2)) for one in ledger.top(TOP)],
        )

    def _keep(self, channel_id: str, key: Key, now: datetime, report: Report) -> None:
        """A channel that asks for much loses its own reports, and none of another's."""
        of_channel = self._kept.pop(channel_id, {})
        of_channel.pop(key, None)
        self._kept[channel_id] = {**dict(list(of_channel.items())[1 - _KEPT_OF_CHANNEL :]), key: (now, report)}
        if len(self._kept) > _CHANNELS_KEPT:
            del self._kept[next(iter(self._kept))]
