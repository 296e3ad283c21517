"""A removal that Twitch shows us ends our claim to the badge, whatever we were about to do for it."""

from datetime import timedelta

import pytest

from tests.house import House
from vip_manager.domain.session import SessionState
from vip_manager.ports import TwitchStatus, TwitchUnavailable

VIPS = "/helix/channels/vips"


async def by_hand(house: House, vip: bool) -> None:
    await house.control("vip", channel="streamer", viewer="viewer1", vip=vip)


@pytest.mark.parametrize("again", [True, False])
async def test_a_removal_ends_a_claim_that_waits_for_its_answer(house: House, again: bool) -> None:
    await house.open(hours=1)
    await house.fault("POST", VIPS, "lose_answer")
    waiting = await house.redeem("viewer1")
    assert "viewer1" in await house.vips()
    await by_hand(house, False)
    if again:
        await by_hand(house, True)
    await house.services.reconcile.look("1001", "3001", house.clock.now())
    house.clock.jump(0.02)
    await house.services.sweep.run()
    if again:
        assert await house.live("3001") is None, "that badge came from another hand"
        assert await house.on_twitch(waiting.id) is TwitchStatus.CANCELED
        house.clock.jump(3)
        await house.services.sweep.run()
        assert "viewer1" in await house.vips()
    else:
        session = await house.live("3001")
        assert session
        assert session.state is SessionState.ACTIVE, "what was paid for is given again"
        assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED


async def test_a_removal_from_before_the_look_does_not_end_the_claim(house: House) -> None:
    await by_hand(house, True)
    await by_hand(house, False)
    removed_at = house.clock.now()
    await house.open(hours=1)
    await house.fault("POST", VIPS, "lose_answer")
    await house.redeem("viewer1")
    await house.services.reconcile.look("1001", "3001", removed_at)
    house.clock.jump(0.02)
    await house.services.sweep.run()
    session = await house.live("3001")
    assert session
    assert session.ours
    house.clock.jump(2)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()


async def test_a_removal_from_before_a_later_add_does_not_end_the_claim_to_that_add(house: House) -> None:
    await house.open(hours=1)
    await house.fault("POST", VIPS, "lose_answer")
    waiting = await house.redeem("viewer1")
    await by_hand(house, False)
    removed_at = house.clock.now()
    await house.fault("POST", VIPS, "lose_answer")
    house.clock.jump(0.01)
    await house.services.grant.redemption(waiting.id)
    await house.services.reconcile.look("1001", "3001", removed_at)
    house.clock.jump(0.02)
    await house.services.sweep.run()
    house.clock.jump(2)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()


async def test_a_removal_ends_the_claim_though_the_look_that_follows_fails(house: House) -> None:
    """What looks later finds the badge of another hand, and knows nothing of the removal."""
    await house.open(hours=1)
    await house.redeem("viewer1")
    await by_hand(house, False)
    await house.fault("GET", VIPS, "status", status=500, times=5)
    with pytest.raises(TwitchUnavailable):
        await house.services.reconcile.look("1001", "3001", house.clock.now())
    await house.heal_twitch()
    await by_hand(house, True)
    house.clock.jump(3)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()
    assert await house.live("3001") is None


async def test_a_removal_that_a_wrong_clock_has_dated_holds_up_nothing_once_it_is_right(house: House) -> None:
    person = await house.open(hours=1)
    await house.redeem("viewer1")
    session = await house.live("3001")
    assert session
    house.clock.wrong = timedelta(hours=2)
    await house.services.expire.end_now(person, person.id, session.id)
    house.clock.wrong = timedelta()
    await by_hand(house, True)
    refused = await house.redeem("viewer1")
    assert await house.on_twitch(refused.id) is TwitchStatus.CANCELED


async def test_ending_a_vip_that_twitch_was_never_asked_for_leaves_the_badge_of_another_hand(house: House) -> None:
    person = await house.open(hours=1)
    await house.fault("POST", VIPS, "status", status=429)
    waiting = await house.redeem("viewer1")
    await by_hand(house, True)
    session = await house.live("3001")
    assert session
    assert not session.may_have_badge
    done = await house.services.expire.end_now(person, person.id, session.id)
    assert done.state is SessionState.ENDED
    assert "viewer1" in await house.vips()
    await house.services.sweep.run()
    assert await house.on_twitch(waiting.id) is TwitchStatus.CANCELED


async def test_a_removal_is_no_echo_of_ours_before_which_a_wrong_clock_has_written_down(house: House) -> None:
    streamer = await house.open(hours=5)

    async def ended() -> None:
        session = await house.live("3001")
        assert session
        await house.services.expire.end_now(streamer, streamer.id, session.id)

    await house.redeem("viewer1")
    house.clock.wrong = timedelta(hours=2)
    await ended()
    house.clock.wrong = timedelta()
    house.clock.jump(0.05)
    await house.redeem("viewer1")
    await by_hand(house, False)
    await by_hand(house, True)
    await house.services.reconcile.look("1001", "3001", house.clock.now())
    await ended()
    assert "viewer1" in await house.vips(), "that badge came from another hand"
