"""Compares what we hold with what Twitch shows, and mends what is safe."""

from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from vip_manager.domain.audit import Action
from vip_manager.domain.channel import Channel
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Clock, Conflict, NotFound, NotOurs, Store, Twitch, TwitchStatus
from vip_manager.services.access import Person
from vip_manager.services.changes import Changes
from vip_manager.services.connections import Connections
from vip_manager.services.grant import Grant
from vip_manager.services.intake import Intake
from vip_manager.services.journal import about_session
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

CATCH_UP_EVERY = timedelta(minutes=10)
SETTLES_AFTER = timedelta(minutes=1)
"""Twitch's lists lag behind its answers: a badge this young that is not listed proves nothing."""


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
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._connections = connections
        self._turns = turns
        self._intake = intake
        self._grant = grant

    async def catch_up(self, channel_id: str) -> int:
        """Writes down what Twitch still lists as open and we never heard of, and looks at the VIP list.

        Returns how many redemptions it found; they are handled by the caller's sweep. Raises TwitchError.
        """
        channel = await self._store.channels.get(channel_id)
        if channel is None:
            return 0
        found = 0
        if channel.channel_point_reward_id:
            try:
                async with aclosing(
                    self._twitch.redemptions(channel_id, channel.channel_point_reward_id, TwitchStatus.UNFULFILLED)
                ) as listed:
                    async for told in listed:
                        found += await self._intake.receive(told)
            except (NotFound, NotOurs):
                log.warning("reward is gone", channel_id=channel_id, reward_id=channel.channel_point_reward_id)
        vips = frozenset(user.id for user in await self._twitch.vips(channel_id))
        self._connections.saw_vips(channel_id, vips)
        missing = [one.user_id for one in await self._store.sessions.live(channel_id) if one.user_id not in vips]
        channel = await self._store.channels.get(channel_id) or channel
        await self._attempt(replace(channel, catch_up_at=self._clock.now() + CATCH_UP_EVERY))
        for user_id in missing:
            await self.look(channel_id, user_id)
        if found:
            log.info("caught up", channel_id=channel_id, found=found)
        return found

    async def heal(self, channel_id: str) -> None:
        """Catches up, and handles at once what it found and what was waiting. Raises TwitchError, StoreError."""
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

    async def look(self, channel_id: str, user_id: str) -> None:
        """Somebody's badge may have changed. A session of ours whose badge is gone ends here. Raises TwitchError."""
        async with self._turns.of(channel_id, user_id):
            vip = any(user.id == user_id for user in await self._twitch.vips(channel_id, [user_id]))
            self._connections.saw_vip(channel_id, user_id, vip)
            session = await self._store.sessions.live_of(channel_id, user_id)
            if vip or session is None or session.state is not SessionState.ACTIVE or session.granted_at is None:
                return
            now = self._clock.now()
            if now - session.granted_at < SETTLES_AFTER:
                await self._due(channel_id, now + SETTLES_AFTER)
                return
            done = session.ended(now, EndReason.REMOVED_ON_TWITCH)
            try:
                await self._store.commit(
                    done, about_session(done, now, Action.ENDED, reason=EndReason.REMOVED_ON_TWITCH)
                )
            except Conflict:
                return
            self._changes.announce(channel_id)

    async def resume(self, channel_id: str) -> None:
        """What was put off in that channel is due now: what stood in the way was mended."""
        now = self._clock.now()
        await self._due(channel_id, now)
        for redemption in await self._store.redemptions.open(channel_id):
            await self._attempt(redemption.put_off(redemption.retry.due_now(now)))
        for session in await self._store.sessions.live(channel_id):
            await self._attempt(session.put_off(session.retry.due_now(now)))

    async def try_again(self, person: Person, channel_id: str, redemption_id: str) -> None:
        """The streamer does not want to wait for the next try. Raises InvalidInput."""
        redemption = await self._store.redemptions.get(redemption_id)
        if redemption is None or redemption.channel_id != channel_id:
            raise InvalidInput("redemption_id", "That redemption is not in this channel.")
        log.info("try again", redemption_id=redemption_id, by=person.id)
        await self._grant.redemption(redemption_id)

    async def _due(self, channel_id: str, at: datetime) -> None:
        channel = await self._store.channels.get(channel_id)
        if channel is not None and (channel.catch_up_at is None or channel.catch_up_at > at):
            await self._attempt(replace(channel, catch_up_at=at))

    async def _attempt(self, record: Channel | Redemption | VipSession) -> None:
        """Where somebody else changes the record at this moment, it is in good hands."""
        with suppress(Conflict):
            await self._store.commit(record)
