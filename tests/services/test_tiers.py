"""Several rewards, each with its own hours and cost, feed one session."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.house import House
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.rules import Rules
from vip_manager.domain.terms import InvalidInput, RewardTerms
from vip_manager.ports import Reward, RewardTitleTaken, TwitchError, TwitchRedemption, TwitchStatus
from vip_manager.services.access import Person
from vip_manager.services.rewards import MOST_TIERS

REWARDS = "/helix/channel_points/custom_rewards"
REDEMPTIONS = f"{REWARDS}/redemptions"
DAY, WEEK = "VIP for a day", "VIP for a week"
OF_WEEK = RewardTerms(WEEK, 2000, 168)


class KilledError(BaseException):
    """The process is gone at this moment."""


async def two_tiers(house: House) -> tuple[Person, str, str]:
    """A day and a week of VIP; and the ids of these rewards."""
    streamer = await house.open(24)
    channel = await house.services.rewards.create_tier(streamer, streamer.id, OF_WEEK)
    [tier] = channel.tiers
    return streamer, channel.channel_point_reward_id, tier.id


async def on_twitch(house: House) -> dict[str, Reward]:
    """Our rewards there, by title."""
    return {reward.title: reward for reward in await house.services.twitch.rewards("1001")}


async def credited(house: House, viewer_id: str = "3001") -> list[float]:
    session = await house.live(viewer_id)
    return [credit.hours for credit in session.credits] if session else []


async def stored(house: House, redemption_id: str) -> Redemption:
    redemption = await house.services.store.redemptions.get(redemption_id)
    assert redemption
    return redemption


async def held(house: House, viewer: str, reward: str) -> Redemption:
    """It waits for the streamer's yes."""
    await house.services.channels.save("1001", rules=Rules(approval=True))
    redemption = await house.redeem(viewer, reward=reward)
    assert redemption.held
    return redemption


async def granted(house: House, viewer: str, reward: str) -> Redemption:
    """They are VIP, and Twitch does not know yet that it is done."""
    await house.fault("PATCH", REDEMPTIONS, "status", status=503)
    redemption = await house.redeem(viewer, reward=reward)
    assert redemption.state is RedemptionState.GRANTED
    return redemption


async def time_goes_on(house: House, hours: float) -> None:
    house.clock.jump(hours)
    await house.control("jump", seconds=hours * 3600)


async def test_two_rewards_feed_one_session_each_with_its_hours(house: House) -> None:
    await two_tiers(house)
    assert (await house.redeem("viewer1", reward=DAY)).state is RedemptionState.FULFILLED
    assert (await house.redeem("viewer1", reward=WEEK)).state is RedemptionState.FULFILLED
    assert await credited(house) == [24, 168]
    assert await house.vips() >= {"viewer1"}


async def test_one_more_is_made_with_its_queue_on_and_leaves_a_line(house: House) -> None:
    streamer, first, second = await two_tiers(house)
    made = (await on_twitch(house))[WEEK]
    assert (made.id, made.cost, made.skips_queue, made.closed) == (second, 2000, False, False)
    channel = await house.channel()
    assert (channel.channel_point_reward_id, channel.reward_title, channel.vip_duration) == (first, DAY, 24)
    assert [(tier.title, tier.cost, tier.hours) for tier in channel.tiers] == [(WEEK, 2000, 168)]
    entry = (await house.entries())[0]
    assert (entry.action, entry.actor_id) == ("tier_created", streamer.id)
    assert entry.detail == {"reward": WEEK, "cost": 2000, "hours": 168}


async def test_one_more_where_there_is_none_is_the_first(house: House) -> None:
    streamer = await house.connect()
    channel = await house.services.rewards.create_tier(streamer, streamer.id, OF_WEEK)
    assert (channel.reward_title, channel.vip_duration, channel.tiers) == (WEEK, 168, ())


async def test_how_late_is_too_late_is_the_channels_whoever_says_it(house: House) -> None:
    streamer, _, second = await two_tiers(house)
    await house.services.rewards.change_tier(streamer, streamer.id, second, replace(OF_WEEK, refund_after=3))
    assert (await house.channel()).refund_after == 3
    terms = RewardTerms("VIP for an hour", 50, 1, refund_after=5)
    await house.services.rewards.create_tier(streamer, streamer.id, terms)
    assert (await house.channel()).refund_after == 5


