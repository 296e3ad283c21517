"""A VIP that ended a moment ago goes on: with what was left of it, or for an hour more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.house import House
from tests.services.conftest import TwitchTime
from tests.services.undo_scene import undone_at_once
from vip_manager.domain.reasons import EndReason, Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.rules import Rules, VipClock
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.terms import InvalidInput
from vip_manager.domain.undo import undoable
from vip_manager.ports import StreamHint
from vip_manager.services.access import Person
from vip_manager.services.refused import Refused
from vip_manager.services.written import millis


async def ended_by_hand(house: House, clock: VipClock = VipClock.WALL) -> tuple[Person, VipSession]:
    me = await house.open(hours=24)
    await house.services.store.commit(replace(await house.channel(), rules=Rules(clock=clock)))
    if clock is not VipClock.WALL:
        await house.control("channel", channel="streamer", live=True)
        now = house.clock.now()
        await house.services.streams.heard(StreamHint(me.id, now, now))
    await house.redeem("viewer1")
    await house.control("jump", seconds=4 * 3600)
    house.clock.jump(4)
    live = await house.live("3001")
    assert live
    return me, await house.services.expire.end_now(me, me.id, live.id)


async def test_what_was_ended_by_hand_goes_on_with_the_time_that_was_left(house: House) -> None:
    me, over = await ended_by_hand(house)
    assert undoable(over)
    assert "viewer1" not in await house.vips()
    again = await house.services.gift.again(me, me.id, over.id)
    assert "viewer1" in await house.vips()
    assert again.expires_at
    assert over.expires_at
    assert abs(again.expires_at - over.expires_at) < timedelta(seconds=10)
    assert (await house.actions())[-1] == "granted"


async def test_however_often_it_is_asked_for_it_counts_once(house: House) -> None:
    me, over = await ended_by_hand(house)
    first = await house.services.gift.again(me, me.id, over.id)
    second = await house.services.gift.again(me, me.id, over.id)
    assert (first.id, first.hours) == (second.id, second.hours)
    await house.services.expire.end_now(me, me.id, first.id)
    with pytest.raises(InvalidInput, match="ended already"):
        await house.services.gift.again(me, me.id, over.id)
    assert "viewer1" not in await house.vips()


async def test_it_counts_once_also_where_two_are_at_it_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await undone_at_once(house, house, monkeypatch)


async def test_it_counts_once_also_on_a_vip_that_began_meanwhile(house: House) -> None:
    me, over = await ended_by_hand(house)
    for number in range(3):
        given = await house.services.gift.by_hand(me, me.id, "viewer1", 1, f"gift-{number}")
        if number == 0:
            again = await house.services.gift.again(me, me.id, over.id)
            assert (again.id, round(again.hours)) == (given.id, 21)
        if number < 2:
            await house.services.expire.end_now(me, me.id, given.id)
    with pytest.raises(InvalidInput, match="ended already"):
        await house.services.gift.again(me, me.id, over.id)
    after = await house.live("3001")
    assert after
    assert after.hours == 1


async def test_what_came_to_nothing_may_be_tried_again(house: House) -> None:
    me, over = await ended_by_hand(house)
    await house.fault("POST", "/helix/channels/vips", "status", times=2, status=409)
    for _ in range(2):
        with pytest.raises(Refused):
            await house.services.gift.again(me, me.id, over.id)
    again = await house.services.gift.again(me, me.id, over.id)
    assert again.state is SessionState.ACTIVE
    assert "viewer1" in await house.vips()


@pytest.mark.parametrize("by", ["undo", "hand"])
async def test_a_list_behind_our_removal_only_puts_it_off(house: House, twitch_time: TwitchTime, by: str) -> None:
    me = await house.open(hours=24)
    await house.redeem("viewer1")
    # What the page shows: only who was there before is permanent.
    await house.services.reconcile.catch_up(me.id)
    before = (await house.services.board.staff(me.id)).permanent
    live = await house.live("3001")
    assert live
    twitch_time.ahead += 60
    await house.control("lag", channel="streamer", seconds=20)
    over = await house.services.expire.end_now(me, me.id, live.id)
    if by == "undo":
        again = await house.services.gift.again(me, me.id, over.id)
    else:
        again = await house.services.gift.by_hand(me, me.id, "viewer1", 2, "gift-1")
    assert (again.state, again.retry.error) == (SessionState.GRANTING, Trouble.LAGGING)
    assert (await house.services.board.staff(me.id)).permanent == before
    house.clock.jump(11 / 3600)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips(), "still listed"
    twitch_time.ahead += 21
    house.clock.jump(11 / 3600)
    await house.services.sweep.run()
    done = await house.live("3001")
    assert done
    assert (done.id, done.state, done.ours) == (again.id, SessionState.ACTIVE, True)
    assert "viewer1" in await house.vips()


async def test_what_is_over_by_itself_goes_on_for_an_hour(house: House) -> None:
    me = await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(1.01)
    await house.services.sweep.run()
    (over,) = (await house.services.board.staff(me.id)).just_over
    assert over.login == "viewer1"
    assert 0 <= millis(house.clock.now()) - over.ended_at < 5000
    again = await house.services.gift.again(me, me.id, over.session_id)
    assert again.hours == 1
    assert "viewer1" in await house.vips()
    assert (await house.services.board.staff(me.id)).just_over == []


async def test_it_is_offered_for_seconds_and_done_within_a_minute(house: House) -> None:
    me = await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(1.01)
    await house.services.sweep.run()
    (over,) = (await house.services.board.staff(me.id)).just_over
    house.clock.jump(11 / 3600)
    house.services.changes.announce(me.id)
    assert (await house.services.board.staff(me.id)).just_over == []
    house.clock.jump(50 / 3600)
    with pytest.raises(InvalidInput, match="Give VIP to @Viewer1"):
        await house.services.gift.again(me, me.id, over.session_id)
    assert "viewer1" not in await house.vips()


async def test_only_what_ended_so_and_in_this_channel_goes_on(house: House) -> None:
    me = await house.open(hours=24)
    await house.redeem("viewer1")
    live = await house.live("3001")
    assert live
    for wrong in (live.id, "nobody"):
        with pytest.raises(InvalidInput):
            await house.services.gift.again(me, me.id, wrong)
    over = await house.services.expire.end_now(me, me.id, live.id)
    with pytest.raises(InvalidInput, match="not in this channel"):
        await house.services.gift.again(me, "another", over.id)
    await house.services.gift.by_hand(me, me.id, "viewer1", 1, "gift-1")
    second = await house.live("3001")
    assert second
    permanent = await house.services.expire.make_permanent(me, me.id, second.id)
    assert not undoable(permanent)
    with pytest.raises(InvalidInput):
        await house.services.gift.again(me, me.id, permanent.id)
    with pytest.raises(Refused):
        await house.services.gift.again(me, me.id, over.id)


@pytest.mark.parametrize("counted", VipClock)
async def test_it_goes_on_by_the_clock_that_it_had(house: House, counted: VipClock) -> None:
    me, over = await ended_by_hand(house, counted)
    assert over.clock is counted
    again = await house.services.gift.again(me, me.id, over.id)
    assert (again.clock, again.state) == (counted, SessionState.ACTIVE)
    assert (again.expires_at is None) == (over.expires_at is None)
    if again.expires_at and over.expires_at:
        assert abs(again.expires_at - over.expires_at) < timedelta(seconds=10)
    assert await house.wrong() == []


@pytest.mark.parametrize("then", ["open", "given back", "canceled on Twitch", "fulfilled"])
async def test_points_that_may_go_back_keep_it_from_being_undone(house: House, then: str) -> None:
    me = await house.open(hours=24)
    await house.fault("PATCH", "/helix/channel_points/custom_rewards/redemptions", "status", times=-1, status=503)
    paid = await house.redeem("viewer1")
    assert paid.state is RedemptionState.GRANTED
    live = await house.live("3001")
    assert live
    over = await house.services.expire.end_now(me, me.id, live.id)
    assert undoable(over)
    if then != "open":
        await house.heal_twitch()
        if then == "given back":
            await house.services.dead_letters.give_back(me, me.id, paid.id)
        elif then == "canceled on Twitch":
            await house.control("settle", redemption_id=paid.id, status="CANCELED")
        house.clock.jump(20 / 3600)
        await house.services.sweep.run()
        settled = await house.services.store.redemptions.get(paid.id)
        assert settled
        assert settled.state is (RedemptionState.FULFILLED if then == "fulfilled" else RedemptionState.CANCELED)
    assert await house.services.gift.undoable(over) is (then == "fulfilled")
    if then == "fulfilled":
        assert (await house.services.gift.again(me, me.id, over.id)).live
    else:
        with pytest.raises(InvalidInput, match="The points of @Viewer1 went back"):
            await house.services.gift.again(me, me.id, over.id)
        assert "viewer1" not in await house.vips()


@pytest.mark.parametrize("counted", VipClock)
async def test_there_is_nothing_to_be_undone_where_all_that_it_was_for_was_taken_back(
    house: House, counted: VipClock
) -> None:
    me, over = await ended_by_hand(house, counted)
    assert undoable(over)
    (paid,) = over.credits
    nothing = replace(over, state=SessionState.ACTIVE, end_reason=None, ended_at=None).debited(paid.id)
    assert over.ended_at
    nothing = nothing.ending(EndReason.BY_HAND, me.id).ended(over.ended_at, EndReason.BY_HAND)
    assert not undoable(nothing)
