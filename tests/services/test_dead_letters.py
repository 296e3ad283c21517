"""What the program can't bring to an end by itself is shown, and the streamer's word on it is done."""

from datetime import timedelta

import pytest

from tests.house import House
from tests.services.conftest import TwitchTime
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import Refusal, Trouble
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.team import Role
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import TwitchStatus
from vip_manager.services.access import Person
from vip_manager.services.pictures import Pending

VIPS = "/helix/channels/vips"
REDEMPTIONS = "/helix/channel_points/custom_rewards/redemptions"
ALWAYS = -1


async def stored(house: House, redemption_id: str) -> Redemption:
    redemption = await house.services.store.redemptions.get(redemption_id)
    assert redemption
    return redemption


async def session_of(house: House) -> VipSession:
    session = await house.live("3001")
    assert session
    return session


async def shown(house: House) -> list[Pending]:
    return (await house.services.board.staff("1001")).pending


async def give_back(house: House, streamer: Person, redemption: Redemption) -> Redemption:
    return await house.services.dead_letters.give_back(streamer, streamer.id, redemption.id)


async def failing(house: House, method: str, path: str, status: int = 503) -> None:
    await house.fault(method, path, "status", status=status, times=ALWAYS)


async def test_one_that_is_not_decided_yet_goes_back(house: House) -> None:
    streamer = await house.open()
    await failing(house, "GET", VIPS)
    waiting = await house.redeem("viewer1")
    assert waiting.state is RedemptionState.RECEIVED
    done = await give_back(house, streamer, waiting)
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.GIVEN_BACK)
    assert await house.on_twitch(waiting.id) is TwitchStatus.CANCELED
    refused = (await house.entries())[1]
    assert (refused.action, refused.actor_id, refused.detail["reason"]) == ("refused", streamer.id, "given_back")


async def test_one_whose_add_was_not_answered_goes_back_and_leaves_no_badge(house: House) -> None:
    streamer = await house.open()
    await house.fault("POST", VIPS, "lose_answer")
    waiting = await house.redeem("viewer1")
    assert (waiting.state, "viewer1" in await house.vips()) == (RedemptionState.GRANTING, True)
    done = await give_back(house, streamer, waiting)
    assert done.state is RedemptionState.CANCELED
    assert "viewer1" not in await house.vips()
    assert await house.live("3001") is None


async def test_one_of_two_that_wait_goes_back_and_the_other_is_given(house: House) -> None:
    streamer = await house.open(hours=24)
    await failing(house, "POST", VIPS)
    first = await house.redeem("viewer1")
    second = await house.redeem("viewer1")
    assert (await session_of(house)).owed == 48
    done = await give_back(house, streamer, second)
    assert done.state is RedemptionState.CANCELED
    await house.heal_twitch()
    house.clock.jump(0.3)
    await house.services.sweep.run()
    assert ((await session_of(house)).state, (await session_of(house)).hours) == (SessionState.ACTIVE, 24)
    assert (await stored(house, first.id)).state is RedemptionState.FULFILLED


@pytest.mark.parametrize("fulfil_first", [False, True])
async def test_one_whose_vip_runs_goes_back_with_exactly_its_hours(house: House, fulfil_first: bool) -> None:
    streamer = await house.open(hours=24)
    if fulfil_first:
        await house.redeem("viewer1")
    await house.fault("PATCH", REDEMPTIONS, "status", status=500)
    granted = await house.redeem("viewer1")
    assert granted.state is RedemptionState.GRANTED
    done = await give_back(house, streamer, granted)
    assert done.state is RedemptionState.CANCELED
    [line] = [entry for entry in await house.entries() if entry.action == "taken_back"]
    assert (line.actor_id, line.detail["hours"]) == (streamer.id, 24)
    if fulfil_first:
        assert (await session_of(house)).hours == 24
    else:
        assert await house.live("3001") is None
        ended = (await house.entries())[0]
        assert (ended.action, ended.actor_id) == ("ended", streamer.id)
    assert ("viewer1" in await house.vips()) is fulfil_first


