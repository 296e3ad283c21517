"""Makes viewers VIP: for a redemption, or by the streamer's hand.

Every step is written down before the next: the intent, Twitch's answer, the redemption's settlement. A crash between
any two leaves a record that `redemption` and `session` pick up where it stands, and that change nothing where it is
done.
"""

from contextlib import suppress
from datetime import datetime

import structlog

from vip_manager.domain.audit import Action
from vip_manager.domain.decision import Decision, Extend, Refuse, Start, decide
from vip_manager.domain.reasons import Refusal, Trouble
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.session import MANUAL, Credit, SessionState, VipSession, by_reward
from vip_manager.domain.terms import InvalidInput, parse_hours, parse_login
from vip_manager.ports import (
    Clock,
    Conflict,
    Store,
    Twitch,
    TwitchError,
    TwitchStatus,
    TwitchUnavailable,
    TwitchUser,
)
from vip_manager.services import clocks, elsewhere
from vip_manager.services.access import Person
from vip_manager.services.add import Add, refuses_viewer
from vip_manager.services.changes import Changes
from vip_manager.services.connections import Connections
from vip_manager.services.journal import about_redemption, about_session, new_id
from vip_manager.services.look import Look
from vip_manager.services.postpone import postponed
from vip_manager.services.settle import Settle
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

_RACES = 5
"""How often a lost compare-and-set is tried again before it is left to the next sweep."""


