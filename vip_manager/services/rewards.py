"""The rewards that give VIP, on Twitch and in our record: made, changed, used again, deleted."""

from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel, SpareReward, Tier
from vip_manager.domain.terms import InvalidInput, RewardTerms
from vip_manager.ports import (
    ChannelPointsUnavailable,
    Clock,
    NotFound,
    Rejected,
    Reward,
    Store,
    Twitch,
    TwitchError,
    TwitchUnavailable,
)
from vip_manager.services import clocks
from vip_manager.services.access import Person
from vip_manager.services.channels import ChannelService, stays
from vip_manager.services.journal import line
from vip_manager.services.prompt import prompt
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

MOST_TIERS = 10
"""In all. Twitch allows a channel 50 rewards of any kind."""


class Rewards:
    """Twitch is changed first and our record after it. Of a reward that is to be made the title is written down before:
    a crash between leaves one that the next attempt or the next comparison finds among the channel's rewards."""

    def __init__(self, store: Store, twitch: Twitch, clock: Clock, turns: Turns, channels: ChannelService) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._turns = turns
        self._channels = channels

    async def create_reward(self, person: Person, channel_id: str, terms: RewardTerms) -> Channel:
        """Makes the reward that gives VIP. Where the channel has one already, that one is changed.

        Raises InvalidInput, RewardTitleTaken, TooManyRewards, ChannelPointsUnavailable, TwitchError.
        """
        async with self._turns.of(channel_id):
            channel = await self._channels.get(channel_id)
            stays(channel)
            first = channel.tier(channel.channel_point_reward_id)
            if first is not None:
                return await self._change(person, channel, first, terms)
            return await self._first(person, channel, terms)

    async def create_tier(self, person: Person, channel_id: str, terms: RewardTerms) -> Channel:
        """Makes one more reward that gives VIP; the first, where there is none. Raises like `create_reward`."""
        async with self._turns.of(channel_id):
            channel = await self._channels.get(channel_id)
            stays(channel)
            if not channel.channel_point_reward_id:
                return await self._first(person, channel, terms)
            _check_number(channel, "title")
            _check_title(channel, terms.title)
            planned = [tier for tier in channel.tiers if not tier.id]
            since = next((tier.since for tier in planned if tier.since), self._by_twitch())
            tier = Tier("", terms.title, terms.cost, terms.hours, since=since)
            await self._channels.put(channel_id, lambda channel: channel.with_new_tier(tier))
            try:
                reward = await self._make(channel, terms, {terms.title, *(one.title for one in planned)})
            except Rejected:

                def as_before(channel: Channel) -> Channel:
                    kept = [one for one in planned if one.title == tier.title]
                    channel = channel.without_planned(tier.title)
                    return channel.with_new_tier(kept[0]) if kept else channel

                await self._channels.put(channel_id, as_before)
                raise
            return await self.made_tier(channel, tier, reward, person, refund_after=terms.refund_after)

    async def change_reward(self, person: Person, channel_id: str, terms: RewardTerms) -> Channel:
        """Other terms of the first reward, for redemptions from now on. Raises like `create_reward`."""
        async with self._turns.of(channel_id):
            channel = await self._channels.get(channel_id)
            first = channel.tier(channel.channel_point_reward_id)
            if first is None:
                raise InvalidInput("title", "There is no reward yet. Create it first.")
            return await self._change(person, channel, first, terms)

    async def change_tier(self, person: Person, channel_id: str, reward_id: str, terms: RewardTerms) -> Channel:
        """Of any reward that gives VIP. Raises like `create_reward`."""
        async with self._turns.of(channel_id):
            channel = await self._channels.get(channel_id)
            tier = channel.tier(reward_id)
            if tier is None:
                raise InvalidInput("reward_id", "That reward is not there any more.")
            return await self._change(person, channel, tier, terms)

    async def adopt(self, person: Person, channel_id: str, reward_id: str) -> Channel:
        """Has a spare reward give VIP, at its own terms on Twitch and for as long as this channel's first reward does,
        or last did. Where the channel has a reward, it is one more.

        What is open of it counts as redeemed here. Raises InvalidInput, TwitchError.
        """
        async with self._turns.of(channel_id):
            channel = await self._channels.get(channel_id)
            stays(channel)
            _spare(channel, reward_id)
            _check_number(channel, "reward_id")
            began = self._by_twitch()
            more = bool(channel.channel_point_reward_id)
            try:
                reward = await self._twitch.update_reward(
                    channel_id,
                    reward_id,
                    prompt=prompt(channel.vip_duration, channel.rules),
                    enabled=True,
                    paused=channel.shut if more else channel.closed_for_full,
                    skips_queue=False,
                )
            except NotFound:
                await self._channels.save(channel_id, spare_rewards=_others(channel, reward_id))
                raise InvalidInput("reward_id", "That reward is gone on Twitch.") from None
            if not more:
                return await self.made_first(channel, reward, person, Action.REWARD_ADOPTED, caught_up_at=began)
            tier = Tier("", reward.title, reward.cost, channel.vip_duration, since=began)
            return await self.made_tier(channel, tier, reward, person, Action.REWARD_ADOPTED)

    async def closing(self, person: Person, channel_id: str, reward_id: str) -> bool:
        """A reward that is to be deleted is paused on Twitch, so that nobody redeems it any more. Says whether it is
        still there. Raises InvalidInput where it is no reward of ours, TwitchError."""
        async with self._turns.of(channel_id):
            channel = await self._channels.get(channel_id)
            tier = channel.tier(reward_id)
            if tier is None:
                _spare(channel, reward_id)
            try:
                await self._twitch.update_reward(channel_id, reward_id, paused=True)
            except NotFound:
                return False
            if tier is not None and not tier.paused:
                entry = line(channel_id, self._clock.now(), Action.REWARD_CLOSED, person, reward=tier.title)
                closed = replace(tier, paused=True)
                await self._channels.put(channel_id, lambda channel: channel.with_tier(closed), entry)
            return True

    async def drop(self, person: Person, channel_id: str, reward_id: str, *, there: bool = True) -> Channel:
        """Deletes a reward on Twitch of which nothing is open any more; or takes it out of the record where it is not
        `there`. Raises InvalidInput, TwitchError."""
        async with self._turns.of(channel_id):
            channel = await self._channels.get(channel_id)
            reward = channel.tier(reward_id) or _spare(channel, reward_id)
            if there:
                if any(one.reward_id == reward_id for one in await self._store.redemptions.open(channel_id)):
                    raise TwitchUnavailable("a redemption of the reward was heard of just now")
                with suppress(NotFound):
                    await self._twitch.delete_reward(channel_id, reward_id)
            entry = line(channel_id, self._clock.now(), Action.REWARD_DELETED, person, reward=reward.title)

            def without(channel: Channel) -> Channel:
                return replace(channel.without_tier(reward_id), spare_rewards=_others(channel, reward_id))

            return await self._channels.put(channel_id, without, entry)

    async def forget(self, person: Person, channel_id: str, reward_id: str) -> Channel:
        """Takes a reward that is gone on Twitch out of the record. Raises InvalidInput."""
        return await self.drop(person, channel_id, reward_id, there=False)

    async def of_channel(self, channel_id: str) -> tuple[list[str], bool]:
        """The ids of all rewards of ours, also of one that is being made at this moment; and whether they are there on
        Twitch, which has none for who is no affiliate any more. Raises TwitchError."""
        async with self._turns.of(channel_id):
            there = True
            try:
                shown = await self._twitch.rewards(channel_id)
                await self._channels.put(
                    channel_id, lambda channel: replace(channel, spare_rewards=spare_ones(channel, shown))
                )
            except ChannelPointsUnavailable:
                there = False
            return list((await self._channels.get(channel_id)).reward_ids), there

    async def reprompt(self, channel_id: str) -> None:
        """The rules were changed: viewers read on Twitch what a reward gives now. Where that fails, the next comparison
        sees to it."""
        async with self._turns.of(channel_id):
            channel = await self._channels.get(channel_id)
            for tier in channel.made_tiers:
                await self.say_what_it_gives(channel, tier)

    async def say_what_it_gives(self, channel: Channel, tier: Tier) -> None:
        """To viewers, on Twitch. Where that fails, it is said later."""
        try:
            await self._twitch.update_reward(channel.id, tier.id, prompt=prompt(tier.hours, channel.rules))
        except TwitchError as error:
            log.warning("prompt not changed", channel_id=channel.id, reward_id=tier.id, error=str(error))

    async def made_first(
        self,
        channel: Channel,
        reward: Reward,
        person: Person | None = None,
        action: Action = Action.REWARD_CREATED,
        **changes: Any,
    ) -> Channel:
        """The reward that is to give VIP is there, and VIP by reward is on. `person`: who is waiting for it, None where
        only a comparison has found it. The caller holds the channel's turn."""
        channel = await self._channels.get(channel.id)
        if channel.closed_for_full or channel.leaving:
            reward = await self._shut(channel, reward)
        now = self._clock.now()

        def made(channel: Channel) -> Channel:
            channel = replace(
                channel,
                channel_point_reward_id=reward.id,
                reward_title=reward.title,
                reward_cost=reward.cost,
                reward_paused=reward.closed,
                enabled=True,
                catch_up_at=now,
                **changes,
            )
            return _ours(channel.without_planned(reward.title), reward)

        entry = _made_line(channel.id, now, action, person, reward, channel.vip_duration)
        return await self._put_made(channel, reward, made, entry)

    async def made_tier(
        self,
        channel: Channel,
        planned: Tier,
        reward: Reward,
        person: Person | None = None,
        action: Action = Action.TIER_CREATED,
        refund_after: float | None = None,
    ) -> Channel:
        """One more is there, for the planned hours; VIP by reward is on or off as before. Else like `made_first`."""
        channel = await self._channels.get(channel.id)
        if channel.shut:
            reward = await self._shut(channel, reward)
        now = self._clock.now()
        tier = replace(planned, id=reward.id, title=reward.title, cost=reward.cost, paused=reward.closed)
        # A person's attempt has looked for all that were to be made.
        looked_for = person is not None and action is Action.TIER_CREATED

        def made(channel: Channel) -> Channel:
            channel = channel.without_planned("" if looked_for else planned.title).with_new_tier(tier)
            after = channel.refund_after if refund_after is None else refund_after
            return _ours(replace(channel, refund_after=after, catch_up_at=now), reward)

        entry = _made_line(channel.id, now, action, person, reward, tier.hours)
        return await self._put_made(channel, reward, made, entry)

    async def _put_made(
        self, channel: Channel, reward: Reward, made: Callable[[Channel], Channel], entry: AuditEntry
    ) -> Channel:
        """While the streamer leaves it is put down like any other, so that it is done away with like them; once they
        have left nobody would serve it. Raises InvalidInput then."""

        def unless_left(channel: Channel) -> Channel:
            if channel.left:
                stays(channel)
            return made(channel)

        try:
            return await self._channels.put(channel.id, unless_left, entry)
        except InvalidInput:
            await self._shut(channel, reward)
            raise

    async def _first(self, person: Person, channel: Channel, terms: RewardTerms) -> Channel:
        _check_title(channel, terms.title)
        began = self._by_twitch()
        begun = channel.reward_title and channel.caught_up_at
        await self._channels.save(
            channel.id,
            reward_title=terms.title,
            vip_duration=terms.hours,
            refund_after=channel.refund_after if terms.refund_after is None else terms.refund_after,
            # What is redeemed from now on is ours to handle; what came before us is not.
            caught_up_at=begun or began,
        )
        try:
            reward = await self._make(channel, terms, {channel.reward_title, terms.title})
        except Rejected:
            await self._channels.save(channel.id, reward_title=channel.reward_title)
            raise
        return await self.made_first(channel, reward, person)

    async def _make(self, channel: Channel, terms: RewardTerms, titles: Set[str]) -> Reward:
        """A new reward; or one of ours of such a title that the channel has already, of an attempt whose answer was
        lost."""
        text = prompt(terms.hours, channel.rules)
        for reward in await self._twitch.rewards(channel.id):
            if reward.title in titles and not channel.redeems(reward.id):
                return await self._twitch.update_reward(
                    channel.id,
                    reward.id,
                    title=terms.title,
                    cost=terms.cost,
                    prompt=text,
                    enabled=True,
                    paused=False,
                    skips_queue=False,
                )
        return await self._twitch.create_reward(channel.id, terms.title, terms.cost, text)

    async def _shut(self, channel: Channel, reward: Reward) -> Reward:
        """A new reward opens by itself, and is not to be open now. Where it stays so, points that are spent on it go
        back."""
        if reward.closed:
            return reward
        try:
            return await self._twitch.update_reward(channel.id, reward.id, paused=True)
        except TwitchError as error:
            log.warning("new reward not paused", channel_id=channel.id, reward_id=reward.id, error=str(error))
            return reward

    async def _change(self, person: Person, channel: Channel, tier: Tier, terms: RewardTerms) -> Channel:
        _check_title(channel, terms.title, tier.id)
        first = tier.id == channel.channel_point_reward_id
        try:
            reward = await self._twitch.update_reward(
                channel.id,
                tier.id,
                title=terms.title,
                cost=terms.cost,
                prompt=prompt(terms.hours, channel.rules),
                skips_queue=False,
            )
        except NotFound:
            await self._channels.lost(channel, tier)
            raise InvalidInput("title", "The reward was deleted on Twitch. Create it again.") from None
        changed = replace(tier, title=reward.title, cost=reward.cost, hours=terms.hours, paused=reward.closed)

        def made(channel: Channel) -> Channel:
            after = channel.refund_after if terms.refund_after is None else terms.refund_after
            return replace(channel.with_tier(changed), refund_after=after)

        action = Action.REWARD_CHANGED if first else Action.TIER_CHANGED
        limit = {} if terms.refund_after is None else {"refund_after": terms.refund_after}
        detail = {"reward": terms.title, "cost": terms.cost, "hours": terms.hours, **limit}
        return await self._channels.put(channel.id, made, line(channel.id, self._clock.now(), action, person, **detail))

    def _by_twitch(self) -> datetime:
        return clocks.by_twitch(self._twitch, self._clock.now())


