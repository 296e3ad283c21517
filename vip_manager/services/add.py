"""Adds a VIP badge on Twitch for a session that is GRANTING, and writes down what came of it."""

from dataclasses import replace
from datetime import datetime

import structlog

from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.session import VipSession
from vip_manager.ports import (
    AlreadyVipOrModerator,
    CannotBeVip,
    Clock,
    NotFound,
    NothingDone,
    NoVipFeature,
    NoVipSlot,
    Rejected,
    Store,
    Twitch,
    TwitchError,
    TwitchUnavailable,
)
from vip_manager.services import clocks
from vip_manager.services.access import Access, Person
from vip_manager.services.changes import Changes
from vip_manager.services.connections import SETTLES_AFTER, Connections
from vip_manager.services.journal import about_redemption, about_session
from vip_manager.services.postpone import postponed

log = structlog.get_logger(__name__)

_REFUSALS: dict[type[TwitchError], Refusal] = {
    NoVipSlot: Refusal.FULL,
    NoVipFeature: Refusal.NO_VIP_FEATURE,
    CannotBeVip: Refusal.BLOCKED,
    NotFound: Refusal.USER_NOT_FOUND,
}


class Add:
    """The caller holds the viewer's turn. What Twitch was asked for and did not answer is asked again, and then
    looked at: a single answer lost never makes a badge twice, nor one that nobody owns."""

    def __init__(
        self, store: Store, twitch: Twitch, clock: Clock, changes: Changes, connections: Connections, access: Access
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._connections = connections
        self._access = access

    async def vip(self, session: VipSession, *, first: bool = False) -> bool:
        """GRANTING: add VIP on Twitch and write down what came of it. Says whether there is more to do now.

        Where an earlier add may have reached Twitch without its answer reaching us, 422 may speak of our own badge,
        which the recorded look before that add allows us to claim. On a first add 422 never speaks of ours.
        """
        # Not answered before this call: what is answered now says nothing about it.
        pending = session.unanswered and not first
        try:
            if not session.unanswered:
                # Nothing of ours is on its way: a badge that is there now was given by somebody else.
                if not session.ours and await self.is_vip(session.channel_id, session.user_id):
                    return await self._refuse(session, Refusal.ALREADY_VIP)
                first = not session.ours
                session = await self._store.commit(session.asking(self._clock.now()))
            now = self._clock.now()
            if not clocks.agree(self._twitch):
                await self._put_session_off(session, session.retry.put_off(now, Trouble.CLOCK), unanswered=pending)
                return False
            await self._twitch.add_vip(session.channel_id, session.user_id)
        except AlreadyVipOrModerator:
            return await self._after_422(session, first)
        except Rejected as error:
            log.warning("add refused", session_id=session.id, channel_id=session.channel_id, error=str(error))
            return await self._after_no(session, first, pending, _REFUSALS.get(type(error), Refusal.DECLINED))
        except TwitchError as error:
            lost = isinstance(error, TwitchUnavailable) and not isinstance(error, NothingDone)
            await self._after_trouble(session, error, unanswered=pending or (session.unanswered and lost))
            return False
        await self._granted(session)
        return True

    async def _after_no(self, session: VipSession, first: bool, pending: bool, refusal: Refusal) -> bool:
        """Twitch will not add VIP now. It may have done so before, when its answer was lost; a list that does not show
        it may lag behind that."""
        try:
            if not first and await self.is_vip(session.channel_id, session.user_id):
                await self._granted(session)
                return True
        except TwitchError as error:
            await self._after_trouble(session, error, unanswered=pending)
            return False
        now = self._clock.now()
        if pending and self._may_lag(session, now):
            retry = session.retry.put_off(now, Trouble.LAGGING, SETTLES_AFTER)
            await self._put_session_off(session, retry, unanswered=True)
            return False
        return await self._refuse(session, refusal)

    def _may_lag(self, session: VipSession, now: datetime) -> bool:
        """Whether the last add that got no answer is so fresh that Twitch's list proves nothing."""
        if session.retry.error == Trouble.LAGGING:  # The last one was answered, and its list was given time.
            return False
        asked_before = session.retry.next_at or session.seen_not_vip_at
        return asked_before is not None and now - asked_before < SETTLES_AFTER

    async def _after_422(self, session: VipSession, first: bool) -> bool:
        try:
            vip = await self.is_vip(session.channel_id, session.user_id)
            if vip and not first:
                await self._granted(session)
                return True
            moderator = bool(await self._twitch.moderators(session.channel_id, [session.user_id]))
        except TwitchError as error:
            if not first:
                await self._after_trouble(session, error, unanswered=True)
                return False
            # It was not VIP a moment ago, so 422 most likely means a moderator; ours it is in neither case.
            return await self._refuse(session, Refusal.MODERATOR)
        if moderator:
            return await self._refuse(session, Refusal.MODERATOR)
        if first:
            return await self._refuse(session, Refusal.ALREADY_VIP)
        retry = session.retry.put_off(self._clock.now(), Trouble.LAGGING)
        await self._put_session_off(session, retry, unanswered=True)
        return False

    async def _granted(self, session: VipSession) -> None:
        now = self._clock.now()
        active = session.active(now)
        waiting = await waiting_for(self._store, session)
        entry = about_session(
            active,
            now,
            Action.GRANTED,
            await self._giver(session),
            hours=session.owed,
            source=active.redeemed_with.split(":")[0],
            reward=waiting[0].reward_title if waiting else "",
        )
        credited = [redemption.granted(session.id, redemption.hours) for redemption in waiting]
        await self._store.commit(active, *credited, entry)
        self._connections.saw_vip(session.channel_id, session.user_id, True)
        self._connections.answers(session.channel_id)
        log.info("vip granted", channel_id=session.channel_id, user_id=session.user_id, session_id=session.id)
        self._changes.announce(session.channel_id)

    async def _refuse(self, session: VipSession, refusal: Refusal) -> bool:
        """No VIP: what was paid for it goes back. A session that had been VIP before is over by that."""
        now = self._clock.now()
        if session.granted_at:
            done = replace(session.ended(now, EndReason.REMOVED_ON_TWITCH), refusal=refusal)
            entries = [about_session(done, now, Action.ENDED, reason=EndReason.REMOVED_ON_TWITCH)]
        else:
            done = session.refused(now, refusal)
            entries = []
        waiting = await waiting_for(self._store, session)
        entries += [about_redemption(redemption, now, Action.REFUSED, reason=refusal) for redemption in waiting]
        if not waiting:
            entries.append(about_session(done, now, Action.REFUSED, await self._giver(session), reason=refusal))
        refunds = [redemption.refunding(refusal) for redemption in waiting]
        await self._store.commit(done, *refunds, *entries)
        log.info("vip refused", channel_id=session.channel_id, user_id=session.user_id, refusal=refusal)
        self._changes.announce(session.channel_id)
        return True

    async def _giver(self, session: VipSession) -> Person | None:
        """Who gave it by hand, if nobody paid for it."""
        by = session.credits[-1].by if session.credits else ""
        return await self._access.named(by) if by else None

    async def _after_trouble(self, session: VipSession, error: TwitchError, *, unanswered: bool) -> None:
        log.warning("grant not answered", session_id=session.id, channel_id=session.channel_id, error=str(error))
        await self._put_session_off(session, postponed(session.retry, self._clock.now(), error), unanswered=unanswered)

    async def _put_session_off(self, session: VipSession, retry: Retry, *, unanswered: bool) -> None:
        """The session and the redemptions that wait for it, until the same moment.

        `unanswered`: an add may still turn out to have made a badge of ours. After silence it may; what said no, or was
        never sent, can't.
        """
        now = self._clock.now()
        log.warning("grant put off", session_id=session.id, channel_id=session.channel_id, error=retry.error)
        entry = [about_session(session, now, Action.PUT_OFF, error=retry.error)] if retry.attempts == 1 else []
        waiting = [redemption.put_off(retry) for redemption in await waiting_for(self._store, session)]
        put_off = replace(session.put_off(retry), unanswered=unanswered)
        self._connections.answers(session.channel_id, retry.error)
        await self._store.commit(put_off, *waiting, *entry)
        self._changes.announce(session.channel_id)

    async def is_vip(self, channel_id: str, user_id: str) -> bool:
        vip = any(user.id == user_id for user in await self._twitch.vips(channel_id, [user_id]))
        self._connections.saw_vip(channel_id, user_id, vip)
        return vip


async def waiting_for(store: Store, session: VipSession) -> list[Redemption]:
    """The redemptions whose hours are on that session and run once Twitch has made the viewer VIP."""
    redemptions = await store.redemptions.of_session(session.id)
    return [redemption for redemption in redemptions if redemption.state is RedemptionState.GRANTING]
