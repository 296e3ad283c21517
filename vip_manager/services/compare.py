"""What Twitch shows of a channel's rewards, against what we hold."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel, Tier
from vip_manager.ports import ChannelPointsUnavailable, Clock, NotFound, Rejected, Reward, Twitch, TwitchError
from vip_manager.services.channels import ChannelService
from vip_manager.services.journal import line
from vip_manager.services.prompt import is_ours, prompt
from vip_manager.services.rewards import Rewards, spare_ones
from vip_manager.services.turns import Turns
from vip_manager.services.vitals import Vitals

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """The `channel` as it stands then, the rewards that give VIP in it, as Twitch shows them; and the `trouble` where
    one of them could not be asked for."""

    channel: Channel
    rewards: tuple[Reward, ...] = ()
    trouble: TwitchError | None = None


class Compare:
    def __init__(
        self,
        twitch: Twitch,
        clock: Clock,
        turns: Turns,
        channels: ChannelService,
        rewards: Rewards,
        vitals: Vitals,
    ) -> None:
        self._twitch = twitch
        self._clock = clock
        self._turns = turns
        self._channels = channels
        self._rewards = rewards
        self._vitals = vitals

    async def channel(self, channel: Channel, *, wait: bool = True) -> Shown:
        """Makes our record equal to what Twitch shows; it shows none to who is no affiliate (any more).

        A reward that was to be made, and turns out to be there, is the channel's from then on. Raises TwitchError,
        Taken.
        """
        try:
            ours = await self._twitch.rewards(channel.id)
            there, gone, trouble = await self._asked_for(channel, ours)
        except ChannelPointsUnavailable as error:
            log.warning("rewards not shown", channel_id=channel.id, error=str(error))
            return Shown(channel)
        if not gone and self._is_so(channel, ours, there):
            return self._shown(channel, ours, there, trouble)
        async with self._turns.of(channel.id, wait=wait):
            current = await self._channels.get(channel.id)
            # What we saw may be older than what was changed meanwhile; the next comparison tells.
            if current.version != channel.version:
                return Shown(current, _of(current, there), trouble)
            if gone:
                current = await self._channels.lost(current, *gone)
            current = await self._seen(current, there)
            current = await self._found(current, ours)
            await self._spares(current, ours)
            await self._say_what_is_so(current, there)
            return self._shown(await self._channels.get(channel.id), ours, there, trouble)

    def _is_so(self, channel: Channel, ours: Sequence[Reward], there: Mapping[str, Reward]) -> bool:
        """Whether the record, and the texts of ours, say what Twitch shows: as nearly always, and then nobody needs to
        be kept from changing a reward meanwhile."""
        unlike = any(
            self._differences(channel, tier, reward) or _says_otherwise(channel, tier, reward)
            for tier in channel.made_tiers
            if (reward := there.get(tier.id))
        )
        wanted = bool(channel.reward_title and not channel.channel_point_reward_id)
        wanted = wanted or any(not tier.id for tier in channel.tiers)
        return not unlike and not wanted and spare_ones(channel, ours) == channel.spare_rewards

    def _shown(
        self, channel: Channel, ours: Sequence[Reward], there: Mapping[str, Reward], trouble: TwitchError | None
    ) -> Shown:
        there = {reward.id: reward for reward in ours} | dict(there)
        self._vitals.saw_queues(channel.id, {one.id: not one.skips_queue for one in there.values()})
        return Shown(channel, _of(channel, there), trouble)

    async def queue_on(self, channel_id: str, reward: Reward) -> None:
        """What Twitch fulfils by itself can't be given back: a queue that somebody switched off is switched on again.
        Where Twitch says no, the next comparison tries again. Raises TwitchError."""
        with suppress(Rejected):
            await self._twitch.update_reward(channel_id, reward.id, skips_queue=False)
            self._vitals.saw_queues(channel_id, {reward.id: True})
            entry = line(channel_id, self._clock.now(), Action.REWARD_QUEUED, reward=reward.title)
            await self._channels.put(channel_id, lambda channel: channel, entry)

    async def _asked_for(
        self, channel: Channel, ours: Sequence[Reward]
    ) -> tuple[dict[str, Reward], list[Tier], TwitchError | None]:
        """The channel's rewards that are there, by id; those that are gone; and what kept us from knowing of one.

        Twitch's lists may lag behind a reward that was just made: that it is gone has to be said of that very id.
        """
        listed = {reward.id: reward for reward in ours}
        there: dict[str, Reward] = {}
        gone: list[Tier] = []
        trouble: TwitchError | None = None
        for tier in channel.made_tiers:
            try:
                there[tier.id] = listed.get(tier.id) or await self._twitch.reward(channel.id, tier.id)
            except NotFound:
                gone.append(tier)
            except ChannelPointsUnavailable:
                raise
            except TwitchError as error:
                log.warning("reward not shown", channel_id=channel.id, reward_id=tier.id, error=str(error))
                trouble = trouble or error
        return there, gone, trouble

    async def _seen(self, channel: Channel, there: dict[str, Reward]) -> Channel:
        """What was changed on Twitch is so here too, and leaves a line."""
        entries: list[AuditEntry] = []
        for tier in channel.made_tiers:
            if reward := there.get(tier.id):
                entries += self._differences(channel, tier, reward)
        if not entries:
            return channel

        def equal(channel: Channel) -> Channel:
            for tier in channel.made_tiers:
                if reward := there.get(tier.id):
                    seen = replace(tier, title=reward.title, cost=reward.cost, paused=reward.closed)
                    channel = channel.with_tier(seen)
            return channel

        return await self._channels.put(channel.id, equal, *entries)

    def _differences(self, channel: Channel, tier: Tier, reward: Reward) -> list[AuditEntry]:
        now, entries = self._clock.now(), []
        if (tier.title, tier.cost) != (reward.title, reward.cost):
            first = tier.id == channel.channel_point_reward_id
            action = Action.REWARD_CHANGED if first else Action.TIER_CHANGED
            entries.append(line(channel.id, now, action, reward=reward.title, cost=reward.cost))
        if tier.paused != reward.closed:
            action = Action.REWARD_CLOSED if reward.closed else Action.REWARD_OPENED
            entries.append(line(channel.id, now, action, reward=reward.title))
        return entries

    async def _found(self, channel: Channel, ours: Sequence[Reward]) -> Channel:
        """Rewards that were to be made, and are there."""
        for reward in ours:
            if channel.redeems(reward.id):
                continue
            planned = next((tier for tier in channel.tiers if not tier.id and tier.title == reward.title), None)
            if not channel.channel_point_reward_id and channel.reward_title == reward.title:
                channel = await self._rewards.made_first(channel, reward)
            elif planned is not None:
                channel = await self._rewards.made_tier(channel, planned, reward)
        return channel

    async def _say_what_is_so(self, channel: Channel, there: dict[str, Reward]) -> None:
        """A text of ours that says what is not so any more. What the streamer has written there themselves stays."""
        for tier in channel.made_tiers:
            reward = there.get(tier.id)
            if reward is not None and _says_otherwise(channel, tier, reward):
                await self._rewards.say_what_it_gives(channel, tier)

    async def _spares(self, channel: Channel, ours: Sequence[Reward]) -> None:
        """One of them that is gone, somebody has deleted."""
        spare = spare_ones(channel, ours)
        there = {one.id for one in ours}
        gone = [one for one in channel.spare_rewards if one.id not in there]
        now = self._clock.now()
        if spare != channel.spare_rewards:
            entries = [line(channel.id, now, Action.REWARD_DELETED, reward=one.title) for one in gone]
            await self._channels.save(channel.id, *entries, spare_rewards=spare)


def _of(channel: Channel, there: Mapping[str, Reward]) -> tuple[Reward, ...]:
    return tuple(there[tier.id] for tier in channel.made_tiers if tier.id in there)


def _says_otherwise(channel: Channel, tier: Tier, reward: Reward) -> bool:
    """A text of ours than what is so now."""
    return reward.prompt != prompt(tier.hours, channel.rules) and is_ours(reward.prompt)
