"""Takes VIP away when its hours are over, or when the streamer says so."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import structlog

from vip_manager import tracing
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Clock, Conflict, NotFound, NotVip, Store, Twitch, TwitchError
from vip_manager.services import badge, clocks
from vip_manager.services.access import Access, Person
from vip_manager.services.add import waiting_for
from vip_manager.services.changes import Changes
from vip_manager.services.connections import Connections
from vip_manager.services.journal import about_redemption, about_session
from vip_manager.services.overtaken import Overtaken
from vip_manager.services.postpone import postponed
from vip_manager.services.seats import undone
from vip_manager.services.streams import Streams
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)


class Expire:
    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        changes: Changes,
        connections: Connections,
        turns: Turns,
        access: Access,
        streams: Streams,
        overtaken: Overtaken,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._connections = connections
        self._turns = turns
        self._access = access
        self._streams = streams
        self._overtaken = overtaken

    async def session(self, session_id: str, *, wait: bool = True) -> SessionState | None:
        """Ends a session that is due, or finishes one that is being ended. Where its clock counts by the stream, after
        a look at that: hours that should have stood may not be over, and the stream may be back.

        Returns what came of it here: ENDED, ASIDE where the seat was for somebody else, or ENDING where it was put off;
        None where there was nothing to do. Raises Taken (services/turns.py).
        """
        session = await self._store.sessions.get(session_id)
        return await self.due(session, wait=wait) if session is not None else None

    async def due(self, session: VipSession, *, wait: bool = True) -> SessionState | None:
        """The same, of a session as it was read a while ago."""
        with tracing.step("expire"):
            return await self._due(session, wait)

    async def _due(self, session: VipSession, wait: bool) -> SessionState | None:
        if session.by_stream and session.due_to_end(self._clock.now()):
            try:
                await self._streams.look(session.channel_id)
            except TwitchError as error:
                return await self._not_yet(session.id, error)
        async with self._turns.of(session.channel_id, session.user_id, wait=wait):
            try:
                claimed = await self._claimed(session)
                if claimed is None:
                    return None
                return await self._remove(claimed) if claimed.live else claimed.state
            except Conflict:
                log.info("expiry lost a race", session_id=session.id)
        return None

    async def _claimed(self, session: VipSession) -> VipSession | None:
        """ENDING, where its badge is to go; ENDED, where there was none; None, where there is nothing to do. What has
        changed since it was read, the store refuses."""
        # Where it was claimed before, nothing is written before Twitch is asked; and a look may just have changed it.
        if session.state is not SessionState.ENDING and not session.by_stream:
            with suppress(Conflict):
                return await self._claim(session)
        current = await self._store.sessions.get(session.id)
        return await self._claim(current) if current is not None else None

    async def _claim(self, session: VipSession) -> VipSession | None:
        if session.state is SessionState.ENDING:
            return session
        if not session.due_to_end(self._clock.now()) or not clocks.agree(self._twitch):
            return None
        if await self._may_be_undone(session):
            return None
        if session.state is SessionState.ASIDE:
            # There is no badge to take.
            return await self._done(session, EndReason.EXPIRED, None)
        session = await self._store.commit(session.ending(EndReason.EXPIRED))
        self._changes.announce(session.channel_id, more=True)
        return session

    async def _may_be_undone(self, session: VipSession) -> bool:
        """Whether the seat was given for somebody who has no badge yet: if they get none, nothing is over."""
        taker = await self._store.sessions.get(session.seat_taken_by) if session.seatless else None
        return taker is not None and taker.state is SessionState.GRANTING and taker.takes_seat_of == session.id

    async def _not_yet(self, session_id: str, error: TwitchError) -> SessionState:
        """Due by its clock, and whether that clock is right Twitch does not say."""
        session = await self._store.sessions.get(session_id)
        if session is not None and session.due_to_end(self._clock.now()):
            with suppress(Conflict):
                await self._put_off(session, error)
        return SessionState.ENDING

    async def end_now(self, person: Person, channel_id: str, session_id: str) -> VipSession:
        """The streamer takes VIP away. What was paid for it is not given back, unless VIP had not been given yet.

        Where Twitch does not answer the session comes back as ENDING and is tried again. Raises InvalidInput.
        """
        session = await self._of_channel(channel_id, session_id)
        async with self._turns.of(channel_id, session.user_id):
            session = await self._of_channel(channel_id, session_id)
            if session.state is not SessionState.ENDING or session.seatless:
                await self.take(person, session)
        return await self._store.sessions.get(session_id) or session

    async def take(self, person: Person, session: VipSession) -> None:
        """Like `end_now`, of a session that is not ENDING; the caller holds the viewer's turn. Raises Conflict."""
        if session.state is SessionState.ASIDE:
            await self._done(session, EndReason.BY_HAND, person)
            return
        now = self._clock.now()
        declined = await waiting_for(self._store, session)
        given = [] if session.granted_at else [credit.id for credit in session.credits]
        for credit_id in {*given, *(redemption.id for redemption in declined)}:
            session = session.debited(credit_id)
        refused = [
            about_redemption(redemption, now, Action.REFUSED, person, reason=Refusal.GIVEN_BACK)
            for redemption in declined
        ]
        session = await self._store.commit(
            session.ending(EndReason.BY_HAND, person.id),
            *(redemption.refunding(Refusal.GIVEN_BACK) for redemption in declined),
            *await undone(self._store, session, now),
            *refused,
        )
        self._changes.announce(session.channel_id)
        await self._remove(session, person)

    async def make_permanent(self, person: Person, channel_id: str, session_id: str) -> VipSession:
        """The viewer stays VIP on Twitch, and is no longer ours to take away: also where taking it could not be done.
        Raises InvalidInput, TwitchError."""
        session = await self._of_channel(channel_id, session_id)
        async with self._turns.of(channel_id, session.user_id):
            session = await self._of_channel(channel_id, session_id)
            # After any other answer the badge may be gone, or go yet.
            refused = session.state is SessionState.ENDING and session.retry.error in (Trouble.REJECTED, Trouble.GONE)
            stuck = refused and await self._still_shown(session)
            if not stuck and session.state is not SessionState.ACTIVE:
                raise InvalidInput("session_id", "Only somebody who is VIP right now can be made permanent.")
            now = self._clock.now()
            done = session.ended(now, EndReason.MADE_PERMANENT, person.id)
            entry = about_session(done, now, Action.ENDED, person, reason=EndReason.MADE_PERMANENT)
            done = await self._store.commit(done, entry)
        self._changes.announce(channel_id)
        return done

    async def _of_channel(self, channel_id: str, session_id: str) -> VipSession:
        session = await self._store.sessions.get(session_id)
        if session is None or session.channel_id != channel_id or not session.live:
            raise InvalidInput("session_id", "That VIP has ended already.")
        return session

    async def _remove(self, session: VipSession, person: Person | None = None) -> SessionState:
        """ENDING: remove VIP on Twitch and write down what came of it. Gone already is as good. Where the seat was for
        somebody else, the clock runs on."""
        try:
            await self._take(session)
        except TwitchError as error:
            await self._put_off(session, error, person)
            return SessionState.ENDING
        try:
            if session.seatless:
                return await self._vacated(session)
            person = person or await self._access.by_whom(session.ended_by, session.channel_id)
            done = await self._done(session, session.end_reason or EndReason.EXPIRED, person)
        except Conflict:
            await self._overtaken.removed(session)
            raise
        self._removed(session, done.ended_at or self._clock.now())
        self._connections.answers(session.channel_id)
        return SessionState.ENDED

    async def _vacated(self, session: VipSession) -> SessionState:
        now = self._clock.now()
        session = await self._store.commit(session.vacated(now))
        log.info("seat given up", channel_id=session.channel_id, user_id=session.user_id, session_id=session.id)
        self._removed(session, now)
        self._connections.answers(session.channel_id)
        self._changes.announce(session.channel_id)
        return session.state

    def _removed(self, session: VipSession, now: datetime) -> None:
        self._connections.removed(session.channel_id, session.user_id, now, clocks.by_twitch(self._twitch, now))

    async def _done(self, session: VipSession, reason: EndReason, person: Person | None) -> VipSession:
        now = self._clock.now()
        done = session.ended(now, reason, person.id if person and not session.ended_by else "")
        done = await self._store.commit(done, about_session(done, now, Action.ENDED, person, reason=reason))
        log.info("vip ended", channel_id=session.channel_id, user_id=session.user_id, reason=reason)
        self._changes.announce(session.channel_id)
        return done

    async def _take(self, session: VipSession) -> None:
        """Raises TwitchError where the badge may still be there. One that can't be ours stays."""
        if not session.may_have_badge:
            return
        try:
            await self._twitch.remove_vip(session.channel_id, session.user_id)
        except NotVip:
            return
        except NotFound:
            # Somebody who is suspended has left for now; the badge would be back with them.
            if await self._still_shown(session):
                raise

    async def _still_shown(self, session: VipSession) -> bool:
        return await badge.shown(self._twitch, session.channel_id, session.user_id)

    async def _put_off(self, session: VipSession, error: TwitchError, person: Person | None = None) -> None:
        now = self._clock.now()
        log.warning("removal put off", session_id=session.id, channel_id=session.channel_id, error=str(error))
        retry = postponed(session.retry, now, error)
        if isinstance(error, NotFound):
            retry = replace(retry, error=Trouble.GONE)
        entry = [about_session(session, now, Action.PUT_OFF, person, error=retry.error)] if retry.attempts == 1 else []
        await self._store.commit(session.put_off(retry), *entry)
        self._connections.answers(session.channel_id, retry.error)
        self._changes.announce(session.channel_id)
