"""Compares what we hold with what Twitch shows, and mends what is safe."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from vip_manager.domain.channel import Channel
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import (
    Clock,
    Conflict,
    Rejected,
    Reward,
    Store,
    Taken,
    Twitch,
    TwitchError,
    TwitchRedemption,
    TwitchStatus,
    TwitchUser,
)
from vip_manager.services import clocks
from vip_manager.services.changes import Changes
from vip_manager.services.channels import ChannelService
from vip_manager.services.compare import Compare, Shown
from vip_manager.services.connections import SETTLES_AFTER, Connections
from vip_manager.services.grant import Grant
from vip_manager.services.intake import Intake
from vip_manager.services.look import Look
from vip_manager.services.rebuild import Rebuild
from vip_manager.services.streams import Streams
from vip_manager.services.subscriptions import Subscriptions
from vip_manager.services.turns import Turns
from vip_manager.services.waiting import Waiting

log = structlog.get_logger(__name__)

CATCH_UP_EVERY = timedelta(minutes=10)
CATCH_UP_AGAIN = timedelta(minutes=1)
"""After one that failed, in whole or in part."""
UNHEARD_OF_AFTER = timedelta(minutes=2)
"""A catch-up that has not ended by then has died. Longer than any wait for a look that ends before it, so that a wish
for one can be told from the catch-up's own."""


@dataclass
class _Found:
    """What Twitch's lists of redemptions have shown: how many were `new` to us, of which rewards they were `read`, and
    which redemptions are `open` there. `trouble`: the first that kept some from being read, and will pass."""

    new: int = 0
    read: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    trouble: TwitchError | None = None


