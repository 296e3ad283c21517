"""What Twitch's lists show within a minute of an add that got no answer proves nothing; after that it is believed."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.house import House
from tests.services.conftest import TwitchTime
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.ports import TwitchStatus
from vip_manager.services.access import Person

VIPS = "/helix/channels/vips"
FULL: dict[str, Any] = {"do": "status", "status": 409}
SECOND = 1 / 3600
ALWAYS = -1


async def stored(house: House, redemption_id: str) -> Redemption:
    redemption = await house.services.store.redemptions.get(redemption_id)
    assert redemption is not None
    return redemption


async def after(house: House, seconds: float) -> None:
    house.clock.jump(seconds * SECOND)
    await house.services.sweep.run()


async def lists_lag(house: House, seconds: float) -> None:
    await house.control("lag", channel="streamer", seconds=seconds)


async def answer_adds(house: House, times: int = 1, **answer: Any) -> None:
    await house.control("faults", method="POST", path=VIPS, times=times, **answer)


async def lost_unseen(house: House) -> tuple[Person, Redemption]:
    """viewer1 is VIP by an add whose answer was lost, no list shows it, and no seat is free any more."""
    person = await house.open(hours=1)
    await lists_lag(house, 3600)
    await answer_adds(house, do="lose_answer")
    waiting = await house.redeem("viewer1")
    await answer_adds(house, ALWAYS, **FULL)
    await after(house, 6)
    assert "viewer1" in await house.vips()
    assert (await stored(house, waiting.id)).retry.error == Trouble.LAGGING
    return person, waiting


async def ours_in_the_end(house: House, waiting: Redemption) -> None:
    """Once the lists show the badge it is ours: its points are spent, and it goes when its hours are over."""
    await house.heal_twitch()
    await lists_lag(house, 0)
    await after(house, 1000)
    session = await house.live("3001")
    assert session
    assert (session.state, session.ours) == (SessionState.ACTIVE, True)
    assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED
    await after(house, 3 * 3600)
    assert "viewer1" not in await house.vips(), "VIP for ever"


@pytest.mark.parametrize("comes", ["the next try", "try again", "a second redemption", "a new sign-in"])
async def test_nothing_cuts_short_the_minute_in_which_a_refusal_is_not_believed(house: House, comes: str) -> None:
    person, waiting = await lost_unseen(house)
    match comes:
        case "the next try":
            await after(house, 15)
        case "try again":
            await house.services.dead_letters.try_again(person, person.id, waiting.id)
        case "a second redemption":
            await house.redeem("viewer1")
        case "a new sign-in":
            await house.services.reconcile.resume(person.id)
            await house.services.sweep.run()
    kept = await stored(house, waiting.id)
    assert (kept.state, kept.retry.error) == (RedemptionState.GRANTING, Trouble.LAGGING)
    assert await house.on_twitch(waiting.id) is TwitchStatus.UNFULFILLED
    await ours_in_the_end(house, waiting)


async def test_the_minute_begins_anew_with_each_add_that_may_have_reached_twitch_even_in_a_life_cut_short(
    house: House,
) -> None:
    await house.open(hours=1)
    await lists_lag(house, 3600)
    await answer_adds(house, do="status", status=503)
    waiting = await house.redeem("viewer1")
    await answer_adds(house, do="lose_answer", then="hold")
    house.clock.jump(55 * SECOND)
    life = asyncio.create_task(house.services.grant.session(waiting.session_id))
    await house.held()
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)
    await house.restart()
    await house.heal_twitch()
    assert "viewer1" in await house.vips(), "Twitch had done it when its asker died"
    await answer_adds(house, ALWAYS, **FULL)
    await after(house, 10)
    assert (await stored(house, waiting.id)).retry.error == Trouble.LAGGING
    assert await house.on_twitch(waiting.id) is TwitchStatus.UNFULFILLED
    await ours_in_the_end(house, waiting)


@pytest.mark.parametrize("status", [409, 422])
async def test_a_look_that_fails_after_a_refusal_does_not_deny_an_earlier_add_whose_answer_was_lost(
    house: House, status: int
) -> None:
    await house.open(hours=1)
    await answer_adds(house, do="lose_answer")
    waiting = await house.redeem("viewer1")
    await answer_adds(house, do="status", status=status)
    await house.fault("GET", VIPS, "status", status=429)
    await after(house, 70)
    assert (await stored(house, waiting.id)).retry.error == Trouble.RATE_LIMITED
    await ours_in_the_end(house, waiting)


async def test_a_clock_that_has_gone_wrong_does_not_shorten_the_minute(house: House) -> None:
    _, waiting = await lost_unseen(house)
    house.clock.wrong = timedelta(seconds=90)
    await house.services.grant.redemption(waiting.id)
    assert (await stored(house, waiting.id)).retry.error == Trouble.CLOCK
    house.clock.wrong = timedelta()
    await ours_in_the_end(house, waiting)


async def test_an_add_that_was_told_no_does_not_lengthen_the_minute(house: House) -> None:
    await house.open(hours=1)
    await answer_adds(house, do="status", status=503)
    waiting = await house.redeem("viewer1")
    await answer_adds(house, do="status", status=429)
    await after(house, 45)
    assert (await stored(house, waiting.id)).retry.error == Trouble.RATE_LIMITED
    await answer_adds(house, **FULL)
    await after(house, 16)
    done = await stored(house, waiting.id)
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.FULL)


async def test_a_refusal_that_stays_gives_the_points_back_when_the_minute_is_over(house: House) -> None:
    await house.open(hours=24)
    await answer_adds(house, do="status", status=503)
    waiting = await house.redeem("viewer1")
    await answer_adds(house, ALWAYS, **FULL)
    await after(house, 30)
    assert (await stored(house, waiting.id)).retry.error == Trouble.LAGGING
    await after(house, 31)
    done = await stored(house, waiting.id)
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.FULL)
    assert "viewer1" not in await house.vips()


async def test_a_422_that_no_list_explains_gives_the_points_back_when_the_minute_is_over(house: House) -> None:
    await house.open(hours=1)
    await answer_adds(house, do="cut")
    waiting = await house.redeem("viewer1")
    await answer_adds(house, ALWAYS, do="status", status=422)
    await after(house, 30)
    assert (await stored(house, waiting.id)).retry.error == Trouble.LAGGING
    assert await house.on_twitch(waiting.id) is TwitchStatus.UNFULFILLED
    await after(house, 31)
    done = await stored(house, waiting.id)
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.ALREADY_VIP)
    assert await house.on_twitch(waiting.id) is TwitchStatus.CANCELED
    assert await house.live("3001") is None


async def badge_nobody_knows_of(house: House) -> tuple[str, Redemption]:
    """viewer1's hour is over, whether the badge was taken is not known, and new hours meet a 422 that no list explains.

    The ids of the session, and its second redemption.
    """
    await house.open(hours=1)
    await house.redeem("viewer1")
    session = await house.live("3001")
    assert session
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "lose_answer")
    assert await house.services.expire.session(session.id) is SessionState.ENDING
    await answer_adds(house, ALWAYS, do="status", status=422)
    waiting = await house.redeem("viewer1")
    assert waiting.retry.error == Trouble.LAGGING, "its minute begins with the first such answer"
    return session.id, waiting


async def test_more_hours_that_meet_a_422_which_no_list_explains_are_given_as_soon_as_they_can_be(house: House) -> None:
    session_id, waiting = await badge_nobody_knows_of(house)
    await house.heal_twitch()
    await after(house, 11)
    session = await house.live("3001")
    assert session
    assert (session.id, session.state) == (session_id, SessionState.ACTIVE)
    assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED


async def test_more_hours_that_meet_a_422_which_no_list_ever_explains_go_back(house: House) -> None:
    session_id, waiting = await badge_nobody_knows_of(house)
    await after(house, 61)
    assert await house.on_twitch(waiting.id) is TwitchStatus.CANCELED
    ended = await house.services.store.sessions.get(session_id)
    assert ended
    assert (ended.state, ended.end_reason) == (SessionState.ENDED, EndReason.GIVEN_ON_TWITCH)


async def test_a_badge_of_ours_that_lists_do_not_show_yet_is_not_given_up(house: House) -> None:
    person = await house.open(hours=1)
    await lists_lag(house, 3600)
    await house.redeem("viewer1")
    await house.fault("DELETE", VIPS, "status", status=503)
    session = await house.live("3001")
    assert session
    await house.services.expire.end_now(person, person.id, session.id)
    await answer_adds(house, **FULL)
    waiting = await house.redeem("viewer1")
    assert (waiting.state, waiting.retry.error) == (RedemptionState.GRANTING, Trouble.LAGGING)
    await ours_in_the_end(house, waiting)


async def test_an_event_while_the_list_lags_does_not_cost_the_claim_to_an_extension(
    house: House, twitch_time: TwitchTime
) -> None:
    await house.open(4)
    await house.redeem("viewer1")
    house.clock.jump(5)
    twitch_time.ahead += 3600
    await house.control("lag", channel="streamer", seconds=30)
    await house.fault("DELETE", VIPS, "lose_answer")
    await house.services.sweep.run()
    twitch_time.ahead += 60
    house.clock.jump(61 * SECOND)
    await house.fault("POST", VIPS, "lose_answer")
    await house.redeem("viewer1")
    await house.services.reconcile.look("1001", "3001")  # channel.vip.add
    twitch_time.ahead += 60
    house.clock.jump(61 * SECOND)
    await house.services.sweep.run()
    house.clock.jump(10)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips(), "VIP for ever"
