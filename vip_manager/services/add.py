"""Adds a VIP badge on Twitch for a session that is GRANTING, and writes down what came of it."""

from dataclasses import replace

import structlog

from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import VipSession
from vip_manager.ports import (
    AlreadyVipOrModerator,
    CannotBeVip,
    Clock,
    NotFound,
    NoVipFeature,
    NoVipSlot,
    Store,
    Twitch,
    TwitchError,
    TwitchUnavailable,
)
from vip_manager.services import clocks
from vip_manager.services.access import Access, Person
from vip_manager.services.changes import Changes
from vip_manager.services.connections import Connections
from vip_manager.services.journal import about_redemption, about_session
from vip_manager.services.postpone import postponed, trouble_of

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
        try:
            if not session.unanswered:
                # Nothing of ours is on its way: a badge that is there now was given by somebody else.
                if not session.ours and await self.is_vip(session.channel_id, session.user_id):
                    return await self._refuse(session, Refusal.ALREADY_VIP)
                first = not session.ours
                session = await self._store.commit(session.asking(self._clock.now()))
            if not clocks.agree(self._twitch):
                await self._put_session_off(session, Trouble.CLOCK, None, unanswered=session.unanswered and not first)
                return False
            await self._twitch.add_vip(session.channel_id, session.user_id)
        except AlreadyVipOrModerator:
            return await self._after_422(session, first)
        except (NoVipSlot, NoVipFeature, CannotBeVip, NotFound) as error:
            return await self._after_no(session, first, _REFUSALS[type(error)])
        except TwitchError as error:
            await self._put_session_off(session, trouble_of(error), error)
            return False
        await self._granted(session)
        return True

    async def _after_no(self, session: VipSession, first: bool, refusal: Refusal) -> bool:
        """Twitch will not add VIP now. It may have done so before, when its answer was lost."""
        try:
            if not first and await self.is_vip(session.channel_id, session.user_id):
                await self._granted(session)
                return True
        except TwitchError as error:
            await self._put_session_off(session, trouble_of(error), error, unanswered=True)
            return False
        return await self._refuse(session, refusal)

    async def _after_422(self, session: VipSession, first: bool) -> bool:
        try:
            vip = await self.is_vip(session.channel_id, session.user_id)
            if vip and not first:
                await self._granted(session)
                return True
            moderator = bool(await self._twitch.moderators(session.channel_id, [session.user_id]))
        except TwitchError as error:
            if not first:
                await self._put_session_off(session, trouble_of(error), error, unanswered=True)
                return False
            # It was not VIP a moment ago, so 422 most likely means a moderator; ours it is in neither case.
            return await self._refuse(session, Refusal.MODERATOR)
        if moderator:
            return await self._refuse(session, Refusal.MODERATOR)
        if first:
            return await self._refuse(session, Refusal.ALREADY_VIP)
        await self._put_session_off(session, Trouble.LAGGING, None, unanswered=True)
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

    async def _put_session_off(
        self, session: VipSession, trouble: Trouble, error: TwitchError | None, *, unanswered: bool | None = None
    ) -> None:
        """The session and the redemptions that wait for it, until the same moment.

        Whether an add may still turn out to be ours: after an answer that says no it can't, after silence it may.
        """
        now = self._clock.now()
        log.warning("grant put off", session_id=session.id, channel_id=session.channel_id, error=str(error or trouble))
        if unanswered is None:
            unanswered = session.unanswered and isinstance(error, TwitchUnavailable)
        retry = postponed(session.retry, now, error) if error else session.retry.put_off(now, trouble)
        entry = [about_session(session, now, Action.PUT_OFF, error=retry.error)] if retry.attempts == 1 else []
        waiting = [redemption.put_off(retry) for redemption in await waiting_for(self._store, session)]
        put_off = replace(session.put_off(retry), unanswered=unanswered)
        self._connections.answers(session.channel_id, trouble)
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
