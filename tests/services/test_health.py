"""How a channel is, as its picture tells it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.house import HandClock, House
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.rules import WhenFull
from vip_manager.domain.terms import InvalidInput, RewardTerms
from vip_manager.ports import Conflict, Listening, RedemptionEvent, Unauthorized
from vip_manager.services.access import Person
from vip_manager.services.connections import Hearing
from vip_manager.services.dead_letters import AT_ONCE, CutShort, Tried
from vip_manager.services.health import EventsAre, HealthPicture, RewardIs, SeatsAre, SignInIs, SweepIs, WorkIs
from vip_manager.services.rates import RETRIES
from vip_manager.services.written import millis


async def health(house: House) -> HealthPicture:
    house.services.changes.announce("1001")
    return (await house.services.board.staff("1001")).health


async def follow(house: House, event: Listening | RedemptionEvent) -> None:
    """Heard, with whatever follows."""
    works: list[Any] = []
    await house.services.events.heard(event, works.append)
    for work in works:
        await work


async def test_all_well(house: House) -> None:
    await house.open()
    await follow(house, Listening("1001"))
    await house.services.sweep.run()
    seen = await health(house)
    assert (seen.sign_in, seen.events, seen.reward, seen.sweep, seen.work) == (
        SignInIs.WELL,
        EventsAre.WELL,
        RewardIs.WELL,
        SweepIs.WELL,
        WorkIs.WELL,
    )
    assert seen.troubles == 0
    assert all(one.granted for one in seen.scopes)
    assert len(seen.scopes) == 3
    assert seen.queue == "on"
    assert seen.validated_at
    assert seen.skew_known
    assert seen.swept_at
    assert seen.caught_up_at < seen.catch_up_at


async def test_the_last_event_is_of_this_start_and_the_newest_redemption_of_any(house: House, clock: HandClock) -> None:
    await house.open()
    told = await house.redeemed("viewer1")
    await follow(house, RedemptionEvent(told, added=True))
    seen = await health(house)
    assert seen.heard_at >= seen.since > 0
    clock.jump(1)
    await house.restart()
    seen = await health(house)
    assert seen.heard_at == 0
    assert seen.redeemed_at == millis(told.redeemed_at) < seen.since


async def test_a_dead_sign_in_is_told_with_what_waits_for_it(house: House) -> None:
    streamer = await house.open()
    await house.control("disconnect", user="streamer")
    with pytest.raises(Unauthorized):
        await house.services.health.look(streamer.id)
    seen = await health(house)
    assert (seen.sign_in, seen.events) == (SignInIs.DEAD, EventsAre.SIGN_IN)
    assert seen.troubles == 2


async def test_who_only_signs_in_after_that_has_allowed_nothing(house: House) -> None:
    streamer = await house.open()
    await house.control("disconnect", user="streamer")
    with pytest.raises(Unauthorized):
        await house.services.health.look(streamer.id)
    await house.sign_in("streamer")
    seen = await health(house)
    assert seen.sign_in == SignInIs.SCOPES
    assert not any(one.granted for one in seen.scopes)


async def test_a_line_that_is_down_is_told_from_one_that_is_being_made(house: House) -> None:
    await house.open()
    assert (await health(house)).events == EventsAre.CONNECTING
    house.services.connections.heard("1001", Hearing.CONNECTING, "unavailable")
    assert (await health(house)).events == EventsAre.DEAF


async def test_a_reward_that_is_still_to_be_made_is_no_trouble(house: House) -> None:
    await house.connect()
    await follow(house, Listening("1001"))
    seen = await health(house)
    assert (seen.reward, seen.troubles) == (RewardIs.NONE, 0)


async def test_what_becomes_of_the_reward_on_twitch(house: House) -> None:
    streamer = await house.open()
    assert (await health(house)).reward == RewardIs.WELL
    reward_id = (await house.channel()).channel_point_reward_id
    await house.services.twitch.update_reward("1001", reward_id, paused=True)
    await house.services.health.look(streamer.id)
    assert (await health(house)).reward == RewardIs.CLOSED
    await house.services.channels.turn(streamer, streamer.id, False)
    assert (await health(house)).reward == RewardIs.OFF
    await house.delete_reward()
    await house.services.health.look(streamer.id)
    assert (await health(house)).reward == RewardIs.LOST


async def test_a_look_switches_the_queue_on_again(house: House) -> None:
    streamer = await house.open()
    reward_id = (await house.channel()).channel_point_reward_id
    await house.services.twitch.update_reward("1001", reward_id, skips_queue=True)
    await house.fault("PATCH", "channel_points/custom_rewards", "status", status=400)
    await house.services.health.look(streamer.id)
    seen = await health(house)
    assert (seen.reward, seen.queue) == (RewardIs.QUEUE, "off")
    await house.services.health.look(streamer.id)
    seen = await health(house)
    assert (seen.reward, seen.queue) == (RewardIs.WELL, "on")


async def test_seats_that_are_full_and_when_one_was_refused(house: House) -> None:
    await house.open()
    assert (await health(house)).seating == SeatsAre.UNKNOWN
    await house.control("channel", channel="streamer", capacity=1)
    await house.redeem("viewer1")
    seen = await health(house)
    assert (seen.seating, seen.seats, seen.seats_used, seen.seats_free) == (SeatsAre.FULL, 1, 1, 0)
    assert seen.refused_at
    await house.rules(seats=3, when_full=WhenFull.WAIT)
    seen = await health(house)
    assert (seen.seating, seen.seats_free) == (SeatsAre.WELL, 2)


async def test_a_sweep_that_does_not_come_and_a_vip_past_the_end(house: House, clock: HandClock) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    await house.services.sweep.run()
    clock.jump(1.1)
    seen = await health(house)
    assert (seen.sweep, seen.overdue) == (SweepIs.OVERDUE, 1)
    assert seen.overdue_since < millis(clock.now())
    await house.services.sweep.run()
    assert (await health(house)).sweep == SweepIs.WELL
    clock.wrong += timedelta(minutes=2)
    assert (await health(house)).sweep == SweepIs.LATE
    await house.services.twitch.knock()
    seen = await health(house)
    assert seen.sweep == SweepIs.CLOCK
    assert abs(seen.skew + 120) <= 2
    clock.wrong = timedelta()


async def test_all_that_failed_is_tried_again(house: House) -> None:
    streamer = await house.open()
    await house.fault("POST", "channels/vips", "status", times=-1, status=503)
    for viewer in ("viewer1", "viewer2", "viewer3"):
        await house.redeem(viewer)
    seen = await health(house)
    assert seen.work == WorkIs.WAITS
    assert (seen.failed, seen.failed_sessions) == (3, [])
    assert await house.services.dead_letters.try_all(streamer, streamer.id) == Tried(3, CutShort.AWAY)
    await house.heal_twitch()
    assert await house.services.dead_letters.try_all(streamer, streamer.id) == Tried()
    seen = await health(house)
    assert (seen.work, seen.failed) == (WorkIs.WELL, 0)
    assert await house.vips() >= {"viewer1", "viewer2", "viewer3"}


async def test_twitch_is_not_asked_all_the_time(house: House) -> None:
    streamer = await house.open()
    for _ in range(10):
        await house.services.health.look(streamer.id)
    with pytest.raises(InvalidInput, match="several times"):
        await house.services.health.look(streamer.id)


async def test_a_reward_that_was_deleted_here_is_no_trouble(house: House) -> None:
    streamer = await house.open()
    await follow(house, Listening("1001"))
    await house.services.rewards.drop(streamer, streamer.id, (await house.channel()).channel_point_reward_id)
    seen = await health(house)
    assert (seen.reward, seen.troubles) == (RewardIs.NONE, 0)
    assert (await house.services.board.staff("1001")).reward_lost == ""


async def test_the_queue_is_on_when_that_of_each_reward_is(house: House) -> None:
    streamer = await house.open()
    await house.services.rewards.create_tier(streamer, streamer.id, RewardTerms("VIP for a week", 2000, 168))
    rewards = await house.services.twitch.rewards("1001")
    for reward in rewards:
        await house.services.twitch.update_reward("1001", reward.id, skips_queue=True)
    # Of one of them Twitch does not let it be switched on again.
    await house.fault("PATCH", "channel_points/custom_rewards", "status", status=400)
    await house.services.health.look(streamer.id)
    seen = await health(house)
    assert (seen.reward, seen.queue) == (RewardIs.QUEUE, "off")
    await house.services.health.look(streamer.id)
    assert (await health(house)).queue == "on"


async def test_a_spare_rewards_queue_is_not_the_channels(house: House) -> None:
    streamer = await house.open()
    spare = await house.services.twitch.create_reward("1001", "An old one", 100, "")
    await house.services.twitch.update_reward("1001", spare.id, skips_queue=True)
    await house.services.health.look(streamer.id)
    assert (await house.channel()).spare_rewards
    assert (await health(house)).queue == "on"


async def three_fail(house: House) -> Person:
    streamer = await house.open()
    await house.fault("POST", "channels/vips", "status", times=-1, status=503)
    for viewer in ("viewer1", "viewer2", "viewer3"):
        await house.redeem(viewer)
    return streamer


async def tries(house: House) -> list[str]:
    """Whose redemptions were tried again, the last first."""
    return [one.subject_name for one in await house.entries() if one.action is Action.TRIED_AGAIN]


async def test_while_twitch_is_away_one_is_tried_and_another_the_next_time(house: House) -> None:
    streamer = await three_fail(house)
    letters = house.services.dead_letters
    for count in (1, 2, 3):
        assert await letters.try_all(streamer, streamer.id) == Tried(3, CutShort.AWAY)
        assert len(set(await tries(house))) == len(await tries(house)) == count


async def test_what_twitch_refuses_of_one_viewer_keeps_nobody_else_from_being_tried(house: House) -> None:
    streamer = await house.open()
    await house.fault("DELETE", "channels/vips", "status", times=-1, status=400)
    for viewer in ("viewer1", "viewer2", "viewer3"):
        done = await house.redeem(viewer)
        await house.services.expire.end_now(streamer, streamer.id, done.session_id)
    assert await house.services.dead_letters.try_all(streamer, streamer.id) == Tried(3)
    assert len(await tries(house)) == 3


async def test_what_takes_too_long_is_left_to_the_next_word(
    house: House, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    streamer = await three_fail(house)
    await house.heal_twitch()
    letters = house.services.dead_letters
    one = letters.try_again

    async def slow(*args: Any) -> Redemption | None:
        clock.wrong += AT_ONCE / 2
        return await one(*args)

    monkeypatch.setattr(letters, "try_again", slow)
    assert await letters.try_all(streamer, streamer.id) == Tried(1, CutShort.TIME)
    clock.wrong = timedelta()
    assert await letters.try_all(streamer, streamer.id) == Tried()


async def test_one_that_somebody_else_has_in_hand_keeps_nobody_else_from_being_tried(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    streamer = await three_fail(house)
    await house.heal_twitch()
    store = house.services.store
    commit = store.commit
    lost: list[Any] = []

    async def race(*records: Any) -> Any:
        tried = any(isinstance(one, AuditEntry) and one.action is Action.TRIED_AGAIN for one in records)
        if tried and not lost:
            lost.append(records)
            raise Conflict
        return await commit(*records)

    monkeypatch.setattr(store, "commit", race)
    assert await house.services.dead_letters.try_all(streamer, streamer.id) == Tried(1)
    assert len(await tries(house)) == 2


async def test_all_is_not_tried_again_all_the_time(house: House) -> None:
    streamer = await house.open()
    for _ in range(RETRIES.most):
        await house.services.dead_letters.try_all(streamer, streamer.id)
    with pytest.raises(InvalidInput, match="several times"):
        await house.services.dead_letters.try_all(streamer, streamer.id)
