"""After a restore: what the records miss, as far as Twitch still tells of it, before anything else is done there.

Nothing is given and nothing is settled here. What Twitch has as done was done by the program whose records are lost, or
by a hand: its hours count on the session that the viewer had, or the streamer is asked.
"""

from dataclasses import replace
from datetime import timedelta

import structlog

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.decision import Extend, Situation, decide
from vip_manager.domain.gap import Gap
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import Credit, SessionState, VipSession, by_reward
from vip_manager.ports import Clock, Store, Twitch, TwitchStatus
from vip_manager.services import badge, elsewhere
from vip_manager.services.access import Person
from vip_manager.services.changes import Changes
from vip_manager.services.channels import ChannelService
from vip_manager.services.journal import about_redemption, about_session, new_id
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

_UNBEGUN = frozenset({RedemptionState.RECEIVED, RedemptionState.HELD})
_A_MOMENT = timedelta(minutes=1)
"""A removal that was begun when the backup was made is done after so long."""


class Rebuild:
    """Each step may be done again and changes nothing the second time; the gap is closed after the last one."""

    def __init__(
        self, store: Store, twitch: Twitch, clock: Clock, changes: Changes, channels: ChannelService, turns: Turns
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._channels = channels
        self._turns = turns

    async def close(self, channel: Channel, vip_ids: frozenset[str], *, wait: bool = True) -> None:
        """Whatever of that channel's redemptions Twitch has as done is written down by now; `vip_ids` are VIP there.
        Raises TwitchError, Taken, StoreError: the gap stays open then."""
        gap = channel.gap
        if gap is None or not gap.open:
            return
        # An add that was under way when the backup was made goes first: what came later extends it.
        found = sorted(await self._store.redemptions.open(channel.id), key=lambda one: one.state in _UNBEGUN)
        for redemption in found:
            async with self._turns.of(channel.id, redemption.user_id, wait=wait):
                await self._redemption(redemption.id, channel, gap)
        for session in await self._store.sessions.live(channel.id):
            async with self._turns.of(channel.id, session.user_id, wait=wait):
                await self._session(session.id, gap, vip_ids)
        await self._channels.save(channel.id, gap=replace(gap, closed_at=self._clock.now()))
        log.info("restored channel compared with Twitch", channel_id=channel.id, found=len(found))

    async def put_on_clock(self, person: Person, redemption: Redemption) -> bool:
        """The streamer wants an UNRECORDED redemption to count, for that very viewer: where they are VIP, that badge is
        ours from now on, until the hours of all such redemptions of theirs are over, each from its own moment on. False
        where they are not, or where they have a session. The caller holds the viewer's turn. Raises TwitchError,
        Conflict."""
        channel_id, user_id = redemption.channel_id, redemption.user_id
        if await self._store.sessions.live_of(channel_id, user_id) is not None:
            return False
        undecided = await self._store.redemptions.undecided(channel_id)
        theirs = [one for one in undecided if one.user_id == user_id and one.refusal is Refusal.UNRECORDED]
        theirs = sorted((one for one in theirs if one.promised), key=lambda one: one.redeemed_at)
        if not theirs or not await badge.shown(self._twitch, channel_id, user_id):
            return False
        now, viewer = self._clock.now(), (channel_id, user_id, redemption.login, redemption.username)
        reopened = [await self._reopened(one, person) for one in theirs]
        first, *more = (_credit(one, one.promised, person.id) for one in reopened)
        session = VipSession.begun(new_id(), viewer, first).put_on_clock(first.at)
        for credit in more:
            session = session.credited(credit, credit.at)
        entry = about_session(session, now, Action.CLOCKED, person, hours=session.hours_left(now))
        await self._keep(session, *(one.granting(session.id, one.promised) for one in reopened), entry)
        log.info("unrecorded vip put on a clock", channel_id=channel_id, user_id=user_id, by=person.id)
        return True

    async def _reopened(self, redemption: Redemption, person: Person) -> Redemption:
        entry = about_redemption(redemption, self._clock.now(), Action.REOPENED, person)
        return await self._store.commit(redemption.reopened(), entry)

    async def _redemption(self, redemption_id: str, channel: Channel, gap: Gap) -> None:
        """What it became on Twitch in the time that is lost. What is open there goes its ordinary way afterwards."""
        redemption = await self._store.redemptions.get(redemption_id)
        if redemption is None or redemption.redeemed_at > gap.until + _A_MOMENT:
            return
        if redemption.state not in _UNBEGUN | {RedemptionState.GRANTING}:
            return
        there = await elsewhere.status(self._twitch, redemption, self._clock.now())
        if there is TwitchStatus.UNFULFILLED:
            return
        live = await self._store.sessions.live_of(channel.id, redemption.user_id)
        if redemption.state is RedemptionState.GRANTING:
            theirs = live is not None and live.id == redemption.session_id and live.state is SessionState.GRANTING
            if live is not None and theirs and there is TwitchStatus.FULFILLED:
                if live.may_have_badge:
                    await self._given(redemption, live, gap)
                elif live.granted_at is None:
                    await self._taken_off(redemption, live)
            return
        if there is TwitchStatus.CANCELED:
            now = self._clock.now()
            await self._keep(redemption.canceled(now), about_redemption(redemption, now, Action.REFUNDED))
            return
        if redemption.held:
            redemption = await self._store.commit(redemption.admitted())
        if live is None or not await self._extended(redemption, channel, live):
            entry = about_redemption(redemption, self._clock.now(), Action.REFUSED, reason=Refusal.UNRECORDED)
            await self._keep(redemption.refunding(Refusal.UNRECORDED), entry)

    async def _given(self, redemption: Redemption, session: VipSession, gap: Gap) -> None:
        """Its add had gone out, after a look that showed no badge, or was about to; and since it was done, Twitch made
        the viewer VIP soon after the backup."""
        active = session.active(gap.since)
        entry = about_session(
            active,
            self._clock.now(),
            Action.GRANTED,
            hours=session.owed,
            source=active.redeemed_with.split(":")[0],
            reward=redemption.reward_title,
            cost=redemption.cost,
        )
        waiting = [
            one.granted(session.id, one.hours)
            for one in await self._store.redemptions.of_session(session.id)
            if one.state is RedemptionState.GRANTING
        ]
        await self._keep(active, *waiting, entry)

    async def _taken_off(self, redemption: Redemption, session: VipSession) -> None:
        """No add had gone out yet that Twitch can have taken, and one that came later is in no record: it was VIP, and
        may be over. Whoever gave the seat for it has given it."""
        now = self._clock.now()
        rest = session.debited(redemption.id)
        if not rest.owes:
            rest = rest.refused(now, Refusal.UNRECORDED)
        entry = about_redemption(redemption, now, Action.REFUSED, reason=Refusal.UNRECORDED)
        await self._keep(redemption.refunding(Refusal.UNRECORDED), rest, entry)

    async def _extended(self, redemption: Redemption, channel: Channel, live: VipSession) -> bool:
        """Whether its hours are on the viewer's session now, from the moment on in which they were paid for."""
        if live.holds(redemption.id):
            return False
        if live.state is not SessionState.ACTIVE:
            return False
        at = redemption.redeemed_at
        decision = decide(Situation(redemption, channel, live, at, settled=True))
        if not isinstance(decision, Extend):
            return False
        session = live.credited(_credit(redemption, decision.hours), at)
        entry = about_session(
            session,
            self._clock.now(),
            Action.EXTENDED,
            hours=decision.hours,
            reward=redemption.reward_title,
            cost=redemption.cost,
            source="reward",
        )
        await self._keep(redemption.granted(session.id, decision.hours), session, entry)
        return True

    async def _session(self, session_id: str, gap: Gap, vip_ids: frozenset[str]) -> None:
        """One whose end came while records were written that are lost: its badge was taken then, so that whoever is
        VIP all the same is it by another hand, or by more time that is in no record."""
        session = await self._store.sessions.get(session_id)
        if session is None or session.user_id not in vip_ids:
            return
        now = self._clock.now()
        if session.state is SessionState.ENDING:
            over = session.seat_taken_by == "" and gap.until - gap.since > _A_MOMENT
        else:
            over = session.state is SessionState.ACTIVE and session.due_to_end(gap.until)
        if not over:
            return
        if session.state is SessionState.ACTIVE:
            session = await self._store.commit(session.set_aside(session.expires_at or gap.until))
        done = session.ended(now, EndReason.GIVEN_ON_TWITCH)
        await self._keep(done, about_session(done, now, Action.ENDED, reason=EndReason.GIVEN_ON_TWITCH))

    async def _keep(self, record: Redemption | VipSession, *rest: Redemption | VipSession | AuditEntry) -> None:
        await self._store.commit(record, *rest)
        self._changes.announce(record.channel_id)


def _credit(redemption: Redemption, hours: float, by: str = "") -> Credit:
    """From the moment on in which it was paid for."""
    return Credit(redemption.id, by_reward(redemption.reward_id), hours, redemption.redeemed_at, by)
