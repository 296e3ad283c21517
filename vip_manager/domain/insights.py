"""What the rewards of a channel brought, summed up by day.

| figure | what counts, and when |
|---|---|
| redemptions | every one, on the day on which it was redeemed |
| given back | those of them whose points went back, or are on their way; also where that was days later |
| points | what all the others cost, also of those that wait |
| hours | of credits to somebody who became VIP, on the day of the credit; none taken back, nor again by an undo |
| VIPs | how many had VIP of ours at one time at most, from Twitch's yes to the end, or until the badge went aside |
"""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from vip_manager.domain.days import begins, last_days
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import VipSession
from vip_manager.domain.undo import gives_back

PERIODS = (7, 30, 90)
"""Days that can be asked for."""

GOING_BACK = frozenset({RedemptionState.CANCELED, RedemptionState.REFUNDING})


@dataclass(slots=True)
class Sums:
    """`vips` is the most at one time."""

    redemptions: int = 0
    given_back: int = 0
    points: int = 0
    hours: float = 0.0
    vips: int = 0


@dataclass(slots=True)
class Supporter:
    """A viewer, by the names of their last redemption."""

    user_id: str
    login: str = ""
    username: str = ""
    redemptions: int = 0
    points: int = 0
    hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Period:
    """`count` days, the last of them the one that it is at `now` in `zone`; and as many before it. Of those before, the
    last ends at the same time of day as it is now, so that like is compared with like."""

    now: datetime
    count: int
    zone: tzinfo

    @property
    def days(self) -> list[date]:
        return last_days(self.now, self.count, self.zone)

    @property
    def since(self) -> datetime:
        return begins(self.days[0], self.zone)

    @property
    def before_since(self) -> datetime:
        return begins(self.days[0] - timedelta(days=self.count), self.zone)

    @property
    def before_until(self) -> datetime:
        there = self.now.astimezone(self.zone)
        return (there - timedelta(days=self.count)).astimezone(UTC)


@dataclass(slots=True)
class Ledger:
    """Sums of a period, made from its redemptions and sessions, each told of once. It holds a row a day and a row a
    viewer, and of the sessions no more than there are at one time."""

    period: Period
    days: dict[date, Sums] = field(init=False)
    before: Sums = field(init=False, default_factory=Sums)
    supporters: dict[str, Supporter] = field(init=False, default_factory=dict)
    _most: "_Most" = field(init=False)
    _most_before: "_Most" = field(init=False)

    def __post_init__(self) -> None:
        period = self.period
        self.days = {day: Sums() for day in period.days}
        self._most = _Most([*(begins(day, period.zone) for day in period.days), period.now])
        self._most_before = _Most([period.before_since, period.before_until])

    def redemption(self, one: Redemption) -> None:
        """In the order in which they were made."""
        sums = self._of(one.redeemed_at)
        if sums is None:
            return
        back = one.state in GOING_BACK
        sums.redemptions += 1
        sums.given_back += back
        sums.points += 0 if back else one.cost
        if sums is not self.before and not back:
            who = self._supporter(one.user_id)
            who.login, who.username = one.login, one.username
            who.redemptions += 1
            who.points += one.cost

    def session(self, one: VipSession) -> None:
        """In the order of `ports.Sessions.since`: live ones, then the last that ended first."""
        if one.granted_at is None:
            return
        for credit in one.credits:
            sums = self._of(credit.at)
            if sums is None or gives_back(credit):
                continue
            sums.hours += credit.hours
            if sums is not self.before:
                who = self._supporter(one.user_id)
                who.login, who.username = who.login or one.login, who.username or one.username
                who.hours += credit.hours
        over = one.ended_at or self.period.now
        for most in (self._most, self._most_before):
            most.had(one.granted_at, min(one.aside_at or over, over), over)

    def done(self) -> None:
        """All was told."""
        for sums, most in zip(self.days.values(), self._most.finish(), strict=True):
            sums.vips = most
        (self.before.vips,) = self._most_before.finish()

    @property
    def total(self) -> Sums:
        every = list(self.days.values())
        return Sums(
            sum(one.redemptions for one in every),
            sum(one.given_back for one in every),
            sum(one.points for one in every),
            sum(one.hours for one in every),
            max((one.vips for one in every), default=0),
        )

    def top(self, count: int) -> list[Supporter]:
        """Those who redeemed, by what they paid."""
        paid = (one for one in self.supporters.values() if one.redemptions)
        return heapq.nlargest(count, paid, key=lambda one: (one.points, one.redemptions, one.hours, one.login))

    def _of(self, moment: datetime) -> Sums | None:
        if self.period.since <= moment <= self.period.now:
            return self.days.get(moment.astimezone(self.period.zone).date())
        return self.before if self.period.before_since <= moment < self.period.before_until else None

    def _supporter(self, user_id: str) -> Supporter:
        return self.supporters.setdefault(user_id, Supporter(user_id))


class _Most:
    """The most spans at one time in each of the stretches between `borders`. Told of the spans by their ends, the
    latest first, it goes back in time, and holds those that it is in the midst of."""

    def __init__(self, borders: Sequence[datetime]) -> None:
        self._borders = [border.timestamp() for border in borders]
        self._most = [0] * (len(borders) - 1)
        self._at = self._borders[-1]
        self._begun: list[float] = []
        self._waiting: list[tuple[float, float]] = []

    def had(self, begin: datetime, end: datetime, told: datetime) -> None:
        """A span. None that comes later is `told` of with a later moment, but its own end may be earlier than that."""
        begun, over = begin.timestamp(), min(end.timestamp(), self._borders[-1])
        if begun < over and over > self._borders[0]:
            heapq.heappush(self._waiting, (-over, begun))
        self._settle(min(told.timestamp(), self._borders[-1]))

    def finish(self) -> list[int]:
        self._settle(self._borders[0])
        self._back_to(self._borders[0])
        return self._most

    def _settle(self, told: float) -> None:
        """All that ends at that moment or later is known by now."""
        while self._waiting and -self._waiting[0][0] >= told:
            end, begun = heapq.heappop(self._waiting)
            self._back_to(-end)
            heapq.heappush(self._begun, -begun)

    def _back_to(self, moment: float) -> None:
        """Whoever began at that moment, or after it, was not there before."""
        while self._begun and -self._begun[0] >= moment:
            self._stretch(-self._begun[0])
            heapq.heappop(self._begun)
        self._stretch(moment)

    def _stretch(self, moment: float) -> None:
        """From where it is back to that moment there were as many as it is in the midst of."""
        moment = max(moment, self._borders[0])
        if moment >= self._at:
            return
        first, last = bisect_right(self._borders, moment) - 1, bisect_left(self._borders, self._at)
        for place in range(first, last):
            self._most[place] = max(self._most[place], len(self._begun))
        self._at = moment
