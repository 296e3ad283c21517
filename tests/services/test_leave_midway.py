"""A streamer leaves in the middle of something: what was under way when they wished to ends as if it had come first."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from tests.house import House, until
from tests.services.test_leave import REDEMPTIONS, REWARDS, VIPS, evening, has_left, leave, rewards_on_twitch
from vip_manager.domain.audit import Action
from vip_manager.domain.leaving import DRAGS_AFTER
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.domain.terms import InvalidInput, RewardTerms
from vip_manager.ports import Reward, TwitchError, TwitchStatus
from vip_manager.services.access import Person

ANOTHER = RewardTerms("Another", 3000, 168)
AN_HOUR = timedelta(hours=1)

Listing = Callable[[str], Awaitable[Sequence[Reward]]]


async def sweeps(house: House, times: int, hours: float = 0.25) -> None:
    for _ in range(times):
        house.clock.jump(hours)
        await house.services.sweep.run()


async def begins(house: House, streamer: Person, **wish: bool) -> asyncio.Task[bool]:
    """Leaving gets as far as it can while Twitch holds something back."""
    await house.services.departure.begin(streamer, streamer.id, "streamer", **wish)
    going = asyncio.create_task(house.services.departure.go_on(streamer.id))
    await asyncio.sleep(0.2)
    assert not going.done()
    return going


@pytest.mark.parametrize("first", [True, False])
async def test_a_reward_that_is_being_made_goes_like_the_others(house: House, first: bool) -> None:
    streamer = await (house.connect() if first else house.open())
    rewards = house.services.rewards
    make = rewards.create_reward if first else rewards.create_tier
    await house.fault("POST", REWARDS, "pass", hold=True)
    making = asyncio.create_task(make(streamer, streamer.id, ANOTHER))
    await house.held()
    going = await begins(house, streamer)
    await house.heal_twitch()
    await making
    assert await going
    await has_left(house, vips=set())


async def test_a_reward_that_two_have_under_way_is_found_when_all_were_closed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twitch's list did not show it yet, of an attempt whose answer was lost."""
    streamer = await house.open()
    rewards, twitch = house.services.rewards, house.services.twitch
    of_channel = rewards.of_channel
    asked = 0

    async def late(channel_id: str) -> tuple[list[str], bool]:
        nonlocal asked
        asked += 1
        found = await of_channel(channel_id)
        if asked == 1:
            await twitch.create_reward(channel_id, "Another", 3000, "")
        return found

    monkeypatch.setattr(rewards, "of_channel", late)
    assert await leave(house, streamer)
    await has_left(house, vips=set())


