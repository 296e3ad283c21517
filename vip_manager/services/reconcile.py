"""Compares what we hold with what Twitch shows, and mends what is safe."""

from contextlib import aclosing, suppress
from datetime import datetime, timedelta

import structlog

from vip_manager.domain.audit import Action
from vip_manager.domain.channel import Channel
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Clock, Conflict, NotFound, NotOurs, Reward, Store, Twitch, TwitchStatus
from vip_manager.services import clocks
from vip_manager.services.access import Person
from vip_manager.services.changes import Changes
from vip_manager.services.channels import ChannelService
from vip_manager.services.connections import SETTLES_AFTER, Connections
from vip_manager.services.grant import Grant
from vip_manager.services.intake import Intake
from vip_manager.services.journal import about_session
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

CATCH_UP_EVERY = timedelta(minutes=10)
ECHO_WITHIN = timedelta(seconds=5)
"""Twitch tells of our own removals too; the stamp follows its answer this soon."""
SKEW_NOISE = timedelta(seconds=2)
"""Twitch's `Date` is in whole seconds, of an answer that is a little old: a difference this small says nothing."""


class Reconcile:
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

    async def catch_up(self, channel_id: str) -> int:
        """Writes down what Twitch still lists as open and we never heard of, and looks at the reward and the VIP list.

        Returns how many redemptions it found; the caller has them granted. Raises TwitchError.
        """
        channel = await self._store.channels.get(channel_id)
        if channel is None:
            return 0
        began = self._clock.now()
        reward = await self._channels.compare(channel)
        found = await self._find(channel, reward) if reward else 0
        vips = frozenset(user.id for user in await self._twitch.vips(channel_id))
        self._connections.saw_vips(channel_id, vips)
        self._connections.answers(channel_id)
        live = await self._store.sessions.live(channel_id)
        await self._channels.caught_up(channel_id, began, began + CATCH_UP_EVERY)
        for session in live:
            if session.user_id not in vips:
                await self.look(channel_id, session.user_id)
        if found:
            log.info("caught up", channel_id=channel_id, found=found)
        return found

    async def heal(self, channel_id: str) -> None:
        """Catches up, and handles at once what it found and what was waiting; what fails here is due for a sweep.

        Raises TwitchError, StoreError.
        """
        await self._channels.due(channel_id, self._clock.now())
        await self.catch_up(channel_id)
        now = self._clock.now()
        for redemption in await self._store.redemptions.open(channel_id):
            if redemption.retry.due(now):
                await self._grant.redemption(redemption.id)

    async def settled_elsewhere(self, redemption_id: str) -> None:
        """Twitch says that a redemption was settled. If that was not us, find out what it means."""
        redemption = await self._store.redemptions.get(redemption_id)
        if redemption is not None and redemption.open:
            await self._grant.redemption(redemption_id)

    async def look(self, channel_id: str, user_id: str, removed_at: datetime | None = None) -> None:
        """Somebody's badge may have changed; a session of ours whose badge is gone loses its claim.

        `removed_at` is when Twitch says that it was taken. Raises TwitchError.
        """
        async with self._turns.of(channel_id, user_id):
            vip = any(user.id == user_id for user in await self._twitch.vips(channel_id, [user_id]))
            session = await self._store.sessions.live_of(channel_id, user_id)
            now = self._clock.now()
            taken = session is not None and self._taken(session, removed_at)
            if vip and not taken:
                self._connections.saw_vip(channel_id, user_id, True)
                return
            if session is None or session.granted_at is None:
                self._connections.saw_vip(channel_id, user_id, vip)
                return
            if not taken and session.added_at and now - session.added_at < SETTLES_AFTER:
                await self._channels.due(channel_id, now + SETTLES_AFTER)
                return
            self._connections.saw_vip(channel_id, user_id, vip)
            await self._lost(session, now)

    async def recheck(self, channel_id: str) -> None:
        """A look failed: what it would have shown, the next sweep finds."""
        await self._channels.due(channel_id, self._clock.now())

    async def resume(self, channel_id: str) -> None:
        """What was put off in that channel is due now: what stood in the way was mended."""
        now = self._clock.now()
        await self._channels.due(channel_id, now)
        for redemption in await self._store.redemptions.open(channel_id):
            await self._attempt(redemption.put_off(redemption.retry.due_now(now)))
        for session in await self._store.sessions.live(channel_id):
            await self._attempt(session.put_off(session.retry.due_now(now)))

    async def resume_all(self) -> None:
        """As after a jump of our clock: what was put off by the wrong time is due now."""
        for channel in await self._store.channels.all():
            await self.resume(channel.id)

    async def try_again(self, person: Person, channel_id: str, redemption_id: str) -> None:
        """The streamer does not want to wait for the next try. Raises InvalidInput."""
        redemption = await self._store.redemptions.get(redemption_id)
        if redemption is None or redemption.channel_id != channel_id:
            raise InvalidInput("redemption_id", "That redemption is not in this channel.")
        log.info("try again", redemption_id=redemption_id, by=person.id)
        await self._grant.redemption(redemption_id)

    async def _find(self, channel: Channel, reward: Reward) -> int:
        """Open redemptions; and where somebody switched the reward's queue off, those that Twitch fulfilled by
        itself."""
        found = 0
        # Twitch's stamps against our clock: looking a little too far back finds nothing twice.
        since = (channel.caught_up_at or self._clock.now()) - clocks.MOST_SKEW
        statuses = [TwitchStatus.UNFULFILLED]
        if reward.skips_queue and channel.caught_up_at:
            await self._twitch.update_reward(channel.id, reward.id, skips_queue=False)
            statuses.append(TwitchStatus.FULFILLED)
        for status in statuses:
            newest_first = status is TwitchStatus.FULFILLED
            with suppress(NotFound, NotOurs):
                async with aclosing(
                    self._twitch.redemptions(channel.id, reward.id, status, newest_first=newest_first)
                ) as listed:
                    async for told in listed:
                        if newest_first and told.redeemed_at < since:
                            break
                        found += await self._intake.receive(told)
        return found

    def _taken(self, session: VipSession, removed_at: datetime | None) -> bool:
        """Whether what was removed then is the badge of that session's last 204, and not an echo of our own removal.

        Twitch's stamp is by Twitch's clock.
        """
        if removed_at is None or session.added_at is None:
            return False
        skew = self._twitch.skew() or timedelta()
        removed = removed_at - skew if abs(skew) > SKEW_NOISE else removed_at
        ours = self._connections.removed_at(session.channel_id, session.user_id)
        return removed > session.added_at and (ours is None or removed > ours + ECHO_WITHIN)

    async def _lost(self, session: VipSession, now: datetime) -> None:
        """Twitch shows no badge. An add that is still to come makes a new one; everything else is over."""
        if session.state is SessionState.GRANTING:
            await self._attempt(session.badge_gone())
            return
        reason = session.end_reason if session.state is SessionState.ENDING else EndReason.REMOVED_ON_TWITCH
        done = session.ended(now, reason or EndReason.REMOVED_ON_TWITCH)
        with suppress(Conflict):
            await self._store.commit(done, about_session(done, now, Action.ENDED, reason=done.end_reason))
            self._changes.announce(session.channel_id)

    async def _attempt(self, record: Redemption | VipSession) -> None:
        """Where somebody else changes the record at this moment, it is in good hands."""
        with suppress(Conflict):
            await self._store.commit(record)