def _made_line(
    channel_id: str, at: datetime, action: Action, person: Person | None, reward: Reward, hours: float
) -> AuditEntry:
    return line(channel_id, at, action, person, reward=reward.title, cost=reward.cost, hours=hours)


def spare_ones(channel: Channel, ours: Sequence[Reward]) -> tuple[SpareReward, ...]:
    """Of our rewards on Twitch, those that give nothing here."""
    return tuple(SpareReward(one.id, one.title, one.cost) for one in ours if not channel.redeems(one.id))


def _spare(channel: Channel, reward_id: str) -> SpareReward:
    for spare in channel.spare_rewards:
        if spare.id == reward_id and not channel.redeems(reward_id):
            return spare
    raise InvalidInput("reward_id", "That reward is not there any more.")


def _others(channel: Channel, reward_id: str) -> tuple[SpareReward, ...]:
    return tuple(spare for spare in channel.spare_rewards if spare.id != reward_id)


def _ours(channel: Channel, reward: Reward) -> Channel:
    """That one gives VIP from now on. While all seats are taken it is opened when one is free."""
    closed = channel.closed_tiers
    if channel.closed_for_full and reward.closed and reward.id not in closed:
        closed = (*closed, reward.id)
    return replace(channel, spare_rewards=_others(channel, reward.id), closed_tiers=closed)


def _check_number(channel: Channel, field: str) -> None:
    if len(channel.made_tiers) >= MOST_TIERS:
        raise InvalidInput(
            field,
            "A channel can have {most, number} rewards that give VIP, and this one has them all.",
            most=MOST_TIERS,
        )


def _check_title(channel: Channel, title: str, but: str = "") -> None:
    """Twitch tells titles apart regardless of case."""
    if any(tier.title.casefold() == title.casefold() and tier.id != but for tier in channel.made_tiers):
        raise InvalidInput("title", "Another reward of yours has that name already.")
