"""What counts, and on which day."""

import itertools
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.store.records import active, redemption
from vip_manager.domain.days import zone_of
from vip_manager.domain.insights import GOING_BACK, Ledger, Period, Sums
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import Credit, SessionState, VipSession

NOW = datetime(2026, 4, 2, 15, 30, tzinfo=UTC)
BERLIN = zone_of("Europe/Berlin")


def ago(**amount: float) -> datetime:
    return NOW - timedelta(**amount)


def vip(name: str, begun: datetime, over: datetime | None = None, **fields: object) -> VipSession:
    state = SessionState.ENDED if over else SessionState.ACTIVE
    made = replace(active(name, NOW), granted_at=begun, credits=(), state=state, ended_at=over)
    return replace(made, **fields)  # type: ignore[arg-type]


def ledger(
    redemptions: list[Redemption] | None = None,
    sessions: list[VipSession] | None = None,
    *,
    days: int = 7,
    zone: str = "UTC",
) -> Ledger:
    """Told in the order that stores keep."""
    made = Ledger(Period(NOW, days, zone_of(zone)))
    for one in sorted(redemptions or [], key=lambda one: one.redeemed_at):
        made.redemption(one)
    last_first = sorted(sessions or [], key=lambda one: one.ended_at or NOW + timedelta(days=1), reverse=True)
    for session in last_first:
        made.session(session)
    made.done()
    return made


@pytest.mark.parametrize("state", RedemptionState)
def test_what_goes_back_is_not_spent(state: RedemptionState) -> None:
    back = state in {RedemptionState.CANCELED, RedemptionState.REFUNDING}
    assert (state in GOING_BACK) is back
    total = ledger([redemption("p1", cost=300, redeemed_at=ago(hours=1), state=state)]).total
    assert (total.redemptions, total.given_back, total.points) == (1, int(back), 0 if back else 300)


def test_a_refund_later_than_the_period_counts_where_the_redemption_does() -> None:
    late = redemption("p1", redeemed_at=ago(days=8), state=RedemptionState.CANCELED, settled_at=ago(hours=1))
    made = ledger([late])
    assert made.total == Sums()
    assert (made.before.redemptions, made.before.given_back, made.before.points) == (1, 1, 0)


def test_days_are_those_of_the_viewer_also_where_clocks_change() -> None:
    # In Berlin 29 March has 23 hours, from 23:00 to 22:00 UTC.
    moments = {
        datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC): date(2026, 3, 28),
        datetime(2026, 3, 28, 23, 0, tzinfo=UTC): date(2026, 3, 29),
        datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC): date(2026, 3, 29),
        datetime(2026, 3, 29, 22, 0, tzinfo=UTC): date(2026, 3, 30),
    }
    for number, (moment, day) in enumerate(moments.items()):
        made = ledger([redemption(f"p{number}", redeemed_at=moment)], zone="Europe/Berlin")
        assert [one for one, sums in made.days.items() if sums.redemptions] == [day]


def test_the_days_before_end_at_the_same_time_of_day() -> None:
    period = Period(NOW, 7, BERLIN)
    assert period.days[0] == date(2026, 3, 27)
    assert period.since == datetime(2026, 3, 26, 23, tzinfo=UTC)
    assert period.before_since == datetime(2026, 3, 19, 23, tzinfo=UTC)
    # 17:30 on both days, an hour apart in UTC.
    assert period.before_until == datetime(2026, 3, 26, 16, 30, tzinfo=UTC)
    made = ledger([redemption("p1", redeemed_at=datetime(2026, 3, 26, 17, tzinfo=UTC))], zone="Europe/Berlin")
    assert (made.total, made.before) == (Sums(), Sums())


def test_hours_count_when_they_were_credited_and_only_to_who_became_vip() -> None:
    paid = Credit("p1", "reward:r1", 24.0, ago(days=9))
    gift = Credit("g1", "manual", 1.5, ago(hours=3), "1001")
    made = ledger([], [vip("a", ago(days=9), credits=(paid, gift)), vip("b", NOW, granted_at=None, credits=(gift,))])
    assert (made.total.hours, made.before.hours, made.total.points) == (1.5, 24.0, 0)
    assert made.top(10) == []


def test_vips_at_one_time() -> None:
    made = ledger(
        [],
        [
            vip("through", ago(days=30)),
            vip("into", ago(days=10), ago(days=4)),
            vip("short", ago(days=4), ago(days=3)),
            vip("seat taken", ago(days=3), ago(hours=1), aside_at=ago(days=2)),
            vip("their seat", ago(days=2)),
            vip("long ago", ago(days=40), ago(days=35)),
        ],
    )
    assert [sums.vips for sums in made.days.values()] == [2, 2, 2, 2, 2, 2, 2]
    assert made.total.vips == 2
    assert made.before.vips == 2
    assert [sums.vips for sums in ledger([], [vip("now", ago(minutes=5))]).days.values()] == [0] * 6 + [1]
    assert ledger([], [vip("nobody", NOW, NOW)]).total.vips == 0


@pytest.mark.parametrize("seed", range(30))
def test_vips_at_one_time_are_as_many_as_counting_at_each_moment_finds(seed: int) -> None:
    chance = random.Random(seed)
    sessions = []
    for number in range(chance.randint(1, 60)):
        begun = ago(hours=chance.randint(0, 24 * 20))
        over = min(begun + timedelta(hours=chance.choice([1, 5, 24, 100, 300])), NOW)
        aside = begun + (over - begun) * chance.random() if chance.random() < 0.3 else None
        sessions.append(vip(str(number), begun, over if over < NOW else None, aside_at=aside))
    made = ledger([], sessions, zone="Europe/Berlin")
    spans = [(one.granted_at, one.aside_at or one.ended_at or NOW) for one in sessions]

    def most(since: datetime, until: datetime) -> int:
        looks = {since, *(begun for begun, _ in spans if begun and since <= begun < until)}
        return max(sum(begun <= look < over for begun, over in spans if begun) for look in looks)

    borders = [*(datetime.combine(day, datetime.min.time(), BERLIN) for day in made.days), NOW]
    assert [sums.vips for sums in made.days.values()] == [
        most(since, until) for since, until in itertools.pairwise(borders)
    ]
    assert made.before.vips == most(made.period.before_since, made.period.before_until)


def test_supporters_stand_by_what_they_paid() -> None:
    def paid(number: int, user: str, cost: int, **fields: object) -> Redemption:
        known = {
            "user_id": user,
            "login": user,
            "username": user.title(),
            "cost": cost,
            "redeemed_at": ago(hours=number),
        }
        return redemption(f"p{number}", **{**known, **fields})

    made = ledger(
        [
            paid(1, "mira", 100),
            paid(2, "kai", 300),
            paid(3, "mira", 100),
            paid(4, "ben", 200, state=RedemptionState.CANCELED),
            paid(5, "anna", 900, redeemed_at=ago(days=9)),
        ],
        [vip("s1", ago(hours=2), user_id="mira", credits=(Credit("p1", "reward:r1", 24.0, ago(hours=1)),))],
    )
    assert [(one.username, one.redemptions, one.points, one.hours) for one in made.top(10)] == [
        ("Kai", 1, 300, 0.0),
        ("Mira", 2, 200, 24.0),
    ]
    assert [one.username for one in made.top(1)] == ["Kai"]
