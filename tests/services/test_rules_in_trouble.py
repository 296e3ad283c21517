"""The rules when things go wrong: a clock that is off, a Twitch that fails in the middle, viewers who cross each
other's way, records that can't be read."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.house import House
from tests.services.seat_scene import full, session
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.rules import VipClock, WhenFull, WhenVip
from vip_manager.domain.session import Credit, SessionState, VipSession
from vip_manager.domain.stream import Stream

VIPS = "/helix/channels/vips"
HOUR = timedelta(hours=1)


async def test_two_viewers_who_take_each_others_seat_do_not_wait_for_each_other(house: House) -> None:
    """viewer3 has viewer1's seat; viewer1, whose hours are over, takes viewer3's in turn, and is refused."""
    streamer = await full(house)
    await house.services.gift.add_time(streamer, "1001", (await session(house, "3002")).id, 100, "gift-2")
    await house.redeem("viewer3")
    house.clock.jump(11)
    await house.services.sweep.run()
    assert await house.live("3001") is None
    await house.rules(seats=3)
    told = await house.redeemed("viewer1")
    await house.control("ban", channel="streamer", viewer="viewer1", banned=True)
    await house.services.intake.receive(told)
    async with asyncio.timeout(2):
        refused = await house.services.grant.redemption(told.id)
    assert refused
    assert refused.state is RedemptionState.CANCELED


async def test_a_sweep_takes_up_two_such_viewers_at_once(house: House) -> None:
    streamer = await full(house)
    await house.services.gift.add_time(streamer, "1001", (await session(house, "3002")).id, 100, "gift-2")
    await house.redeem("viewer3")
    house.clock.jump(11)
    await house.services.sweep.run()
    await house.rules(seats=3)
    await house.fault("DELETE", VIPS, "status", status=503)
    assert (await house.redeem("viewer1")).state is RedemptionState.GRANTING
    await house.fault("POST", VIPS, "status", status=429, times=1)
    await house.services.gift.add_time(streamer, "1001", (await session(house, "3003")).id, 1, "gift-3")
    assert (await session(house, "3003")).state is SessionState.GRANTING
    assert (await session(house, "3001")).state is SessionState.GRANTING
    house.clock.jump(0.1)
    await house.heal_twitch()
    await house.services.sweep.run(seconds=2)
    assert (await session(house, "3003")).state is SessionState.ACTIVE


@pytest.mark.parametrize("how", ["end_now", "give_back"])
async def test_a_taker_whom_the_streamer_turns_away_leaves_the_seat(house: House, how: str) -> None:
    streamer = await full(house)
    await house.rules(seats=3)
    before = await session(house, "3001")
    await house.fault("POST", VIPS, "status", status=503)
    takes = await house.redeem("viewer3")
    assert takes.state is RedemptionState.GRANTING
    assert (await session(house, "3001")).seatless
    house.clock.jump(3)
    if how == "end_now":
        await house.services.expire.end_now(streamer, "1001", (await session(house, "3003")).id)
    else:
        await house.services.dead_letters.give_back(streamer, "1001", takes.id)
    await house.services.sweep.run()
    after = await session(house, "3001")
    assert after.state is SessionState.ACTIVE
    assert before.expires_at
    assert after.expires_at
    assert after.expires_at >= before.expires_at + 3 * HOUR


async def test_whoever_made_room_in_vain_loses_nothing_however_long_that_took(house: House) -> None:
    await full(house)
    await house.rules(seats=3)
    await house.fault("POST", VIPS, "status", status=503, times=-1)
    takes = await house.redeem("viewer3")
    assert takes.state is RedemptionState.GRANTING
    house.clock.jump(11)
    await house.services.sweep.run()
    await house.heal_twitch()
    await house.control("ban", channel="streamer", viewer="viewer3", banned=True)
    house.clock.jump(1)
    await house.services.sweep.run()
    refused = await house.services.store.redemptions.get(takes.id)
    assert refused
    assert refused.state is RedemptionState.CANCELED
    assert await house.live("3001") is not None, "ten hours were left when the seat was taken"


async def test_a_victim_who_cant_be_taken_down_does_not_hold_the_points_for_ever(house: House) -> None:
    await full(house)
    await house.rules(seats=3)
    await house.fault("DELETE", VIPS, "status", status=404, times=-1)
    takes = await house.redeem("viewer3")
    assert takes.state is RedemptionState.GRANTING
    for _ in range(4):
        house.clock.jump(8)
        await house.services.sweep.run()
    found = await house.services.store.redemptions.get(takes.id)
    assert found
    assert not found.open, f"{found.state} a day after the points were to go back"


async def test_the_first_in_line_keeps_the_place_when_twitch_fails_once(house: House) -> None:
    streamer = await house.open(hours=4)
    await house.rules(when_full=WhenFull.WAIT, wait_hours=12)
    await house.control("channel", channel="streamer", capacity=2)
    await house.redeem("viewer9")
    first, second = [await house.redeem(viewer) for viewer in ("viewer1", "viewer2")]
    live = await session(house, "3009")
    await house.services.expire.end_now(streamer, streamer.id, live.id)
    await house.fault("GET", "/helix/channel_points/custom_rewards/redemptions", "status", status=503, times=2)
    await house.services.waiting.advance(streamer.id)
    house.clock.jump(0.1)
    await house.services.sweep.run()
    found = [await house.services.store.redemptions.get(one.id) for one in (first, second)]
    assert [one and one.state for one in found] == [RedemptionState.FULFILLED, RedemptionState.HELD]


async def test_whoever_made_room_is_back_when_twitch_has_more_seats(house: House) -> None:
    await full(house)
    await house.redeem("viewer3")
    assert (await session(house, "3001")).seatless
    await house.control("channel", channel="streamer", capacity=20)
    house.clock.jump(1)
    await house.services.sweep.run()
    house.clock.jump(1)
    await house.services.sweep.run()
    assert (await session(house, "3001")).state is SessionState.ACTIVE


async def test_a_live_channel_is_looked_at_before_points_go_back(house: House) -> None:
    await house.open(hours=4)
    await house.rules(clock=VipClock.STREAM)
    await house.services.sweep.run()
    await house.control("channel", channel="streamer", live=True)
    redemption = await house.redeem("viewer1")
    assert redemption.refusal is None
    assert redemption.state is RedemptionState.FULFILLED


async def test_a_redemption_that_twitch_does_not_list_yet_needs_a_yes_all_the_same(house: House) -> None:
    await house.open(hours=4)
    await house.rules(approval=True)
    await house.fault("GET", "/helix/channel_points/custom_rewards/redemptions", "status", status=404)
    redemption = await house.redeem("viewer1")
    assert await house.vips() == {"permanentvip"}
    assert redemption.open


async def test_a_seat_is_waited_for_though_twitch_does_not_list_the_redemption_yet(house: House) -> None:
    await house.open(hours=4)
    await house.rules(when_full=WhenFull.WAIT)
    await house.control("channel", channel="streamer", capacity=1)
    await house.fault("GET", "/helix/channel_points/custom_rewards/redemptions", "status", status=404)
    redemption = await house.redeem("viewer1")
    assert redemption.state is RedemptionState.HELD


async def test_a_pause_holds_for_redemptions_that_come_in_another_order(house: House) -> None:
    await house.open(hours=4)
    await house.rules(pause_hours=1)
    first, second = await house.redeemed("viewer1"), await house.redeemed("viewer1")
    for told in (second, first):
        await house.services.intake.receive(told)
        await house.services.grant.redemption(told.id)
    live = await session(house, "3001")
    assert len(live.credits) == 1


async def found_wrong(house: House, record: Redemption | VipSession, **damage: object) -> None:
    """`verify` finds that damage, and nothing once it is put right."""
    damaged = await house.services.store.commit(replace(record, **damage))  # type: ignore[arg-type]
    assert [one.place.partition("/")[2] for one in await house.wrong()] == [record.id]
    await house.services.store.commit(replace(record, version=damaged.version))
    assert await house.wrong() == []


async def test_a_held_redemption_without_its_limit_is_found(house: House) -> None:
    await house.open(hours=4)
    await house.rules(approval=True)
    redemption = await house.redeem("viewer1")
    await found_wrong(house, redemption, held_until=None)


@pytest.mark.parametrize("kind", [VipClock.STREAM, VipClock.LIVE])
async def test_a_session_whose_clock_nothing_moves_is_found(house: House, kind: VipClock) -> None:
    await house.open(hours=4)
    await house.rules(clock=kind)
    await house.control("channel", channel="streamer", live=True)
    await house.services.sweep.run()
    house.clock.jump(1)
    await house.services.sweep.run()
    await house.redeem("viewer1")
    live = await session(house, "3001")
    assert live.clock is kind
    await found_wrong(house, live, clock_at=None, expires_at=None, left=0.0)


async def test_a_seat_taken_by_nobody_is_found(house: House) -> None:
    await full(house)
    await house.redeem("viewer3")
    await found_wrong(house, await session(house, "3001"), seat_taken_by="nobody")


@pytest.mark.parametrize(
    "typed",
    [3, 0],
)
async def test_a_seat_that_comes_too_late_is_not_taken(house: House, typed: int) -> None:
    """Whether the number of seats is typed or was learned."""
    streamer = await full(house)
    for viewer_id in ("3001", "3002"):
        live = await session(house, viewer_id)
        await house.services.gift.add_time(streamer, "1001", live.id, 1000, f"more-{viewer_id}")
    await house.rules(seats=typed)
    await house.fault("DELETE", VIPS, "status", status=503, times=-1)
    takes = await house.redeem("viewer3")
    assert takes.state is RedemptionState.GRANTING
    await house.heal_twitch()
    house.clock.jump(30)
    await house.control("jump", seconds=30 * 3600)
    await house.services.sweep.run()
    await house.services.sweep.run()
    done = await house.services.store.redemptions.get(takes.id)
    assert done
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.TOO_OLD)


async def test_who_waits_is_not_passed_by_when_the_rule_becomes_another(house: House) -> None:
    await house.open(hours=4)
    await house.rules(when_full=WhenFull.WAIT, wait_hours=12)
    await house.control("channel", channel="streamer", capacity=2)
    await house.redeem("viewer9")
    first = await house.redeem("viewer1")
    house.clock.jump(2)
    await house.rules(when_full=WhenFull.TAKE_SEAT)
    second = await house.redeem("viewer2")
    found = await house.services.store.redemptions.get(first.id)
    assert found
    assert (found.state, second.state) != (RedemptionState.HELD, RedemptionState.FULFILLED)


async def test_somebody_who_waits_is_not_passed_by_after_the_list_is_given_up(house: House) -> None:
    streamer = await house.open(hours=4)
    await house.rules(when_full=WhenFull.WAIT, wait_hours=12)
    await house.control("channel", channel="streamer", capacity=2)
    await house.redeem("viewer9")
    await house.redeem("viewer1")
    await house.rules(when_full=WhenFull.GIVE_BACK)
    await house.services.expire.end_now(streamer, "1001", (await session(house, "3009")).id)
    await house.redeem("viewer2")
    await house.services.waiting.advance("1001")
    assert await house.vips() == {"permanentvip", "viewer1"}


def gave_seat(at: datetime, stream: Stream) -> VipSession:
    """Five hours that count while live; the badge went at that moment, for somebody else."""
    credit = Credit("r", "reward:x", 5.0, at)
    began = VipSession.begun("s", ("1001", "3001", "viewer1", "Viewer1"), credit, VipClock.LIVE)
    active = began.asking(at).active(at).following(stream)
    return active.giving_seat("t", at).vacated(at)


def test_a_seat_given_back_comes_with_what_was_left_though_the_stream_ended() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    aside = gave_seat(at, Stream(at - HOUR)).following(Stream(None, at + HOUR / 2))
    assert aside.seat_given_back(at + HOUR).owed == 5.0


def test_a_seat_given_back_comes_with_what_was_left_though_a_stream_began() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    aside = gave_seat(at, Stream(None, at - HOUR)).following(Stream(at + HOUR / 2, at - HOUR))
    assert aside.seat_given_back(at + HOUR).owed == 5.0


async def test_rewards_stay_closed_while_twitch_does_not_say_whether_there_is_a_seat(house: House) -> None:
    await house.open(hours=4)
    await house.rules(when_full=WhenFull.WAIT, close_when_full=True)
    await house.control("channel", channel="streamer", capacity=2)
    await house.redeem("viewer9")
    assert (await house.redeem("viewer1")).state is RedemptionState.HELD
    await house.services.waiting.advance("1001")
    assert (await house.channel()).closed_for_full
    await house.fault("POST", VIPS, "status", status=503)
    await house.services.reconcile.catch_up("1001")
    assert (await house.channel()).closed_for_full


async def test_a_seat_is_taken_though_twitch_failed_at_first(house: House) -> None:
    """Or though the program was killed then: the catch-up forgets how many seats there are."""
    await full(house)
    await house.fault("GET", "/helix/channel_points/custom_rewards/redemptions", "status", status=503, times=4)
    takes = await house.redeem("viewer3")
    assert takes.open
    house.clock.jump(0.5)
    await house.services.sweep.run()
    done = await house.services.store.redemptions.get(takes.id)
    assert done
    assert (done.state, done.refusal) == (RedemptionState.FULFILLED, None)


async def test_who_came_back_and_found_no_seat_has_a_clock_that_runs_on(house: House) -> None:
    streamer = await full(house)
    await house.redeem("viewer3")
    await house.services.expire.end_now(streamer, "1001", (await session(house, "3003")).id)
    await house.control("vip", channel="streamer", viewer="viewer8", vip=True)
    await house.rules(seats=4)
    house.clock.jump(0.02)
    await house.services.waiting.advance("1001")
    house.clock.jump(20)
    await house.services.sweep.run()
    assert await house.live("3001") is None


@pytest.mark.parametrize("wrong", [3, -3])
async def test_starting_over_by_a_wrong_clock_gives_no_other_hours(house: House, wrong: float) -> None:
    await house.open(hours=24)
    await house.rules(when_vip=WhenVip.START_OVER)
    await house.redeem("viewer1")
    house.clock.jump(10)
    house.clock.wrong = timedelta(hours=wrong)
    await house.redeem("viewer1")
    house.clock.wrong = timedelta()
    await house.services.reconcile.resume_all()
    await house.services.sweep.run()
    live = await session(house, "3001")
    assert live.expires_at
    assert round((live.expires_at - house.clock.now()) / HOUR, 1) == 24


@pytest.mark.parametrize("wrong", [10, -10])
async def test_what_was_held_by_a_wrong_clock_waits_as_long_as_it_may(house: House, wrong: float) -> None:
    await house.open(hours=4)
    await house.rules(approval=True, approval_hours=2)
    house.clock.wrong = timedelta(hours=wrong)
    redemption = await house.redeem("viewer1")
    house.clock.wrong = timedelta()
    states = []
    for _ in range(3):
        house.clock.jump(1.3)
        await house.services.reconcile.resume_all()
        await house.services.sweep.run()
        found = await house.services.store.redemptions.get(redemption.id)
        assert found
        states.append(found.state)
    assert states == [RedemptionState.HELD, RedemptionState.HELD, RedemptionState.CANCELED]


async def test_nobodys_seat_is_taken_by_a_wrong_clock(house: House) -> None:
    """The protection reckons with it, and so does what comes back where the grant fails then."""
    await full(house, protected=3)
    await house.rules(seats=3)
    house.clock.wrong = timedelta(hours=5)
    await house.redeem("viewer3")
    assert await house.vips() == {"permanentvip", "viewer1", "viewer2"}


async def test_a_seat_taken_by_a_wrong_clock_comes_back_with_all_its_hours(house: House) -> None:
    await full(house)
    await house.rules(seats=3)
    before = await session(house, "3001")
    house.clock.wrong = timedelta(hours=5)
    await house.redeem("viewer3")
    house.clock.wrong = timedelta()
    await house.control("ban", channel="streamer", viewer="viewer3", banned=True)
    for _ in range(3):
        house.clock.jump(0.02)
        await house.services.reconcile.resume_all()
        await house.services.sweep.run()
    after = await session(house, "3001")
    assert after.state is SessionState.ACTIVE
    assert before.expires_at
    assert after.expires_at
    assert after.expires_at >= before.expires_at - timedelta(minutes=1)


async def test_a_seat_that_is_free_again_is_had_with_all_hours_whatever_the_clock(house: House) -> None:
    streamer = await full(house)
    await house.redeem("viewer3")
    before = await session(house, "3001")
    await house.services.expire.end_now(streamer, "1001", (await session(house, "3003")).id)
    house.clock.wrong = timedelta(hours=5)
    await house.services.waiting.advance("1001")
    house.clock.wrong = timedelta()
    await house.services.reconcile.resume_all()
    await house.services.sweep.run()
    after = await session(house, "3001")
    assert before.expires_at
    assert after.expires_at
    assert after.expires_at >= before.expires_at - timedelta(minutes=1)


async def line_of_two(house: House) -> tuple[Redemption, Redemption]:
    await house.open(hours=4)
    await house.rules(when_full=WhenFull.WAIT, wait_hours=12)
    await house.control("channel", channel="streamer", capacity=2)
    await house.redeem("viewer9")
    return await house.redeem("viewer1"), await house.redeem("viewer2")


async def test_a_record_in_line_that_cant_be_read_keeps_nobody_from_a_seat(house: House) -> None:
    first, second = await line_of_two(house)
    house.poison("redemptions", first.id, "heldAt", "never")
    house.clock.jump(5)
    await house.services.sweep.run()
    await house.services.sweep.run()
    found = await house.services.store.redemptions.get(second.id)
    assert found
    assert found.state is RedemptionState.FULFILLED


async def test_a_record_in_line_that_cant_be_handled_keeps_nobody_from_a_seat(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await line_of_two(house)
    handle = house.services.grant.redemption

    async def redemption(redemption_id: str, *, wait: bool = True) -> Redemption | None:
        if redemption_id == first.id:
            raise ValueError("nobody has thought of that")
        return await handle(redemption_id)

    monkeypatch.setattr(house.services.grant, "redemption", redemption)
    house.clock.jump(5)
    await house.services.sweep.run()
    house.clock.jump(0.1)
    await house.services.sweep.run()
    found = await house.services.store.redemptions.get(second.id)
    assert found
    assert found.state is RedemptionState.FULFILLED


@pytest.mark.parametrize(
    "typed",
    [
        3,
        0,
    ],
)
async def test_nobody_loses_a_seat_to_a_moderator(house: House, typed: int) -> None:
    """Who can't be VIP, and has the points back each time."""
    await full(house)
    await house.rules(seats=typed)
    refused = await house.redeem("mod")
    assert (refused.state, refused.refusal) == (RedemptionState.CANCELED, Refusal.MODERATOR)
    assert "seat_taken" not in await house.actions()


