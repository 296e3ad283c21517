"""What the rewards brought: the page's figures are the records' own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import available_timezones

import pytest

from tests import emulator
from tests.house import HandClock, House
from tests.store.conftest import STAMP
from tests.store.records import active, channel, redemption
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import Credit, SessionState
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Store
from vip_manager.services.insights import GOOD_FOR, Change, Changes, Figures, Insights, Report
from vip_manager.services.rates import REPORTS
from vip_manager.store.firestore.store import FirestoreStore
from vip_manager.store.rate_limits import ProcessRates
from vip_manager.store.sealing import TOKENS, Sealer
from vip_manager.store.sqlite.store import SqliteStore

NOW = datetime(2026, 3, 30, 10, 0, tzinfo=UTC)


class At:
    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment

    def real(self) -> datetime:
        return self.moment


@pytest.fixture(params=["sqlite", "firestore"])
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SqliteStore | FirestoreStore]:
    sealer = Sealer(["a root secret of at least 32 characters"], TOKENS)
    made: SqliteStore | FirestoreStore
    if request.param == "sqlite":
        made = SqliteStore.open(tmp_path / "vip.db", sealer, STAMP)
    else:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.running().address)
        made = await FirestoreStore.open(emulator.new_project(), "", sealer, STAMP)
    yield made
    await made.close()


async def fill(store: Store) -> None:
    """Forty days: each viewer redeems once a day, and every fifth redemption went back."""
    for day in range(40):
        redeemed_at = NOW - timedelta(days=day, hours=1)
        records = []
        for viewer in range(3):
            number = day * 3 + viewer
            name = f"{day}-{viewer}"
            back = number % 5 == 0
            state = RedemptionState.CANCELED if back else RedemptionState.FULFILLED
            who = {"user_id": f"v{viewer}", "login": f"viewer{viewer}", "username": f"Viewer{viewer}"}
            records.append(
                redemption(f"p{name}", cost=100 + viewer, redeemed_at=redeemed_at, state=state, settled_at=NOW, **who)
            )
            if not back:
                over = min(redeemed_at + timedelta(hours=2), NOW)
                ended = over < NOW
                credit = Credit(f"p{name}", "reward:r1", 2.0, redeemed_at)
                one = replace(active(f"s{name}", over, **who), granted_at=redeemed_at, credits=(credit,))
                over_ = {"state": SessionState.ENDED, "ended_at": over, "end_reason": EndReason.EXPIRED}
                records.append(replace(one, **over_) if ended else one)  # type: ignore[arg-type]
        await store.commit(channel(f"x{day}"), *records)


def summed(report: Report) -> tuple[int, int, int, float]:
    every = report.days
    return (
        sum(one.redemptions for one in every),
        sum(one.given_back for one in every),
        sum(one.points for one in every),
        sum(one.hours for one in every),
    )


@pytest.mark.parametrize("period", [7, 30])
async def test_the_figures_are_the_sums_of_the_records(store: Store, period: int) -> None:
    await fill(store)
    report = await Insights(store, At(), ProcessRates("k")).report("1001", period, "Europe/Berlin")
    rows = [(day, day * 3 + viewer, viewer) for day in range(period) for viewer in range(3)]
    kept = [(number, viewer) for _, number, viewer in rows if number % 5]
    expected = (len(rows), len(rows) - len(kept), sum(100 + viewer for _, viewer in kept), 2.0 * len(kept))
    assert summed(report) == expected
    total = report.total
    assert (total.redemptions, total.given_back, total.points, total.hours) == expected
    assert total.kept == len(kept)
    assert (total.vips, report.before.vips) == (3, 3)
    assert report.before.redemptions == min(period, 40 - period) * 3
    assert [day.day for day in report.days[-2:]] == ["2026-03-29", "2026-03-30"]
    assert sum(one.points for one in report.top) == total.points
    assert [one.points for one in report.top] == sorted((one.points for one in report.top), reverse=True)
    assert {one.login for one in report.top} == {"viewer0", "viewer1", "viewer2"}


async def test_nothing_yet(store: Store) -> None:
    report = await Insights(store, At(), ProcessRates("k")).report("1001", 7, "UTC")
    assert report.nothing
    assert len(report.days) == 7
    assert report.top == []


async def test_a_report_is_made_once_for_all_and_again_after_a_while(store: Store) -> None:
    clock = At()
    insights = Insights(store, clock, ProcessRates("k"))
    assert (await insights.report("1001", 7, "UTC")).nothing
    await store.commit(redemption("p0", redeemed_at=NOW, state=RedemptionState.FULFILLED))
    first, second = await asyncio.gather(*(insights.report("1001", 7, "UTC") for _ in range(2)))
    assert first is second
    await store.commit(redemption("p1", redeemed_at=NOW, state=RedemptionState.FULFILLED))
    assert await insights.report("1001", 7, "UTC") is first
    # Another zone has other days; a name that is none stands for UTC.
    assert (await insights.report("1001", 7, "Asia/Tokyo")).total.redemptions == 2
    assert await insights.report("1001", 7, "no/such") is first
    clock.moment += GOOD_FOR
    assert (await insights.report("1001", 7, "UTC")).total.redemptions == 2
    assert not insights._making


async def test_no_channel_has_its_records_read_again_and_again(store: Store) -> None:
    insights = Insights(store, At(), ProcessRates("k"))
    for channel_id in ("1001", "1002"):
        await store.commit(
            redemption(f"p{channel_id}", channel_id=channel_id, redeemed_at=NOW, state=RedemptionState.FULFILLED)
        )
    others = await insights.report("1002", 90, "Europe/Berlin")
    zones = sorted(one for one in available_timezones() if "/" in one)[: REPORTS.most]
    for zone in zones:
        last = await insights.report("1001", 90, zone)
    with pytest.raises(InvalidInput, match="Wait a minute"):
        await insights.report("1001", 90, "Pacific/Kiritimati")
    # What is kept is shown all the same, and nobody else has less for it.
    assert await insights.report("1001", 90, zones[-1]) is last
    assert await insights.report("1002", 90, "Europe/Berlin") is others
    assert len(insights._kept["1001"]) < len(zones)


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [
        (12, 10, Change("up", 20)),
        (5, 10, Change("down", 50)),
        (0, 10, Change("down", 100)),
        (1000, 999, Change("like", 0)),
        (3, 0, Change("new", 0)),
        (0, 0, Change("like", 0)),
    ],
)
def test_a_figure_is_held_against_the_one_before(now: int, before: int, change: Change) -> None:
    assert Changes.of(Figures(points=now), Figures(points=before)).points == change


@pytest.mark.parametrize("period", [0, -7, 1, 8, 10_000])
async def test_other_periods_are_refused(store: Store, period: int) -> None:
    with pytest.raises(InvalidInput):
        await Insights(store, At(), ProcessRates("k")).report("1001", period, "UTC")


async def test_a_busy_channel(house: House, clock: HandClock) -> None:
    """What Twitch, the redemptions and the sessions say is what the report says."""
    streamer = await house.open(hours=3)
    for viewer in ("viewer1", "viewer2", "viewer3", "viewer1"):
        await house.redeem(viewer)
    await house.services.gift.by_hand(streamer, "1001", "viewer4", 1.5, "g1")
    back = await house.redeem("mod")
    assert back.state is RedemptionState.CANCELED
    report = await house.services.insights.report("1001", 7, "UTC")
    store = house.services.store
    redemptions = [one async for one in store.redemptions.between("1001", clock.now() - timedelta(days=7), clock.now())]
    sessions = [one async for one in store.sessions.since("1001", clock.now() - timedelta(days=7))]
    spent = [one for one in redemptions if one.state is not RedemptionState.CANCELED]
    assert report.total.redemptions == len(redemptions) == 5
    assert report.total.given_back == len(redemptions) - len(spent) == 1
    assert report.total.points == sum(one.cost for one in spent)
    assert report.total.hours == sum(one.hours for one in sessions if one.granted_at)
    permanent = 1
    assert report.total.vips == len(await house.vips()) - permanent
    assert report.top[0].login == "viewer1"
    assert report.top[0].hours == 6.0


async def test_an_undo_gives_nothing_new(house: House, clock: HandClock) -> None:
    streamer = await house.open(hours=24)
    await house.redeem("viewer1")
    for _ in range(2):
        clock.jump(4)
        live = await house.live("3001")
        assert live
        over = await house.services.expire.end_now(streamer, "1001", live.id)
        again = await house.services.gift.again(streamer, "1001", over.id)
        assert again.redeemed_with == "manual"
    report = await house.services.insights.report("1001", 7, "UTC")
    assert (report.total.hours, report.top[0].hours) == (24, 24)
    clock.jump(24)
    await house.services.sweep.run()
    (over,) = [one async for one in house.services.store.sessions.since("1001", clock.now() - timedelta(minutes=1))]
    await house.services.gift.again(streamer, "1001", over.id)
    report = await house.services.insights.report("1001", 7, "UTC")
    assert (report.total.hours, report.top[0].hours) == (25, 25)