async def test_one_is_changed_in_place_for_what_is_redeemed_from_then_on(house: House) -> None:
    streamer, first, second = await two_tiers(house)
    before = await house.redeemed("viewer1", reward=WEEK)
    await house.services.intake.receive(before)
    terms = RewardTerms("VIP for two weeks", 3500, 336)
    await house.services.rewards.change_tier(streamer, streamer.id, second, terms)
    await house.services.grant.redemption(before.id)
    await house.redeem("viewer2", reward=terms.title)
    assert (await credited(house), await credited(house, "3002")) == ([168], [336])
    assert (await on_twitch(house))[terms.title].id == second
    assert (await house.actions()).count("tier_changed") == 1
    await house.services.rewards.change_tier(streamer, streamer.id, first, RewardTerms("VIP for two days", 900, 48))
    channel = await house.channel()
    assert (channel.reward_title, channel.reward_cost, channel.vip_duration) == ("VIP for two days", 900, 48)
    assert (await house.actions())[-1] == "reward_changed"


async def test_titles_and_their_number_are_limited(house: House) -> None:
    streamer, first, second = await two_tiers(house)
    rewards = house.services.rewards
    for wrong in (
        rewards.create_tier(streamer, streamer.id, RewardTerms("vip FOR a week", 1, 1)),
        rewards.change_tier(streamer, streamer.id, first, RewardTerms(WEEK, 1, 1)),
        rewards.change_reward(streamer, streamer.id, RewardTerms(WEEK, 1, 1)),
        rewards.change_tier(streamer, streamer.id, second, RewardTerms(DAY, 1, 1)),
        rewards.change_tier(streamer, streamer.id, "somebody-elses", RewardTerms("Mine", 1, 1)),
    ):
        with pytest.raises(InvalidInput):
            await wrong
    for number in range(MOST_TIERS - 2):
        await rewards.create_tier(streamer, streamer.id, RewardTerms(f"VIP {number}", 10, 1))
    with pytest.raises(InvalidInput):
        await rewards.create_tier(streamer, streamer.id, RewardTerms("One too many", 10, 1))
    spare = await house.services.twitch.create_reward("1001", "Spare", 10, "")
    await house.services.reconcile.catch_up("1001")
    with pytest.raises(InvalidInput):
        await rewards.adopt(streamer, streamer.id, spare.id)
    assert len((await house.channel()).every_tier) == MOST_TIERS


async def test_one_that_twitch_would_not_make_is_not_looked_for(house: House) -> None:
    streamer, *_ = await two_tiers(house)
    await house.fault("POST", REWARDS, "status", status=400, message="CREATE_CUSTOM_REWARD_DUPLICATE_REWARD")
    with pytest.raises(RewardTitleTaken):
        await house.services.rewards.create_tier(streamer, streamer.id, RewardTerms("VIP for a month", 9000, 720))
    assert [tier.title for tier in (await house.channel()).tiers] == [WEEK]


async def lost_answer(house: House, streamer: Person) -> TwitchRedemption:
    """A month's reward was made on Twitch, and we don't know it; somebody has redeemed it."""
    await house.fault("POST", REWARDS, "lose_answer")
    with pytest.raises(TwitchError):
        await house.services.rewards.create_tier(streamer, streamer.id, RewardTerms("VIP for a month", 9000, 720))
    assert [tier.id for tier in (await house.channel()).tiers][-1] == ""
    assert [tier.title for tier in (await house.services.board.staff(streamer.id)).tiers] == [DAY, WEEK]
    return await house.redeemed("viewer1", reward="VIP for a month")


async def test_one_whose_making_was_not_heard_of_is_found_by_its_title(house: House) -> None:
    streamer, *_ = await two_tiers(house)
    told = await lost_answer(house, streamer)
    await house.restart()
    await house.services.sweep.run()
    assert await house.on_twitch(told.id) is TwitchStatus.FULFILLED
    assert await credited(house) == [720]
    channel = await house.channel()
    assert [tier.title for tier in channel.tiers] == [WEEK, "VIP for a month"]
    assert channel.spare_rewards == ()
    assert (await house.actions()).count("tier_created") == 2


async def test_one_whose_making_was_not_heard_of_gets_the_terms_of_the_next_attempt(house: House) -> None:
    streamer, *_ = await two_tiers(house)
    told = await lost_answer(house, streamer)
    await house.services.rewards.create_tier(streamer, streamer.id, RewardTerms("VIP for a year", 90000, 8760))
    channel = await house.channel()
    assert [(tier.id, tier.title) for tier in channel.tiers][1:] == [(told.reward_id, "VIP for a year")]
    await house.services.sweep.run()
    assert await credited(house) == [8760]