async def test_where_twitch_has_it_as_done_the_vip_stays(house: House) -> None:
    streamer = await house.open()
    await house.fault("PATCH", REDEMPTIONS, "lose_answer")
    granted = await house.redeem("viewer1")
    assert granted.state is RedemptionState.GRANTED
    assert (await give_back(house, streamer, granted)).state is RedemptionState.FULFILLED
    assert (await session_of(house)).hours == 24


async def test_while_twitch_is_away_a_vip_runs_on_until_its_points_are_back(house: House) -> None:
    streamer = await house.open()
    await failing(house, "PATCH", REDEMPTIONS)
    granted = await house.redeem("viewer1")
    assert (await give_back(house, streamer, granted)).state is RedemptionState.GRANTED
    assert [one.state for one in await shown(house)] == [RedemptionState.REFUNDING]
    assert "viewer1" in await house.vips()
    await house.heal_twitch()
    house.clock.jump(0.3)
    await house.services.sweep.run()
    assert (await stored(house, granted.id)).state is RedemptionState.CANCELED
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()


async def test_while_twitch_is_away_the_word_is_kept_and_done_later(house: House) -> None:
    streamer = await house.open()
    await failing(house, "GET", VIPS)
    await failing(house, "PATCH", REDEMPTIONS)
    waiting = await house.redeem("viewer1")
    assert (await give_back(house, streamer, waiting)).state is RedemptionState.REFUNDING
    await house.heal_twitch()
    house.clock.jump(0.3)
    await house.services.sweep.run()
    assert await house.on_twitch(waiting.id) is TwitchStatus.CANCELED


async def test_whoever_has_it_tried_again_stands_in_the_log_before_what_came_of_it(house: House) -> None:
    streamer = await house.open()
    await house.services.roster.name(streamer, streamer.id, "mod", Role.HELPER)
    mod, letters = await house.sign_in("mod"), house.services.dead_letters
    await failing(house, "POST", VIPS)
    waiting = await house.redeem("viewer1")
    session = await session_of(house)
    retry = session.retry
    for act, record_id in ((letters.try_again, waiting.id), (letters.try_session, session.id)):
        await act(mod, streamer.id, record_id)
        line = next(one for one in await house.entries() if one.action is Action.TRIED_AGAIN)
        assert (line.actor_name, line.subject_name) == ("Mod", "Viewer1")
        assert record_id in (line.detail.get("redemption_id"), line.detail.get("session_id"))
    assert (await session_of(house)).retry.attempts > retry.attempts, "it goes on to count what failed"
    await house.heal_twitch()
    await letters.try_session(mod, streamer.id, session.id)
    actions = await house.actions()
    assert actions.count(Action.TRIED_AGAIN) == 3
    assert actions[-3:] == [Action.TRIED_AGAIN, Action.GRANTED, Action.FULFILLED]
    await letters.try_session(mod, streamer.id, session.id)
    assert await house.actions() == actions, "nothing of it waits any more"


@pytest.mark.parametrize("act", ["give_back", "let_be", "try_again"])
async def test_another_channels_redemption_is_not_found(house: House, act: str) -> None:
    await house.open()
    other = await house.open(login="secondstreamer")
    await failing(house, "GET", VIPS)
    waiting = await house.redeem("viewer1")
    with pytest.raises(InvalidInput):
        await getattr(house.services.dead_letters, act)(other, other.id, waiting.id)
    assert (await stored(house, waiting.id)).state is RedemptionState.RECEIVED


async def kept(house: House) -> tuple[Person, Redemption]:
    """A moderator's redemption that somebody accepted on Twitch before we could give the points back."""
    streamer = await house.open()
    told = await house.redeemed("mod")
    await house.control("settle", redemption_id=told.id, status="FULFILLED")
    await house.services.intake.receive(told)
    await house.services.grant.redemption(told.id)
    redemption = await stored(house, told.id)
    assert redemption.state is RedemptionState.KEPT
    return streamer, redemption


