"""A viewer with time left who is made moderator, and maybe unmade: the clock runs on, and VIP comes back."""

from datetime import timedelta

import pytest

from tests.house import House
from tests.services.conftest import TwitchTime
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import TwitchError, TwitchStatus, TwitchUnavailable

VIPS = "/helix/channels/vips"
MODERATORS = "/helix/moderation/moderators"
REDEMPTIONS = "/helix/channel_points/custom_rewards/redemptions"
SECOND = 1 / 3600
MINUTE = timedelta(minutes=1)


async def session_of(house: House) -> VipSession:
    session = await house.live("3001")
    assert session
    return session


async def modded(house: House, moderator: bool = True) -> None:
    await house.control("moderator", channel="streamer", viewer="viewer1", moderator=moderator)


async def told(house: House) -> None:
    """Twitch's events of what was just done by hand."""
    await house.services.reconcile.look("1001", "3001", house.clock.now())
    await house.services.reconcile.look("1001", "3001")


async def a_moderator_with_a_clock(house: House, hours: float = 24) -> VipSession:
    await house.open(hours)
    await house.redeem("viewer1")
    house.clock.jump(1)
    await modded(house)
    await told(house)
    session = await session_of(house)
    assert (session.state, session.moderator, session.ours) == (SessionState.ASIDE, True, False)
    return session


async def test_the_clock_runs_on_and_vip_comes_back_for_what_is_left(house: House) -> None:
    aside = await a_moderator_with_a_clock(house)
    ends = aside.expires_at
    assert ends
    assert "viewer1" not in await house.vips()
    house.clock.jump(3)
    await modded(house, False)
    await told(house)
    session = await session_of(house)
    assert (session.state, session.ours, session.moderator) == (SessionState.ACTIVE, True, False)
    assert session.expires_at
    assert abs(session.expires_at - ends) < timedelta(seconds=5)
    assert "viewer1" in await house.vips()
    house.clock.jump(20.1)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()
    assert (await house.actions())[-3:] == ["modded", "granted", "ended"]


async def test_nobody_told_us_and_catch_up_finds_both(house: House) -> None:
    await house.open(24)
    await house.redeem("viewer1")
    house.clock.jump(1)
    await modded(house)
    await house.services.reconcile.catch_up("1001")
    assert (await session_of(house)).moderator
    await modded(house, False)
    await house.services.reconcile.catch_up("1001")
    assert (await session_of(house)).state is SessionState.ACTIVE
    assert "viewer1" in await house.vips()


async def test_the_end_comes_while_moderator_and_nothing_is_taken(house: House) -> None:
    await a_moderator_with_a_clock(house, 2)
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "status", status=500, times=-1)
    report = await house.services.sweep.run()
    assert (report.expired, report.failed) == (1, 0)
    assert await house.live("3001") is None
    assert (await house.entries())[0].detail["reason"] == EndReason.EXPIRED
    await modded(house, False)
    await told(house)
    assert "viewer1" not in await house.vips()


async def test_the_dashboard_says_so_and_the_board_shows_nobody(house: House) -> None:
    await a_moderator_with_a_clock(house)
    picture = await house.services.board.staff("1001")
    assert [(vip.state, vip.moderator) for vip in picture.vips] == [("aside", True)]
    assert picture.vips_now == 0
    assert (await house.services.board.public("1001")).vips == []


async def test_a_moderator_who_redeems_has_the_points_back_and_keeps_the_clock(house: House) -> None:
    ends = (await a_moderator_with_a_clock(house)).expires_at
    done = await house.redeem("viewer1")
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.MODERATOR)
    assert await house.on_twitch(done.id) is TwitchStatus.CANCELED
    session = await session_of(house)
    assert (session.state, session.hours) == (SessionState.ASIDE, 24)
    assert session.expires_at
    assert ends
    assert abs(session.expires_at - ends) < timedelta(seconds=5)


async def test_who_is_no_moderator_any_more_is_vip_by_redeeming_though_nobody_told_us(house: House) -> None:
    ends = (await a_moderator_with_a_clock(house)).expires_at
    await modded(house, False)
    done = await house.redeem("viewer1")
    assert done.state is RedemptionState.FULFILLED
    session = await session_of(house)
    assert (session.state, session.hours) == (SessionState.ACTIVE, 48)
    assert session.expires_at
    assert ends
    assert abs(session.expires_at - ends - timedelta(hours=24)) < timedelta(seconds=5)


async def test_hours_given_by_hand_go_on_the_moderators_clock(house: House) -> None:
    ends = (await a_moderator_with_a_clock(house)).expires_at
    streamer = await house.connect()
    given = await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 5, "gift-1")
    assert (given.state, given.hours) == (SessionState.ASIDE, 29)
    assert given.expires_at
    assert ends
    assert abs(given.expires_at - ends - timedelta(hours=5)) < timedelta(seconds=5)


