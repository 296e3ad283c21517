"""A catch-up finds what nobody told us of, and forgets nothing that somebody wanted of it meanwhile."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.house import HandClock, House
from vip_manager.domain.redemption import RedemptionState
from vip_manager.ports import TwitchError, TwitchStatus
from vip_manager.services.reconcile import CATCH_UP_AGAIN, CATCH_UP_EVERY, UNHEARD_OF_AFTER

VIPS = "/helix/channels/vips"
REWARDS = "/helix/channel_points/custom_rewards"
REDEMPTIONS = f"{REWARDS}/redemptions"


async def time_goes_on(house: House, hours: float) -> None:
    """For us and for Twitch."""
    house.clock.jump(hours)
    await house.control("jump", seconds=hours * 3600)


async def due_in(house: House) -> timedelta:
    at = (await house.channel()).catch_up_at
    assert at
    return at - house.clock.now()


async def is_due(house: House) -> bool:
    return await due_in(house) <= timedelta()


async def switch_queue_off(house: House) -> None:
    reward_id = (await house.channel()).channel_point_reward_id
    await house.services.twitch.update_reward("1001", reward_id, skips_queue=True)


async def lost_badge(house: House) -> None:
    """viewer1's badge was taken by hand, long after we gave it, and we did not hear of it."""
    await house.open()
    await house.redeem("viewer1")
    await time_goes_on(house, 0.1)
    await house.services.reconcile.catch_up("1001")
    await house.control("vip", channel="streamer", viewer="viewer1", vip=False)


async def test_what_twitch_fulfilled_by_itself_is_found_though_its_lists_failed_once(house: House) -> None:
    await house.open()
    await house.services.reconcile.catch_up("1001")
    await switch_queue_off(house)
    told = await house.redeemed("viewer1")
    assert told.status is TwitchStatus.FULFILLED
    await house.fault("GET", REDEMPTIONS, "status", status=500)
    with pytest.raises(TwitchError):
        await house.services.reconcile.catch_up("1001")
    await time_goes_on(house, 0.3)
    assert (await house.services.sweep.run()).recovered == 1
    assert "viewer1" in await house.vips()


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_lists_that_twitch_did_not_show_are_read_from_the_same_moment_on_later(house: House, status: int) -> None:
    await house.open()
    await house.services.reconcile.catch_up("1001")
    seen = (await house.channel()).caught_up_at
    told = await house.redeemed("viewer1")
    await house.control("settle", redemption_id=told.id, status="FULFILLED")
    await time_goes_on(house, 0.3)
    await house.fault("GET", REDEMPTIONS, "status", status=status)
    assert await house.services.reconcile.catch_up("1001") == 0
    assert (await house.channel()).caught_up_at == seen
    assert await house.services.reconcile.catch_up("1001") == 1


async def test_a_queue_that_can_not_be_switched_on_keeps_nothing_from_being_found(house: House) -> None:
    await lost_badge(house)
    await switch_queue_off(house)
    await house.redeemed("viewer2")
    await house.fault("PATCH", REWARDS, "status", status=403)
    assert await house.services.reconcile.catch_up("1001") == 1
    await house.found_out()
    assert await house.live("3001") is None


async def test_the_queue_is_switched_on_again_at_the_first_catch_up(house: House) -> None:
    await house.open()
    await switch_queue_off(house)
    told = await house.redeemed("viewer1")
    assert (await house.services.sweep.run()).recovered == 1
    [reward] = await house.services.twitch.rewards("1001")
    assert not reward.skips_queue
    assert "viewer1" in await house.vips()
    assert await house.on_twitch(told.id) is TwitchStatus.FULFILLED


@pytest.mark.parametrize("heard", [True, False])
async def test_what_the_streamer_fulfilled_before_we_heard_of_it_is_granted_once(house: House, heard: bool) -> None:
    await house.open()
    await house.services.reconcile.catch_up("1001")
    told = await house.redeemed("viewer1")
    await house.control("settle", redemption_id=told.id, status="FULFILLED")
    if heard:
        await house.services.reconcile.settled_elsewhere(replace(told, status=TwitchStatus.FULFILLED))
        assert "viewer1" in await house.vips(), "its event is enough"
    await time_goes_on(house, 0.3)
    assert (await house.services.sweep.run()).recovered == (0 if heard else 1)
    session = await house.live("3001")
    assert session
    assert [credit.hours for credit in session.credits] == [24]
    redemption = await house.services.store.redemptions.get(told.id)
    assert redemption
    assert redemption.state is RedemptionState.FULFILLED


async def test_what_the_streamer_fulfilled_and_cannot_be_granted_is_shown(house: House) -> None:
    await house.open()
    told = await house.redeemed("permanentvip")
    await house.control("settle", redemption_id=told.id, status="FULFILLED")
    await house.services.sweep.run()
    redemption = await house.services.store.redemptions.get(told.id)
    assert redemption
    assert redemption.state is RedemptionState.KEPT
    assert (await house.actions())[-1] == "points_kept"