async def test_a_crash_between_twitch_and_our_record_loses_no_reward(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    streamer, *_ = await two_tiers(house)
    create = house.services.twitch.create_reward

    async def made_and_killed(*terms: str) -> Reward:
        await create(*terms)  # type: ignore[arg-type]
        raise KilledError

    monkeypatch.setattr(house.services.twitch, "create_reward", made_and_killed)
    with pytest.raises(KilledError):
        await house.services.rewards.create_tier(streamer, streamer.id, RewardTerms("VIP for a month", 9000, 720))
    await house.restart()
    await house.services.rewards.create_tier(streamer, streamer.id, RewardTerms("VIP for a month", 9500, 700))
    [made] = [tier for tier in (await house.channel()).tiers if tier.title == "VIP for a month"]
    assert (made.cost, made.hours) == (9500, 700)
    assert len(await on_twitch(house)) == 3


async def test_while_vip_by_reward_is_off_a_new_one_is_not_open(house: House) -> None:
    streamer = await house.open()
    await house.services.channels.turn(streamer, streamer.id, False)
    channel = await house.services.rewards.create_tier(streamer, streamer.id, OF_WEEK)
    assert not channel.enabled
    assert channel.tiers[0].paused
    assert (await on_twitch(house))[WEEK].closed
    await house.services.channels.turn(streamer, streamer.id, True)
    assert not any(reward.closed for reward in (await on_twitch(house)).values())


async def test_deleting_one_gives_back_what_is_open_of_it(house: House) -> None:
    streamer, first, second = await two_tiers(house)
    unheard = await house.redeemed("viewer1", reward=WEEK)
    heard = await house.redeemed("viewer2", reward=WEEK)
    await house.services.intake.receive(heard)
    other = await house.redeemed("viewer3", reward=DAY)
    await house.services.intake.receive(other)
    waiting = await held(house, "viewer4", WEEK)
    assert await house.services.retire.reward(streamer, streamer.id, second) == 3
    for one in (unheard, heard, waiting):
        assert await house.on_twitch(one.id) is TwitchStatus.CANCELED
        done = await stored(house, one.id)
        assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.GIVEN_BACK)
    assert await house.on_twitch(other.id) is TwitchStatus.UNFULFILLED
    channel = await house.channel()
    assert (channel.channel_point_reward_id, channel.tiers, channel.spare_rewards) == (first, (), ())
    assert list(await on_twitch(house)) == [DAY]
    entry = (await house.entries())[0]
    assert (entry.action, entry.actor_id, entry.detail["reward"]) == ("reward_deleted", streamer.id, WEEK)


async def test_deleting_one_takes_nobodys_vip(house: House) -> None:
    streamer, _, second = await two_tiers(house)
    one = await granted(house, "viewer1", WEEK)
    assert await house.services.retire.reward(streamer, streamer.id, second) == 0
    assert (await stored(house, one.id)).state is RedemptionState.FULFILLED
    assert await house.on_twitch(one.id) is TwitchStatus.FULFILLED
    assert await credited(house) == [168]
    assert "viewer1" in await house.vips()
    [vip] = (await house.services.board.staff(streamer.id)).vips
    assert vip.reward_title == ""


async def test_deleting_one_ends_what_has_begun_and_was_not_confirmed(house: House) -> None:
    streamer, _, second = await two_tiers(house)
    await house.fault("POST", "/helix/channels/vips", "lose_answer")
    one = await house.redeem("viewer1", reward=WEEK)
    assert one.state is RedemptionState.GRANTING
    assert await house.services.retire.reward(streamer, streamer.id, second) == 1
    assert await house.on_twitch(one.id) is TwitchStatus.CANCELED
    assert "viewer1" not in await house.vips()