async def test_the_streamer_ends_it_while_moderator(house: House) -> None:
    session = await a_moderator_with_a_clock(house)
    streamer = await house.connect()
    done = await house.services.expire.end_now(streamer, streamer.id, session.id)
    assert (done.state, done.end_reason, done.ended_by) == (SessionState.ENDED, EndReason.BY_HAND, streamer.id)


async def test_points_given_back_on_twitch_shorten_the_moderators_clock(house: House) -> None:
    await house.open(24)
    await house.redeem("viewer1")
    await house.fault("PATCH", "/helix/channel_points/custom_rewards/redemptions", "status", status=500)
    second = await house.redeem("viewer1")
    await modded(house)
    await told(house)
    await house.control("settle", redemption_id=second.id, status="CANCELED")
    house.clock.jump(0.1)
    await house.services.sweep.run()
    session = await session_of(house)
    assert (session.state, session.hours) == (SessionState.ASIDE, 24)


async def test_vip_given_by_a_hand_after_that_is_theirs(house: House) -> None:
    session = await a_moderator_with_a_clock(house, 4)
    house.clock.jump(0.1)
    await modded(house, False)
    await house.control("vip", channel="streamer", viewer="viewer1", vip=True)
    await told(house)
    done = await house.services.store.sessions.get(session.id)
    assert done
    assert (done.state, done.end_reason) == (SessionState.ENDED, EndReason.GIVEN_ON_TWITCH)
    house.clock.jump(48)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()


async def test_back_when_no_seat_is_free_the_rest_waits_for_one(house: House) -> None:
    await a_moderator_with_a_clock(house)
    await house.control("channel", channel="streamer", capacity=1)
    await modded(house, False)
    await told(house)
    session = await session_of(house)
    assert (session.state, session.retry.error) == (SessionState.GRANTING, Trouble.FULL)
    assert session.owed == pytest.approx(23, abs=0.1)
    await house.control("channel", channel="streamer", capacity=10)
    house.clock.jump(0.1)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()
    assert (await session_of(house)).hours == 24


async def test_made_moderator_between_two_looks_of_a_twitch_that_is_slow_to_say_so(house: House) -> None:
    """The badge is gone, and the list of moderators is a moment behind."""
    await house.open(24)
    await house.redeem("viewer1")
    await house.control("vip", channel="streamer", viewer="viewer1", vip=False)
    await house.services.reconcile.look("1001", "3001", house.clock.now())
    session = await session_of(house)
    assert (session.state, session.moderator, session.ours) == (SessionState.ASIDE, False, False)
    await modded(house)
    await house.found_out()
    assert (await session_of(house)).moderator


async def test_why_the_badge_went_is_asked_again_where_twitch_did_not_say(house: House) -> None:
    await house.open(24)
    await house.redeem("viewer1")
    await modded(house)
    await house.fault("GET", MODERATORS, "status", status=500, times=2)
    with pytest.raises(TwitchError):
        await house.services.reconcile.look("1001", "3001", house.clock.now())
    assert not (await session_of(house)).moderator
    await house.heal_twitch()
    await house.restart()
    house.clock.jump(0.3)
    await house.services.sweep.run()
    assert (await session_of(house)).moderator


@pytest.mark.parametrize("moderator", [True, False])
async def test_a_redemption_waits_until_it_is_known_why_the_badge_is_gone(house: House, moderator: bool) -> None:
    await house.open(24)
    await house.fault("PATCH", REDEMPTIONS, "status", status=500)
    first = await house.redeem("viewer1")
    house.clock.jump(1)
    ends = (await session_of(house)).expires_at
    assert ends
    await house.fault("GET", MODERATORS, "status", status=500, times=2)
    if moderator:
        await modded(house)
    else:
        await house.control("vip", channel="streamer", viewer="viewer1", vip=False)
    with pytest.raises(TwitchError):
        await told(house)
    second = await house.redeem("viewer1")
    assert (second.state, second.retry.error) == (RedemptionState.RECEIVED, Trouble.LAGGING)
    streamer = await house.connect()
    with pytest.raises(TwitchUnavailable):
        await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 2, "gift-1")
    await house.heal_twitch()
    await house.found_out()
    await house.control("settle", redemption_id=first.id, status="CANCELED" if not moderator else "FULFILLED")
    house.clock.jump(0.1)
    await house.services.sweep.run()
    session = await session_of(house)
    assert session.expires_at
    if moderator:
        assert await house.on_twitch(second.id) is TwitchStatus.CANCELED
        assert abs(session.expires_at - ends) < MINUTE
    else:
        assert (session.state, session.hours) == (SessionState.ACTIVE, 24), "the second one's hours, and only these"
        assert session.holds(second.id)


