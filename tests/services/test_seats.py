"""Taking the seat of the temporary VIP who has the least time left."""

from datetime import timedelta

from tests.house import House
from tests.services.seat_scene import full, session
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.rules import WhenFull
from vip_manager.domain.session import SessionState
from vip_manager.services.access import Person

VIPS = "/helix/channels/vips"
HOUR = timedelta(hours=1)


async def test_the_least_time_left_makes_room(house: House) -> None:
    await full(house)
    assert (await house.redeem("viewer3")).state is RedemptionState.FULFILLED
    assert await house.vips() == {"permanentvip", "viewer2", "viewer3"}
    gave, has = await session(house, "3001"), await session(house, "3003")
    assert (gave.state, gave.seatless, gave.ours) == (SessionState.ASIDE, True, False)
    assert (has.state, gave.seat_taken_by) == (SessionState.ACTIVE, has.id)
    [line] = [one for one in await house.entries() if one.action == "seat_taken"]
    assert (line.subject_id, line.detail["taker"]) == ("3001", "Viewer3")


async def test_the_clock_of_whoever_made_room_runs_on(house: House) -> None:
    await full(house)
    await house.redeem("viewer3")
    ends = (await session(house, "3001")).expires_at
    assert ends
    assert round((ends - house.clock.now()) / HOUR, 1) == 10
    house.clock.jump(11)
    await house.services.sweep.run()
    assert await house.live("3001") is None
    assert await house.vips() == {"permanentvip", "viewer2", "viewer3"}


async def test_when_there_is_a_seat_again_they_are_vip_for_what_is_left(house: House) -> None:
    streamer = await full(house)
    await house.redeem("viewer3")
    house.clock.jump(4)
    await house.services.expire.end_now(streamer, streamer.id, (await session(house, "3003")).id)
    assert await house.services.waiting.advance(streamer.id) == 1
    back = await session(house, "3001")
    assert back.state is SessionState.ACTIVE
    assert back.expires_at
    assert round((back.expires_at - house.clock.now()) / HOUR, 1) == 6
    assert await house.vips() == {"permanentvip", "viewer1", "viewer2"}


async def test_nobody_loses_the_seat_while_protected(house: House) -> None:
    await full(house, protected=3)
    refused = await house.redeem("viewer3")
    assert (refused.state, refused.refusal) == (RedemptionState.CANCELED, Refusal.FULL)
    assert await house.vips() == {"permanentvip", "viewer1", "viewer2"}


async def test_a_permanent_vip_is_never_asked_to_go(house: House) -> None:
    await house.open()
    await house.rules(when_full=WhenFull.TAKE_SEAT, protected_hours=0)
    await house.control("channel", channel="streamer", capacity=1)
    refused = await house.redeem("viewer1")
    assert (refused.state, refused.refusal) == (RedemptionState.CANCELED, Refusal.FULL)
    assert await house.vips() == {"permanentvip"}


async def test_where_the_grant_fails_then_nobody_has_lost_anything(house: House) -> None:
    await full(house)
    await house.rules(seats=3)
    before = await session(house, "3001")
    told = await house.redeemed("viewer3")
    await house.control("ban", channel="streamer", viewer="viewer3", banned=True)
    await house.services.intake.receive(told)
    refused = await house.services.grant.redemption(told.id)
    assert refused
    assert (refused.state, refused.refusal) == (RedemptionState.CANCELED, Refusal.BLOCKED)
    after = await session(house, "3001")
    assert after.state is SessionState.ACTIVE
    assert before.expires_at
    assert after.expires_at
    assert after.expires_at >= before.expires_at
    assert await house.vips() == {"permanentvip", "viewer1", "viewer2"}


async def test_a_seat_that_cant_be_taken_now_is_taken_when_twitch_answers(house: House) -> None:
    await full(house)
    await house.fault("DELETE", VIPS, "status", status=503)
    waits = await house.redeem("viewer3")
    assert waits.state is RedemptionState.GRANTING
    assert await house.vips() == {"permanentvip", "viewer1", "viewer2"}
    house.clock.jump(0.1)
    await house.services.sweep.run()
    assert await house.vips() == {"permanentvip", "viewer2", "viewer3"}
    assert (await session(house, "3001")).seatless


