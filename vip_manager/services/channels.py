"""A streamer's channel: the VIP reward on Twitch, and on and off."""

from dataclasses import replace

import structlog

from vip_manager.domain.audit import Action
from vip_manager.domain.channel import Channel
from vip_manager.domain.terms import InvalidInput, RewardTerms
from vip_manager.ports import Clock, NotFound, Reward, RewardTitleTaken, Store, Twitch
from vip_manager.services.access import Person
from vip_manager.services.changes import Changes
from vip_manager.services.journal import line
from vip_manager.services.turns import Turns
from vip_manager.services.written import hours_text

log = structlog.get_logger(__name__)


class ChannelService:
    """Twitch is changed first and our record after it: a crash between leaves a reward that is found again by its
    title."""

    def __init__(self, store: Store, twitch: Twitch, clock: Clock, changes: Changes, turns: Turns) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._turns = turns

    async def create_reward(self, person: Person, channel_id: str, terms: RewardTerms) -> Channel:
        """Makes the reward that gives VIP. Where the channel has one already, that one is changed.

        Raises InvalidInput, RewardTitleTaken, TooManyRewards, ChannelPointsUnavailable, TwitchError.
        """
        async with self._turns.of(channel_id):
            channel = await self._get(channel_id)
            if channel.channel_point_reward_id:
                return await self._change(person, channel, terms)
            reward = await self._make(channel_id, terms)
            changed = replace(
                channel,
                channel_point_reward_id=reward.id,
                reward_title=reward.title,
                reward_cost=reward.cost,
                vip_duration=terms.hours,
                enabled=not reward.paused,
                catch_up_at=self._clock.now(),
            )
            return await self._save(person, changed, Action.REWARD_CREATED, terms)

    async def change_reward(self, person: Person, channel_id: str, terms: RewardTerms) -> Channel:
        """Other terms, for redemptions from now on. Raises like `create_reward`."""
        async with self._turns.of(channel_id):
            return await self._change(person, await self._get(channel_id), terms)

    async def turn(self, person: Person, channel_id: str, on: bool) -> Channel:
        """Turns VIP by reward on or off. Off: the reward is paused on Twitch, and VIPs run on to their ends."""
        async with self._turns.of(channel_id):
            channel = await self._get(channel_id)
            if on:
                # Open ours first: a redemption made the moment Twitch opens must not be refused.
                channel = await self._switch(person, channel, on)
            if channel.channel_point_reward_id:
                try:
                    await self._twitch.update_reward(channel_id, channel.channel_point_reward_id, paused=not on)
                except NotFound:
                    return await self._lost(channel)
            return await self._switch(person, channel, on)

    async def _switch(self, person: Person, channel: Channel, on: bool) -> Channel:
        if channel.enabled == on:
            return channel
        action = Action.TURNED_ON if on else Action.TURNED_OFF
        entry = line(channel.id, self._clock.now(), action, person, reward=channel.reward_title)
        changed = await self._store.commit(replace(channel, enabled=on), entry)
        self._changes.announce(channel.id)
        return changed

    async def _make(self, channel_id: str, terms: RewardTerms) -> Reward:
        try:
            return await self._twitch.create_reward(channel_id, terms.title, terms.cost, _prompt(terms))
        except RewardTitleTaken:
            # It may be ours: made by an attempt whose answer was lost, or by an earlier installation.
            for reward in await self._twitch.rewards(channel_id):
                if reward.title == terms.title:
                    return await self._twitch.update_reward(
                        channel_id, reward.id, cost=terms.cost, prompt=_prompt(terms), paused=False, skips_queue=False
                    )
            raise

    async def _change(self, person: Person, channel: Channel, terms: RewardTerms) -> Channel:
        if not channel.channel_point_reward_id:
            raise InvalidInput("title", "There is no reward yet. Create it first.")
        try:
            reward = await self._twitch.update_reward(
                channel.id,
                channel.channel_point_reward_id,
                title=terms.title,
                cost=terms.cost,
                prompt=_prompt(terms),
                skips_queue=False,
            )
        except NotFound:
            await self._lost(channel)
            raise InvalidInput("title", "The reward was deleted on Twitch. Create it again.") from None
        changed = replace(channel, reward_title=reward.title, reward_cost=reward.cost, vip_duration=terms.hours)
        return await self._save(person, changed, Action.REWARD_CHANGED, terms)

    async def _lost(self, channel: Channel) -> Channel:
        """The reward is gone on Twitch, and with it what was pending there."""
        log.warning("reward deleted on Twitch", channel_id=channel.id, reward_id=channel.channel_point_reward_id)
        changed = await self._store.commit(replace(channel, channel_point_reward_id="", reward_title=""))
        self._changes.announce(channel.id)
        return changed

    async def _save(self, person: Person, channel: Channel, action: Action, terms: RewardTerms) -> Channel:
        entry = line(
            channel.id, self._clock.now(), action, person, reward=terms.title, cost=terms.cost, hours=terms.hours
        )
        changed = await self._store.commit(channel, entry)
        self._changes.announce(channel.id)
        return changed

    async def _get(self, channel_id: str) -> Channel:
        channel = await self._store.channels.get(channel_id)
        if channel is None:
            raise InvalidInput("channel", "Connect your channel first.")
        return channel


def _prompt(terms: RewardTerms) -> str:
    """What a viewer reads on Twitch under the reward's title."""
    hours = hours_text(terms.hours)
    return f"VIP in this channel for {hours} {'hour' if hours == '1' else 'hours'}. Redeem again to add time."
