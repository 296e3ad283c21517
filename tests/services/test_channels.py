"""The reward on Twitch and our record of it: whoever changes one, the page shows what is true."""

import asyncio
from datetime import timedelta

import pytest

from tests.house import HandClock, House
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.terms import RewardTerms
from vip_manager.ports import Reward, TwitchError, TwitchStatus
from vip_manager.services.pictures import RewardCard, StaffReward

REWARDS = "/helix/channel_points/custom_rewards"


async def shown_open(house: House) -> tuple[bool, bool]:
    """Whether the board and the dashboard say that one can redeem."""
    public, staff = await house.services.board.public("1001"), await house.services.board.staff("1001")
    return public.reward.open, staff.reward.open


async def time_goes_on(house: House, hours: float) -> None:
    """For us and for Twitch."""
    house.clock.jump(hours)
    await house.control("jump", seconds=hours * 3600)


async def test_a_change_of_terms_and_a_catch_up_at_once_both_hold(house: House) -> None:
    streamer = await house.open()
    await house.fault("GET", REWARDS, "pass", hold=True)
    looking = asyncio.create_task(house.services.reconcile.catch_up(streamer.id))
    await house.held()
    await house.services.rewards.change_reward(streamer, streamer.id, RewardTerms("VIP two", 900, 48))
    await house.heal_twitch()
    await looking
    channel = await house.channel()
    [reward] = await house.services.twitch.rewards(streamer.id)
    assert (channel.reward_title, channel.reward_cost, channel.vip_duration) == ("VIP two", 900, 48)
    assert (reward.title, reward.cost) == ("VIP two", 900)
    assert channel.caught_up_at


async def test_turning_on_that_failed_stays_off(house: House) -> None:
    streamer = await house.open()
    await house.services.channels.turn(streamer, streamer.id, False)
    await house.fault("PATCH", REWARDS, "status", status=500)
    with pytest.raises(TwitchError):
        await house.services.channels.turn(streamer, streamer.id, True)
    assert not (await house.channel()).enabled
    assert await shown_open(house) == (False, False)
    assert (await house.actions())[-1] == "turned_off"
    assert (await house.services.channels.turn(streamer, streamer.id, True)).enabled
    assert await shown_open(house) == (True, True)
    assert (await house.actions())[-1] == "turned_on"


async def test_turning_off_that_failed_stays_on(house: House) -> None:
    streamer = await house.open()
    await house.fault("PATCH", REWARDS, "status", status=500)
    with pytest.raises(TwitchError):
        await house.services.channels.turn(streamer, streamer.id, False)
    assert await shown_open(house) == (True, True)
    assert (await house.redeem("viewer1")).state is RedemptionState.FULFILLED


async def test_a_redemption_after_a_turning_on_whose_answer_was_lost_costs_nothing(house: House) -> None:
    streamer = await house.open()
    await house.services.channels.turn(streamer, streamer.id, False)
    await house.fault("PATCH", REWARDS, "lose_answer")
    with pytest.raises(TwitchError):
        await house.services.channels.turn(streamer, streamer.id, True)
    done = await house.redeem("viewer1")
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.PAUSED)
    assert await shown_open(house) == (False, False)


async def test_a_reward_paused_on_twitch_shows_as_closed_until_it_is_opened_there(house: House) -> None:
    streamer = await house.open()
    reward_id = (await house.channel()).channel_point_reward_id
    await house.services.twitch.update_reward(streamer.id, reward_id, paused=True)
    await house.services.reconcile.catch_up(streamer.id)
    assert await shown_open(house) == (False, False)
    assert (await house.channel()).enabled, "the streamer did not turn us off"
    await house.services.twitch.update_reward(streamer.id, reward_id, paused=False)
    await house.services.reconcile.catch_up(streamer.id)
    assert await shown_open(house) == (True, True)


async def test_terms_changed_on_twitch_are_shown(house: House) -> None:
    streamer = await house.open()
    reward_id = (await house.channel()).channel_point_reward_id
    await house.services.board.public(streamer.id)
    await house.services.twitch.update_reward(streamer.id, reward_id, title="Shiny VIP", cost=750)
    await house.services.reconcile.catch_up(streamer.id)
    reward = (await house.services.board.public(streamer.id)).reward
    assert (reward.title, reward.cost, reward.hours) == ("Shiny VIP", 750, "24")


async def test_a_reward_deleted_on_twitch_is_shown_as_none_and_leaves_one_line(house: House) -> None:
    streamer = await house.open()
    assert await shown_open(house) == (True, True)
    await house.delete_reward()
    for _ in range(2):
        await house.services.reconcile.catch_up(streamer.id)
    assert (await house.services.board.public(streamer.id)).reward == RewardCard()
    assert (await house.services.board.staff(streamer.id)).reward == StaffReward()
    assert (await house.actions()).count("reward_lost") == 1
    [lost] = [line for line in await house.entries() if line.action == "reward_lost"]
    assert lost.detail["reward"] == "VIP for a day"


async def test_a_list_that_lags_behind_a_new_reward_does_not_unhook_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    streamer = await house.open()

    async def nothing_yet(channel_id: str) -> list[Reward]:
        return []

    monkeypatch.setattr(house.services.twitch, "rewards", nothing_yet)
    await house.services.sweep.run()
    assert (await house.channel()).channel_point_reward_id
    assert await shown_open(house) == (True, True)
    assert await house.services.intake.receive(await house.redeemed("viewer1"))
    await house.delete_reward()
    await house.services.reconcile.catch_up(streamer.id)
    assert not (await house.channel()).channel_point_reward_id


