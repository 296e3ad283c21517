"""Rewards that an earlier installation made: used again, or done away with, and nobody's points are lost by it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.house import HandClock, House
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.terms import InvalidInput, RewardTerms
from vip_manager.ports import TwitchError, TwitchStatus
from vip_manager.services.access import Person

REWARDS = "/helix/channel_points/custom_rewards"
REDEMPTIONS = f"{REWARDS}/redemptions"
OTHER = RewardTerms("Another VIP", 700, 12)


@pytest.fixture
async def anew(house: House, twitch_base: str, tmp_path: Path, clock: HandClock) -> AsyncIterator[House]:
    """The streamer had it all, and installs it anew: nothing is stored, and Twitch is as it was."""
    await house.open()
    anew = House(twitch_base, tmp_path / "anew", clock)
    await anew.start()
    yield anew
    assert await anew.wrong() == []
    await anew.close()


async def reward_of(house: House) -> str:
    return (await house.channel()).channel_point_reward_id


async def connected(house: House) -> Person:
    person = await house.connect()
    await house.services.reconcile.catch_up(person.id)
    return person


async def test_it_is_shown_and_can_be_used_again(house: House, anew: House) -> None:
    before = await reward_of(house)
    waiting = await anew.redeemed("viewer1")
    person = await connected(anew)
    [spare] = (await anew.services.board.staff(person.id)).spare_rewards
    assert (spare.id, spare.title, spare.cost) == (before, "VIP for a day", 500)
    channel = await anew.services.rewards.adopt(person, person.id, spare.id)
    assert (channel.channel_point_reward_id, channel.reward_title, channel.spare_rewards) == (before, spare.title, ())
    await anew.services.sweep.run()
    assert await anew.on_twitch(waiting.id) is TwitchStatus.FULFILLED, "what was redeemed meanwhile is handled"
    assert "viewer1" in await anew.vips()
    assert "reward_adopted" in await anew.actions()


async def test_what_waited_too_long_for_the_new_installation_goes_back(house: House, anew: House) -> None:
    waiting = await anew.redeemed("viewer1")
    anew.clock.jump(30)
    person = await connected(anew)
    await anew.services.rewards.adopt(person, person.id, await reward_of(house))
    await anew.services.sweep.run()
    assert await anew.on_twitch(waiting.id) is TwitchStatus.CANCELED


async def test_creating_another_leaves_it_alone_and_one_of_that_name_is_taken_over(house: House, anew: House) -> None:
    person = await connected(anew)
    old = await reward_of(house)
    same = RewardTerms("VIP for a day", 700, 12)
    channel = await anew.services.rewards.create_reward(person, person.id, same)
    assert (channel.channel_point_reward_id, channel.spare_rewards) == (old, ())


async def two_rewards(anew: House) -> tuple[Person, str]:
    """One that gives VIP, and a spare one."""
    person = await connected(anew)
    old = (await anew.channel()).spare_rewards[0].id
    made = await anew.services.twitch.create_reward(person.id, OTHER.title, OTHER.cost, "")
    await anew.services.reconcile.catch_up(person.id)
    await anew.services.rewards.adopt(person, person.id, made.id)
    return person, old


async def test_a_second_one_is_done_away_with_and_its_points_go_back(anew: House) -> None:
    person, old = await two_rewards(anew)
    waiting = [
        await anew.control("redeem", channel="streamer", viewer=f"viewer{n}", reward="VIP for a day") for n in (1, 2)
    ]
    assert await anew.services.retire.reward(person, person.id, old) == 2
    assert [await anew.on_twitch(one["id"]) for one in waiting] == [TwitchStatus.CANCELED] * 2
    assert [reward.id for reward in await anew.services.twitch.rewards(person.id)] == [await reward_of(anew)]
    channel = await anew.channel()
    assert channel.spare_rewards == ()
    told = (await anew.actions())[-7:]
    assert (told[-1], told.count("redeemed"), told.count("refunded")) == ("reward_deleted", 2, 2)
    assert (await anew.entries())[0].actor_id == person.id
    assert (await anew.vips()).isdisjoint({"viewer1", "viewer2"})


async def test_it_is_not_deleted_while_points_of_it_are_not_back(anew: House) -> None:
    person, old = await two_rewards(anew)
    waiting = await anew.control("redeem", channel="streamer", viewer="viewer1", reward="VIP for a day")
    await anew.fault("PATCH", REDEMPTIONS, "status", status=503)
    with pytest.raises(TwitchError):
        await anew.services.retire.reward(person, person.id, old)
    assert old in [reward.id for reward in await anew.services.twitch.rewards(person.id)]
    assert await anew.services.retire.reward(person, person.id, old) == 1
    assert await anew.on_twitch(waiting["id"]) is TwitchStatus.CANCELED


async def test_one_that_is_gone_on_twitch_is_gone_here(anew: House) -> None:
    person, old = await two_rewards(anew)
    await anew.services.twitch.delete_reward(person.id, old)
    assert await anew.services.retire.reward(person, person.id, old) == 0
    assert (await anew.channel()).spare_rewards == ()
    with pytest.raises(InvalidInput):
        await anew.services.retire.reward(person, person.id, old)


async def test_the_reward_in_use_and_a_foreign_one_can_not_be_adopted_nor_a_foreign_one_retired(anew: House) -> None:
    person, _ = await two_rewards(anew)
    with pytest.raises(InvalidInput):
        await anew.services.retire.reward(person, person.id, "somebody-elses")
    for reward_id in (await reward_of(anew), "somebody-elses"):
        with pytest.raises(InvalidInput):
            await anew.services.rewards.adopt(person, person.id, reward_id)


async def test_a_reward_closed_on_twitch_is_shown_and_opened_with_one_press(house: House) -> None:
    streamer = await house.open()
    await house.services.twitch.update_reward("1001", await reward_of(house), enabled=False, paused=True)
    await house.services.reconcile.catch_up("1001")
    assert (await house.services.board.staff("1001")).reward.closed_on_twitch
    await house.services.channels.turn(streamer, streamer.id, True)
    assert not (await house.services.board.staff("1001")).reward.closed_on_twitch
    assert (await house.redeem("viewer1")).state is RedemptionState.FULFILLED
    assert [action for action in await house.actions() if action.startswith("reward_")][-2:] == [
        "reward_closed",
        "reward_opened",
    ]


async def test_what_was_changed_on_twitch_is_in_the_log(house: House) -> None:
    await house.open()
    reward_id = await reward_of(house)
    await house.services.twitch.update_reward("1001", reward_id, title="Gold VIP", cost=900, skips_queue=True)
    await house.services.reconcile.catch_up("1001")
    changed = {str(entry.action): entry for entry in await house.entries()}
    assert changed["reward_changed"].detail == {"reward": "Gold VIP", "cost": 900}
    assert changed["reward_queued"].actor_id == "system"
    assert (await house.services.board.staff("1001")).reward.title == "Gold VIP"


async def test_the_reward_just_taken_over_is_no_second_one(house: House, anew: House) -> None:
    person = await connected(anew)
    channel = await anew.services.rewards.create_reward(person, person.id, OTHER)
    used = channel.channel_point_reward_id
    assert used not in [one.id for one in (await anew.services.board.staff(person.id)).spare_rewards]


async def test_a_crash_while_a_spare_reward_is_done_away_with_makes_nobody_vip(house: House, anew: House) -> None:
    person, spare = await two_rewards(anew)
    await anew.control("redeem", channel="streamer", viewer="viewer1", reward="VIP for a day")

    class KilledError(BaseException):
        pass

    async def killed(*_: object) -> None:
        raise KilledError

    anew.services.grant.redemption = killed  # type: ignore[assignment,method-assign]
    with pytest.raises(KilledError):
        await anew.services.retire.reward(person, person.id, spare)
    await anew.restart()
    await anew.services.sweep.run()
    assert "viewer1" not in await anew.vips()


async def test_adopting_grants_what_is_open_and_nothing_else(house: House, anew: House) -> None:
    person, spare = await two_rewards(anew)
    used = await reward_of(anew)
    await anew.services.twitch.delete_reward(person.id, used)
    await anew.services.reconcile.catch_up(person.id)
    one = await anew.control("redeem", channel="streamer", viewer="viewer1", reward="VIP for a day")
    await anew.control("settle", redemption_id=one["id"], status="FULFILLED")
    house.clock.jump(48)
    await house.control("jump", seconds=48 * 3600)
    await anew.services.rewards.adopt(person, person.id, spare)
    await anew.services.sweep.run()
    assert "viewer1" not in await anew.vips()


async def test_a_queue_that_is_not_shown_is_not_an_empty_one(house: House, anew: House) -> None:
    person, spare = await two_rewards(anew)
    one = await anew.control("redeem", channel="streamer", viewer="viewer1", reward="VIP for a day")
    await anew.fault("GET", REDEMPTIONS, "status", status=404)
    with pytest.raises(TwitchError):
        await anew.services.retire.reward(person, person.id, spare)
    assert await anew.on_twitch(one["id"]) is TwitchStatus.UNFULFILLED


async def test_a_reward_that_was_deleted_has_its_line_though_the_answer_was_lost(house: House, anew: House) -> None:
    person, spare = await two_rewards(anew)
    await anew.fault("DELETE", REWARDS, "lose_answer")
    with pytest.raises(TwitchError):
        await anew.services.retire.reward(person, person.id, spare)
    await anew.services.reconcile.catch_up(person.id)
    assert "reward_deleted" in await anew.actions()


async def test_adopted_it_says_on_twitch_for_how_long(house: House, anew: House) -> None:
    person = await connected(anew)
    channel = await anew.services.rewards.adopt(person, person.id, (await anew.channel()).spare_rewards[0].id)
    world = (await anew.http.get("control/world/file")).text
    assert f"VIP in this channel for {channel.vip_duration:g} hours" in world
