"""Hours that were bought are given, from the moment that Twitch gives VIP; or the points go back."""

from datetime import timedelta

import pytest

from tests.house import House
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import TwitchStatus, TwitchUnavailable

VIPS = "/helix/channels/vips"
A_MOMENT = timedelta(minutes=1)


async def session_of(house: House) -> VipSession:
    session = await house.live("3001")
    assert session is not None
    return session


async def active_for(house: House) -> timedelta:
    """How long the viewer stays VIP from now."""
    session = await session_of(house)
    assert session.state is SessionState.ACTIVE
    assert session.expires_at
    return session.expires_at - house.clock.now()


async def points_of(house: House, viewer: str) -> int:
    [channel] = [one for one in (await house.world())["channels"] if one["login"] == "streamer"]
    return int(channel["balances"][viewer])


async def ending_that_never_was_active(house: House) -> None:
    """The streamer ends what Twitch has not made VIP yet, while it answers nothing."""
    streamer = await house.connect()
    session = await session_of(house)
    assert session.state is SessionState.GRANTING
    await house.fault("DELETE", VIPS, "status", status=503)
    ending = await house.services.expire.end_now(streamer, streamer.id, session.id)
    assert (ending.state, ending.granted_at) == (SessionState.ENDING, None)


async def test_hours_bought_into_an_ending_that_never_was_active_are_given(house: House) -> None:
    await house.open(hours=24)
    await house.fault("POST", VIPS, "status", status=503, times=-1)
    first = await house.redeem("viewer1")
    await ending_that_never_was_active(house)
    await house.heal_twitch()
    second = await house.redeem("viewer1")
    house.clock.jump(1)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()
    assert await house.on_twitch(first.id) is TwitchStatus.CANCELED
    assert await house.on_twitch(second.id) is TwitchStatus.FULFILLED
    session = await session_of(house)
    assert session.hours == 24
    assert session.added_at
    assert session.expires_at == session.added_at + timedelta(hours=24)


async def test_hours_given_by_hand_into_an_ending_that_never_was_active_are_given(house: House) -> None:
    streamer = await house.open(hours=24)
    await house.fault("POST", VIPS, "status", status=503, times=-1)
    await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 3, "gift-1")
    await ending_that_never_was_active(house)
    await house.heal_twitch()
    session = await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 5, "gift-2")
    assert session.state is SessionState.ACTIVE
    assert "viewer1" in await house.vips()
    assert timedelta(hours=5) - A_MOMENT < await active_for(house) <= timedelta(hours=5)


async def test_hours_that_wait_for_a_second_grant_run_from_it(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "lose_answer")
    await house.services.expire.session((await session_of(house)).id)
    await house.fault("POST", VIPS, "status", status=503, times=-1)
    second = await house.redeem("viewer1")
    assert second.state is RedemptionState.GRANTING
    house.clock.jump(1.5)
    await house.heal_twitch()
    await house.services.sweep.run()
    assert timedelta(hours=1) - A_MOMENT < await active_for(house) <= timedelta(hours=1)
    assert await house.on_twitch(second.id) is TwitchStatus.FULFILLED
    assert "viewer1" in await house.vips()


async def test_hours_that_were_left_when_the_streamer_ended_it_come_on_top(house: House) -> None:
    streamer = await house.open(hours=24)
    await house.redeem("viewer1")
    house.clock.jump(1)
    await house.fault("DELETE", VIPS, "status", status=503)
    await house.services.expire.end_now(streamer, streamer.id, (await session_of(house)).id)
    await house.fault("POST", VIPS, "status", status=503)
    await house.redeem("viewer1")
    assert (await session_of(house)).state is SessionState.GRANTING
    house.clock.jump(3)
    await house.services.sweep.run()
    assert timedelta(hours=47) - A_MOMENT < await active_for(house) <= timedelta(hours=47)


async def test_hours_run_from_the_answer_however_late_it_comes(house: House) -> None:
    await house.open(hours=24)
    await house.fault("POST", VIPS, "status", status=503)
    await house.redeem("viewer1")
    house.clock.jump(10)
    await house.services.sweep.run()
    assert timedelta(hours=24) - A_MOMENT < await active_for(house) <= timedelta(hours=24)


