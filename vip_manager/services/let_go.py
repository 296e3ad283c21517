"""What becomes of those who are VIP by us when the streamer leaves."""

import structlog

from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import REFUSED_BY_TWITCH, EndReason
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import Clock, Conflict, Store
from vip_manager.services.access import Person
from vip_manager.services.changes import Changes
from vip_manager.services.expire import Expire
from vip_manager.services.grant import Grant
from vip_manager.services.journal import about_session
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)


class LetGo:
    """Whoever is VIP keeps the badge, or loses it now where the streamer wants that; either way no session is left."""

    def __init__(
        self, store: Store, clock: Clock, changes: Changes, turns: Turns, grant: Grant, expire: Expire
    ) -> None:
        self._store = store
        self._clock = clock
        self._changes = changes
        self._turns = turns
        self._grant = grant
        self._expire = expire

    async def all(self, person: Person, channel_id: str, *, end: bool, reachable: bool) -> bool:
        """Says whether nobody is left; what Twitch does not do now can be done again. Whatever has come to another
        state, as by a seat that is given back, is looked at once more. `reachable`: Twitch takes the streamer's tokens.
        Raises StoreError."""
        tried: set[tuple[str, SessionState]] = set()
        while True:
            live = await self._store.sessions.live(channel_id)
            moved = [one for one in live if (one.id, one.state) not in tried]
            if not moved:
                return not live
            for session in moved:
                tried.add((session.id, session.state))
                await self._one(person, session, end, reachable)

    async def _one(self, person: Person, session: VipSession, end: bool, reachable: bool) -> None:
        over = session.state is SessionState.ENDING or session.due_to_end(self._clock.now())
        never_was = _never_was(session)
        if not reachable or (session.state is SessionState.ENDING and session.retry.error in REFUSED_BY_TWITCH):
            await self._release(person, session, reachable)
        elif not session.retry.due(self._clock.now()):
            log.debug("let go later", session_id=session.id)
        elif over and not (end and session.seatless):
            # Its time was up, or it was being taken: that comes to its end.
            await self._expire.session(session.id)
        elif end or never_was:
            # Whoever never had the badge must not have it without the points.
            await self._end(person, session, had_badge=end)
        else:
            await self._keeps(person, session)

    async def _end(self, person: Person, session: VipSession, *, had_badge: bool) -> None:
        """`had_badge`: also of somebody who is VIP, or has been."""
        async with self._turns.of(session.channel_id, session.user_id):
            current = await self._store.sessions.get(session.id)
            if current is None or not current.live:
                return
            # An add that was under way may have made them VIP before it was our turn.
            if not (had_badge or _never_was(current)):
                return
            if current.state is SessionState.ENDING and not current.seatless:
                return
            try:
                await self._expire.take(person, current)
            except Conflict:
                log.info("session contended", session_id=session.id)

    async def _keeps(self, person: Person, session: VipSession) -> None:
        if session.state is SessionState.GRANTING:
            # Was VIP, and has hours left: the badge may be gone on its way to them.
            granted = await self._grant.session(session.id)
            if granted is None or not granted.live:
                return
            if granted.state is SessionState.GRANTING and granted.retry.error not in REFUSED_BY_TWITCH:
                return
            session = granted
        await self._release(person, session, reachable=True)

    async def _release(self, person: Person, session: VipSession, reachable: bool) -> None:
        """It ends, and Twitch is asked for nothing; `reachable`, only while it is in the state that this was decided
        for."""
        async with self._turns.of(session.channel_id, session.user_id):
            current = await self._store.sessions.get(session.id)
            if current is None or not current.live or (reachable and current.state is not session.state):
                return
            now = self._clock.now()
            done = current.ended(now, EndReason.LEFT, person.id)
            try:
                await self._store.commit(done, about_session(done, now, Action.ENDED, person, reason=EndReason.LEFT))
            except Conflict:
                log.info("session contended", session_id=session.id)
                return
        log.info("vip let go", channel_id=session.channel_id, user_id=session.user_id, session_id=session.id)
        self._changes.announce(session.channel_id)


def _never_was(session: VipSession) -> bool:
    """Whether nobody is VIP by it, nor has been."""
    return session.state is SessionState.GRANTING and session.granted_at is None
