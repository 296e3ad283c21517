"""Makes viewers VIP: for a redemption, or by the streamer's hand.

Every step is written down before the next: the intent, Twitch's answer, the redemption's settlement. A crash between
any two leaves a record that `redemption` and `session` pick up where it stands, and that change nothing where it is
done.
"""

from datetime import datetime

import structlog

from vip_manager.domain.audit import Action
from vip_manager.domain.decision import Refuse, Start, decide
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import MANUAL, Credit, SessionState, VipSession, by_reward
from vip_manager.domain.terms import InvalidInput, parse_hours, parse_login
from vip_manager.ports import (
    AlreadyVipOrModerator,
    CannotBeVip,
    Clock,
    Conflict,
    NotFound,
    NoVipFeature,
    NoVipSlot,
    Store,
    Twitch,
    TwitchError,
    TwitchStatus,
    TwitchUnavailable,
    TwitchUser,
)
from vip_manager.services.access import Person
from vip_manager.services.changes import Changes
from vip_manager.services.connections import Connections
from vip_manager.services.journal import about_redemption, about_session, new_id
from vip_manager.services.postpone import postponed, trouble_of
from vip_manager.services.settle import Settle
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

_REFUSALS: dict[type[TwitchError], Refusal] = {
    NoVipSlot: Refusal.FULL,
    NoVipFeature: Refusal.NO_VIP_FEATURE,
    CannotBeVip: Refusal.BLOCKED,
    NotFound: Refusal.USER_NOT_FOUND,
}

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
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._connections = connections
        self._turns = turns
        self._settle = settle

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
                    await self._add(session, resumed=True)
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
        async with self._turns.of(channel_id, viewer.id):
            session = await self._gift(person, channel_id, viewer, credit)
        if session.state is SessionState.REFUSED:
            raise Refused(session.refusal or Refusal.DECLINED)
        return session

    async def add_time(
        self, person: Person, channel_id: str, session_id: str, hours: object, gift_id: str
    ) -> VipSession:
        """More hours for a session of that channel. Raises InvalidInput, Refused."""
        credit = Credit(gift_id, MANUAL, parse_hours(hours), self._clock.now(), person.id)
        session = await self._store.sessions.get(session_id)
        if session is None or session.channel_id != channel_id:
            raise InvalidInput("session_id", "That VIP is not in this channel.")
        viewer = TwitchUser(session.user_id, session.login, session.username)
        async with self._turns.of(channel_id, viewer.id):
            session = await self._gift(person, channel_id, viewer, credit)
        if session.state is SessionState.REFUSED:
            raise Refused(session.refusal or Refusal.DECLINED)
        return session

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
                        moved = True
                if not moved:
                    return await self._store.redemptions.get(redemption_id)
            except TwitchError as error:
                return await self._put_off(redemption, error)

    async def _begin(self, redemption: Redemption) -> bool:
        """RECEIVED: decide, write the intent, and go. Says whether there is more to do now."""
        if redemption.retry.attempts and await self._canceled_elsewhere(redemption):
            return True
        channel = await self._store.channels.get(redemption.channel_id)
        if channel is None:
            raise TwitchUnavailable("the channel's record is missing")
        live = await self._store.sessions.live_of(redemption.channel_id, redemption.user_id)
        decision = decide(redemption, channel, live)
        if isinstance(decision, Start) and await self._is_vip(redemption.channel_id, redemption.user_id):
            decision = Refuse(Refusal.ALREADY_VIP)
        now = self._clock.now()
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
            return await self._add(session, resumed=False)
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

    async def _carry_on(self, redemption: Redemption) -> bool:
        """GRANTING: its session is what has to move. Says whether there is more to do now."""
        session = await self._store.sessions.get(redemption.session_id)
        if session is None or session.state in (SessionState.REFUSED, SessionState.ENDED):
            refusal = (session and session.refusal) or Refusal.DECLINED
            entry = about_redemption(redemption, self._clock.now(), Action.REFUSED, reason=refusal)
            await self._store.commit(redemption.refunding(refusal), entry)
            return True
        if session.state is not SessionState.GRANTING:
            await self._store.commit(redemption.granted(session.id, redemption.hours))
            return True
        return await self._add(session, resumed=True)

    async def _gift(self, person: Person, channel_id: str, viewer: TwitchUser, credit: Credit) -> VipSession:
        for _ in range(_RACES):
            try:
                return await self._try_gift(person, channel_id, viewer, credit)
            except Conflict:
                continue
        raise TwitchUnavailable("the viewer's session is changing too fast")

    async def _try_gift(self, person: Person, channel_id: str, viewer: TwitchUser, credit: Credit) -> VipSession:
        live = await self._store.sessions.live_of(channel_id, viewer.id)
        now = self._clock.now()
        if live is None:
            if await self._is_vip(channel_id, viewer.id):
                raise Refused(Refusal.ALREADY_VIP)
            session = await self._store.commit(_started(channel_id, viewer, credit, now))
            self._changes.announce(channel_id)
            await self._add(session, resumed=False, by=person)
        elif not live.holds(credit.id):
            session = live.credited(credit, now)
            entry = about_session(session, now, Action.EXTENDED, person, hours=credit.hours, source=MANUAL)
            session = await self._store.commit(session, entry)
            self._changes.announce(channel_id)
            if session.state is SessionState.GRANTING:
                await self._add(session, resumed=True)
        else:
            session = live
        return await self._store.sessions.get(session.id) or session

    async def _add(self, session: VipSession, *, resumed: bool, by: Person | None = None) -> bool:
        """GRANTING: add VIP on Twitch and write down what came of it. Says whether it came to an end.

        `resumed`: an earlier add may have reached Twitch without its answer reaching us. Then 422 may speak of our own
        badge, which the recorded look before that add allows us to claim; on a first add it never is ours.
        """
        resumed = resumed or session.retry.attempts > 0
        try:
            await self._twitch.add_vip(session.channel_id, session.user_id)
        except AlreadyVipOrModerator:
            return await self._after_422(session, resumed)
        except (NoVipSlot, NoVipFeature, CannotBeVip, NotFound) as error:
            return await self._refuse(session, _REFUSALS[type(error)])
        except TwitchError as error:
            await self._put_session_off(session, trouble_of(error), error)
            return False
        await self._granted(session, by)
        return True

    async def _after_422(self, session: VipSession, resumed: bool) -> bool:
        try:
            vip = await self._is_vip(session.channel_id, session.user_id)
            if resumed and vip:
                await self._granted(session, None)
                return True
            moderator = bool(await self._twitch.moderators(session.channel_id, [session.user_id]))
        except TwitchError as error:
            if resumed:
                await self._put_session_off(session, trouble_of(error), error)
                return False
            # It was not VIP a moment ago, so 422 most likely means a moderator; ours it is in neither case.
            return await self._refuse(session, Refusal.MODERATOR)
        if moderator:
            return await self._refuse(session, Refusal.MODERATOR)
        if not resumed:
            return await self._refuse(session, Refusal.ALREADY_VIP)
        await self._put_session_off(session, Trouble.LAGGING, None)
        return False

    async def _granted(self, session: VipSession, by: Person | None) -> None:
        now = self._clock.now()
        active = session.active(now)
        waiting = await self._granting(session)
        title = waiting[0].reward_title if waiting else ""
        entry = about_session(
            active, now, Action.GRANTED, by, hours=active.hours, source=active.redeemed_with.split(":")[0], reward=title
        )
        credited = [redemption.granted(session.id, redemption.hours) for redemption in waiting]
        await self._store.commit(active, *credited, entry)
        self._connections.saw_vip(session.channel_id, session.user_id, True)
        log.info("vip granted", channel_id=session.channel_id, user_id=session.user_id, session_id=session.id)
        self._changes.announce(session.channel_id)

    async def _refuse(self, session: VipSession, refusal: Refusal) -> bool:
        now = self._clock.now()
        done = session.ended(now, EndReason.REMOVED_ON_TWITCH) if session.ours else session.refused(now, refusal)
        waiting = await self._granting(session)
        entries = [about_redemption(redemption, now, Action.REFUSED, reason=refusal) for redemption in waiting]
        if not waiting:
            entries = [about_session(done, now, Action.REFUSED, reason=refusal)]
        refunds = [redemption.refunding(refusal) for redemption in waiting]
        await self._store.commit(done, *refunds, *entries)
        log.info("vip refused", channel_id=session.channel_id, user_id=session.user_id, refusal=refusal)
        self._changes.announce(session.channel_id)
        return True

    async def _put_off(self, redemption: Redemption, error: TwitchError) -> Redemption | None:
        now = self._clock.now()
        log.warning("redemption put off", redemption_id=redemption.id, state=redemption.state, error=str(error))
        retry = postponed(redemption.retry, now, error)
        entry = [about_redemption(redemption, now, Action.PUT_OFF, error=retry.error)] if retry.attempts == 1 else []
        put_off = await self._store.commit(redemption.put_off(retry), *entry)
        self._changes.announce(redemption.channel_id)
        return put_off

    async def _put_session_off(self, session: VipSession, trouble: Trouble, error: TwitchError | None) -> None:
        """The session and the redemptions that wait for it, until the same moment."""
        now = self._clock.now()
        log.warning("grant put off", session_id=session.id, channel_id=session.channel_id, error=str(error or trouble))
        retry = postponed(session.retry, now, error) if error else session.retry.put_off(now, trouble)
        entry = [about_session(session, now, Action.PUT_OFF, error=retry.error)] if retry.attempts == 1 else []
        waiting = [redemption.put_off(retry) for redemption in await self._granting(session)]
        await self._store.commit(session.put_off(retry), *waiting, *entry)
        self._changes.announce(session.channel_id)

    async def _granting(self, session: VipSession) -> list[Redemption]:
        redemptions = await self._store.redemptions.of_session(session.id)
        return [redemption for redemption in redemptions if redemption.state is RedemptionState.GRANTING]

    async def _canceled_elsewhere(self, redemption: Redemption) -> bool:
        """Somebody gave the points back on Twitch before we granted anything."""
        try:
            there = await self._twitch.redemption(redemption.channel_id, redemption.reward_id, redemption.id)
        except NotFound:
            return False
        if there.status is not TwitchStatus.CANCELED:
            return False
        now = self._clock.now()
        await self._store.commit(redemption.canceled(now), about_redemption(redemption, now, Action.REFUNDED))
        self._changes.announce(redemption.channel_id)
        return True

    async def _is_vip(self, channel_id: str, user_id: str) -> bool:
        vip = any(user.id == user_id for user in await self._twitch.vips(channel_id, [user_id]))
        self._connections.saw_vip(channel_id, user_id, vip)
        return vip


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
        seen_not_vip_at=now,
    )
