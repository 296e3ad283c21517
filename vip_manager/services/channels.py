"""A streamer's channel: its record, and whether its rewards are open."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel, Tier
from vip_manager.domain.rules import Rules
from vip_manager.domain.stream import Stream
from vip_manager.domain.team import Member
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import (
    Clock,
    Conflict,
    NotFound,
    Store,
    StoreUnavailable,
    Twitch,
    TwitchError,
)
from vip_manager.services.access import Person
from vip_manager.services.changes import Changes
from vip_manager.services.journal import line
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

_RACES = 5

Telling = Callable[[Channel, Channel], Sequence[AuditEntry]]
Team = tuple[Member, ...]


@dataclass
class _Turned:
    """What Twitch made of opening or pausing rewards: `paused` by their ids, those that are `gone` there, and the first
    `trouble` of another kind."""

    paused: dict[str, bool] = field(default_factory=dict)
    gone: list[Tier] = field(default_factory=list)
    trouble: TwitchError | None = None

    def in_record(self, channel: Channel) -> Channel:
        for tier in channel.made_tiers:
            channel = channel.with_tier(replace(tier, paused=self.paused.get(tier.id, tier.paused)))
        for tier in self.gone:
            channel = channel.without_tier(tier.id)
        return channel


class ChannelService:
    """Whoever changes a channel's rewards holds its turn, `turns.of(channel_id)`, and has Twitch changed first and the
    record after it. For what changes the record alone, `turns.here("record", channel_id)` saves lost races."""

    def __init__(self, store: Store, twitch: Twitch, clock: Clock, changes: Changes, turns: Turns) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._turns = turns

    async def turn(self, person: Person, channel_id: str, on: bool) -> Channel:
        """Turns VIP by reward on or off. Off: the rewards are paused on Twitch, and VIPs run on to their ends.

        While they are closed because all seats are taken, turning on opens none: they open when a seat is free. Where
        Twitch did it for some of the rewards only, it stays as it was, what was done there is written down, and it can
        be done again. Raises InvalidInput, TwitchError.
        """
        async with self._turns.of(channel_id):
            channel = await self.get(channel_id)
            if on:
                stays(channel)
            before, tiers = channel.enabled, channel.made_tiers
            if on and not before:
                # Open ours first: a redemption made the moment Twitch opens must not be refused.
                channel = await self.save(channel_id, enabled=True)
            waits = on and channel.closed_for_full
            turned = await self._open(channel_id, () if waits else tiers, on)
            all_gone = bool(tiers) and len(turned.gone) == len(tiers)
            enabled = before if turned.trouble or (all_gone and not on) else on

            def done(channel: Channel) -> Channel:
                closed = channel.closed_tiers
                if on and not turned.trouble:
                    closed = tuple(tier.id for tier in tiers if tier.paused) if waits else ()
                return replace(turned.in_record(channel), enabled=enabled, closed_tiers=closed)

            entries = self._lost_lines(channel, turned.gone)
            if turned.trouble or on == before:
                entries += self._turned_lines(channel, turned, person)
            elif not all_gone:
                action = Action.TURNED_ON if on else Action.TURNED_OFF
                entries.append(line(channel_id, self._clock.now(), action, person, reward=channel.reward_title))
            channel = await self.put(channel_id, done, *entries)
            if turned.trouble:
                raise turned.trouble
            return channel

    async def close_for_full(self, channel_id: str, full: bool) -> None:
        """All seats are taken, so that the rewards that are open are paused on Twitch; or one is free, and these are
        opened again, if the streamer has VIP by reward on.

        Only where that is news; whether the streamer wants it so is the caller's to know. A reward that somebody opens
        there meanwhile stays open until seats were free once. Where Twitch did it for some only, the record stays as it
        was and the next call does the rest. Raises InvalidInput, TwitchError.
        """
        async with self._turns.of(channel_id):
            channel = await self.get(channel_id)
            if channel.closed_for_full == full and (full or not channel.closed_tiers):
                return
            if full:
                tiers = [tier for tier in channel.made_tiers if not tier.paused]
                # Before Twitch is asked: what a crash leaves paused there is known as ours to open.
                closed = _united(channel.closed_tiers, tiers)
                channel = await self.save(channel_id, closed_tiers=closed)
            else:
                tiers = [
                    tier for tier in channel.made_tiers if tier.id in channel.closed_tiers and channel.takes_redemptions
                ]
            turned = await self._open(channel_id, tiers, not full)

            def done(channel: Channel) -> Channel:
                channel = turned.in_record(channel)
                if turned.trouble:
                    left = tuple(one for one in channel.closed_tiers if full or turned.paused.get(one, True))
                    return replace(channel, closed_tiers=left)
                return replace(channel, closed_for_full=full, closed_tiers=channel.closed_tiers if full else ())

            entries = self._lost_lines(channel, turned.gone)
            if not turned.trouble and channel.made_tiers and (full or channel.enabled):
                entries.append(line(channel_id, self._clock.now(), Action.FULL if full else Action.SEATS_FREE))
            await self.put(channel_id, done, *entries)
            if turned.trouble:
                raise turned.trouble

    async def catching_up(self, known: Channel, until: datetime) -> Channel:
        """A catch-up begins, but in a channel that is being left by now. If it is never heard of again, the next one is
        at that time. `known`, here and below: as the channel was read a while ago."""

        def begun(channel: Channel) -> Channel:
            return replace(channel, catch_up_at=until) if channel.leaving is None else channel

        async with self._turns.here("record", known.id):
            return await self._revise(known.id, begun, known=known)

    async def caught_up(self, known: Channel, until: datetime, next_at: datetime, listed_at: datetime | None) -> None:
        """The catch-up that began with that `until` is done, and the next one is at `next_at`, unless somebody wanted
        one earlier meanwhile. `listed_at`: Twitch's lists of redemptions were read from that moment on, if they were.
        """

        def done(channel: Channel) -> Channel:
            wanted = next_at if channel.catch_up_at == until else channel.catch_up_at
            # Where it was put back meanwhile, what was read on these lists is gone again.
            listed = None if channel.behind else listed_at
            return replace(channel, catch_up_at=wanted, caught_up_at=listed or channel.caught_up_at)

        async with self._turns.here("record", known.id):
            await self._revise(known.id, done, known=known)

    async def change(self, channel_id: str, revised: Callable[[Channel], Channel], tell: Telling) -> Channel:
        """What the channel is made into, with the lines that `tell` makes of what was and what is. Where that is the
        same nothing is written. Raises InvalidInput, and what `revised` raises."""
        async with self._turns.here("record", channel_id):
            channel = await self._revise(channel_id, revised, tell=tell)
        self._changes.announce(channel_id)
        return channel

    async def change_rules(self, channel_id: str, changed: Callable[[Rules], tuple[Rules, AuditEntry | None]]) -> Rules:
        """What the rules are made into, and the line that tells of it, if that is a change. A number of seats that was
        typed anew is believed, whatever Twitch has taught. Raises InvalidInput."""
        async with self._turns.here("record", channel_id):
            channel = await self.get(channel_id)
            rules, entry = changed(channel.rules)
            if entry is None:
                return rules
            learned = channel.seats_learned if rules.seats == channel.rules.seats else 0
            await self.save(channel_id, entry, rules=rules, seats_learned=learned)
            return rules

    async def change_team(self, channel_id: str, changed: Callable[[Team], Team], tell: Telling) -> Channel:
        """What the team is made into, from as it stands when that is written; `tell` makes lines of both. Raises
        InvalidInput."""
        async with self._turns.here("record", channel_id):
            channel = await self._revise(channel_id, lambda one: replace(one, team=changed(one.team)), tell=tell)
        self._changes.announce(channel_id)
        return channel

    async def streaming(
        self, channel_id: str, seen: Callable[[Stream], Stream], known: Channel | None = None
    ) -> Channel:
        """What is `seen` of the stream now, made of what was; that it began or ended leaves a line. The channel as it
        is then."""

        def after(channel: Channel) -> Channel:
            return replace(channel, stream=seen(channel.stream))

        async with self._turns.here("record", channel_id):
            channel = await self._revise(channel_id, after, tell=self._of_stream, known=known)
        if known is None or channel.version != known.version:
            self._changes.announce(channel_id)
        return channel

    async def learned_seats(self, channel_id: str, seats: int) -> None:
        """So many VIP seats Twitch has for the channel; 0: nobody knows."""
        await self.save(channel_id, seats_learned=seats)

    async def due(self, channel_id: str, at: datetime) -> None:
        """The next catch-up is at that time, or earlier if it was to be earlier."""

        def sooner(channel: Channel) -> Channel:
            return replace(channel, catch_up_at=channel.catch_up_at and min(channel.catch_up_at, at))

        async with self._turns.here("record", channel_id):
            if await self._store.channels.get(channel_id):
                await self._revise(channel_id, sooner)

    async def not_now(self, channel_id: str, at: datetime) -> None:
        """A catch-up that is due can't be done: the next one is at that time, or sooner if one is still to come."""
        now = self._clock.now()

        def put_off(channel: Channel) -> Channel:
            planned = channel.catch_up_at
            return replace(channel, catch_up_at=min(planned, at) if planned and planned > now else at)

        async with self._turns.here("record", channel_id):
            await self._revise(channel_id, put_off)

    async def get(self, channel_id: str) -> Channel:
        """Raises InvalidInput where there is none."""
        channel = await self._store.channels.get(channel_id)
        if channel is None:
            raise InvalidInput("channel", "Connect your channel first.")
        return channel

    async def save(self, channel_id: str, *entries: AuditEntry, **changes: Any) -> Channel:
        """Those fields of the channel, whatever else changes in it at this moment."""
        return await self.put(channel_id, lambda channel: replace(channel, **changes), *entries)

    async def put(self, channel_id: str, revised: Callable[[Channel], Channel], *entries: AuditEntry) -> Channel:
        """What the channel is made into, from as it stands when that is written; and whoever looks is told."""
        channel = await self._revise(channel_id, revised, *entries)
        self._changes.announce(channel_id)
        return channel

    async def lost(self, channel: Channel, *tiers: Tier) -> Channel:
        """These rewards are gone on Twitch, and with them what was pending there."""

        def without(channel: Channel) -> Channel:
            for tier in tiers:
                channel = channel.without_tier(tier.id)
            return channel

        return await self.put(channel.id, without, *self._lost_lines(channel, tiers))

    async def _open(self, channel_id: str, tiers: Iterable[Tier], opened: bool) -> _Turned:
        """Each one of them, though another fails."""
        turned = _Turned()
        for tier in tiers:
            try:
                # Somebody may have switched it off there altogether, which is more than a pause.
                reward = await self._twitch.update_reward(
                    channel_id, tier.id, enabled=True if opened else None, paused=not opened
                )
                turned.paused[tier.id] = reward.closed
            except NotFound:
                turned.gone.append(tier)
            except TwitchError as error:
                log.warning("reward not turned", channel_id=channel_id, reward_id=tier.id, error=str(error))
                turned.trouble = turned.trouble or error
        return turned

    def _lost_lines(self, channel: Channel, tiers: Iterable[Tier]) -> list[AuditEntry]:
        entries, now = [], self._clock.now()
        for tier in tiers:
            log.warning("reward deleted on Twitch", channel_id=channel.id, reward_id=tier.id)
            entries.append(line(channel.id, now, Action.REWARD_LOST, reward=tier.title))
        return entries

    def _turned_lines(self, channel: Channel, turned: _Turned, person: Person) -> list[AuditEntry]:
        changed = [tier for tier in channel.made_tiers if turned.paused.get(tier.id, tier.paused) != tier.paused]
        actions = {True: Action.REWARD_CLOSED, False: Action.REWARD_OPENED}
        now = self._clock.now()
        return [line(channel.id, now, actions[not tier.paused], person, reward=tier.title) for tier in changed]

    def _of_stream(self, before: Channel, after: Channel) -> list[AuditEntry]:
        if before.stream.live_since == after.stream.live_since:
            return []
        action = Action.STREAM_BEGAN if after.stream.live else Action.STREAM_ENDED
        return [line(after.id, self._clock.now(), action)]

    async def _revise(
        self,
        channel_id: str,
        revised: Callable[[Channel], Channel],
        *entries: AuditEntry,
        tell: Telling | None = None,
        known: Channel | None = None,
    ) -> Channel:
        """What the channel is made into, from as it stands when that is written; `tell` makes lines of both."""
        for _ in range(_RACES):
            channel, known = known or await self.get(channel_id), None
            if (wanted := revised(channel)) == channel and not entries:
                return channel
            try:
                return await self._store.commit(wanted, *entries, *(tell(channel, wanted) if tell else ()))
            except Conflict:
                continue
        raise StoreUnavailable("the channel's record is changing too fast")


def stays(channel: Channel) -> None:
    """Nothing new is begun in a channel that is being left, or was, or that is behind. Raises InvalidInput."""
    if channel.leaving is not None:
        raise InvalidInput("channel", "This channel is leaving VIP Manager, so nothing new begins here.")
    up_to_date(channel)


def up_to_date(channel: Channel) -> None:
    """What the records say of a channel that is behind may be done already. Raises InvalidInput."""
    if channel.behind:
        raise InvalidInput(
            "channel", "The records were restored, and are compared with Twitch at the moment. Try again in a minute."
        )


def _united(ids: tuple[str, ...], tiers: Iterable[Tier]) -> tuple[str, ...]:
    return (*ids, *(tier.id for tier in tiers if tier.id not in ids))