async def test_starting_over_at_once_costs_nothing(house: House) -> None:
    """Redeemed twice by a slip of the finger."""
    await house.open(hours=24)
    await house.rules(when_vip=WhenVip.START_OVER)
    await house.redeem("viewer1")
    again = await house.redeem("viewer1")
    assert (again.state, again.refusal) == (RedemptionState.CANCELED, Refusal.NO_LONGER)


async def test_a_taker_whose_points_went_back_takes_nobodys_seat(house: House) -> None:
    await full(house)
    await house.rules(seats=3)
    await house.fault("DELETE", VIPS, "status", status=503)
    takes = await house.redeem("viewer3")
    assert takes.state is RedemptionState.GRANTING
    await house.control("settle", redemption_id=takes.id, status="CANCELED")
    await house.services.grant.redemption(takes.id)
    house.clock.jump(0.1)
    await house.services.sweep.run()
    assert (await session(house, "3001")).state is SessionState.ACTIVE
    badges = (await house.audit())["vip_by_api"]["streamer"]["viewer1"]
    assert badges["removed"] == 0, "the badge was never taken"


async def test_a_vip_of_a_hand_who_fills_the_last_seat_takes_nobodys_hours(house: House) -> None:
    """viewer8 is made VIP on Twitch in the moment in which a seat changes hands."""
    await full(house)
    await house.rules(seats=3)
    await house.fault("POST", VIPS, "status", status=503)
    takes = await house.redeem("viewer3")
    await house.control("vip", channel="streamer", viewer="viewer8", vip=True)
    house.clock.jump(0.1)
    await house.services.sweep.run()
    found = await house.services.store.redemptions.get(takes.id)
    assert found
    assert found.refusal is Refusal.FULL
    gave = await session(house, "3001")
    assert gave.hours_left(house.clock.now()) >= 10 - 0.01