@pytest.mark.parametrize(
    "fault", [{"do": "status", "status": 503, "times": -1}, {"do": "lose_answer"}], ids=["no-effect", "answer-lost"]
)
async def test_ending_what_was_not_given_yet_gives_the_points_back(house: House, fault: dict[str, object]) -> None:
    streamer = await house.open(hours=24)
    before = await points_of(house, "viewer1")
    await house.control("faults", method="POST", path=VIPS, **fault)
    waiting = await house.redeem("viewer1")
    session = await session_of(house)
    assert session.state is SessionState.GRANTING
    done = await house.services.expire.end_now(streamer, streamer.id, session.id)
    assert done.state is SessionState.ENDED
    await house.services.sweep.run()
    redemption = await house.services.store.redemptions.get(waiting.id)
    assert redemption
    assert (redemption.state, redemption.refusal) == (RedemptionState.CANCELED, Refusal.GIVEN_BACK)
    assert await house.on_twitch(waiting.id) is TwitchStatus.CANCELED
    assert await points_of(house, "viewer1") == before
    await house.heal_twitch()
    house.clock.jump(1)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()


async def test_ending_vip_that_was_given_keeps_the_points(house: House) -> None:
    streamer = await house.open(hours=24)
    done = await house.redeem("viewer1")
    await house.services.expire.end_now(streamer, streamer.id, (await session_of(house)).id)
    house.clock.jump(1)
    await house.services.sweep.run()
    assert await house.on_twitch(done.id) is TwitchStatus.FULFILLED


async def test_a_gift_that_was_ended_before_it_was_given_is_not_given_with_the_next_one(house: House) -> None:
    streamer = await house.open(hours=24)
    await house.fault("POST", VIPS, "status", status=503, times=-1)
    session = await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 10, "gift-1")
    await house.fault("DELETE", VIPS, "status", status=503, times=-1)
    ending = await house.services.expire.end_now(streamer, streamer.id, session.id)
    assert (ending.state, ending.hours) == (SessionState.ENDING, 0)
    await house.heal_twitch()
    await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 2, "gift-2")
    assert ((await session_of(house)).state, (await session_of(house)).hours) == (SessionState.ACTIVE, 2)


async def test_points_given_back_after_the_end_take_nothing_and_the_log_says_so(house: House) -> None:
    await house.open(hours=1)
    await house.fault("PATCH", "/helix/channel_points/custom_rewards/redemptions", "status", status=500)
    granted = await house.redeem("viewer1")
    assert granted.state is RedemptionState.GRANTED
    streamer = await house.connect()
    await house.services.expire.end_now(streamer, streamer.id, (await session_of(house)).id)
    await house.control("settle", redemption_id=granted.id, status="CANCELED")
    await house.services.reconcile.resume("1001")
    await house.services.sweep.run()
    [line] = [entry for entry in await house.entries() if entry.action == "taken_back"]
    assert line.detail["hours"] == 0


@pytest.mark.parametrize("by", ["a redemption", "hand"])
async def test_hours_are_not_added_to_what_a_wrong_clock_says_is_left(house: House, by: str) -> None:
    person = await house.open(hours=5)
    await house.redeem("viewer1")
    session = await session_of(house)
    await house.fault("DELETE", VIPS, "status", status=503)
    await house.services.expire.end_now(person, person.id, session.id)
    house.clock.wrong = timedelta(hours=2)
    if by == "hand":
        with pytest.raises(TwitchUnavailable):
            await house.services.gift.add_time(person, person.id, session.id, 5, "a gift")
        house.clock.wrong = timedelta()
        await house.services.gift.add_time(person, person.id, session.id, 5, "a gift")
    else:
        waiting = await house.redeem("viewer1")
        assert waiting.state is RedemptionState.RECEIVED
        house.clock.wrong = timedelta()
        await house.services.dead_letters.try_again(person, person.id, waiting.id)
    assert await active_for(house) > timedelta(hours=10) - A_MOMENT


async def test_hours_for_a_badge_that_a_hand_has_taken_unheard_become_vip_anew(house: House) -> None:
    await house.open(hours=24)
    await house.redeem("viewer1")
    house.clock.jump(1)
    await house.control("vip", channel="streamer", viewer="viewer1", vip=False)
    waiting = await house.redeem("viewer1")
    assert waiting.state is RedemptionState.RECEIVED, "whether they are a moderator now is not known yet"
    house.clock.jump(0.03)
    await house.services.sweep.run()
    assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED
    assert "viewer1" in await house.vips()
    assert (await session_of(house)).hours == 24


async def test_time_is_added_while_twitch_does_not_answer(house: House) -> None:
    await house.open(hours=24)
    await house.redeem("viewer1")
    await house.control("faults", method="GET", path=VIPS, do="status", status=503, times=-1)
    await house.redeem("viewer1")
    assert (await session_of(house)).hours == 48
