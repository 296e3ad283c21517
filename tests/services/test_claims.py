"""Only a badge that this program gave is ever taken: what Twitch showed, lost, refused or shows late."""

import asyncio
from datetime import timedelta

import pytest

from tests.house import HandClock, House
from tests.services.conftest import TwitchTime
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import TwitchStatus
from vip_manager.simulator.world import World

VIPS = "/helix/channels/vips"


async def by_hand(house: House, vip: bool) -> None:
    await house.control("vip", channel="streamer", viewer="viewer1", vip=vip)


async def lists_lag(house: House, seconds: float) -> None:
    await house.control("lag", channel="streamer", seconds=seconds)


async def session_of(house: House) -> VipSession:
    session = await house.live("3001")
    assert session is not None
    return session


async def stuck_ending(house: House) -> None:
    """The hours are over; Twitch has done the removal, and its answer was lost."""
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "lose_answer")
    assert await house.services.expire.session((await session_of(house)).id) is SessionState.ENDING


@pytest.mark.parametrize("status", [429, 401])
async def test_vip_given_by_hand_after_our_add_was_turned_away_is_never_ours(house: House, status: int) -> None:
    await house.open(hours=1)
    await house.fault("POST", VIPS, "status", status=status, times=2)
    waiting = await house.redeem("viewer1")
    assert waiting.state is RedemptionState.GRANTING
    await by_hand(house, True)
    await house.heal_twitch()
    if status == 401:
        await house.connect()
    house.clock.jump(0.5)
    await house.services.sweep.run()
    done = await house.services.store.redemptions.get(waiting.id)
    assert done
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.ALREADY_VIP)
    assert await house.on_twitch(waiting.id) is TwitchStatus.CANCELED
    assert await house.live("3001") is None
    house.clock.jump(3)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()


@pytest.mark.parametrize(
    ("code", "refusal"), [(400, Refusal.DECLINED), (403, Refusal.ALREADY_VIP), (404, Refusal.ALREADY_VIP)]
)
async def test_vip_given_by_hand_is_not_ours_because_the_look_before_our_next_add_failed(
    house: House, code: int, refusal: Refusal
) -> None:
    await house.open(hours=1)
    await house.fault("POST", VIPS, "status", status=429)
    waiting = await house.redeem("viewer1")
    await by_hand(house, True)
    await house.fault("GET", VIPS, "status", status=code)
    house.clock.jump(0.02)
    await house.services.grant.session(waiting.session_id)
    left = await house.live("3001")
    assert left is None or left.state is SessionState.GRANTING
    house.clock.jump(0.5)
    await house.services.sweep.run()
    done = await house.services.store.redemptions.get(waiting.id)
    assert done
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, refusal)
    house.clock.jump(3)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()


async def test_vip_given_by_hand_while_twitch_refuses_our_first_add_is_not_ours(house: House) -> None:
    await house.open(hours=1)
    told = await house.redeemed("viewer1")
    await house.services.intake.receive(told)
    await house.fault("POST", VIPS, "status", status=409, hold=True)
    granting = asyncio.create_task(house.services.grant.redemption(told.id))
    await house.held()
    await by_hand(house, True)
    await house.heal_twitch()
    done = await granting
    assert done
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.FULL)
    house.clock.jump(3)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()


@pytest.mark.parametrize("seen_by", ["hint", "catch-up"])
async def test_a_removal_seen_while_ending_ends_it_there(house: House, seen_by: str) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "status", status=503, times=-1)
    await house.services.sweep.run()
    session = await session_of(house)
    assert session.state is SessionState.ENDING
    await by_hand(house, False)
    if seen_by == "hint":
        await house.services.reconcile.look("1001", "3001")
    else:
        await house.services.reconcile.catch_up("1001")
    assert await house.live("3001") is None
    ended = await house.services.store.sessions.get(session.id)
    assert ended
    assert ended.end_reason is EndReason.EXPIRED
    await by_hand(house, True)
    await house.services.reconcile.look("1001", "3001")
    await house.heal_twitch()
    house.clock.jump(1)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()


@pytest.mark.parametrize("given_again", [False, True])
async def test_a_removal_by_hand_within_a_minute_of_the_grant_ends_the_claim(house: House, given_again: bool) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    session = await session_of(house)
    assert session.added_at
    await by_hand(house, False)
    if given_again:
        await by_hand(house, True)
    await house.services.reconcile.look("1001", "3001", session.added_at + timedelta(seconds=20))
    await house.found_out()
    assert await house.live("3001") is None
    assert (await house.entries())[0].detail["reason"] == EndReason.REMOVED_ON_TWITCH
    if not given_again:
        await by_hand(house, True)
    house.clock.jump(2)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()