async def test_a_reward_that_could_not_be_asked_for_by_itself_stays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    streamer = await house.open()

    async def nothing_yet(channel_id: str) -> list[Reward]:
        return []

    monkeypatch.setattr(house.services.twitch, "rewards", nothing_yet)
    await house.fault("GET", REWARDS, "status", status=500)
    with pytest.raises(TwitchError):
        await house.services.reconcile.catch_up(streamer.id)
    assert (await house.channel()).channel_point_reward_id


async def test_turning_off_finds_out_that_the_reward_was_deleted(house: House) -> None:
    streamer = await house.open()
    await house.delete_reward()
    await house.services.channels.turn(streamer, streamer.id, False)
    assert not (await house.channel()).channel_point_reward_id
    assert (await house.actions())[-1] == "reward_lost"


async def test_a_reward_made_by_an_attempt_whose_answer_was_lost_is_adopted_under_its_new_terms(house: House) -> None:
    streamer = await house.connect()
    await house.fault("POST", REWARDS, "lose_answer")
    with pytest.raises(TwitchError):
        await house.services.rewards.create_reward(streamer, streamer.id, RewardTerms("VIP A", 500, 24))
    made = await house.control("redeem", channel="streamer", viewer="viewer1", reward="VIP A")
    await house.services.rewards.create_reward(streamer, streamer.id, RewardTerms("VIP B", 600, 12))
    [reward] = await house.services.twitch.rewards(streamer.id)
    assert (reward.title, reward.cost, reward.id) == ("VIP B", 600, made["reward_id"])
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()
    assert await house.on_twitch(made["id"]) is TwitchStatus.FULFILLED


async def test_a_reward_made_by_an_attempt_whose_answer_was_lost_is_found_though_nobody_tries_again(
    house: House,
) -> None:
    streamer = await house.connect()
    await house.fault("POST", REWARDS, "lose_answer")
    with pytest.raises(TwitchError):
        await house.services.rewards.create_reward(streamer, streamer.id, RewardTerms("VIP A", 500, 12))
    assert await shown_open(house) == (False, False)
    made = await house.control("redeem", channel="streamer", viewer="viewer1", reward="VIP A")
    await house.services.sweep.run()
    assert await house.on_twitch(made["id"]) is TwitchStatus.FULFILLED
    session = await house.live("3001")
    assert session
    assert session.hours == 12
    assert await shown_open(house) == (True, True)
    assert (await house.actions()).count("reward_created") == 1


async def test_a_reward_that_twitch_would_not_make_is_not_looked_for(house: House) -> None:
    streamer = await house.connect()
    await house.fault("POST", REWARDS, "status", status=400)
    with pytest.raises(TwitchError):
        await house.services.rewards.create_reward(streamer, streamer.id, RewardTerms("VIP A", 500, 12))
    channel = await house.channel()
    assert (channel.channel_point_reward_id, channel.reward_title) == ("", "")


async def test_a_queue_switched_off_on_twitch_is_switched_on_again_and_nobody_paid_for_nothing(house: House) -> None:
    streamer = await house.open(hours=24)
    before = await house.redeem("viewer3")
    await house.services.sweep.run()
    await time_goes_on(house, 0.5)
    reward_id = (await house.channel()).channel_point_reward_id
    await house.services.twitch.update_reward(streamer.id, reward_id, skips_queue=True)
    unheard, heard = await house.redeemed("viewer1"), await house.redeemed("viewer2")
    assert unheard.status is TwitchStatus.FULFILLED
    assert await house.services.intake.receive(heard)
    report = await house.services.sweep.run()
    assert report.recovered == 1
    [reward] = await house.services.twitch.rewards(streamer.id)
    assert not reward.skips_queue
    await time_goes_on(house, 0.5)
    assert (await house.services.sweep.run()).recovered == 0
    for viewer_id in ("3001", "3002", "3003"):
        session = await house.live(viewer_id)
        assert session
        assert [credit.hours for credit in session.credits] == [24]
    assert {"viewer1", "viewer2", "viewer3"} <= await house.vips()
    for redemption_id in (unheard.id, heard.id, before.id):
        redemption = await house.services.store.redemptions.get(redemption_id)
        assert redemption
        assert redemption.state is RedemptionState.FULFILLED


async def test_terms_survive_a_catch_up_that_looked_while_they_were_changed(house: House) -> None:
    streamer = await house.open()
    await house.fault("PATCH", REWARDS, "pass", hold=True)
    changing = asyncio.create_task(
        house.services.rewards.change_reward(streamer, streamer.id, RewardTerms("VIP two", 900, 48))
    )
    await house.held()
    looking = asyncio.create_task(house.services.reconcile.catch_up(streamer.id))
    await asyncio.sleep(0)
    await house.heal_twitch()
    await asyncio.gather(changing, looking)
    channel = await house.channel()
    assert (channel.reward_title, channel.reward_cost, channel.vip_duration) == ("VIP two", 900, 48)


async def test_a_small_skew_hides_nothing_that_twitch_fulfilled_by_itself(house: House, clock: HandClock) -> None:
    await house.open(hours=24)
    clock.wrong = timedelta(seconds=30)
    await house.services.sweep.run()
    reward_id = (await house.channel()).channel_point_reward_id
    await house.services.twitch.update_reward("1001", reward_id, skips_queue=True)
    await house.redeemed("viewer1")
    house.clock.jump(0.5)
    assert (await house.services.sweep.run()).recovered == 1


async def test_the_limit_for_late_redemptions_is_in_the_log(house: House) -> None:
    streamer = await house.open(24)
    await house.services.rewards.change_reward(streamer, streamer.id, RewardTerms("VIP for a day", 500, 24, 1))
    assert "refund_after" in (await house.entries())[0].detail
