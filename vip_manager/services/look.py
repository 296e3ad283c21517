"""A look at Twitch for one viewer's badge, and what it says of our claim to it."""

from contextlib import suppress
from datetime import datetime, timedelta

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import Clock, Conflict, Store, Twitch, TwitchError
from vip_manager.services import badge, clocks
from vip_manager.services.access import Access
from vip_manager.services.changes import Changes
from vip_manager.services.channels import ChannelService
from vip_manager.services.connections import SETTLES_AFTER, Connections
from vip_manager.services.journal import about_session

SKEW_NOISE = timedelta(seconds=2)
"""Twitch's `Date` is in whole seconds, of an answer that is a little old: a difference this small says nothing."""


class Look:
    """The caller holds the viewer's turn."""

    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        changes: Changes,
        connections: Connections,
        channels: ChannelService,
        access: Access,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._connections = connections
        self._channels = channels
        self._access = access

    async def live(self, channel_id: str, user_id: str) -> VipSession | None:
        """The viewer's session, after a look whether the badge that more time is for is there: somebody may have taken
        it. Where Twitch does not answer, our word stands."""
        live = await self._store.sessions.live_of(channel_id, user_id)
        if live is None or live.state is not SessionState.ACTIVE:
            return live
        with suppress(TwitchError):
            if await self._shows_badge(live):
                return live
        return await self._store.sessions.live_of(channel_id, user_id)

    async def _shows_badge(self, live: VipSession) -> bool:
        """ACTIVE: whether Twitch does; where not, the session may not be what it was. Raises TwitchError."""
        now = self._clock.now()
        vip = await badge.shown(self._twitch, live.channel_id, live.user_id)
        await self._shown(live.channel_id, live.user_id, live, now, vip)
        return vip

    async def at(self, channel_id: str, user_id: str, removed_at: datetime | None = None) -> VipSession | None:
        """A session of ours whose badge is gone loses its claim. `removed_at` is when Twitch says that it was taken.

        Returns the session to which VIP is to come back, if there is one. Raises TwitchError.
        """
        session = await self._store.sessions.live_of(channel_id, user_id)
        now = self._clock.now()
        taken = removed_at is not None and session is not None and await self._taken(session, removed_at)
        if session is not None and removed_at is not None and taken:
            # Before the look, which may fail: a later one would not know of this removal any more.
            session = await self._lost(session, now, self._gone_at(removed_at, now))
        vip = await badge.shown(self._twitch, channel_id, user_id)
        return await self._shown(channel_id, user_id, session, now, vip, taken)

    async def _shown(
        self, channel_id: str, user_id: str, session: VipSession | None, now: datetime, vip: bool, taken: bool = False
    ) -> VipSession | None:
        if session is not None and session.state is SessionState.ASIDE:
            return await self._aside(session, vip, now)
        if vip or taken or session is None or session.granted_at is None:
            self._connections.saw_vip(channel_id, user_id, vip)
            return None
        fresh = any(at and now - at < SETTLES_AFTER for at in (session.added_at, session.unanswered_at))
        # By a clock that is wrong nobody can tell how fresh it is.
        if fresh or not clocks.agree(self._twitch):
            await self._channels.due(channel_id, now + SETTLES_AFTER)
            return None
        self._connections.saw_vip(channel_id, user_id, vip)
        session = await self._lost(session, now, now)
        if session is not None and session.state is SessionState.ASIDE:
            return await self._aside(session, vip, now)
        return None

    async def _aside(self, session: VipSession, vip: bool, now: datetime) -> VipSession | None:
        """What became of the viewer whose badge is gone. Lists that still show the badge, or no moderator yet, may be
        behind."""
        channel_id, settling = session.channel_id, now - (session.aside_at or now)
        moderator = bool(await self._twitch.moderators(channel_id, [session.user_id]))
        if not clocks.agree(self._twitch):
            await self._channels.due(channel_id, now + SETTLES_AFTER)
        elif moderator:
            self._connections.saw_vip(channel_id, session.user_id, False)
            if not session.moderator:
                modded = session.of_moderator(now)
                await self._attempt(modded, about_session(modded, now, Action.MODDED))
        elif settling < SETTLES_AFTER and (vip or session.unexplained):
            await self._channels.due(channel_id, now + SETTLES_AFTER - settling)
        elif session.unexplained:
            self._connections.saw_vip(channel_id, session.user_id, vip)
            await self._attempt(*await self._ended(session, now, EndReason.REMOVED_ON_TWITCH))
        elif vip:
            await self._attempt(*await self._ended(session, now, EndReason.GIVEN_ON_TWITCH))
        elif session.moderator and not session.due_to_end(now):
            return await self._attempt(session.back(now))
        return None

    async def _taken(self, session: VipSession, removed_at: datetime) -> bool:
        """Whether what was removed then is a badge of that session, and not an echo of our own removal: that of its
        last 204, or one that a later add may have made whose answer was lost."""
        made = [at for at in (session.added_at, session.seen_not_vip_at, session.unanswered_at) if at]
        removed = self._by_our_clock(removed_at)
        if not made or removed <= max(made):
            return False
        return not await badge.echoes(self._store, self._connections, session, removed_at, removed)

    def _by_our_clock(self, stamp: datetime) -> datetime:
        """A moment that Twitch has stamped. Where our clock is wrong by now, it was right when the badge was made, or
        nobody would have made it: the stamp is believed as it is."""
        skew = self._twitch.skew() or timedelta()
        return stamp - skew if SKEW_NOISE < abs(skew) <= clocks.MOST_SKEW else stamp

    def _gone_at(self, stamp: datetime, now: datetime) -> datetime:
        """When a badge went, of which we hear now. Where `now` is far from the stamp it was long ago, or our clock is
        wrong, and Twitch's is right either way."""
        removed = self._by_our_clock(stamp)
        return removed if abs(removed - now) > clocks.MOST_SKEW else now

    async def _lost(self, session: VipSession, now: datetime, gone_at: datetime) -> VipSession | None:
        """Twitch shows no badge. An add that is still to come makes a new one; of a running session it is to be found
        out why; one that was ending is over. Returns it as it stands then, None where that is not known."""
        match session.state:
            case SessionState.GRANTING:
                return await self._attempt(session.badge_gone())
            case SessionState.ACTIVE:
                return await self._attempt(session.set_aside(gone_at))
            case SessionState.ENDING if session.seatless:
                return await self._attempt(session.vacated(now))
            case SessionState.ENDING:
                return await self._attempt(
                    *await self._ended(session, now, session.end_reason or EndReason.REMOVED_ON_TWITCH)
                )
        return session

    async def _ended(self, session: VipSession, now: datetime, reason: EndReason) -> tuple[VipSession, AuditEntry]:
        """And the line that tells of it: by whom, where that was begun by somebody here."""
        done = session.ended(now, reason)
        person = await self._access.by_whom(session.ended_by, session.channel_id)
        return done, about_session(done, now, Action.ENDED, person, reason=reason)

    async def _attempt(self, session: VipSession, *entries: AuditEntry) -> VipSession | None:
        """Where somebody else changes it at this moment, it is in good hands: None."""
        try:
            kept = await self._store.commit(session, *entries)
        except Conflict:
            return None
        self._changes.announce(session.channel_id)
        return kept