async def test_a_removal_by_hand_is_believed_while_the_list_still_shows_the_badge(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    session = await session_of(house)
    assert session.added_at
    await house.services.reconcile.look("1001", "3001", session.added_at + timedelta(seconds=20))
    await house.found_out()
    assert await house.live("3001") is None


async def test_a_removal_from_before_the_grant_does_not_end_it(house: House) -> None:
    await house.open(hours=1)
    await lists_lag(house, 30)
    await house.redeem("viewer1")
    session = await session_of(house)
    assert session.added_at
    await house.services.reconcile.look("1001", "3001", session.added_at - timedelta(seconds=1))
    assert (await session_of(house)).state is SessionState.ACTIVE


async def test_the_echo_of_our_own_removal_does_not_end_the_next_vip(
    house: House, clock: HandClock, twitch_world: World
) -> None:
    clock.wrong = -timedelta(seconds=5)
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.control("jump", seconds=2 * 3600)
    await house.services.sweep.run()
    removed_at = twitch_world.now()
    await house.redeem("viewer1")
    session = await session_of(house)
    assert session.added_at
    assert session.added_at < removed_at, "by Twitch's clock, which is ahead of ours"
    await house.services.reconcile.look("1001", "3001", removed_at)
    assert (await session_of(house)).state is SessionState.ACTIVE


async def test_an_old_removal_does_not_end_the_next_vip_where_our_clock_has_gone_wrong_since(
    house: House, clock: HandClock, twitch_world: World
) -> None:
    await house.open(hours=5)
    removed_at = twitch_world.now()
    await house.redeem("viewer1")
    clock.wrong = timedelta(hours=2)
    await house.services.reconcile.look("1001", "3001")
    await house.services.reconcile.look("1001", "3001", removed_at)
    assert (await session_of(house)).state is SessionState.ACTIVE


async def test_lists_that_lag_behind_a_grant_do_not_end_it(house: House) -> None:
    await house.open(hours=1)
    await lists_lag(house, 30)
    await house.redeem("viewer1")
    await house.services.reconcile.look("1001", "3001")
    await house.services.reconcile.catch_up("1001")
    assert (await session_of(house)).state is SessionState.ACTIVE
    await lists_lag(house, 0)
    house.clock.jump(2)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips(), "it is still ours to take"


async def test_lists_that_lag_are_not_believed_sooner_by_a_clock_that_has_gone_wrong(
    house: House, clock: HandClock
) -> None:
    await house.open(hours=1)
    await lists_lag(house, 30)
    await house.redeem("viewer1")
    clock.wrong = timedelta(seconds=90)
    await house.services.reconcile.catch_up("1001")
    assert (await session_of(house)).state is SessionState.ACTIVE


async def test_lists_that_lag_behind_a_second_grant_do_not_end_it(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    await stuck_ending(house)
    await lists_lag(house, 30)
    await house.redeem("viewer1")
    await house.services.reconcile.look("1001", "3001")
    await house.services.reconcile.catch_up("1001")
    assert (await session_of(house)).state is SessionState.ACTIVE
    assert "viewer1" in await house.vips()


async def test_a_badge_that_was_missing_right_after_the_grant_is_looked_for_again(house: House) -> None:
    await house.open(hours=24)
    await house.redeem("viewer1")
    await by_hand(house, False)
    await house.services.reconcile.look("1001", "3001")
    assert (await session_of(house)).state is SessionState.ACTIVE, "the list may only lag"
    house.clock.jump(1.1 / 60)
    await house.services.sweep.run()
    await house.found_out()
    assert await house.live("3001") is None


@pytest.mark.parametrize("status", [400, 404, 409, 425])
async def test_an_add_that_had_its_effect_is_ours_whatever_the_second_try_is_told(house: House, status: int) -> None:
    await house.open(hours=1)
    await house.fault("POST", VIPS, "lose_answer")
    waiting = await house.redeem("viewer1")
    await house.fault("POST", VIPS, "status", status=status)
    house.clock.jump(0.5)
    await house.services.sweep.run()
    assert (await session_of(house)).state is SessionState.ACTIVE
    assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED
    house.clock.jump(100)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips(), "VIP for ever"


async def test_a_refusal_on_the_second_try_gives_points_back_where_the_first_had_no_effect(house: House) -> None:
    await house.open(hours=1)
    await house.fault("POST", VIPS, "status", status=500)
    waiting = await house.redeem("viewer1")
    await house.fault("POST", VIPS, "status", status=409)
    house.clock.jump(0.5)
    await house.services.sweep.run()
    done = await house.services.store.redemptions.get(waiting.id)
    assert done
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.FULL)
    assert "viewer1" not in await house.vips()


async def test_a_list_that_still_shows_a_badge_we_have_just_taken_costs_nobody_their_vip(
    house: House, twitch_time: TwitchTime
) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    twitch_time.ahead += 60
    house.clock.jump(1.01)
    told = await house.redeemed("viewer1")
    await lists_lag(house, 30)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()
    await house.services.intake.receive(told)
    waiting = await house.services.grant.redemption(told.id)
    assert waiting
    assert waiting.state is RedemptionState.RECEIVED
    await lists_lag(house, 0)
    house.clock.jump(0.1)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()
    assert await house.on_twitch(told.id) is TwitchStatus.FULFILLED
    assert (await session_of(house)).hours == 1


async def test_a_removal_by_hand_soon_after_one_of_ours_ends_the_new_claim(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(1.01)
    await house.services.sweep.run()
    await house.redeem("viewer1")
    session = await house.live("3001")
    assert session
    assert session.added_at
    await house.control("vip", channel="streamer", viewer="viewer1", vip=False)
    await house.services.reconcile.look("1001", "3001", session.added_at + timedelta(seconds=25))
    await house.found_out()
    assert await house.live("3001") is None
    await house.control("vip", channel="streamer", viewer="viewer1", vip=True)
    house.clock.jump(2)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()
