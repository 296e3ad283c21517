"""The whole client against the sandbox's Twitch, over real HTTP and a real WebSocket."""

import asyncio
from contextlib import aclosing
from datetime import timedelta

import pytest

from tests.twitch.stage import Stage, until
from vip_manager.ports import (
    AlreadyVipOrModerator,
    CannotBeVip,
    ChannelPointsUnavailable,
    Deaf,
    Listening,
    NotFound,
    NotOurs,
    NotVip,
    NoVipFeature,
    NoVipSlot,
    RedemptionEvent,
    Rejected,
    RewardTitleTaken,
    StreamHint,
    TwitchStatus,
    TwitchUnavailable,
    Unauthorized,
    VipHint,
)


@pytest.fixture
def dead_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "WS_PROXY", "ws_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")


async def test_from_sign_in_to_the_end_of_a_vip(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    viewer = await stage.id_of("viewer1")
    assert (await stage.client.validate(channel)).user_id == channel
    skew = stage.client.skew()
    assert skew is not None
    assert abs(skew.total_seconds()) < 5
    await stage.client.ping()

    reward = await stage.client.create_reward(channel, "VIP for a day", 500, "A day of VIP")
    assert not reward.skips_queue
    assert await stage.client.rewards(channel) == [reward]

    async with aclosing(stage.client.events(channel)) as events:
        assert await anext(events) == Listening(channel)
        await stage.control("redeem", channel="streamer", viewer="viewer1", reward=reward.title)
        event = await until(events, lambda event: isinstance(event, RedemptionEvent))
        assert isinstance(event, RedemptionEvent)
        assert event.added
        redemption = event.redemption
        assert (redemption.user_id, redemption.reward_id, redemption.cost) == (viewer, reward.id, 500)
        assert redemption.status is TwitchStatus.UNFULFILLED

        await stage.client.add_vip(channel, viewer)
        assert await anext(events) == VipHint(channel, viewer)
        assert [user.id for user in await stage.client.vips(channel, [viewer])] == [viewer]
        with pytest.raises(AlreadyVipOrModerator):
            await stage.client.add_vip(channel, viewer)

        listed = stage.client.redemptions(channel, reward.id, TwitchStatus.UNFULFILLED)
        assert [open_one.id async for open_one in listed] == [redemption.id]
        settled = await stage.client.settle(channel, reward.id, redemption.id, TwitchStatus.FULFILLED)
        assert settled.status is TwitchStatus.FULFILLED
        with pytest.raises(NotFound):
            await stage.client.settle(channel, reward.id, redemption.id, TwitchStatus.CANCELED)
        assert await stage.client.redemption(channel, reward.id, redemption.id) == settled
        event = await until(events, lambda event: isinstance(event, RedemptionEvent))
        assert event == RedemptionEvent(settled, added=False)

        await stage.control("jump", seconds=86_400)
        await stage.client.remove_vip(channel, viewer)
        removed = await anext(events)
        assert isinstance(removed, VipHint)
        assert (removed.channel_id, removed.user_id) == (channel, viewer)
        assert removed.removed_at is not None
        assert timedelta(hours=23) < removed.removed_at - redemption.redeemed_at < timedelta(hours=25)
        with pytest.raises(NotVip):
            await stage.client.remove_vip(channel, viewer)


async def test_a_stream(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    assert await stage.client.live_since(channel) is None
    async with aclosing(stage.client.events(channel)) as events:
        assert await anext(events) == Listening(channel)
        await stage.control("channel", channel="streamer", live=True)
        began = await anext(events)
        assert isinstance(began, StreamHint)
        assert began.live_since
        since = await stage.client.live_since(channel)
        assert since == began.live_since.replace(microsecond=0)
        await stage.control("jump", seconds=3600)
        await stage.control("channel", channel="streamer", live=False)
        ended = await anext(events)
        assert isinstance(ended, StreamHint)
        assert (ended.channel_id, ended.live_since) == (channel, None)
        assert ended.at
        assert timedelta(minutes=59) < ended.at - began.live_since < timedelta(minutes=61)
    assert await stage.client.live_since(channel) is None


async def test_refusals(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    viewers = await stage.client.resolve_logins([f"viewer{number}" for number in range(1, 10)])
    assert len(viewers) == 9
    moderator = await stage.id_of("mod")
    assert [user.id for user in await stage.client.moderators(channel, [moderator])] == [moderator]
    with pytest.raises(AlreadyVipOrModerator):
        await stage.client.add_vip(channel, moderator)
    with pytest.raises(NotFound):
        await stage.client.add_vip(channel, "99999999")
    await stage.control("ban", channel="streamer", viewer="viewer2", banned=True)
    with pytest.raises(CannotBeVip):
        await stage.client.add_vip(channel, viewers["viewer2"])
    await stage.control("channel", channel="streamer", capacity=1)
    with pytest.raises(NoVipSlot):
        await stage.client.add_vip(channel, viewers["viewer1"])
    await stage.control("channel", channel="streamer", community_unlocked=False)
    with pytest.raises(NoVipFeature):
        await stage.client.add_vip(channel, viewers["viewer1"])

    await stage.client.create_reward(channel, "VIP", 500, "")
    with pytest.raises(RewardTitleTaken):
        await stage.client.create_reward(channel, "VIP", 500, "")
    with pytest.raises(Rejected):
        await stage.client.create_reward(channel, "x" * 46, 500, "")
    by_hand = await stage.control("reward", channel="streamer", title="Hydrate")
    with pytest.raises(NotOurs):
        await stage.client.update_reward(channel, by_hand["id"], paused=True)
    await stage.control("channel", channel="streamer", broadcaster_type="")
    with pytest.raises(ChannelPointsUnavailable):
        await stage.client.create_reward(channel, "Another", 500, "")


async def test_a_lost_answer_may_have_done_its_work(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    viewer = await stage.id_of("viewer1")
    for then in ("cut", "hold"):
        await stage.control("faults", method="POST", path="/channels/vips", do="lose_answer", then=then)
        with pytest.raises(TwitchUnavailable):
            await stage.client.add_vip(channel, viewer)
        assert [user.id for user in await stage.client.vips(channel, [viewer])] == [viewer]
        await stage.client.remove_vip(channel, viewer)


async def test_expired_tokens_are_refreshed_on_the_way(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    viewer = await stage.id_of("viewer1")
    await stage.control("expire-tokens", user="streamer")
    found = await asyncio.gather(*(stage.client.users(channel, ids=[viewer]) for _ in range(20)))
    assert all([user.id for user in users] == [viewer] for users in found)
    assert len(stage.store.commits) == 2  # the sign-in and one refresh


async def test_a_disconnected_streamer_must_sign_in_again(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    async with aclosing(stage.client.events(channel)) as events:
        assert await anext(events) == Listening(channel)
        await stage.control("disconnect", user="streamer")
        with pytest.raises(Unauthorized):
            await until(events, lambda _: False)
    assert stage.store.account(channel).reconnect
    assert stage.store.account(channel).tokens is None
    assert stage.reconnects == [channel]
    with pytest.raises(Unauthorized):
        await stage.client.vips(channel)
    await stage.sign_in("streamer")


async def test_a_dropped_socket_comes_back_with_its_subscriptions(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    viewer = await stage.id_of("viewer1")
    async with aclosing(stage.client.events(channel)) as events:
        assert await anext(events) == Listening(channel)
        await stage.control("drop-sockets", user="streamer", code=4000)
        assert isinstance(await anext(events), Deaf)
        assert await anext(events) == Listening(channel)
        await stage.control("vip", channel="streamer", viewer="viewer1", vip=True)
        assert await anext(events) == VipHint(channel, viewer)


async def test_a_token_without_the_scopes_cannot_act(stage: Stage) -> None:
    channel = await stage.sign_in("secondstreamer", frozenset())
    with pytest.raises(Unauthorized):
        await stage.client.vips(channel)
    assert stage.store.account(channel).reconnect


async def test_a_revoked_token_is_dead_and_revoking_it_again_is_fine(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    tokens = stage.store.account(channel).tokens
    assert tokens is not None
    await stage.client.revoke(tokens.access_token)
    await stage.client.revoke(tokens.access_token)
    with pytest.raises(Unauthorized):
        await stage.client.identify(tokens.access_token)


async def test_a_proxy_of_the_environment_does_not_stand_between_us_and_the_sandbox(
    dead_proxy: None, stage: Stage
) -> None:
    channel = await stage.sign_in("streamer")
    async with aclosing(stage.client.events(channel)) as events:
        assert await anext(events) == Listening(channel)
