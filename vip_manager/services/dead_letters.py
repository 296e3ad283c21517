"""What the program can't bring to an end by itself, in the streamer's hands: try again, give back, let it be."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import structlog

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.reasons import Refusal, Trouble
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Clock, Conflict, RateLimits, Store, Taken, TwitchUnavailable
from vip_manager.services.access import Person
from vip_manager.services.changes import Changes
from vip_manager.services.channels import up_to_date
from vip_manager.services.expire import Expire
from vip_manager.services.grant import Grant
from vip_manager.services.journal import about_redemption, about_session
from vip_manager.services.rates import RETRIES
from vip_manager.services.rebuild import Rebuild
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

AT_ONCE = timedelta(seconds=20)
"""Real time after which nothing more of what failed is tried at one word."""
AWAY = frozenset({Trouble.UNAVAILABLE, Trouble.RATE_LIMITED, Trouble.RECONNECT})
"""With one of these, what is tried next would fare no better."""


class CutShort(StrEnum):
    """Why not all was tried. AWAY: Twitch takes nothing at the moment. TIME: it took too long already."""

    AWAY = "away"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Tried:
    """`left`: how much there still is."""

    left: int = 0
    cut_short: CutShort | None = None


class _Changing(TwitchUnavailable):
    """Somebody else has that record in hand."""


class DeadLetters:
    """Every method raises InvalidInput where there is nothing to decide about that record in that channel."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        changes: Changes,
        turns: Turns,
        grant: Grant,
        expire: Expire,
        rates: RateLimits,
        rebuild: Rebuild,
    ) -> None:
        self._store = store
        self._clock = clock
        self._changes = changes
        self._turns = turns
        self._grant = grant
        self._expire = expire
        self._rates = rates
        self._rebuild = rebuild

    async def try_again(self, person: Person, channel_id: str, redemption_id: str) -> Redemption | None:
        """At once, instead of at the next try. One that was KEPT is decided anew: VIP for the points that Twitch has
        kept, if it can be; where that is in no record, a VIP who is there is put on the clock. Returns how it stands
        then. Raises InvalidInput, TwitchError."""
        await self._up_to_date(channel_id)
        redemption = await self._of_channel(channel_id, redemption_id)
        log.info("try again", redemption_id=redemption_id, by=person.id)
        async with self._turns.of(channel_id, redemption.user_id):
            redemption = await self._of_channel(channel_id, redemption_id)
            if not redemption.open and not redemption.undecided:
                raise InvalidInput("redemption_id", "That was decided already.")
            if not (_unrecorded(redemption) and await self._put_on_clock(person, redemption)):
                action = Action.REOPENED if redemption.undecided else Action.TRIED_AGAIN
                wanted = redemption.reopened() if redemption.undecided else redemption.tried_again()
                await self._commit(wanted, about_redemption(redemption, self._clock.now(), action, person))
        await self._grant.redemption(redemption_id)
        return await self._store.redemptions.get(redemption_id)

    async def _put_on_clock(self, person: Person, redemption: Redemption) -> bool:
        try:
            return await self._rebuild.put_on_clock(person, redemption)
        except Conflict:
            raise _Changing("the record is changing at this moment") from None

    async def try_session(self, person: Person, channel_id: str, session_id: str) -> None:
        """At once, what is to happen to a VIP on Twitch and could not be done. Raises InvalidInput."""
        await self._up_to_date(channel_id)
        session = await self._live(channel_id, session_id)
        log.info("try again", session_id=session_id, by=person.id)
        async with self._turns.of(channel_id, session.user_id):
            session = await self._live(channel_id, session_id)
            if session.state not in (SessionState.GRANTING, SessionState.ENDING):
                return
            entry = about_session(session, self._clock.now(), Action.TRIED_AGAIN, person)
            await self._commit(session.tried_again(person.id), entry)
        if session.state is SessionState.GRANTING:
            await self._grant.session(session_id)
        else:
            await self._expire.session(session_id)

    async def try_all(self, person: Person, channel_id: str) -> Tried:
        """Whatever in that channel was put off, or asks for a decision, but for what is in no record and has to be
        decided one by one: one after the other, those first that were tried least; no more of it once Twitch takes
        nothing, or it has taken AT_ONCE. Raises InvalidInput, also where that was done too often; StoreError."""
        await self._up_to_date(channel_id)
        if await self._rates.hit(RETRIES, channel_id) is not None:
            raise InvalidInput("retry", "All was tried several times just now. Wait a minute, then try again.")
        until = self._clock.real() + AT_ONCE
        cut_short = None
        async for before, after in self._each(person, channel_id):
            if after != before and after.error in AWAY:
                cut_short = CutShort.AWAY
            elif self._clock.real() >= until:
                cut_short = CutShort.TIME
            if cut_short:
                break
        left = len(await self._waiting(channel_id)) + len(await self._put_off(channel_id))
        return Tried(left, cut_short if left else None)

    async def _each(self, person: Person, channel_id: str) -> AsyncIterator[tuple[Retry, Retry]]:
        """Tries them, and says how each stood before and stands after it. One that is not to be tried any more, or is
        in other hands, is passed over."""
        for redemption in sorted(await self._waiting(channel_id), key=lambda one: one.retry.attempts):
            with suppress(InvalidInput, _Changing, Taken):
                done = await self.try_again(person, channel_id, redemption.id)
                yield redemption.retry, done.retry if done else Retry()
        for session in sorted(await self._put_off(channel_id), key=lambda one: one.retry.attempts):
            with suppress(InvalidInput, _Changing, Taken):
                await self.try_session(person, channel_id, session.id)
                after = await self._store.sessions.get(session.id)
                yield session.retry, after.retry if after and after.live else Retry()

    async def let_be(self, person: Person, channel_id: str, redemption_id: str) -> None:
        """A redemption that was KEPT stays so: the streamer has seen it."""
        redemption = await self._of_channel(channel_id, redemption_id)
        if not redemption.undecided:
            raise InvalidInput("redemption_id", "That was decided already.")
        now = self._clock.now()
        await self._commit(redemption.dismissed(now), about_redemption(redemption, now, Action.DISMISSED, person))

    async def give_back(
        self, person: Person, channel_id: str, redemption_id: str, *, leave_vip: bool = False
    ) -> Redemption:
        """The points of an open redemption go back to the viewer, and whatever hours it gave are taken; or, with
        `leave_vip`, one that has made somebody VIP is brought to its end instead.

        It is written down, and done as soon as Twitch does it. Returns how it stands then: FULFILLED or KEPT where
        Twitch had it as done, so that they can't go back any more.
        """
        redemption = await self._of_channel(channel_id, redemption_id)
        async with self._turns.of(channel_id, redemption.user_id):
            redemption = await self._of_channel(channel_id, redemption_id)
            if not (leave_vip and await self._gave_vip(redemption)):
                await self._decide_back(person, redemption)
        log.info("give back", redemption_id=redemption_id, by=person.id)
        await self._grant.redemption(redemption_id)
        done = await self._of_channel(channel_id, redemption_id)
        session = await self._store.sessions.get(redemption.session_id)
        canceled = done.state is RedemptionState.CANCELED
        if canceled and session is not None and session.live and not session.credits:
            # The sweep may be faster.
            with suppress(InvalidInput):
                await self._expire.end_now(person, channel_id, session.id)
        return await self._of_channel(channel_id, redemption_id)

    async def _decide_back(self, person: Person, redemption: Redemption) -> None:
        match redemption.state:
            case RedemptionState.RECEIVED | RedemptionState.HELD:
                await self._refuse(person, redemption)
            case RedemptionState.GRANTING:
                await self._take_off(person, redemption)
            case RedemptionState.GRANTED:
                entry = about_redemption(redemption, self._clock.now(), Action.GIVE_BACK, person)
                await self._commit(redemption.giving_back(person.id), entry)
            case RedemptionState.REFUNDING:
                pass
            case _:
                raise InvalidInput("redemption_id", "That redemption is settled on Twitch already.")

    async def _gave_vip(self, redemption: Redemption) -> bool:
        if redemption.state is not RedemptionState.GRANTING:
            return redemption.state is RedemptionState.GRANTED
        session = await self._store.sessions.get(redemption.session_id)
        return session is None or session.state is not SessionState.GRANTING

    async def _take_off(self, person: Person, redemption: Redemption) -> None:
        """Its hours go off the session that waits for Twitch; a session that has no others is ended."""
        session = await self._store.sessions.get(redemption.session_id)
        if session is None or session.state is not SessionState.GRANTING:
            raise TwitchUnavailable("the viewer's session is changing at this moment")
        rest = session.debited(redemption.id)
        if rest.owes:
            await self._refuse(person, redemption, rest)
        else:
            await self._expire.take(person, session)

    async def _refuse(self, person: Person, redemption: Redemption, *with_it: VipSession) -> None:
        entry = about_redemption(redemption, self._clock.now(), Action.REFUSED, person, reason=Refusal.GIVEN_BACK)
        await self._commit(redemption.refunding(Refusal.GIVEN_BACK), *with_it, entry)

    async def _commit(self, record: Redemption | VipSession, *rest: VipSession | AuditEntry) -> None:
        try:
            await self._store.commit(record, *rest)
        except Conflict:
            raise _Changing("the record is changing at this moment") from None
        self._changes.announce(record.channel_id)

    async def _up_to_date(self, channel_id: str) -> None:
        if channel := await self._store.channels.get(channel_id):
            up_to_date(channel)

    async def _waiting(self, channel_id: str) -> list[Redemption]:
        """Not those that are held by the streamer's choice."""
        put_off = [one for one in await self._store.redemptions.open(channel_id) if one.retry.attempts and not one.held]
        undecided = [one for one in await self._store.redemptions.undecided(channel_id) if not _unrecorded(one)]
        return [*undecided, *put_off]

    async def _put_off(self, channel_id: str) -> list[VipSession]:
        """Those that are not being made for a redemption that waits."""
        redeemed = {one.session_id for one in await self._waiting(channel_id)}
        every = await self._store.sessions.live(channel_id)
        return [one for one in every if one.retry.error and one.id not in redeemed]

    async def _live(self, channel_id: str, session_id: str) -> VipSession:
        session = await self._store.sessions.get(session_id)
        if session is None or session.channel_id != channel_id or not session.live:
            raise InvalidInput("session_id", "That VIP has ended already.")
        return session

    async def _of_channel(self, channel_id: str, redemption_id: str) -> Redemption:
        redemption = await self._store.redemptions.get(redemption_id)
        if redemption is None or redemption.channel_id != channel_id:
            raise InvalidInput("redemption_id", "That redemption is not in this channel.")
        return redemption


def _unrecorded(redemption: Redemption) -> bool:
    return redemption.undecided and redemption.refusal is Refusal.UNRECORDED
