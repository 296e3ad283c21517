"""What the streamer does by hand: gives VIP, gives more of it, puts a VIP of somebody else's hand on a clock."""

import hashlib
from contextlib import aclosing
from datetime import datetime, timedelta

import structlog

from vip_manager.domain.audit import Action
from vip_manager.domain.channel import Channel
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.rules import VipClock
from vip_manager.domain.session import API, MANUAL, Credit, SessionState, VipSession
from vip_manager.domain.terms import InvalidInput, parse_hours
from vip_manager.domain.undo import credit_id, gives_back, id_after, paid_up, undoable
from vip_manager.ports import Clock, Conflict, Store, Twitch, TwitchUnavailable, TwitchUser
from vip_manager.services import badge, clocks
from vip_manager.services.access import Person
from vip_manager.services.add import Add
from vip_manager.services.by_name import viewer_by_id, viewer_by_name
from vip_manager.services.changes import Changes
from vip_manager.services.channels import stays
from vip_manager.services.connections import Connections
from vip_manager.services.grant import Grant
from vip_manager.services.journal import about_session, new_id
from vip_manager.services.look import Look
from vip_manager.services.refused import Refused
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

_RACES = 5
"""How often a lost compare-and-set is tried again."""
_A_MOMENT = timedelta(minutes=1)
"""So long after its end VIP is given `again`. A page offers it for some seconds only."""


