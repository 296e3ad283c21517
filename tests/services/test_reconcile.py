"""What happened while nobody listened is found again."""

from dataclasses import replace

import pytest

from tests.house import House
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.terms import InvalidInput, RewardTerms
from vip_manager.ports import RewardTitleTaken, TwitchStatus

VIPS = "/helix/channels/vips"


async def test_redemptions_made_while_the_program_was_down_are_granted_at_start(house: House) -> None:
    await house.open(hours=24)
    told = [await house.redeemed(f"viewer{number}") for number in range(1, 5)]
    await house.restart()
    house.clock.jump(0.5)
    report = await house.services.sweep.run()
    assert report.recovered == 4
    assert {await house.on_twitch(one.id) for one in told} == {TwitchStatus.FULFILLED}
    assert {"viewer1", "viewer2", "viewer3", "viewer4"} <= await house.vips()


async def test_redemptions_of_other_rewards_are_left_alone(house: House) -> None:
    streamer = await house.open()
    other = await house.services.twitch.create_reward(streamer.id, "Hydrate", 10, "")
    made = await house.control("redeem", channel="streamer", viewer="viewer1", reward="Hydrate")
    house.clock.jump(1)
    await house.services.sweep.run()
    assert await house.services.store.redemptions.get(made["id"]) is None
    assert await house.on_twitch(made["id"]) is TwitchStatus.UNFULFILLED
    assert other.id


async def test_a_redemption_given_back_on_twitch_before_we_came_is_left(house: House) -> None:
    await house.open()
    told = await house.redeemed("viewer1")
    await house.control("settle", redemption_id=told.id, status="CANCELED")
    house.clock.jump(1)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()


async def test_a_redemption_given_back_while_it_waited_is_not_granted(house: House) -> None:
    await house.open()
    await house.fault("GET", "/helix/channels/vips", "status", times=-1, status=503)
    told = await house.redeemed("viewer1")
    assert await house.services.intake.receive(told)
    waiting = await house.services.grant.redemption(told.id)
    assert waiting
    assert waiting.state is RedemptionState.RECEIVED
    await house.control("settle", redemption_id=told.id, status="CANCELED")
    await house.heal_twitch()
    await house.services.reconcile.settled_elsewhere(replace(told, status=TwitchStatus.CANCELED))
    done = await house.services.store.redemptions.get(told.id)
    assert done
    assert done.state is RedemptionState.CANCELED
    assert "viewer1" not in await house.vips()


async def test_the_streamer_can_try_again_at_once(house: House) -> None:
    streamer = await house.open()
    await house.fault("POST", "/helix/channels/vips", "status", status=500)
    waiting = await house.redeem("viewer1")
    await house.services.dead_letters.try_again(streamer, streamer.id, waiting.id)
    assert "viewer1" in await house.vips()
    with pytest.raises(InvalidInput):
        await house.services.dead_letters.try_again(streamer, "1002", waiting.id)


async def test_a_reward_whose_creation_was_lost_is_found_by_its_title(house: House) -> None:
    streamer = await house.connect()
    await house.fault("POST", "/helix/channel_points/custom_rewards", "lose_answer")
    terms = RewardTerms("VIP", 500, 24)
    with pytest.raises(Exception, match="POST"):
        await house.services.rewards.create_reward(streamer, streamer.id, terms)
    channel = await house.services.rewards.create_reward(streamer, streamer.id, terms)
    assert channel.channel_point_reward_id
    assert len(await house.services.twitch.rewards(streamer.id)) == 1


async def test_a_title_that_the_streamer_uses_elsewhere_is_refused(house: House) -> None:
    streamer = await house.connect()
    await house.control("reward", channel="streamer", title="VIP", cost=1)
    with pytest.raises(RewardTitleTaken):
        await house.services.rewards.create_reward(streamer, streamer.id, RewardTerms("VIP", 500, 24))


async def test_a_reward_deleted_on_twitch_can_be_made_again(house: House) -> None:
    streamer = await house.open()
    reward_id = (await house.channel()).channel_point_reward_id
    world = await house.world()
    assert any(reward_id in str(channel) for channel in world["channels"])
    await house.fault("PATCH", "/helix/channel_points/custom_rewards", "status", status=404)
    with pytest.raises(InvalidInput, match="deleted"):
        await house.services.rewards.change_reward(streamer, streamer.id, RewardTerms("VIP 2", 1, 1))
    assert not (await house.channel()).channel_point_reward_id


async def test_turning_off_pauses_the_reward_and_on_opens_it(house: House) -> None:
    streamer = await house.open()
    assert not (await house.services.channels.turn(streamer, streamer.id, False)).enabled
    [reward] = await house.services.twitch.rewards(streamer.id)
    assert reward.paused
    assert (await house.services.channels.turn(streamer, streamer.id, True)).enabled
    [reward] = await house.services.twitch.rewards(streamer.id)
    assert not reward.paused


async def test_signing_in_again_without_scopes_keeps_the_channels_token(house: House) -> None:
    await house.open()
    from urllib.parse import parse_qs, urlsplit

    url = await house.services.accounts.authorize_url("s", connect=False)
    asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}
    answer = await house.http.post("oauth2/authorize", data={**asked, "user": "streamer"})
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    account = await house.services.accounts.complete(code, connect=False)
    assert account.may_manage
    assert (await house.redeem("viewer1")).state is RedemptionState.FULFILLED


async def test_refused_on_twitch_while_it_waits_nobody_becomes_vip(house: House) -> None:
    await house.open()
    await house.fault("POST", VIPS, "status", status=429)
    waiting = await house.redeem("viewer1")
    await house.control("settle", redemption_id=waiting.id, status="CANCELED")
    there = await house.services.twitch.redemption("1001", waiting.reward_id, waiting.id)
    await house.services.reconcile.settled_elsewhere(there)  # the event
    assert "viewer1" not in await house.vips()
    assert "granted" not in await house.actions()
