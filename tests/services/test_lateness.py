"""A redemption that is found too late is given back instead of granted, where Twitch still lets the points go."""

import pytest

from tests.house import House
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.domain.terms import RewardTerms
from vip_manager.ports import TwitchStatus

VIPS = "/helix/channels/vips"
REDEMPTIONS = "/helix/channel_points/custom_rewards/redemptions"


async def later(house: House, hours: float) -> None:
    house.clock.jump(hours)
    await house.control("jump", seconds=hours * 3600)


async def found_after(house: House, hours: float) -> Redemption:
    """The program was down; its first sweep finds what was redeemed meanwhile."""
    told = await house.redeemed("viewer1")
    await later(house, hours)
    await house.services.sweep.run()
    redemption = await house.services.store.redemptions.get(told.id)
    assert redemption
    return redemption


@pytest.mark.parametrize(
    ("hours", "state"),
    [(23.9, RedemptionState.FULFILLED), (24.1, RedemptionState.CANCELED), (100, RedemptionState.CANCELED)],
)
async def test_found_late_the_points_go_back(house: House, hours: float, state: RedemptionState) -> None:
    await house.open()
    done = await found_after(house, hours)
    assert done.state is state
    assert ("viewer1" in await house.vips()) is (state is RedemptionState.FULFILLED)
    if state is RedemptionState.CANCELED:
        assert done.refusal is Refusal.TOO_OLD
        assert await house.on_twitch(done.id) is TwitchStatus.CANCELED
        assert (await house.entries())[1].detail["reason"] == Refusal.TOO_OLD


@pytest.mark.parametrize(
    ("refund_after", "hours", "state"),
    [(1, 1.1, RedemptionState.CANCELED), (0, 1000, RedemptionState.FULFILLED), (72, 71, RedemptionState.FULFILLED)],
)
async def test_the_streamer_says_what_late_is(
    house: House, refund_after: float, hours: float, state: RedemptionState
) -> None:
    person = await house.open()
    terms = RewardTerms("VIP for a day", 500, 24, refund_after)
    await house.services.rewards.change_reward(person, person.id, terms)
    assert (await found_after(house, hours)).state is state


async def test_what_was_accepted_on_twitch_can_not_go_back_and_is_granted_however_late(house: House) -> None:
    await house.open()
    await house.services.reconcile.catch_up("1001")
    told = await house.redeemed("viewer1")
    await house.control("settle", redemption_id=told.id, status="FULFILLED")
    await later(house, 50)
    await house.services.sweep.run()
    done = await house.services.store.redemptions.get(told.id)
    assert done
    assert done.state is RedemptionState.FULFILLED
    assert "viewer1" in await house.vips()


async def test_what_was_given_back_on_twitch_meanwhile_is_not_given_back_twice(house: House) -> None:
    await house.open()
    told = await house.redeemed("viewer1")
    await house.services.intake.receive(told)
    await house.control("settle", redemption_id=told.id, status="CANCELED")
    await later(house, 50)
    await house.services.sweep.run()
    done = await house.services.store.redemptions.get(told.id)
    assert done
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, None)


async def test_a_vip_of_ours_gets_a_late_redemption_back_too(house: House) -> None:
    await house.open(hours=100)
    await house.redeem("viewer1")
    assert (await found_after(house, 30)).state is RedemptionState.CANCELED
    session = await house.live("3001")
    assert session
    assert (session.state, session.hours) == (SessionState.ACTIVE, 100)


async def test_one_that_was_begun_in_time_and_never_reached_twitch_is_late_too(house: House) -> None:
    await house.open()
    await house.fault("POST", VIPS, "status", status=429)
    begun = await house.redeem("viewer1")
    assert begun.state is RedemptionState.GRANTING
    await house.heal_twitch()
    await later(house, 30)
    await house.services.sweep.run()
    done = await house.services.store.redemptions.get(begun.id)
    assert done
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.TOO_OLD)
    assert "viewer1" not in await house.vips()


async def test_a_badge_that_an_unanswered_add_may_have_made_is_not_late(house: House) -> None:
    await house.open()
    await house.fault("POST", VIPS, "lose_answer")
    begun = await house.redeem("viewer1")
    await later(house, 30)
    await house.services.sweep.run()
    done = await house.services.store.redemptions.get(begun.id)
    assert done
    assert done.state is RedemptionState.FULFILLED


async def test_a_late_one_waits_while_twitch_can_not_tell_what_became_of_it(house: House) -> None:
    await house.open()
    await house.fault("GET", REDEMPTIONS, "status", status=503, times=2)
    told = await house.redeemed("viewer1")
    await later(house, 30)
    await house.services.intake.receive(told)
    waiting = await house.services.grant.redemption(told.id)
    assert waiting
    assert waiting.state is RedemptionState.RECEIVED
    await house.heal_twitch()
    house.clock.jump(0.3)
    await house.services.sweep.run()
    assert await house.on_twitch(told.id) is TwitchStatus.CANCELED


async def test_begun_in_time_and_twitch_was_away_for_a_day(house: House) -> None:
    await house.open()
    await house.fault("POST", VIPS, "status", status=503, times=-1)
    begun = await house.redeem("viewer1")
    house.clock.jump(30)
    await house.control("jump", seconds=30 * 3600)
    await house.heal_twitch()
    await house.services.sweep.run()
    done = await house.services.store.redemptions.get(begun.id)
    assert done
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.TOO_OLD)