async def test_a_restart_in_between_brings_it_to_its_end(house: House) -> None:
    await full(house)
    await house.fault("DELETE", VIPS, "status", status=503, times=-1)
    await house.redeem("viewer3")
    await house.restart()
    await house.heal_twitch()
    house.clock.jump(0.1)
    await house.services.sweep.run()
    house.clock.jump(0.1)
    await house.services.sweep.run()
    assert await house.vips() == {"permanentvip", "viewer2", "viewer3"}


async def test_whoever_made_room_and_redeems_again_has_the_points_back(house: House) -> None:
    await full(house)
    await house.redeem("viewer3")
    again = await house.redeem("viewer1")
    assert (again.state, again.refusal) == (RedemptionState.CANCELED, Refusal.FULL)
    assert (await session(house, "3001")).seatless


async def test_a_hand_that_gives_the_badge_back_keeps_it_for_them(house: House) -> None:
    await full(house)
    await house.redeem("viewer3")
    await house.control("channel", channel="streamer", capacity=20)
    await house.control("vip", channel="streamer", viewer="viewer1", vip=True)
    await house.found_out("3001")
    assert await house.live("3001") is None
    house.clock.jump(30)
    await house.services.sweep.run()
    assert await house.vips() == {"permanentvip", "viewer1"}


async def test_the_streamer_may_end_it_while_it_waits_for_a_seat(house: House) -> None:
    streamer = await full(house)
    await house.redeem("viewer3")
    gave = await session(house, "3001")
    done = await house.services.expire.end_now(streamer, streamer.id, gave.id)
    assert (done.state, done.end_reason) == (SessionState.ENDED, EndReason.BY_HAND)


async def test_who_gave_up_the_seat_comes_before_who_never_had_one(house: House) -> None:
    streamer = await full(house)
    await house.redeem("viewer3")
    await house.rules(when_full=WhenFull.WAIT)
    waits = await house.redeem("viewer4")
    assert waits.state is RedemptionState.HELD
    await house.services.expire.end_now(streamer, streamer.id, (await session(house, "3003")).id)
    await house.services.waiting.advance(streamer.id)
    assert await house.vips() == {"permanentvip", "viewer1", "viewer2"}
    await house.services.expire.end_now(streamer, streamer.id, (await session(house, "3002")).id)
    await house.services.waiting.advance(streamer.id)
    assert await house.vips() == {"permanentvip", "viewer1", "viewer4"}


async def closing(house: House, seats: int = 2) -> Person:
    streamer = await house.open(hours=4)
    await house.rules(seats=seats, close_when_full=True)
    return streamer


async def paused_on_twitch(house: House) -> bool:
    [channel] = [one for one in (await house.world())["channels"] if one["login"] == "streamer"]
    return all(reward["is_paused"] for reward in channel["rewards"])


async def test_the_reward_is_closed_while_no_seat_is_free(house: House) -> None:
    streamer = await closing(house)
    assert not await paused_on_twitch(house)
    await house.redeem("viewer1")
    await house.services.waiting.advance(streamer.id)
    assert await paused_on_twitch(house)
    assert (await house.channel()).closed_for_full
    house.clock.jump(5)
    await house.services.sweep.run()
    assert not await paused_on_twitch(house)
    assert not (await house.channel()).closed_for_full
    assert [one for one in await house.actions() if one in ("full", "seats_free")] == ["full", "seats_free"]


async def test_a_streamer_who_does_not_want_it_any_more_has_it_open(house: House) -> None:
    streamer = await closing(house, seats=1)
    await house.services.waiting.advance(streamer.id)
    assert await paused_on_twitch(house)
    await house.rules(close_when_full=False)
    assert not await paused_on_twitch(house)


async def test_what_the_streamer_has_off_stays_closed_when_a_seat_is_free(house: House) -> None:
    streamer = await closing(house, seats=1)
    await house.services.waiting.advance(streamer.id)
    await house.services.channels.turn(streamer, streamer.id, False)
    await house.rules(seats=20)
    assert await paused_on_twitch(house)
    await house.services.channels.turn(streamer, streamer.id, True)
    assert not await paused_on_twitch(house)