async def test_what_was_fulfilled_before_the_channel_came_to_us_is_none_of_ours(
    house: House, twitch_base: str, tmp_path: Path, clock: HandClock
) -> None:
    await house.open()
    old = await house.redeemed("viewer1")
    await house.control("settle", redemption_id=old.id, status="FULFILLED")
    await time_goes_on(house, 0.1)
    elsewhere = House(twitch_base, tmp_path / "other", clock)
    await elsewhere.start()
    try:
        await elsewhere.open()
        await elsewhere.services.sweep.run()
        await elsewhere.services.reconcile.settled_elsewhere(replace(old, status=TwitchStatus.FULFILLED))
        assert await elsewhere.services.store.redemptions.get(old.id) is None
    finally:
        await elsewhere.close()
    assert "viewer1" not in await house.vips()


async def test_a_catch_up_wanted_while_one_runs_is_due_after_it(house: House) -> None:
    await house.open()
    await house.fault("GET", VIPS, "pass", hold=True)
    running = asyncio.create_task(house.services.reconcile.catch_up("1001"))
    await house.held()
    assert not await is_due(house), "it is under way"
    await house.services.reconcile.recheck("1001")
    await house.heal_twitch()
    await running
    assert await is_due(house)
    await house.services.sweep.run()
    assert await due_in(house) > CATCH_UP_EVERY - timedelta(minutes=1)


@pytest.mark.parametrize("sweep_fails", [False, True])
async def test_a_catch_up_that_failed_when_the_line_came_back_is_due_though_a_sweep_had_begun_one(
    house: House, sweep_fails: bool
) -> None:
    await house.open()
    await house.services.reconcile.catch_up("1001")
    await time_goes_on(house, 0.3)
    await house.fault("GET", VIPS, "status" if sweep_fails else "pass", hold=True, status=500)
    sweep = asyncio.create_task(house.services.sweep.run())
    await house.held()
    told = await house.redeemed("viewer1")
    await house.fault("GET", REDEMPTIONS, "status", status=500)
    with pytest.raises(TwitchError):
        await house.services.reconcile.heal("1001")
    await house.heal_twitch()
    await sweep
    house.clock.jump(CATCH_UP_AGAIN / timedelta(hours=1))
    await house.services.sweep.run()
    assert await house.services.store.redemptions.get(told.id)


async def test_a_catch_up_that_died_is_due_soon(house: House) -> None:
    await house.open()
    await house.fault("GET", VIPS, "pass", hold=True)
    running = asyncio.create_task(house.services.reconcile.catch_up("1001"))
    await house.held()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await house.heal_twitch()
    house.clock.jump(UNHEARD_OF_AFTER / timedelta(hours=1))
    assert await is_due(house)


async def test_a_look_that_failed_when_the_line_came_back_is_made_again_and_keeps_nobody_waiting(house: House) -> None:
    await lost_badge(house)
    await house.redeemed("viewer2")
    await house.fault("GET", VIPS, "status", status=500, user="3001")
    await house.services.reconcile.heal("1001")
    assert await house.live("3001")
    assert "viewer2" in await house.vips()
    house.clock.jump(CATCH_UP_AGAIN / timedelta(hours=1))
    await house.services.sweep.run()
    await house.found_out()
    assert await house.live("3001") is None


async def test_a_channel_that_is_no_affiliate_any_more_still_has_its_vips_compared(house: House) -> None:
    await lost_badge(house)
    await house.control("channel", channel="streamer", broadcaster_type="")
    house.clock.jump(0.3)
    await house.services.sweep.run()
    await house.found_out()
    assert await house.live("3001") is None
    assert (await house.channel()).channel_point_reward_id, "the reward is still there, should it be one again"
    await house.control("channel", channel="streamer", broadcaster_type="affiliate")
    assert (await house.redeem("viewer2")).state is RedemptionState.FULFILLED


@pytest.mark.parametrize("ahead", [-timedelta(hours=2), timedelta(hours=2)])
async def test_a_catch_up_by_a_wrong_clock_hides_nothing_from_the_next_one(
    house: House, clock: HandClock, ahead: timedelta
) -> None:
    await house.open()
    clock.wrong = ahead
    await house.services.reconcile.catch_up("1001")
    clock.wrong = timedelta()
    await house.services.twitch.knock()
    mark = (await house.channel()).caught_up_at
    assert isinstance(mark, datetime)
    assert abs(mark - house.clock.now()) < timedelta(seconds=30)
    told = await house.redeemed("viewer1")
    await house.control("settle", redemption_id=told.id, status="FULFILLED")
    assert await house.services.reconcile.catch_up("1001") == 1
