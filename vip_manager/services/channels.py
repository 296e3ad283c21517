"""A streamer's channel: the VIP reward on Twitch, and on and off."""

from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel, SpareReward
from vip_manager.domain.stream import Stream
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

Telling = Callable[[Channel, Channel], Sequence[AuditEntry]]


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
            begun = channel.reward_title and channel.caught_up_at
            titles = {channel.reward_title, terms.title}
            await self._save(
                channel_id,
                reward_title=terms.title,
                vip_duration=terms.hours,
                refund_after=channel.refund_after if terms.refund_after is None else terms.refund_after,
                # What is redeemed from now on is ours to handle; what came before us is not.
                caught_up_at=begun or began,
            )
            try:
                reward = await self._make(channel_id, terms, titles)
            except Rejected:
                await self._save(channel_id, reward_title=channel.reward_title)
                raise
            return await self._made(channel_id, reward, person)

    async def adopt(self, person: Person, channel_id: str, reward_id: str) -> Channel:
        """Has a spare reward give VIP, at its own terms on Twitch and for as long as this channel's reward last did.

        What is open of it counts as redeemed here. Raises InvalidInput, TwitchError.
        """
        async with self._turns.of(channel_id):
            channel = await self._get(channel_id)
            self._spare(channel, reward_id)
            if channel.channel_point_reward_id:
                raise InvalidInput("reward_id", "The channel has its VIP reward already.")
            began = clocks.by_twitch(self._twitch, self._clock.now())
            try:
                reward = await self._twitch.update_reward(
                    channel_id,
                    reward_id,
                    prompt=_prompt(channel.vip_duration),
                    enabled=True,
                    paused=False,
                    skips_queue=False,
                )
            except NotFound:
                await self._without_spare(channel, reward_id)
                raise InvalidInput("reward_id", "That reward is gone on Twitch.") from None
            return await self._made(channel_id, reward, person, Action.REWARD_ADOPTED, caught_up_at=began)

    async def drop(self, person: Person, channel_id: str, reward_id: str) -> Channel:
        """Deletes a spare reward on Twitch, of which nothing is open any more. Raises InvalidInput, TwitchError."""
        async with self._turns.of(channel_id):
            channel = await self._get(channel_id)
            spare = self._spare(channel, reward_id)
            with suppress(NotFound):
                await self._twitch.delete_reward(channel_id, reward_id)
            entry = line(channel_id, self._clock.now(), Action.REWARD_DELETED, person, reward=spare.title)
            return await self._without_spare(channel, reward_id, entry)

    async def check_spare(self, channel_id: str, reward_id: str) -> None:
        """Raises InvalidInput where that is no spare reward."""
        self._spare(await self._get(channel_id), reward_id)

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
                channel = await self._save(channel_id, enabled=True)
            paused = channel.reward_paused
            if channel.channel_point_reward_id:
                try:
                    # Somebody may have switched it off there altogether, which is more than a pause.
                    reward = await self._twitch.update_reward(
                        channel_id, channel.channel_point_reward_id, enabled=True if on else None, paused=not on
                    )
                    paused = _closed(reward)
                except NotFound:
                    return await self._lost(channel)
                except TwitchError:
                    await self._save(channel_id, enabled=before)
                    raise
            entries = []
            if on != before:
                action = Action.TURNED_ON if on else Action.TURNED_OFF
                entries.append(line(channel_id, self._clock.now(), action, person, reward=channel.reward_title))
            elif paused != channel.reward_paused:
                action = Action.REWARD_CLOSED if paused else Action.REWARD_OPENED
                entries.append(line(channel_id, self._clock.now(), action, person, reward=channel.reward_title))
            return await self._save(channel_id, *entries, enabled=on, reward_paused=paused)

    async def compare(self, channel: Channel) -> Reward | None:
        """The channel's reward as Twitch shows it, and our record made equal; None where there is none, or Twitch shows
        none to who is no affiliate (any more). One that was to be made, and turns out to be there, is the channel's
        from then on. Raises TwitchError."""
        try:
            ours = await self._twitch.rewards(channel.id)
            reward = await self._shown(channel, ours)
        except ChannelPointsUnavailable as error:
            log.warning("rewards not shown", channel_id=channel.id, error=str(error))
            return None
        async with self._turns.of(channel.id):
            current = await self._get(channel.id)
            if current.version != channel.version:
                # What we saw may be older than what was changed meanwhile; the next comparison tells.
                return reward if reward and current.redeems(reward.id) else None
            if reward is None:
                current = await self._lost(current) if current.channel_point_reward_id else current
            elif current.channel_point_reward_id:
                current = await self._seen(current, reward)
            else:
                current = await self._made(channel.id, reward)
            await self._spares(current, ours)
            return reward

    async def queue_on(self, channel: Channel, reward: Reward) -> None:
        """What Twitch fulfils by itself can't be given back: a queue that somebody switched off is switched on again.
        Raises TwitchError."""
        await self._twitch.update_reward(channel.id, reward.id, skips_queue=False)
        await self._save(channel.id, line(channel.id, self._clock.now(), Action.REWARD_QUEUED, reward=reward.title))

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

    async def streaming(self, channel_id: str, known: Callable[[Stream], Stream]) -> None:
        """What is `known` of the stream now, made of what was; that it began or ended leaves a line."""
        async with self._turns.of(channel_id):
            await self._revise(channel_id, lambda one: replace(one, stream=known(one.stream)), tell=self._of_stream)
        self._changes.announce(channel_id)

    async def learned_seats(self, channel_id: str, seats: int) -> None:
        """So many VIP seats Twitch has for the channel; 0: nobody knows."""
        await self._save(channel_id, seats_learned=seats)

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

    async def _seen(self, channel: Channel, reward: Reward) -> Channel:
        """What was changed on Twitch is so here too, and leaves a line."""
        now, closed, entries = self._clock.now(), _closed(reward), []
        if (channel.reward_title, channel.reward_cost) != (reward.title, reward.cost):
            entries.append(line(channel.id, now, Action.REWARD_CHANGED, reward=reward.title, cost=reward.cost))
        if closed != channel.reward_paused:
            action = Action.REWARD_CLOSED if closed else Action.REWARD_OPENED
            entries.append(line(channel.id, now, action, reward=reward.title))
        if not entries:
            return channel
        seen = {"reward_title": reward.title, "reward_cost": reward.cost, "reward_paused": closed}
        return await self._save(channel.id, *entries, **seen)

    async def _spares(self, channel: Channel, ours: Sequence[Reward]) -> None:
        """Our rewards on Twitch that give nothing here. One that is gone, somebody has deleted."""
        spare = tuple(SpareReward(one.id, one.title, one.cost) for one in ours if not channel.redeems(one.id))
        there = {one.id for one in ours}
        gone = [one for one in channel.spare_rewards if one.id not in there]
        now = self._clock.now()
        if spare != channel.spare_rewards:
            entries = [line(channel.id, now, Action.REWARD_DELETED, reward=one.title) for one in gone]
            await self._save(channel.id, *entries, spare_rewards=spare)

    def _spare(self, channel: Channel, reward_id: str) -> SpareReward:
        for spare in channel.spare_rewards:
            if spare.id == reward_id and not channel.redeems(reward_id):
                return spare
        raise InvalidInput("reward_id", "That reward is not there any more.")

    async def _without_spare(self, channel: Channel, reward_id: str, *entries: AuditEntry) -> Channel:
        return await self._save(channel.id, *entries, spare_rewards=_others(channel, reward_id))

    async def _shown(self, channel: Channel, ours: Sequence[Reward]) -> Reward | None:
        reward_id = channel.channel_point_reward_id
        for reward in ours:
            if reward.id == reward_id or (not reward_id and reward.title == channel.reward_title):
                return reward
        if not reward_id:
            return None
        # Twitch's lists may lag behind a reward that was just made: that it is gone has to be said of that very id.
        try:
            return await self._twitch.reward(channel.id, reward_id)
        except NotFound:
            return None

    async def _make(self, channel_id: str, terms: RewardTerms, titles: Set[str]) -> Reward:
        """A new reward; or one of ours of such a title that the channel has already, of an attempt whose answer was
        lost."""
        for reward in await self._twitch.rewards(channel_id):
            if reward.title in titles:
                return await self._twitch.update_reward(
                    channel_id,
                    reward.id,
                    title=terms.title,
                    cost=terms.cost,
                    prompt=_prompt(terms.hours),
                    enabled=True,
                    paused=False,
                    skips_queue=False,
                )
        return await self._twitch.create_reward(channel_id, terms.title, terms.cost, _prompt(terms.hours))

    async def _made(
        self,
        channel_id: str,
        reward: Reward,
        person: Person | None = None,
        action: Action = Action.REWARD_CREATED,
        **changes: Any,
    ) -> Channel:
        """The reward that is to give VIP is there. `person`: who is waiting for it, None where only a comparison has
        found it."""
        channel, now = await self._get(channel_id), self._clock.now()
        terms = {"reward": reward.title, "cost": reward.cost, "hours": channel.vip_duration}
        return await self._save(
            channel_id,
            line(channel_id, now, action, person, **terms),
            channel_point_reward_id=reward.id,
            reward_title=reward.title,
            reward_cost=reward.cost,
            reward_paused=_closed(reward),
            enabled=True,
            spare_rewards=_others(channel, reward.id),
            catch_up_at=now,
            **changes,
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
                prompt=_prompt(terms.hours),
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
            refund_after=channel.refund_after if terms.refund_after is None else terms.refund_after,
        )

    async def _lost(self, channel: Channel) -> Channel:
        """The reward is gone on Twitch, and with it what was pending there."""
        log.warning("reward deleted on Twitch", channel_id=channel.id, reward_id=channel.channel_point_reward_id)
        entry = line(channel.id, self._clock.now(), Action.REWARD_LOST, reward=channel.reward_title)
        return await self._save(channel.id, entry, channel_point_reward_id="", reward_title="")

    async def _save(self, channel_id: str, *entries: AuditEntry, **changes: Any) -> Channel:
        """Those fields of the channel, whatever else changes in it at this moment."""
        channel = await self._revise(channel_id, lambda channel: replace(channel, **changes), *entries)
        self._changes.announce(channel_id)
        return channel

    def _of_stream(self, before: Channel, after: Channel) -> list[AuditEntry]:
        if before.stream.live_since == after.stream.live_since:
            return []
        action = Action.STREAM_BEGAN if after.stream.live else Action.STREAM_ENDED
        return [line(after.id, self._clock.now(), action)]

    async def _revise(
        self, channel_id: str, revised: Callable[[Channel], Channel], *entries: AuditEntry, tell: Telling | None = None
    ) -> Channel:
        """What the channel is made into, from as it stands when that is written; `tell` makes lines of both."""
        for _ in range(_RACES):
            channel = await self._get(channel_id)
            if (wanted := revised(channel)) == channel and not entries:
                return channel
            try:
                return await self._store.commit(wanted, *entries, *(tell(channel, wanted) if tell else ()))
            except Conflict:
                continue
        raise StoreUnavailable("the channel's record is changing too fast")

    async def _get(self, channel_id: str) -> Channel:
        channel = await self._store.channels.get(channel_id)
        if channel is None:
            raise InvalidInput("channel", "Connect your channel first.")
        return channel


def _others(channel: Channel, reward_id: str) -> tuple[SpareReward, ...]:
    return tuple(spare for spare in channel.spare_rewards if spare.id != reward_id)


def _closed(reward: Reward) -> bool:
    return reward.paused or not reward.enabled


def _line(channel_id: str, at: datetime, action: Action, person: Person, terms: RewardTerms) -> AuditEntry:
    limit = {} if terms.refund_after is None else {"refund_after": terms.refund_after}
    return line(channel_id, at, action, person, reward=terms.title, cost=terms.cost, hours=terms.hours, **limit)


def _prompt(vip_duration: float) -> str:
    """What a viewer reads on Twitch under the reward's title."""
    hours = hours_text(vip_duration)
    return f"VIP in this channel for {hours} {'hour' if hours == '1' else 'hours'}. Redeem again to add time."
