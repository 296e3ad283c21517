"""A streamer's channel: the VIP reward on Twitch, and on and off."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.terms import InvalidInput, RewardTerms
from vip_manager.ports import (
    ChannelPointsUnavailable,
    Clock,
    Conflict,
    NotFound,
    Rejected,
    Reward,
    Store,
    StoreUnavailable,
    Twitch,
    TwitchError,
)
from vip_manager.services import clocks
from vip_manager.services.access import Person
from vip_manager.services.changes import Changes
from vip_manager.services.journal import line
from vip_manager.services.turns import Turns
from vip_manager.services.written import hours_text

log = structlog.get_logger(__name__)

_RACES = 5


class ChannelService:
    """Twitch is changed first and our record after it. Of a reward that is to be made the title is written down before:
    a crash between leaves one that the next attempt or the next comparison finds among the channel's rewards."""

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
            began = clocks.by_twitch(self._twitch, self._clock.now())
            await self._save(
                channel_id,
                None,
                reward_title=terms.title,
                vip_duration=terms.hours,
                # What is redeemed from now on is ours to handle; what came before us is not.
                caught_up_at=channel.caught_up_at or began,
            )
            try:
                reward = await self._make(channel_id, terms)
            except Rejected:
                await self._save(channel_id, None, reward_title=channel.reward_title)
                raise
            return await self._made(channel_id, reward, person)

    async def change_reward(self, person: Person, channel_id: str, terms: RewardTerms) -> Channel:
        """Other terms, for redemptions from now on. Raises like `create_reward`."""
        async with self._turns.of(channel_id):
            return await self._change(person, await self._get(channel_id), terms)

    async def turn(self, person: Person, channel_id: str, on: bool) -> Channel:
        """Turns VIP by reward on or off. Off: the reward is paused on Twitch, and VIPs run on to their ends."""
        async with self._turns.of(channel_id):
            channel = await self._get(channel_id)
            before = channel.enabled
            if on and not before:
                # Open ours first: a redemption made the moment Twitch opens must not be refused.
                channel = await self._save(channel_id, None, enabled=True)
            paused = channel.reward_paused
            if channel.channel_point_reward_id:
                try:
                    paused = _closed(
                        await self._twitch.update_reward(channel_id, channel.channel_point_reward_id, paused=not on)
                    )
                except NotFound:
                    return await self._lost(channel)
                except TwitchError:
                    await self._save(channel_id, None, enabled=before)
                    raise
            entry = None
            if on != before:
                action = Action.TURNED_ON if on else Action.TURNED_OFF
                entry = line(channel_id, self._clock.now(), action, person, reward=channel.reward_title)
            return await self._save(channel_id, entry, enabled=on, reward_paused=paused)

    async def compare(self, channel: Channel) -> Reward | None:
        """The channel's reward as Twitch shows it, and our record made equal; None where there is none, or Twitch shows
        none to who is no affiliate (any more). One that was to be made, and turns out to be there, is the channel's
        from then on. Raises TwitchError."""
        if not channel.channel_point_reward_id and not channel.reward_title:
            return None
        try:
            reward = await self._shown(channel)
        except ChannelPointsUnavailable as error:
            log.warning("reward not shown", channel_id=channel.id, error=str(error))
            return None
        async with self._turns.of(channel.id):
            current = await self._get(channel.id)
            if current.version != channel.version:
                # What we saw may be older than what was changed meanwhile; the next comparison tells.
                return reward if reward and current.redeems(reward.id) else None
            if not current.channel_point_reward_id:
                if reward is not None:
                    await self._made(channel.id, reward)
                return reward
            if reward is None:
                await self._lost(current)
                return None
            seen: dict[str, Any] = {
                "reward_title": reward.title,
                "reward_cost": reward.cost,
                "reward_paused": _closed(reward),
            }
            if any(getattr(current, name) != value for name, value in seen.items()):
                await self._save(channel.id, None, **seen)
            return reward

    async def catching_up(self, channel_id: str, until: datetime) -> Channel:
        """A catch-up begins. If it is never heard of again, the next one is at that time."""
        async with self._turns.of(channel_id):
            return await self._revise(channel_id, lambda channel: replace(channel, catch_up_at=until))

    async def caught_up(self, channel_id: str, until: datetime, next_at: datetime, listed_at: datetime | None) -> None:
        """The catch-up that began with that `until` is done, and the next one is at `next_at`, unless somebody wanted
        one earlier meanwhile. `listed_at`: Twitch's lists of redemptions were read from that moment on, if they were.
        """

        def done(channel: Channel) -> Channel:
            wanted = next_at if channel.catch_up_at == until else channel.catch_up_at
            return replace(channel, catch_up_at=wanted, caught_up_at=listed_at or channel.caught_up_at)

        async with self._turns.of(channel_id):
            await self._revise(channel_id, done)

    async def due(self, channel_id: str, at: datetime) -> None:
        """The next catch-up is at that time, or earlier if it was to be earlier."""

        def sooner(channel: Channel) -> Channel:
            return replace(channel, catch_up_at=channel.catch_up_at and min(channel.catch_up_at, at))

        async with self._turns.of(channel_id):
            if await self._store.channels.get(channel_id):
                await self._revise(channel_id, sooner)

    async def not_now(self, channel_id: str, at: datetime) -> None:
        """A catch-up that is due can't be done: the next one is at that time, or sooner if one is still to come."""
        now = self._clock.now()

        def put_off(channel: Channel) -> Channel:
            planned = channel.catch_up_at
            return replace(channel, catch_up_at=min(planned, at) if planned and planned > now else at)

        async with self._turns.of(channel_id):
            await self._revise(channel_id, put_off)

    async def _shown(self, channel: Channel) -> Reward | None:
        reward_id = channel.channel_point_reward_id
        for reward in await self._twitch.rewards(channel.id):
            if reward.id == reward_id or (not reward_id and reward.title == channel.reward_title):
                return reward
        if not reward_id:
            return None
        # Twitch's lists may lag behind a reward that was just made: that it is gone has to be said of that very id.
        try:
            return await self._twitch.reward(channel.id, reward_id)
        except NotFound:
            return None

    async def _make(self, channel_id: str, terms: RewardTerms) -> Reward:
        """A new reward; or one of ours that the channel has already, of an attempt whose answer was lost."""
        ours = await self._twitch.rewards(channel_id)
        ours.sort(key=lambda reward: reward.title != terms.title)
        for reward in ours:
            return await self._twitch.update_reward(
                channel_id,
                reward.id,
                title=terms.title,
                cost=terms.cost,
                prompt=_prompt(terms),
                paused=False,
                skips_queue=False,
            )
        return await self._twitch.create_reward(channel_id, terms.title, terms.cost, _prompt(terms))

    async def _made(self, channel_id: str, reward: Reward, person: Person | None = None) -> Channel:
        """The reward that was to be made is there. `person`: who is waiting for it, None where only a comparison has
        found it."""
        now = self._clock.now()
        hours = (await self._get(channel_id)).vip_duration
        entry = line(channel_id, now, Action.REWARD_CREATED, person, reward=reward.title, cost=reward.cost, hours=hours)
        return await self._save(
            channel_id,
            entry,
            channel_point_reward_id=reward.id,
            reward_title=reward.title,
            reward_cost=reward.cost,
            reward_paused=_closed(reward),
            enabled=True,
            catch_up_at=now,
        )

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
        return await self._save(
            channel.id,
            _line(channel.id, self._clock.now(), Action.REWARD_CHANGED, person, terms),
            reward_title=reward.title,
            reward_cost=reward.cost,
            reward_paused=_closed(reward),
            vip_duration=terms.hours,
        )

    async def _lost(self, channel: Channel) -> Channel:
        """The reward is gone on Twitch, and with it what was pending there."""
        log.warning("reward deleted on Twitch", channel_id=channel.id, reward_id=channel.channel_point_reward_id)
        entry = line(channel.id, self._clock.now(), Action.REWARD_LOST, reward=channel.reward_title)
        return await self._save(channel.id, entry, channel_point_reward_id="", reward_title="")

    async def _save(self, channel_id: str, entry: AuditEntry | None, **changes: Any) -> Channel:
        """Those fields of the channel, whatever else changes in it at this moment."""
        channel = await self._revise(channel_id, lambda channel: replace(channel, **changes), entry)
        self._changes.announce(channel_id)
        return channel

    async def _revise(
        self, channel_id: str, revised: Callable[[Channel], Channel], entry: AuditEntry | None = None
    ) -> Channel:
        """What the channel is made into, from as it stands when that is written."""
        for _ in range(_RACES):
            channel = await self._get(channel_id)
            if (wanted := revised(channel)) == channel and entry is None:
                return channel
            try:
                return await self._store.commit(wanted, *([entry] if entry else []))
            except Conflict:
                continue
        raise StoreUnavailable("the channel's record is changing too fast")

    async def _get(self, channel_id: str) -> Channel:
        channel = await self._store.channels.get(channel_id)
        if channel is None:
            raise InvalidInput("channel", "Connect your channel first.")
        return channel


def _closed(reward: Reward) -> bool:
    return reward.paused or not reward.enabled


def _line(channel_id: str, at: datetime, action: Action, person: Person, terms: RewardTerms) -> AuditEntry:
    return line(channel_id, at, action, person, reward=terms.title, cost=terms.cost, hours=terms.hours)


def _prompt(terms: RewardTerms) -> str:
    """What a viewer reads on Twitch under the reward's title."""
    hours = hours_text(terms.hours)
    return f"VIP in this channel for {hours} {'hour' if hours == '1' else 'hours'}. Redeem again to add time."