class Refused(Exception):
    """VIP was not given by hand, and why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class Grant:
    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        changes: Changes,
        connections: Connections,
        turns: Turns,
        settle: Settle,
        add: Add,
        look: Look,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._connections = connections
        self._turns = turns
        self._settle = settle
        self._add = add
        self._look = look

    async def redemption(self, redemption_id: str) -> Redemption | None:
        """Takes a redemption as far as it goes now; what can't be done is put off.

        Returns how it stands after that; None where there was nothing to do.
        """
        redemption = await self._store.redemptions.get(redemption_id)
        if redemption is None:
            return None
        async with self._turns.of(redemption.channel_id, redemption.user_id):
            redemption = await self._store.redemptions.get(redemption_id)
            if redemption is None or not redemption.open:
                return None
            for _ in range(_RACES):
                try:
                    return await self._advance(redemption_id)
                except Conflict:
                    continue
            log.warning("redemption contended", redemption_id=redemption_id, channel_id=redemption.channel_id)
            return await self._store.redemptions.get(redemption_id)

    async def session(self, session_id: str) -> VipSession | None:
        """Takes up a session whose VIP was not confirmed by Twitch yet, then its redemptions."""
        session = await self._store.sessions.get(session_id)
        if session is None:
            return None
        async with self._turns.of(session.channel_id, session.user_id):
            try:
                session = await self._store.sessions.get(session_id)
                if session is not None and session.state is SessionState.GRANTING:
                    await self._add.again(session)
            except Conflict:
                log.info("session contended", session_id=session_id)
        for redemption in await self._store.redemptions.of_session(session_id):
            if redemption.open and redemption.retry.due(self._clock.now()):
                await self.redemption(redemption.id)
        return await self._store.sessions.get(session_id)

    async def by_hand(self, person: Person, channel_id: str, login: str, hours: object, gift_id: str) -> VipSession:
        """Gives VIP, or more of it, to the viewer of that name. The same `gift_id` counts once.

        Where Twitch does not answer, the session comes back as GRANTING and is tried again. Raises InvalidInput,
        Refused, TwitchError (nothing was done).
        """
        credit = Credit(gift_id, MANUAL, parse_hours(hours), self._clock.now(), person.id)
        found = await self._twitch.users(channel_id, logins=[parse_login(login)])
        if not found:
            raise Refused(Refusal.USER_NOT_FOUND)
        viewer = found[0]
        if viewer.id == channel_id:
            raise Refused(Refusal.BROADCASTER)
        return await self._give(person, channel_id, viewer, credit)

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

    async def _advance(self, redemption_id: str) -> Redemption | None:
        while True:
            redemption = await self._store.redemptions.get(redemption_id)
            if redemption is None or not redemption.open:
                return redemption
            try:
                match redemption.state:
                    case RedemptionState.RECEIVED:
                        moved = await self._begin(redemption)
                    case RedemptionState.GRANTING:
                        moved = await self._carry_on(redemption)
                    case _:
                        await self._settle.redemption(redemption)
                        self._connections.answers(redemption.channel_id)
                        moved = True
                if not moved:
                    return await self._store.redemptions.get(redemption_id)
            except TwitchError as error:
                retry = postponed(redemption.retry, self._clock.now(), error)
                return await self._put_off(redemption, retry, str(error))

    async def _begin(self, redemption: Redemption) -> bool:
        """RECEIVED: decide, write the intent, and go. Says whether there is more to do now."""
        channel = await self._store.channels.get(redemption.channel_id)
        if channel is None:
            raise TwitchUnavailable("the channel's record is missing")
        late = elsewhere.late(self._twitch, redemption, channel, self._clock.now())
        if late or redemption.retry.attempts:
            there = await elsewhere.status(self._twitch, redemption)
            if there is TwitchStatus.CANCELED:
                await self._canceled_elsewhere(redemption)
                return True
            # The answer has told Twitch's time anew: our clock may just have been set.
            late = elsewhere.late(self._twitch, redemption, channel, self._clock.now())
            late = late and there is TwitchStatus.UNFULFILLED
        live = await self._live(redemption.channel_id, redemption.user_id)
        decision = decide(redemption, channel, live, late=late)
        if isinstance(decision, Start):
            decision = await self._looked(redemption, decision)
        now = self._clock.now()
        if live is not None and isinstance(decision, Extend):
            trouble = Trouble.LAGGING if live.unexplained else None
            if not trouble and not await self._knows_the_time(live, now):
                trouble = Trouble.CLOCK
            if trouble:
                await self._put_off(redemption, redemption.retry.put_off(now, trouble), trouble)
                return False
        if isinstance(decision, Refuse):
            entry = about_redemption(redemption, now, Action.REFUSED, reason=decision.refusal)
            await self._store.commit(redemption.refunding(decision.refusal), entry)
            self._changes.announce(redemption.channel_id)
            return True
        credit = Credit(redemption.id, by_reward(redemption.reward_id), decision.hours, now)
        if live is None:
            viewer = TwitchUser(redemption.user_id, redemption.login, redemption.username)
            session = _started(redemption.channel_id, viewer, credit, now)
            session = await self._store.commit(session, redemption.granting(session.id, decision.hours))
            self._changes.announce(redemption.channel_id)
            return await self._add.first(session)
        session = live.credited(credit, now)
        if session.state is SessionState.ACTIVE:
            entry = about_session(
                session, now, Action.EXTENDED, hours=decision.hours, reward=redemption.reward_title, source="reward"
            )
            await self._store.commit(redemption.granted(session.id, decision.hours), session, entry)
        else:
            await self._store.commit(redemption.granting(session.id, decision.hours), session)
        self._changes.announce(redemption.channel_id)
        return True

    async def _live(self, channel_id: str, user_id: str) -> VipSession | None:
        """The viewer's session, after a look whether the badge that more time is for is there: somebody may have taken
        it. Where Twitch does not answer, our word stands."""
        live = await self._store.sessions.live_of(channel_id, user_id)
        if live is None or live.state is not SessionState.ACTIVE:
            return live
        with suppress(TwitchError):
            await self._look.at(channel_id, user_id)
        return await self._store.sessions.live_of(channel_id, user_id)

    async def _knows_the_time(self, live: VipSession, now: datetime) -> bool:
        """Whether hours can be added to that session. Past its end, while it is being ended, and without its badge they
        run from now: by a clock that is wrong they would be too many or too few. Where Twitch does not answer, ours is
        believed."""
        if live.state not in (SessionState.ENDING, SessionState.ASIDE) and not live.due_to_end(now):
            return True
        with suppress(TwitchError):
            await self._twitch.knock()
        return clocks.agree(self._twitch)

    async def _looked(self, redemption: Redemption, start: Start) -> Decision:
        """Whether Twitch shows the viewer without VIP. Raises TwitchError."""
        try:
            if not await self._add.is_vip(redemption.channel_id, redemption.user_id):
                return start
        except TwitchError as error:
            if not refuses_viewer(error):
                raise
            log.warning("viewer refused", redemption_id=redemption.id, error=str(error))
            return Refuse(Refusal.DECLINED)
        if self._connections.just_removed(redemption.channel_id, redemption.user_id, self._clock.now()):
            raise TwitchUnavailable("Twitch still lists a badge that was removed a moment ago")
        return Refuse(Refusal.ALREADY_VIP)

    async def _carry_on(self, redemption: Redemption) -> bool:
        """GRANTING: its session is what has to move. Says whether there is more to do now."""
        session = await self._store.sessions.get(redemption.session_id)
        if session is not None and session.state is SessionState.GRANTING:
            return await self._add.again(session)
        if session is not None and session.state is SessionState.ACTIVE and session.holds(redemption.id):
            await self._store.commit(redemption.granted(session.id, redemption.hours))
            return True
        refusal = (session and session.refusal) or Refusal.DECLINED
        entry = about_redemption(redemption, self._clock.now(), Action.REFUSED, reason=refusal)
        await self._store.commit(redemption.refunding(refusal), entry)
        return True

    async def _give(self, person: Person, channel_id: str, viewer: TwitchUser, credit: Credit) -> VipSession:
        async with self._turns.of(channel_id, viewer.id):
            session = await self._gift(person, channel_id, viewer, credit)
        if not session.live:
            raise Refused(session.refusal or Refusal.DECLINED)
        return session

    async def _gift(self, person: Person, channel_id: str, viewer: TwitchUser, credit: Credit) -> VipSession:
        for _ in range(_RACES):
            try:
                return await self._try_gift(person, channel_id, viewer, credit)
            except Conflict:
                continue
        raise TwitchUnavailable("the viewer's session is changing too fast")

    async def _try_gift(self, person: Person, channel_id: str, viewer: TwitchUser, credit: Credit) -> VipSession:
        live = await self._live(channel_id, viewer.id)
        now = self._clock.now()
        if live is None:
            if await self._add.is_vip(channel_id, viewer.id):
                raise Refused(Refusal.ALREADY_VIP)
            session = await self._store.commit(_started(channel_id, viewer, credit, now))
            self._changes.announce(channel_id)
            await self._add.first(session)
        elif not live.holds(credit.id):
            if live.unexplained:
                raise TwitchUnavailable("why the viewer's badge is gone is yet to be found out")
            if not await self._knows_the_time(live, now):
                raise TwitchUnavailable("our clock and Twitch's differ, and hours depend on it")
            session = live.credited(credit, now).renamed(viewer.login, viewer.username)
            entry = about_session(session, now, Action.EXTENDED, person, hours=credit.hours, source=MANUAL)
            session = await self._store.commit(session, entry)
            self._changes.announce(channel_id)
            if session.state is SessionState.GRANTING:
                await self._add.again(session)
        else:
            session = live
        return await self._store.sessions.get(session.id) or session

    async def _put_off(self, redemption: Redemption, retry: Retry, error: str) -> Redemption | None:
        now = self._clock.now()
        log.warning("redemption put off", redemption_id=redemption.id, state=redemption.state, error=error)
        entry = [about_redemption(redemption, now, Action.PUT_OFF, error=retry.error)] if retry.attempts == 1 else []
        put_off = await self._store.commit(redemption.put_off(retry), *entry)
        self._connections.answers(redemption.channel_id, retry.error)
        self._changes.announce(redemption.channel_id)
        return put_off

    async def _canceled_elsewhere(self, redemption: Redemption) -> None:
        """Somebody gave the points back on Twitch before we granted anything."""
        now = self._clock.now()
        await self._store.commit(redemption.canceled(now), about_redemption(redemption, now, Action.REFUNDED))
        self._changes.announce(redemption.channel_id)


def _started(channel_id: str, viewer: TwitchUser, credit: Credit, now: datetime) -> VipSession:
    """A new session whose look has just shown that the viewer is not VIP."""
    return VipSession(
        id=new_id(),
        channel_id=channel_id,
        user_id=viewer.id,
        login=viewer.login,
        username=viewer.username,
        redeemed_with=credit.source,
        created_at=now,
        credits=(credit,),
        owed=credit.hours,
    ).asking(now)