@pytest.mark.parametrize("do", ["status", "lose_answer"])
@pytest.mark.parametrize(
    ("method", "path", "fault"),
    [
        # Of two to give back, the second fails; and reads are asked twice.
        ("PATCH", REDEMPTIONS, {"after": 1}),
        ("GET", REDEMPTIONS, {"times": 2}),
        ("DELETE", REWARDS, {}),
    ],
)
async def test_a_deletion_that_breaks_off_is_done_again(
    house: House, method: str, path: str, fault: dict[str, int], do: str
) -> None:
    streamer, _, second = await two_tiers(house)
    waiting = [await house.redeemed(f"viewer{number}", reward=WEEK) for number in (1, 2)]
    await house.services.intake.receive(waiting[0])
    await house.fault(method, path, do, **fault, **({"status": 503} if do == "status" else {}))
    with pytest.raises(TwitchError):
        await house.services.retire.reward(streamer, streamer.id, second)
    assert (await house.channel()).tier(second)
    assert (await house.services.board.staff(streamer.id)).tiers[1].closed_on_twitch
    assert (WEEK in await on_twitch(house)) is not (method == "DELETE" and do == "lose_answer")
    await house.services.retire.reward(streamer, streamer.id, second)
    for told in waiting:
        assert await house.on_twitch(told.id) is TwitchStatus.CANCELED
    assert (await house.channel()).tiers == ()
    assert list(await on_twitch(house)) == [DAY]
    assert (await house.vips()).isdisjoint({"viewer1", "viewer2"})
    assert (await house.actions())[-1] == "reward_deleted"