async def test_points_that_were_kept_are_shown_until_the_streamer_lets_it_be(house: House) -> None:
    streamer, redemption = await kept(house)
    [one] = await shown(house)
    assert (one.redemption_id, one.state, one.needs_you) == (redemption.id, "kept", True)
    assert one.refusal == Refusal.MODERATOR
    await house.services.dead_letters.let_be(streamer, streamer.id, redemption.id)
    assert await shown(house) == []
    for act in (house.services.dead_letters.let_be, house.services.dead_letters.try_again):
        with pytest.raises(InvalidInput):
            await act(streamer, streamer.id, redemption.id)


async def test_points_that_were_kept_give_vip_after_all_when_it_can_be(house: House) -> None:
    streamer, redemption = await kept(house)
    await house.services.dead_letters.try_again(streamer, streamer.id, redemption.id)
    assert (await stored(house, redemption.id)).state is RedemptionState.KEPT, "still a moderator"
    await house.control("moderator", channel="streamer", viewer="mod", moderator=False)
    await house.services.dead_letters.try_again(streamer, streamer.id, redemption.id)
    assert (await stored(house, redemption.id)).state is RedemptionState.FULFILLED
    assert "mod" in await house.vips()
    assert await shown(house) == []
    with pytest.raises(InvalidInput):
        await give_back(house, streamer, redemption)


async def test_a_record_that_fails_again_and_again_asks_for_a_person_and_is_still_tried(house: House) -> None:
    await house.open()
    await failing(house, "PATCH", REDEMPTIONS, 403)
    waiting = await house.redeem("viewer1")
    for _ in range(4):
        house.clock.jump(0.3)
        await house.services.sweep.run()
    assert [one.needs_you for one in await shown(house)] == [False]
    house.clock.jump(0.3)
    await house.services.sweep.run()
    assert [one.needs_you for one in await shown(house)] == [True]
    await house.heal_twitch()
    house.clock.jump(0.3)
    await house.services.sweep.run()
    assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED


async def test_what_passes_by_itself_asks_for_nobody(house: House) -> None:
    await house.open()
    await failing(house, "POST", VIPS)
    await house.redeem("viewer1")
    for _ in range(9):
        house.clock.jump(0.3)
        await house.services.sweep.run()
    assert [one.needs_you for one in await shown(house)] == [False]


async def stuck_removal(house: House) -> tuple[Person, VipSession]:
    streamer = await house.open(hours=1)
    await house.redeem("viewer1")
    await failing(house, "DELETE", VIPS, 403)
    house.clock.jump(2)
    await house.services.sweep.run()
    session = await session_of(house)
    assert (session.state, session.retry.error) == (SessionState.ENDING, Trouble.REJECTED)
    return streamer, session


async def test_a_removal_that_twitch_refuses_is_tried_again_at_the_streamers_word(house: House) -> None:
    streamer, session = await stuck_removal(house)
    await house.heal_twitch()
    await house.services.dead_letters.try_session(streamer, streamer.id, session.id)
    assert "viewer1" not in await house.vips()
    with pytest.raises(InvalidInput):
        await house.services.dead_letters.try_session(streamer, streamer.id, session.id)


async def test_a_badge_that_can_not_be_taken_may_be_left_to_the_viewer(house: House) -> None:
    streamer, session = await stuck_removal(house)
    done = await house.services.expire.make_permanent(streamer, streamer.id, session.id)
    assert done.state is SessionState.ENDED
    await house.heal_twitch()
    house.clock.jump(2)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()


async def test_a_badge_that_is_gone_can_not_be_left_to_anybody(house: House) -> None:
    streamer, session = await stuck_removal(house)
    await house.control("vip", channel="streamer", viewer="viewer1", vip=False)
    with pytest.raises(InvalidInput):
        await house.services.expire.make_permanent(streamer, streamer.id, session.id)