class Reconcile:
    """`subscriptions` where events come by webhook: each catch-up then sees to it that they come."""

    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        changes: Changes,
        connections: Connections,
        turns: Turns,
        intake: Intake,
        grant: Grant,
        channels: ChannelService,
        compare: Compare,
        look: Look,
        waiting: Waiting,
        streams: Streams,
        rebuild: Rebuild,
        subscriptions: Subscriptions | None = None,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._connections = connections
        self._turns = turns
        self._intake = intake
        self._grant = grant
        self._channels = channels
        self._compare = compare
        self._look = look
        self._waiting = waiting
        self._streams = streams
        self._rebuild = rebuild
        self._subscriptions = subscriptions

    async def catch_up(self, channel_id: str, *, wait: bool = True, known: Channel | None = None) -> int:
        """Writes down what Twitch lists and we never heard of, and looks at the stream, the rewards and the VIP list.

        Returns how many redemptions it found; the caller has them granted. Without `wait`, what another instance has in
        hand is left to it. Raises TwitchError, also where only one reward was in trouble: what there was of the others
        is written down then; Taken. `known`: the channel as it was just read.
        """
        known = known or await self._store.channels.get(channel_id)
        if known is None or known.leaving is not None:
            return 0
        began = self._clock.now()
        until = began + UNHEARD_OF_AFTER
        channel = await self._channels.catching_up(known, until)
        if channel.leaving is not None:
            return 0
        if self._subscriptions is not None:
            # First: what happens from here on is either heard, or on the lists below.
            await self._subscriptions.ensure(channel_id)
        # Whoever changes one of them meanwhile has seen to it; each is read again before anything is done about it.
        live = await self._store.sessions.live(channel_id)
        channel = await self._stream(channel, live)
        shown = await self._compare.channel(channel, wait=wait)
        channel = shown.channel
        found = await self._find(channel, shown)
        await self._close_gap(channel, found, wait)
        if channel.behind:
            channel = await self._channels.get(channel_id)
            live = await self._store.sessions.live(channel_id)
        still_open = await self._held_no_more(channel, shown, found, wait)
        vips = {user.id: user for user in await self._twitch.vips(channel_id)}
        self._connections.saw_vips(channel_id, frozenset(vips))
        self._connections.answers(channel_id)
        for session in live:
            await self._called(session, vips.get(session.user_id))
            if session.user_id not in vips or session.state is SessionState.ASIDE:
                await self._look_or_later(session, wait)
        with suppress(Taken):
            await self._waiting.caught_up(channel, still_open, live, wait=wait)
        if found.trouble:
            raise found.trouble
        every = shown.rewards and found.read.issuperset(reward.id for reward in shown.rewards)
        listed_at = clocks.by_twitch(self._twitch, began) if every else None
        await self._channels.caught_up(channel, until, began + CATCH_UP_EVERY, listed_at)
        # What a page shows of health has changed, and nothing else.
        self._changes.announce_here(channel_id)
        if found.new:
            log.info("caught up", channel_id=channel_id, found=found.new)
        return found.new

    async def heal(self, channel_id: str) -> None:
        """Catches up, and handles at once what it found and what was waiting; what fails here is due for a sweep.

        Raises TwitchError, StoreError.
        """
        try:
            await self.catch_up(channel_id)
        except Exception:
            await self._channels.due(channel_id, self._clock.now())
            raise
        now = self._clock.now()
        for redemption in await self._store.redemptions.open(channel_id):
            if redemption.retry.due(now):
                with suppress(Taken):
                    await self._grant.redemption(redemption.id)

    async def settled_elsewhere(self, told: TwitchRedemption) -> None:
        """Twitch says that a redemption was settled. If that was not us, find out what it means.

        One that was fulfilled before we heard of it was paid for, and is ours to handle.
        """
        redemption = await self._store.redemptions.get(told.id)
        if redemption is None and told.status is TwitchStatus.FULFILLED:
            channel = await self._store.channels.get(told.channel_id)
            since = channel and _since(channel, told.reward_id)
            if since and told.redeemed_at >= since:
                await self._intake.receive(told)
                redemption = await self._store.redemptions.get(told.id)
        if redemption is not None and redemption.open:
            await self._grant.redemption(told.id)

    async def look(
        self, channel_id: str, user_id: str, removed_at: datetime | None = None, *, wait: bool = True
    ) -> None:
        """Somebody's badge may have changed; a session of ours whose badge is gone loses its claim.

        `removed_at` is when Twitch says that it was taken. A moderator no more has VIP again. Raises TwitchError.
        """
        async with self._turns.of(channel_id, user_id, wait=wait):
            back = await self._look.at(channel_id, user_id, removed_at)
        if back is not None:
            await self._grant.session(back.id, wait=wait)

    async def recheck(self, channel_id: str) -> None:
        """A look failed: what it would have shown, the next sweep finds."""
        await self._channels.due(channel_id, self._clock.now())

    async def resume(self, channel_id: str) -> None:
        """What was put off in that channel is due now: what stood in the way was mended."""
        now = self._clock.now()
        await self._channels.due(channel_id, now)
        for redemption in await self._store.redemptions.open(channel_id):
            # One that waits by the streamer's choice has not failed.
            if redemption.held and not redemption.retry.attempts:
                continue
            await self._attempt(redemption.put_off(redemption.retry.due_now(now)))
        for session in await self._store.sessions.live(channel_id):
            await self._attempt(session.put_off(session.retry.due_now(now)))

    async def resume_all(self) -> None:
        """As after a jump of our clock: what was put off by the wrong time is due now."""
        for channel in await self._store.channels.all():
            await self.resume(channel.id)

    async def _stream(self, channel: Channel, live: Sequence[VipSession]) -> Channel:
        """The channel as it stands after a look at its stream. One that fails must not keep redemptions from being
        found."""
        try:
            return await self._streams.look_of(channel, live)
        except TwitchError as error:
            log.warning("stream not shown", channel_id=channel.id, error=str(error))
            await self._channels.due(channel.id, self._clock.now() + CATCH_UP_AGAIN)
        return await self._store.channels.get(channel.id) or channel

    async def _find(self, channel: Channel, shown: Shown) -> _Found:
        """The redemptions of each reward, though another's are in trouble. A queue that somebody switched off is
        switched on again: what Twitch fulfils by itself can't be given back."""
        found = _Found(trouble=shown.trouble)
        for reward in shown.rewards:
            try:
                async with aclosing(self._listed(channel, reward)) as redemptions:
                    async for told in redemptions:
                        found.new += await self._intake.receive(told) is not None
                        if told.status is TwitchStatus.UNFULFILLED:
                            found.open.add(told.id)
                found.read.add(reward.id)
            except Rejected as error:
                log.warning("redemptions not shown", channel_id=channel.id, reward_id=reward.id, error=str(error))
            except TwitchError as error:
                log.warning("redemptions not read", channel_id=channel.id, reward_id=reward.id, error=str(error))
                found.trouble = found.trouble or error
            if reward.skips_queue:
                try:
                    await self._compare.queue_on(channel.id, reward)
                except TwitchError as error:
                    found.trouble = found.trouble or error
        return found

    async def _listed(self, channel: Channel, reward: Reward) -> AsyncGenerator[TwitchRedemption, None]:
        """Open redemptions; then those since the last catch-up that were fulfilled, by somebody on Twitch or by Twitch
        itself where the queue was off. In that order: what is fulfilled meanwhile is on the second list."""
        async with aclosing(self._twitch.redemptions(channel.id, reward.id, TwitchStatus.UNFULFILLED)) as listed:
            async for told in listed:
                yield told
        since = _since(channel, reward.id)
        if since is None:
            return
        fulfilled = self._twitch.redemptions(channel.id, reward.id, TwitchStatus.FULFILLED, newest_first=True)
        async with aclosing(fulfilled) as listed:
            async for told in listed:
                if told.redeemed_at < since:
                    return
                yield told

    async def _close_gap(self, channel: Channel, found: _Found, wait: bool) -> None:
        """After a restore, and before anything else is done in that channel. A reward that Twitch does not show will
        tell nothing later either."""
        if not channel.behind:
            return
        if found.trouble:
            raise found.trouble
        vips = frozenset(user.id for user in await self._twitch.vips(channel.id))
        await self._rebuild.close(channel, vips, wait=wait)

    async def _held_no_more(self, channel: Channel, shown: Shown, found: _Found, wait: bool) -> Sequence[Redemption]:
        """What waits here and is not open on Twitch any more, somebody has settled there, or deleted its reward.
        Returns all that are open here, as they were before."""
        unread = {reward.id for reward in shown.rewards} - found.read
        still_open = await self._store.redemptions.open(channel.id)
        for redemption in still_open:
            reward_id = redemption.reward_id
            told = reward_id in found.read or not (reward_id in unread or channel.redeems(reward_id))
            if redemption.held and told and redemption.id not in found.open:
                with suppress(Taken):
                    await self._grant.redemption(redemption.id, wait=wait)
        return still_open

    async def _called(self, session: VipSession, there: TwitchUser | None) -> None:
        """By the name that Twitch has for the viewer now."""
        if there and (renamed := session.renamed(there.login, there.username)) != session:
            await self._attempt(renamed)

    async def _look_or_later(self, session: VipSession, wait: bool) -> None:
        """One look that fails must not keep the others, or what was found, from being handled."""
        try:
            await self.look(session.channel_id, session.user_id, wait=wait)
        except (TwitchError, Taken) as error:
            log.warning("look put off", channel_id=session.channel_id, user_id=session.user_id, error=str(error))
            await self._channels.due(session.channel_id, self._clock.now() + CATCH_UP_AGAIN)

    async def _attempt(self, record: Redemption | VipSession) -> None:
        """Where somebody else changes it at this moment, it is in good hands."""
        with suppress(Conflict):
            await self._store.commit(record)
            self._changes.announce(record.channel_id)


def _since(channel: Channel, reward_id: str) -> datetime | None:
    """From when on, by Twitch's clock, a fulfilled redemption of that reward that we don't know was missed; None where
    that can't be told yet. Looking a little too far back finds nothing twice, and what the lists did not show in time.
    """
    tier = channel.tier(reward_id)
    known_until = channel.caught_up_at or (channel.gap.since if channel.gap and channel.gap.open else None)
    if known_until is None:
        return None
    since = known_until - SETTLES_AFTER
    return max(since, tier.since - SETTLES_AFTER) if tier and tier.since else since