@pytest.mark.parametrize("after", range(4))
async def test_a_crash_on_the_way_of_a_deletion_costs_nobody_anything(
    house: House, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Killed after so many requests to Twitch."""
    streamer, _, second = await two_tiers(house)
    waiting = [await house.redeemed(f"viewer{number}", reward=WEEK) for number in (1, 2)]
    left = after

    def mortal(name: str) -> None:
        ask = getattr(house.services.twitch, name)

        async def asked(*words: object, **more: object) -> object:
            nonlocal left
            left -= 1
            done = await ask(*words, **more)
            if left < 0:
                raise KilledError
            return done

        monkeypatch.setattr(house.services.twitch, name, asked)

    for name in ("update_reward", "settle", "delete_reward"):
        mortal(name)
    with pytest.raises(KilledError):
        await house.services.retire.reward(streamer, streamer.id, second)
    await house.restart()
    await house.services.sweep.run()
    if (await house.channel()).tier(second):
        await house.services.retire.reward(streamer, streamer.id, second)
    await house.services.sweep.run()
    assert list(await on_twitch(house)) == [DAY]
    for told in waiting:
        status = await house.on_twitch(told.id)
        assert status is not TwitchStatus.UNFULFILLED
        assert (status is TwitchStatus.FULFILLED) is (told.login in await house.vips())


async def test_where_it_is_gone_on_twitch_what_is_open_here_takes_its_course(house: House) -> None:
    streamer, _, second = await two_tiers(house)
    told = await house.redeemed("viewer1", reward=WEEK)
    await house.services.intake.receive(told)
    await house.services.twitch.delete_reward("1001", second)
    assert await house.services.retire.reward(streamer, streamer.id, second) == 0
    assert (await house.channel()).tiers == ()
    await house.services.sweep.run()
    assert await credited(house) == [168], "the points can't go back, so they are worth what was promised"


async def test_the_first_one_deleted_leaves_its_place_to_the_next(house: House) -> None:
    streamer, first, second = await two_tiers(house)
    told = await house.redeemed("viewer1", reward=DAY)
    await house.services.intake.receive(told)
    assert await house.services.retire.reward(streamer, streamer.id, first) == 1
    channel = await house.channel()
    assert (channel.channel_point_reward_id, channel.reward_title) == (second, WEEK)
    assert (channel.reward_cost, channel.vip_duration, channel.tiers) == (2000, 168, ())
    assert channel.enabled
    await house.redeem("viewer1", reward=WEEK)
    assert await credited(house) == [168]
    [tier] = (await house.services.board.staff(streamer.id)).tiers
    assert (tier.id, tier.default) == (second, True)


async def test_the_last_one_deleted_leaves_none_and_another_can_be_made(house: House) -> None:
    streamer = await house.open()
    first = (await house.channel()).channel_point_reward_id
    assert await house.services.retire.reward(streamer, streamer.id, first) == 0
    channel = await house.channel()
    assert (channel.channel_point_reward_id, channel.reward_title) == ("", "")
    await house.services.reconcile.catch_up("1001")
    assert (await house.services.rewards.create_tier(streamer, streamer.id, OF_WEEK)).reward_title == WEEK
    assert (await house.redeem("viewer1")).state is RedemptionState.FULFILLED


async def test_off_and_on_again_are_for_every_one(house: House) -> None:
    streamer, *_ = await two_tiers(house)
    await house.services.channels.turn(streamer, streamer.id, False)
    assert all(reward.paused for reward in (await on_twitch(house)).values())
    staff = await house.services.board.staff(streamer.id)
    assert [(tier.open, tier.closed_on_twitch) for tier in staff.tiers] == [(False, False)] * 2
    await house.services.channels.turn(streamer, streamer.id, True)
    assert not any(reward.paused for reward in (await on_twitch(house)).values())
    assert [tier.open for tier in (await house.services.board.staff(streamer.id)).tiers] == [True, True]
    assert (await house.actions())[-2:] == ["turned_off", "turned_on"]


@pytest.mark.parametrize("fails", [0, 1])
@pytest.mark.parametrize("on", [False, True])
async def test_turned_in_part_says_what_is_true_and_can_be_done_again(house: House, fails: int, on: bool) -> None:
    streamer, *_ = await two_tiers(house)
    if on:
        await house.services.channels.turn(streamer, streamer.id, False)
    await house.fault("PATCH", REWARDS, "status", status=500, after=fails)
    with pytest.raises(TwitchError):
        await house.services.channels.turn(streamer, streamer.id, on)
    channel = await house.channel()
    assert channel.enabled is not on, "as it was"
    there = await on_twitch(house)
    assert [tier.paused for tier in channel.every_tier] == [there[DAY].paused, there[WEEK].paused]
    assert sorted(reward.paused for reward in there.values()) == [False, True], "the other one was not left out"
    assert (await house.services.channels.turn(streamer, streamer.id, on)).enabled is on
    assert [reward.paused for reward in (await on_twitch(house)).values()] == [not on] * 2
    assert (await house.actions())[-1] == ("turned_on" if on else "turned_off")


async def test_turning_finds_out_that_one_was_deleted(house: House) -> None:
    streamer, first, second = await two_tiers(house)
    await house.services.twitch.delete_reward("1001", first)
    channel = await house.services.channels.turn(streamer, streamer.id, False)
    assert (channel.channel_point_reward_id, channel.tiers, channel.enabled) == (second, (), False)
    assert (await house.actions())[-2:] == ["reward_lost", "turned_off"]


async def test_all_seats_taken_closes_every_one_and_a_free_seat_opens_those(house: House) -> None:
    _, _, second = await two_tiers(house)
    channels = house.services.channels
    await house.services.twitch.update_reward("1001", second, paused=True)
    await house.services.reconcile.catch_up("1001")
    await channels.close_for_full("1001", True)
    channel = await house.channel()
    assert channel.closed_for_full
    assert all(reward.paused for reward in (await on_twitch(house)).values())
    staff = await house.services.board.staff("1001")
    assert [tier.closed_on_twitch for tier in staff.tiers] == [False, True]
    await channels.close_for_full("1001", True)
    assert (await house.actions()).count("full") == 1, "only edges are news"
    await channels.close_for_full("1001", False)
    channel = await house.channel()
    assert (channel.closed_for_full, channel.closed_tiers) == (False, ())
    there = await on_twitch(house)
    assert (there[DAY].paused, there[WEEK].paused) == (False, True), "whom the streamer paused stays so"
    await channels.close_for_full("1001", False)
    assert (await house.actions()).count("seats_free") == 1


async def test_while_all_seats_are_taken_turning_on_opens_none_until_one_is_free(house: House) -> None:
    streamer, *_ = await two_tiers(house)
    channels = house.services.channels
    await channels.turn(streamer, streamer.id, False)
    await channels.close_for_full("1001", True)
    assert (await channels.turn(streamer, streamer.id, True)).enabled
    assert all(reward.paused for reward in (await on_twitch(house)).values())
    await house.services.rewards.create_tier(streamer, streamer.id, RewardTerms("VIP for a month", 9000, 720))
    assert all(reward.paused for reward in (await on_twitch(house)).values())
    await channels.close_for_full("1001", False)
    assert not any(reward.paused for reward in (await on_twitch(house)).values())
    assert [tier.open for tier in (await house.services.board.staff("1001")).tiers] == [True] * 3


async def test_a_free_seat_opens_nothing_that_is_off(house: House) -> None:
    streamer, *_ = await two_tiers(house)
    channels = house.services.channels
    await channels.close_for_full("1001", True)
    await channels.turn(streamer, streamer.id, False)
    await channels.close_for_full("1001", False)
    assert all(reward.paused for reward in (await on_twitch(house)).values())
    assert not (await house.channel()).closed_for_full
    await channels.turn(streamer, streamer.id, True)
    assert not any(reward.paused for reward in (await on_twitch(house)).values())


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("fails", [0, 1])
async def test_closed_or_opened_in_part_the_next_call_does_the_rest(house: House, full: bool, fails: int) -> None:
    await two_tiers(house)
    channels = house.services.channels
    if not full:
        await channels.close_for_full("1001", True)
    await house.fault("PATCH", REWARDS, "status", status=500, after=fails)
    with pytest.raises(TwitchError):
        await channels.close_for_full("1001", full)
    channel, there = await house.channel(), await on_twitch(house)
    assert channel.closed_for_full is not full
    assert [tier.paused for tier in channel.every_tier] == [there[DAY].paused, there[WEEK].paused]
    await channels.close_for_full("1001", full)
    assert [reward.paused for reward in (await on_twitch(house)).values()] == [full] * 2
    channel = await house.channel()
    assert channel.closed_for_full is full
    if full:
        await channels.close_for_full("1001", False)
        assert not any(reward.paused for reward in (await on_twitch(house)).values())


async def test_a_free_seat_after_closing_that_broke_off_opens_what_it_closed(house: House) -> None:
    await two_tiers(house)
    channels = house.services.channels
    await house.fault("PATCH", REWARDS, "status", status=500, after=1)
    with pytest.raises(TwitchError):
        await channels.close_for_full("1001", True)
    await channels.close_for_full("1001", False)
    assert not any(reward.paused for reward in (await on_twitch(house)).values())


async def test_one_opened_by_hand_while_all_seats_are_taken_stays_open(house: House) -> None:
    _, first, _ = await two_tiers(house)
    await house.rules(seats=1, close_when_full=True)
    await house.services.twitch.update_reward("1001", first, paused=False)
    await house.services.reconcile.catch_up("1001")
    assert (await house.actions())[-1] == "reward_opened"
    await house.services.reconcile.catch_up("1001")
    there = await on_twitch(house)
    assert (there[DAY].paused, there[WEEK].paused) == (False, True)


async def test_what_was_changed_on_twitch_shows_of_every_one(house: House) -> None:
    _, first, second = await two_tiers(house)
    await house.services.twitch.update_reward("1001", second, title="Gold VIP", cost=2500, skips_queue=True)
    await house.services.twitch.update_reward("1001", first, paused=True)
    await house.services.reconcile.catch_up("1001")
    channel = await house.channel()
    assert channel.tiers == (replace(channel.tiers[0], id=second, title="Gold VIP", cost=2500, hours=168),)
    assert not (await on_twitch(house))["Gold VIP"].skips_queue
    lines = {str(entry.action): entry.detail for entry in await house.entries()}
    assert lines["tier_changed"] == {"reward": "Gold VIP", "cost": 2500}
    assert lines["reward_queued"] == {"reward": "Gold VIP"}
    assert lines["reward_closed"] == {"reward": DAY}
    staff, public = await house.services.board.staff("1001"), await house.services.board.public("1001")
    assert [(one.title, one.cost, one.hours, one.open, one.closed_on_twitch, one.default) for one in staff.tiers] == [
        (DAY, 500, "24", False, True, True),
        ("Gold VIP", 2500, "168", True, False, False),
    ]
    assert [(one.title, one.hours, one.open) for one in public.rewards] == [
        (DAY, "24", False),
        ("Gold VIP", "168", True),
    ]
    assert public.reward == public.rewards[0]


@pytest.mark.parametrize("which", [0, 1])
async def test_one_deleted_on_twitch_is_taken_out_and_the_other_one_stays(house: House, which: int) -> None:
    _, *ids = await two_tiers(house)
    await house.services.twitch.delete_reward("1001", ids[which])
    for _ in range(2):
        await house.services.reconcile.catch_up("1001")
    channel = await house.channel()
    assert [tier.id for tier in channel.every_tier] == [ids[1 - which]]
    assert channel.vip_duration == (168 if which == 0 else 24)
    lost = [entry for entry in await house.entries() if entry.action == "reward_lost"]
    assert [entry.detail["reward"] for entry in lost] == [(DAY, WEEK)[which]]


async def test_a_list_that_lags_takes_none_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    _, first, _ = await two_tiers(house)
    rewards = house.services.twitch.rewards

    async def lagging(channel_id: str) -> list[Reward]:
        return [reward for reward in await rewards(channel_id) if reward.id == first]

    monkeypatch.setattr(house.services.twitch, "rewards", lagging)
    told = await house.redeemed("viewer1", reward=WEEK)
    assert (await house.services.sweep.run()).recovered == 1
    assert await house.on_twitch(told.id) is TwitchStatus.FULFILLED
    assert len((await house.channel()).every_tier) == 2


async def test_one_that_can_not_be_asked_for_hides_nothing_of_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, first, _ = await two_tiers(house)
    rewards = house.services.twitch.rewards

    async def lagging(channel_id: str) -> list[Reward]:
        return [reward for reward in await rewards(channel_id) if reward.id == first]

    monkeypatch.setattr(house.services.twitch, "rewards", lagging)
    told = await house.redeemed("viewer1", reward=DAY)
    await house.fault("GET", REWARDS, "status", status=500, after=1)
    with pytest.raises(TwitchError):
        await house.services.reconcile.catch_up("1001")
    assert await house.services.store.redemptions.get(told.id)
    assert len((await house.channel()).every_tier) == 2


async def test_after_downtime_the_redemptions_of_every_one_are_found(house: House) -> None:
    _, _, second = await two_tiers(house)
    await house.services.sweep.run()
    await time_goes_on(house, 1)
    await house.services.twitch.update_reward("1001", second, skips_queue=True)
    by_itself = await house.redeemed("viewer1", reward=WEEK)
    assert by_itself.status is TwitchStatus.FULFILLED
    by_hand = await house.redeemed("viewer2", reward=DAY)
    await house.control("settle", redemption_id=by_hand.id, status="FULFILLED")
    await house.services.twitch.update_reward("1001", second, skips_queue=False)
    waiting = [await house.redeemed("viewer3", reward=DAY), await house.redeemed("viewer3", reward=WEEK)]
    await house.restart()
    assert (await house.services.sweep.run()).recovered == 4
    assert await credited(house) == [168]
    assert await credited(house, "3002") == [24]
    assert sorted(await credited(house, "3003")) == [24, 168]
    for told in waiting:
        assert await house.on_twitch(told.id) is TwitchStatus.FULFILLED
    await time_goes_on(house, 1)
    assert (await house.services.sweep.run()).recovered == 0


@pytest.mark.parametrize("fails", [0, 2])
@pytest.mark.parametrize("status", [403, 500])
async def test_one_ones_lists_in_trouble_hide_nothing_of_the_others(house: House, fails: int, status: int) -> None:
    await two_tiers(house)
    await house.services.reconcile.catch_up("1001")
    seen = (await house.channel()).caught_up_at
    for viewer, title in (("viewer1", DAY), ("viewer2", WEEK)):
        await house.redeemed(viewer, reward=title)
    await time_goes_on(house, 0.3)
    # Each reward has two lists.
    await house.fault("GET", REDEMPTIONS, "status", status=status, after=fails)
    if status == 500:
        with pytest.raises(TwitchError):
            await house.services.reconcile.catch_up("1001")
    else:
        assert await house.services.reconcile.catch_up("1001") == 1
    assert len(await house.services.store.redemptions.open("1001")) == 1
    assert (await house.channel()).caught_up_at == seen, "the other's are looked for from the same moment on"
    await house.heal_twitch()
    assert await house.services.reconcile.catch_up("1001") == 1


async def test_a_spare_one_becomes_one_more_at_its_own_price(house: House) -> None:
    streamer, *_ = await two_tiers(house)
    made = await house.services.twitch.create_reward("1001", "Old VIP", 300, "")
    await house.services.reconcile.catch_up("1001")
    assert [spare.title for spare in (await house.channel()).spare_rewards] == ["Old VIP"]
    settled = await house.redeemed("viewer1", reward="Old VIP")
    await house.control("settle", redemption_id=settled.id, status="FULFILLED")
    waiting = await house.redeemed("viewer2", reward="Old VIP")
    await time_goes_on(house, 0.1)
    channel = await house.services.rewards.adopt(streamer, "1001", made.id)
    tier = channel.tiers[-1]
    assert (tier.id, tier.title, tier.cost, tier.hours) == (made.id, "Old VIP", 300, 24)
    assert channel.spare_rewards == ()
    assert (await house.actions())[-1] == "reward_adopted"
    await house.services.sweep.run()
    assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED
    assert "viewer1" not in await house.vips(), "what was settled before is none of ours"
    assert await credited(house, "3002") == [24]


@pytest.mark.parametrize("status", ["CANCELED", "FULFILLED"])
async def test_what_waits_here_and_was_settled_on_twitch_is_found_out(house: House, status: str) -> None:
    await two_tiers(house)
    waiting = await held(house, "viewer1", WEEK)
    still = await held(house, "viewer2", WEEK)
    await house.control("settle", redemption_id=waiting.id, status=status)
    await house.services.reconcile.catch_up("1001")
    wanted = RedemptionState.CANCELED if status == "CANCELED" else RedemptionState.FULFILLED
    assert (await stored(house, waiting.id)).state is wanted
    assert (await credited(house) == [168]) is (status == "FULFILLED")
    assert (await stored(house, still.id)).held


async def test_what_waits_here_for_a_reward_that_was_deleted_is_found_out(house: House) -> None:
    _, _, second = await two_tiers(house)
    waiting = await held(house, "viewer1", WEEK)
    await house.services.twitch.delete_reward("1001", second)
    await house.services.reconcile.catch_up("1001")
    assert not (await stored(house, waiting.id)).held


async def test_who_is_vip_by_which_reward_is_shown(house: House) -> None:
    await two_tiers(house)
    await house.redeem("viewer1", reward=WEEK)
    await house.redeem("viewer2", reward=DAY)
    vips = (await house.services.board.staff("1001")).vips
    assert {vip.login: vip.reward_title for vip in vips} == {"viewer1": WEEK, "viewer2": DAY}


async def test_changes_of_two_at_once_both_hold(house: House) -> None:
    streamer, first, second = await two_tiers(house)
    rewards = house.services.rewards
    await asyncio.gather(
        rewards.change_tier(streamer, "1001", first, RewardTerms("A", 1, 1)),
        rewards.change_tier(streamer, "1001", second, RewardTerms("B", 2, 2)),
        rewards.create_tier(streamer, "1001", RewardTerms("C", 3, 3)),
        house.services.reconcile.catch_up("1001"),
    )
    tiers = (await house.channel()).every_tier
    assert [(tier.title, tier.cost, tier.hours) for tier in tiers] == [("A", 1, 1), ("B", 2, 2), ("C", 3, 3)]


async def test_changed_rules_change_what_viewers_read(house: House) -> None:
    await two_tiers(house)
    await house.services.channels.save("1001", rules=Rules(approval=True))
    await house.fault("PATCH", REWARDS, "status", status=500)
    await house.services.rewards.reprompt("1001")
    world = (await house.http.get("control/world/file")).text
    assert world.count("The streamer says yes first.") == 1, "the one that failed keeps nothing from the other"
    await house.services.reconcile.catch_up("1001")
    world = (await house.http.get("control/world/file")).text
    assert world.count("The streamer says yes first.") == 2


async def test_a_comparison_leaves_what_the_streamer_wrote_for_viewers(house: House) -> None:
    _, first, second = await two_tiers(house)
    await house.services.twitch.update_reward("1001", first, prompt="Come and be VIP!")
    await house.services.twitch.update_reward("1001", second, prompt="VIP in this channel for 3 hours.")
    await house.services.reconcile.catch_up("1001")
    there = await on_twitch(house)
    assert there[DAY].prompt == "Come and be VIP!"
    assert there[WEEK].prompt == "VIP in this channel for 168 hours. Redeem again to add time."


async def test_what_is_redeemed_while_one_is_being_deleted_goes_back_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    streamer, _, second = await two_tiers(house)
    told = [await house.redeemed("viewer1", reward=WEEK)]
    give_back = house.services.dead_letters.give_back

    async def meanwhile(*asked: Any, **more: Any) -> Any:
        if len(told) == 1:
            await house.services.twitch.update_reward("1001", second, paused=False)
            told.append(await house.redeemed("viewer2", reward=WEEK))
        return await give_back(*asked, **more)

    monkeypatch.setattr(house.services.dead_letters, "give_back", meanwhile)
    assert await house.services.retire.reward(streamer, streamer.id, second) == 2
    for one in told:
        assert await house.on_twitch(one.id) is TwitchStatus.CANCELED
    assert list(await on_twitch(house)) == [DAY]


async def test_a_channel_of_which_twitch_shows_nothing_is_left_alone(house: House) -> None:
    await two_tiers(house)
    waiting = await held(house, "viewer1", WEEK)
    await house.control("channel", channel="streamer", broadcaster_type="")
    assert await house.services.reconcile.catch_up("1001") == 0
    assert len((await house.channel()).every_tier) == 2
    assert (await stored(house, waiting.id)).held