async def test_an_event_while_the_list_lags_does_not_cost_the_claim_to_the_badge_that_came_back(
    house: House, twitch_time: TwitchTime
) -> None:
    await a_moderator_with_a_clock(house, 4)
    twitch_time.ahead += 3000
    await modded(house, False)
    await house.control("lag", channel="streamer", seconds=30)
    await house.fault("POST", VIPS, "lose_answer")
    await house.services.reconcile.look("1001", "3001")  # channel.moderator.remove
    assert "viewer1" in await house.vips()
    await house.services.reconcile.look("1001", "3001")  # channel.vip.add, of our own add
    twitch_time.ahead += 60
    house.clock.jump(60 * SECOND)
    await house.services.sweep.run()
    house.clock.jump(10)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips(), "VIP for ever"


async def test_who_waits_for_a_seat_and_redeems_keeps_what_was_left(house: House) -> None:
    await a_moderator_with_a_clock(house)
    await house.control("channel", channel="streamer", capacity=1)
    await modded(house, False)
    await told(house)
    assert (await session_of(house)).retry.error == Trouble.FULL
    assert (await house.redeem("viewer1")).state is RedemptionState.CANCELED
    assert await house.live("3001") is not None, "23 h are lost"


async def test_a_moderator_for_a_moment_who_redeems_while_the_list_lags_keeps_the_clock(
    house: House, twitch_time: TwitchTime
) -> None:
    await house.open(24)
    await house.redeem("viewer1")
    house.clock.jump(1)
    twitch_time.ahead += 3600
    await house.control("lag", channel="streamer", seconds=20)
    await modded(house)
    await told(house)
    await modded(house, False)
    await told(house)
    assert (await session_of(house)).state is SessionState.ASIDE
    await house.redeem("viewer1")
    assert await house.live("3001") is not None, "23 h are lost"


@pytest.mark.parametrize("wrong", [3, -3])
async def test_what_is_left_is_not_reckoned_by_a_wrong_clock(house: House, wrong: float) -> None:
    ends = (await a_moderator_with_a_clock(house)).expires_at
    assert ends
    await modded(house, False)
    house.clock.wrong = timedelta(hours=wrong)
    await house.services.reconcile.look("1001", "3001")
    house.clock.wrong = timedelta()
    await house.services.reconcile.resume_all()
    await house.services.sweep.run()
    session = await session_of(house)
    assert session.expires_at
    assert abs(session.expires_at - ends) < MINUTE


async def test_a_list_that_still_shows_a_moderator_does_not_cost_the_claim(
    house: House, twitch_time: TwitchTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_moderator_with_a_clock(house, 4)
    twitch_time.ahead += 3000
    await modded(house, False)
    await house.control("lag", channel="streamer", seconds=30)
    await house.fault("POST", VIPS, "lose_answer")
    await house.services.reconcile.look("1001", "3001")
    with monkeypatch.context() as patch:

        async def stale(*_: object) -> list[object]:
            return ["still a moderator"]

        patch.setattr(type(house.services.twitch), "moderators", stale)
        house.clock.jump(6 * SECOND)
        await house.services.sweep.run()
    twitch_time.ahead += 60
    house.clock.jump(61 * SECOND)
    await house.services.sweep.run()
    house.clock.jump(10)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips(), "VIP for ever"


async def test_a_moderator_whom_the_list_shows_late_keeps_the_clock(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open(24)
    await house.redeem("viewer1")
    house.clock.jump(1)
    with monkeypatch.context() as patch:

        async def stale(*_: object) -> list[object]:
            return []

        patch.setattr(type(house.services.twitch), "moderators", stale)
        await modded(house)
        await told(house)
        house.clock.jump(15 * SECOND)
        await house.services.sweep.run()
    assert await house.live("3001") is not None, "23 h are lost"


async def test_vip_that_comes_back_is_nobodys_gift(house: House) -> None:
    streamer = await house.open(24)
    await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 24, "gift-1")
    house.clock.jump(1)
    await modded(house)
    await told(house)
    await modded(house, False)
    await told(house)
    line = (await house.entries())[0]
    assert (line.action, line.actor_id) == ("granted", "system")


async def test_a_moderator_is_told_of_once(house: House) -> None:
    await a_moderator_with_a_clock(house)
    await house.redeem("viewer1")
    assert (await house.actions()).count("modded") == 1


async def test_a_moderators_clock_runs_on_while_twitch_is_away(house: House) -> None:
    ends = (await a_moderator_with_a_clock(house)).expires_at
    assert ends
    await house.fault("POST", VIPS, "status", status=503, times=-1)
    await house.redeem("viewer1")
    house.clock.jump(5)
    await house.heal_twitch()
    await house.services.sweep.run()
    session = await session_of(house)
    assert session.expires_at
    assert abs(session.expires_at - ends) < MINUTE