async def test_an_add_that_waits_is_tried_again_at_the_streamers_word(house: House) -> None:
    streamer = await house.open()
    await house.fault("POST", VIPS, "status", status=503)
    await house.redeem("viewer1")
    session = await session_of(house)
    await house.services.dead_letters.try_session(streamer, streamer.id, session.id)
    assert (await session_of(house)).state is SessionState.ACTIVE


@pytest.mark.parametrize("act", ["give back", "end"])
async def test_a_vip_given_by_hand_meanwhile_stays(house: House, act: str) -> None:
    streamer = await house.open()
    await house.fault("POST", VIPS, "status", status=429)
    waiting = await house.redeem("viewer1")
    await house.control("vip", channel="streamer", viewer="viewer1", vip=True)
    if act == "give back":
        await house.services.dead_letters.give_back(streamer, streamer.id, waiting.id)
    else:
        await house.services.expire.end_now(streamer, streamer.id, waiting.session_id)
    assert "viewer1" in await house.vips()


@pytest.mark.parametrize("act", ["give back", "try now"])
async def test_a_wrong_clock_ends_nobody_by_a_button(house: House, act: str) -> None:
    streamer = await house.open(24)
    await house.redeem("viewer1")
    house.clock.jump(22)
    session = await session_of(house)
    await house.fault("PATCH", REDEMPTIONS, "status", status=500)
    second = await house.redeem("viewer1") if act == "give back" else None
    house.clock.wrong = timedelta(hours=3)
    if second:
        await house.services.dead_letters.give_back(streamer, streamer.id, second.id)
    else:
        await house.services.dead_letters.try_session(streamer, streamer.id, session.id)
    assert "viewer1" in await house.vips(), "2 h early"


async def test_a_badge_that_may_be_gone_is_not_made_permanent(house: House, twitch_time: TwitchTime) -> None:
    streamer = await house.open(1)
    await house.redeem("viewer1")
    twitch_time.ahead += 3600
    house.clock.jump(2)
    await house.control("lag", channel="streamer", seconds=30)
    await house.fault("DELETE", VIPS, "lose_answer")
    await house.services.sweep.run()
    with pytest.raises(InvalidInput):
        await house.services.expire.make_permanent(streamer, streamer.id, (await session_of(house)).id)


async def test_who_gave_back_is_known_though_the_answer_was_lost(house: House) -> None:
    streamer = await house.open(24)
    await house.fault("PATCH", REDEMPTIONS, "status", status=500)
    granted = await house.redeem("viewer1")
    await house.fault("PATCH", REDEMPTIONS, "lose_answer")
    waiting = await give_back(house, streamer, granted)
    assert waiting.state is RedemptionState.GRANTED
    house.clock.jump(0.3)
    await house.services.sweep.run()
    [line] = [entry for entry in await house.entries() if entry.action == "taken_back"]
    assert line.actor_id == streamer.id


async def test_points_given_back_while_a_sweep_ends_the_vip_are_back(house: House) -> None:
    streamer = await house.open(24)
    await house.fault("PATCH", REDEMPTIONS, "status", status=500)
    granted = await house.redeem("viewer1")
    expire = house.services.expire
    end_now = expire.end_now

    async def late(person: Person, channel_id: str, session_id: str) -> object:
        await house.services.sweep.run()
        return await end_now(person, channel_id, session_id)

    expire.end_now = late  # type: ignore[assignment,method-assign]
    done = await house.services.dead_letters.give_back(streamer, streamer.id, granted.id)
    assert done.state is RedemptionState.CANCELED


async def test_what_is_settled_is_not_tried_again(house: House) -> None:
    streamer = await house.open()
    done = await house.redeem("viewer1")
    with pytest.raises(InvalidInput):
        await house.services.dead_letters.try_again(streamer, streamer.id, done.id)