class Gift:
    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        changes: Changes,
        connections: Connections,
        turns: Turns,
        add: Add,
        look: Look,
        grant: Grant,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._connections = connections
        self._turns = turns
        self._add = add
        self._look = look
        self._grant = grant

    async def by_hand(self, person: Person, channel_id: str, login: str, hours: object, gift_id: str) -> VipSession:
        """Gives VIP, or more of it, to the viewer of that name. The same `gift_id` counts once.

        Where Twitch does not answer, the session comes back as GRANTING and is tried again. Raises InvalidInput,
        Refused, TwitchError (nothing was done).
        """
        credit = Credit(gift_id, MANUAL, parse_hours(hours), self._clock.now(), person.id)
        return await self._give(person, channel_id, await viewer_by_name(self._twitch, channel_id, login), credit)

    async def add_time(
        self, person: Person, channel_id: str, session_id: str, hours: object, gift_id: str
    ) -> VipSession:
        """More hours for a session of that channel. Raises like `by_hand`."""
        credit = Credit(gift_id, MANUAL, parse_hours(hours), self._clock.now(), person.id)
        session = await self._store.sessions.get(session_id)
        if session is None or session.channel_id != channel_id:
            raise InvalidInput("session_id", "That VIP is not in this channel.")
        viewer = TwitchUser(session.user_id, session.login, session.username)
        return await self._give(person, channel_id, viewer, credit)

    async def through_api(
        self,
        person: Person,
        channel_id: str,
        who: str,
        hours: object,
        gift_id: str,
        *,
        by_id: bool,
        tried_since: datetime | None = None,
    ) -> VipSession:
        """The same by another program of that person's: `who` is a login or, `by_id`, a Twitch id. With `tried_since`
        it may have been given before, at that moment or later, and counts once also where the VIP that it made is over
        by now: that one comes back then."""
        credit = Credit(gift_id, API, parse_hours(hours), self._clock.now(), person.id)
        find = viewer_by_id if by_id else viewer_by_name
        return await self._once(person, channel_id, await find(self._twitch, channel_id, who), credit, tried_since)

    async def more_through_api(
        self,
        person: Person,
        channel_id: str,
        user_id: str,
        hours: object,
        gift_id: str,
        *,
        tried_since: datetime | None = None,
    ) -> VipSession | None:
        """More hours for a viewer who is VIP through us; None where they are not. Otherwise as `through_api`."""
        credit = Credit(gift_id, API, parse_hours(hours), self._clock.now(), person.id)
        live = await self._store.sessions.live_of(channel_id, user_id)
        if live is None and tried_since is not None:
            live = await self._given(channel_id, user_id, gift_id, tried_since)
        if live is None:
            return None
        viewer = TwitchUser(user_id, live.login, live.username)
        return await self._once(person, channel_id, viewer, credit, tried_since)

    async def _once(
        self, person: Person, channel_id: str, viewer: TwitchUser, credit: Credit, tried_since: datetime | None
    ) -> VipSession:
        async with self._turns.of(channel_id, viewer.id):
            session = await self._given(channel_id, viewer.id, credit.id, tried_since) if tried_since else None
            if session is None:
                session = await self._gift(person, channel_id, viewer, credit, VipClock.WALL, None)
            elif not session.live and session.granted_at and session.refusal is None:
                return session
        if not session.live:
            raise Refused(session.refusal or Refusal.DECLINED)
        return session

    async def undoable(self, session: VipSession) -> bool:
        """Whether `again` would give back what was taken by hand. Raises StoreError."""
        return undoable(session) and await self._paid_up(session)

    async def again(self, person: Person, channel_id: str, session_id: str) -> VipSession:
        """A VIP that ended a moment ago goes on: by hand, with the time that was left; by itself, with an hour more.
        However often that is asked for, it counts once. Raises like `by_hand`."""
        session = await self._store.sessions.get(session_id)
        if session is None or session.channel_id != channel_id:
            raise InvalidInput("session_id", "That VIP is not in this channel.")
        now = self._clock.now()
        expired = session.end_reason is EndReason.EXPIRED
        if session.ended_at is None or now - session.ended_at > _A_MOMENT or not (expired or undoable(session)):
            raise InvalidInput(
                "session_id", "That can't be undone any more. Give VIP to @{who} instead.", who=session.username
            )
        hours = 1.0 if expired else session.hours_left(session.ended_at)
        viewer = TwitchUser(session.user_id, session.login, session.username)
        credit = Credit(credit_id(session), MANUAL, hours, now, person.id)
        clock = VipClock.WALL if expired else session.clock
        return await self._give(person, channel_id, viewer, credit, clock, session)

    async def put_on_clock(
        self, person: Person, channel_id: str, login: str, hours: object, gift_id: str
    ) -> VipSession:
        """The badge that somebody else gave to the viewer of that name is ours from now on, and goes when so many hours
        are over. Raises InvalidInput, Refused, TwitchError."""
        credit = Credit(gift_id, MANUAL, parse_hours(hours), self._clock.now(), person.id)
        viewer = await viewer_by_name(self._twitch, channel_id, login)
        async with self._turns.of(channel_id, viewer.id):
            live = await self._store.sessions.live_of(channel_id, viewer.id)
            if live is not None and live.holds(gift_id):
                return live
            if live is not None:
                raise Refused(Refusal.STILL_VIP)
            if not await self._add.is_vip(channel_id, viewer.id):
                raise InvalidInput("login", "{who} is not VIP on Twitch. Give them VIP instead.", who=viewer.username)
            now = self._clock.now()
            behind = await badge.just_taken(self._store, self._connections, channel_id, viewer.id, now)
            if behind or not clocks.agree(self._twitch):
                raise TwitchUnavailable("the badge may be one that was removed a moment ago")
            session = VipSession.begun(new_id(), (channel_id, viewer.id, viewer.login, viewer.username), credit)
            session = session.put_on_clock(now)
            entry = about_session(session, now, Action.CLOCKED, person, hours=credit.hours)
            try:
                session = await self._store.commit(session, entry, *await self._staying(channel_id))
            except Conflict:
                raise TwitchUnavailable("the viewer's session is changing at this moment") from None
        log.info("vip put on a clock", channel_id=channel_id, user_id=viewer.id, by=person.id)
        self._changes.announce(channel_id)
        return session

    async def _paid_up(self, session: VipSession) -> bool:
        return paid_up(session, await self._store.redemptions.of_session(session.id))

    async def _staying(self, channel_id: str) -> list[Channel]:
        """To be committed, as it is, with a session that begins: whoever leaves has let go of all that there were, and
        must not have begun to meanwhile. Raises InvalidInput."""
        channel = await self._store.channels.get(channel_id)
        if channel is None:
            return []
        stays(channel)
        return [channel]

    async def _went_on(self, over: VipSession, credit: Credit) -> VipSession | None:
        """The live session on which that one went on already. Raises InvalidInput where that is over too, or where this
        one can't go on."""
        # Another instance's clock may be a little behind.
        since = (over.ended_at or credit.at) - _A_MOMENT
        async with aclosing(self._store.sessions.since(over.channel_id, since)) as sessions:
            async for one in sessions:
                if one.user_id != over.user_id or not one.holds(credit.id):
                    continue
                if one.live:
                    return one
                if one.granted_at:
                    raise InvalidInput("session_id", "That VIP has ended already.")
        if gives_back(credit) and not await self._paid_up(over):
            raise InvalidInput(
                "session_id",
                "The points of @{who} went back, or may yet, so this can't be undone. Give VIP to them instead.",
                who=over.username,
            )
        return None

    async def _given(self, channel_id: str, user_id: str, gift_id: str, since: datetime) -> VipSession | None:
        """The session that this gift began, or that it was added to."""
        if begun := await self._store.sessions.get(_id_of(gift_id)):
            return begun
        async with aclosing(self._store.sessions.since(channel_id, since - _A_MOMENT)) as sessions:
            async for one in sessions:
                if one.user_id == user_id and one.holds(gift_id):
                    return one
        return None

    async def _id_after(self, over: VipSession) -> str:
        """Of the session with which that one goes on. One that came to nothing leaves room for another try."""
        session_id = id_after(over.id)
        while there := await self._store.sessions.get(session_id):
            if there.live or there.granted_at:
                break
            session_id = id_after(session_id)
        return session_id

    async def _give(
        self,
        person: Person,
        channel_id: str,
        viewer: TwitchUser,
        credit: Credit,
        clock: VipClock = VipClock.WALL,
        over: VipSession | None = None,
    ) -> VipSession:
        """`clock` is what the hours are counted by where the viewer's session begins with them, `over` the ended one
        that goes on with them, if any."""
        async with self._turns.of(channel_id, viewer.id):
            session = await self._gift(person, channel_id, viewer, credit, clock, over)
        if not session.live:
            raise Refused(session.refusal or Refusal.DECLINED)
        return session

    async def _gift(
        self,
        person: Person,
        channel_id: str,
        viewer: TwitchUser,
        credit: Credit,
        clock: VipClock,
        over: VipSession | None,
    ) -> VipSession:
        for _ in range(_RACES):
            try:
                return await self._try_gift(person, channel_id, viewer, credit, clock, over)
            except Conflict:
                continue
        raise TwitchUnavailable("the viewer's session is changing too fast")

    async def _try_gift(
        self,
        person: Person,
        channel_id: str,
        viewer: TwitchUser,
        credit: Credit,
        clock: VipClock,
        over: VipSession | None,
    ) -> VipSession:
        live = await self._look.live(channel_id, viewer.id)
        if over is not None and (there := await self._went_on(over, credit)) is not None:
            return there
        now = self._clock.now()
        if live is None:
            listed = await self._add.is_vip(channel_id, viewer.id)
            if listed and not await badge.just_taken(self._store, self._connections, channel_id, viewer.id, now):
                raise Refused(Refusal.ALREADY_VIP)
            begun = (channel_id, viewer.id, viewer.login, viewer.username)
            session_id = new_id() if credit.source == MANUAL else _id_of(credit.id)
            session_id = await self._id_after(over) if over else session_id
            session = VipSession.begun(session_id, begun, credit, clock)
            # The add goes out only after a look that shows no badge: a list that is behind will, in a moment.
            session = session if listed else session.asking(now)
            session = await self._store.commit(session, *await self._staying(channel_id))
            self._changes.announce(channel_id)
            await (self._add.again(session) if listed else self._add.first(session))
        elif not live.holds(credit.id):
            # Alone for its refusal: what runs is let go of as it stands by whoever leaves.
            await self._staying(channel_id)
            if live.clock is VipClock.STREAM:
                raise Refused(Refusal.UNTIL_STREAM_ENDS)
            if live.unexplained:
                raise TwitchUnavailable("why the viewer's badge is gone is yet to be found out")
            if not await clocks.known_for(self._twitch, live, now):
                raise TwitchUnavailable("our clock and Twitch's differ, and hours depend on it")
            session = live.credited(credit, now).renamed(viewer.login, viewer.username)
            entry = about_session(session, now, Action.EXTENDED, person, hours=credit.hours, source=credit.source)
            session = await self._store.commit(session, entry)
            self._changes.announce(channel_id)
            if session.state is SessionState.GRANTING:
                await self._grant.again(session)
        else:
            session = live
        return await self._store.sessions.get(session.id) or session


def _id_of(gift_id: str) -> str:
    """Of the session that this gift begins: also where its credit is taken off again, it is known."""
    return hashlib.sha256(f"gift:{gift_id}".encode()).hexdigest()[:24]
