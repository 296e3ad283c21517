"""Subscriptions are made, verified and looked after, and what Twitch posts becomes VIP."""

from tests.house import until
from tests.webhook.hook_house import HookHouse, becomes
from vip_manager.twitch.eventsub.messages import TYPES


async def test_connecting_subscribes_at_once_and_twitch_verifies_each(house: HookHouse) -> None:
    await house.connect()
    await house.hears()
    listed = await house.listed()
    assert sorted(one["type"] for one in listed) == sorted(TYPES)
    assert {one["transport"]["callback"] for one in listed} == {house.callback}
    assert {one["condition"]["broadcaster_user_id"] for one in listed} == {"1001"}
    challenges = await house.attempts("webhook_callback_verification")
    assert [one["answer"] for one in challenges] == [200] * len(TYPES)


async def test_a_redemption_becomes_vip(open_house: HookHouse) -> None:
    await open_house.control("redeem", channel="streamer", viewer="viewer1")
    await until(becomes(open_house, "viewer1"), "viewer1 to become VIP")