@pytest.mark.parametrize("first", [True, False])
async def test_a_reward_that_is_there_only_after_the_streamer_has_left_is_closed(
    house: House, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    streamer = await (house.connect() if first else house.open())
    services = house.services
    await house.fault("POST", "/oauth2/revoke", "pass", hold=True, times=2)
    create = services.twitch.create_reward
    gone_on = False

    async def frozen(*args: object) -> object:
        nonlocal gone_on
        reward = await create(*args)  # type: ignore[arg-type]
        # What another instance does in a turn that has run out here.
        services.turns._locks.pop((streamer.id,))
        await services.departure.begin(streamer, streamer.id, "streamer")

        async def left() -> bool:
            return (await house.channel()).left

        await until(left, "the channel to be left")
        gone_on = True
        return reward

    monkeypatch.setattr(services.twitch, "create_reward", frozen)
    monkeypatch.setattr(services.twitch, "rewards", _nothing_new(services.twitch.rewards))
    make = services.rewards.create_reward if first else services.rewards.create_tier
    with suppress(InvalidInput, KeyError):
        await make(streamer, streamer.id, ANOTHER)
    assert gone_on
    await house.heal_twitch()
    channel = await house.channel()
    assert channel.left
    assert channel.every_tier == ()
    [stays] = await rewards_on_twitch(house)
    assert (stays["title"], stays["is_paused"]) == ("Another", True)


def _nothing_new(rewards: Listing) -> Listing:
    """Twitch's list lags behind."""

    async def listed(channel_id: str) -> Sequence[Reward]:
        return [one for one in await rewards(channel_id) if one.title != "Another"]

    return listed


async def test_a_gift_that_is_under_way_keeps_the_badge_where_vips_stay(house: House) -> None:
    streamer = await house.open()
    await house.fault("POST", VIPS, "pass", hold=True)
    giving = asyncio.create_task(house.services.gift.by_hand(streamer, streamer.id, "viewer2", 5, "gift-1"))
    await house.held()
    going = await begins(house, streamer)
    await house.heal_twitch()
    assert (await giving).state is SessionState.ACTIVE
    assert await going
    await has_left(house, vips={"viewer2"})
    session = await house.services.store.sessions.last_ended("1001", "3002")
    assert session
    assert session.end_reason is EndReason.LEFT


@pytest.mark.parametrize("clocked", [False, True])
async def test_a_gift_that_was_about_to_begin_does_not(
    house: House, monkeypatch: pytest.MonkeyPatch, clocked: bool
) -> None:
    streamer = await house.open()
    gift, store = house.services.gift, house.services.store
    get, left = store.channels.get, False

    async def leaves_right_after(channel_id: str) -> object:
        nonlocal left
        channel = await get(channel_id)
        if not left:
            left = True
            monkeypatch.setattr(store.channels, "get", get)
            assert await leave(house, streamer)
        return channel

    give, viewer = (gift.put_on_clock, "permanentvip") if clocked else (gift.by_hand, "viewer2")
    staying = gift._staying

    async def gap(channel_id: str) -> object:
        monkeypatch.setattr(store.channels, "get", leaves_right_after)
        return await staying(channel_id)

    monkeypatch.setattr(gift, "_staying", gap)
    with pytest.raises((InvalidInput, TwitchError)):
        await give(streamer, streamer.id, viewer, 5, "gift-1")
    assert left
    await has_left(house, vips=set())


@pytest.mark.parametrize("status", [400, 403])
async def test_what_twitch_never_lets_go_back_stays_closed_and_keeps_nobody(house: House, status: int) -> None:
    streamer, ids = await evening(house)
    await house.fault("PATCH", REDEMPTIONS, "status", status=status, times=-1)
    assert not await leave(house, streamer), "it is tried for some minutes"
    await sweeps(house, 6)
    channel, account = await house.channel(), await house.services.store.accounts.get("1001")
    assert channel.left
    assert account
    assert account.tokens is None
    opened = await house.services.store.redemptions.open("1001")
    assert {one.id for one in opened} == set(ids.values())
    assert {one.state for one in opened} == {RedemptionState.REFUNDING}
    there = await rewards_on_twitch(house)
    assert {one["title"] for one in there} == {"VIP for a day", "VIP for a week"}
    assert all(one["is_paused"] for one in there), "what is open of a reward that is deleted is fulfilled"
    lines = await house.entries()
    assert {one.detail["reward"] for one in lines if one.action is Action.REWARD_STAYS} == {
        one["title"] for one in there
    }
    assert (await house.services.board.staff("1001")).leaving.open == 2
    await house.heal_twitch()
    await house.connect()
    await house.services.sweep.run()
    for redemption_id in ids.values():
        assert await house.on_twitch(redemption_id) is TwitchStatus.CANCELED


async def test_whoever_has_had_enough_of_waiting_leaves_anyway(house: House) -> None:
    streamer, ids = await evening(house)
    await house.fault("PATCH", REDEMPTIONS, "status", status=503, times=-1)
    assert not await leave(house, streamer, end_vips=True)
    farewell, picture = house.services.departure.farewell, house.services.board.staff
    assert not (await farewell(streamer.id)).drags
    await sweeps(house, 2, DRAGS_AFTER / AN_HOUR / 2)
    assert (await farewell(streamer.id)).drags
    assert (await picture(streamer.id)).leaving.drags
    assert not (await house.channel()).left, "nobody has said so"
    assert await leave(house, streamer, end_vips=True, without_twitch=True)
    channel, account = await house.channel(), await house.services.store.accounts.get("1001")
    assert channel.left
    assert account
    assert account.tokens is None
    assert {one.id for one in await house.services.store.redemptions.open("1001")} == set(ids.values())
    assert all(one["is_paused"] for one in await rewards_on_twitch(house))


async def test_who_comes_back_while_the_old_tokens_are_given_up_keeps_the_new_ones(house: House) -> None:
    streamer = await house.open()
    await house.fault("POST", "/oauth2/revoke", "pass", hold=True, times=1)
    await house.services.departure.begin(streamer, streamer.id, "streamer")
    await house.held()
    remembered, go_on = asyncio.Event(), asyncio.Event()
    with_profile = house.services.accounts._with_profile

    async def slow(account: object) -> object:
        remembered.set()
        await go_on.wait()
        return await with_profile(account)  # type: ignore[arg-type]

    house.services.accounts._with_profile = slow  # type: ignore[assignment,method-assign]
    coming = asyncio.create_task(house.connect())
    await remembered.wait()
    await house.heal_twitch()
    assert await house.services.departure.go_on("1001")
    go_on.set()
    await coming
    account = await house.services.store.accounts.get("1001")
    assert account
    assert account.may_manage
    assert not (await house.channel()).leaving
    assert await house.services.twitch.rewards("1001") == []
