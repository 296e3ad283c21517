"""Makes viewers VIP for what they redeem.

Every step is written down before the next: the intent, Twitch's answer, the redemption's settlement. A crash between
any two leaves a record that `redemption` and `session` pick up where it stands, and that change nothing where it is
done.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from vip_manager import tracing
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.decision import Decision, Extend, Hold, Later, Refuse, Situation, Start, decide
from vip_manager.domain.reasons import Refusal, Trouble
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.rules import WhenFull
from vip_manager.domain.seats import TakeSeat, by_the_clock, seated, waits_on
from vip_manager.domain.session import Credit, SessionState, VipSession, by_reward
from vip_manager.ports import (
    Clock,
    Conflict,
    Store,
    Twitch,
    TwitchError,
    TwitchStatus,
    TwitchUnavailable,
)
from vip_manager.services import badge, clocks, elsewhere
from vip_manager.services.add import Add, Moved, refuses_viewer
from vip_manager.services.changes import Changes
from vip_manager.services.connections import Connections
from vip_manager.services.expire import Expire
from vip_manager.services.intake import Arrived
from vip_manager.services.journal import about_redemption, about_session, new_id
from vip_manager.services.look import Look
from vip_manager.services.postpone import postponed
from vip_manager.services.seats import SeatCount, giving
from vip_manager.services.settle import Settle
from vip_manager.services.streams import Streams
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

_RACES = 5
"""How often a lost compare-and-set is tried again before it is left to the next sweep."""


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
        seats: SeatCount,
        expire: Expire,
        streams: Streams,
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
        self._seats = seats
        self._expire = expire
        self._streams = streams
        self._seatless: set[str] = set()

    async def redemption(self, redemption_id: str, *, wait: bool = True) -> Redemption | None:
        """Takes a redemption as far as it goes now; what can't be done is put off.

        Returns how it stands after that; None where there was nothing to do. The caller holds no viewer's turn. Raises
        Taken (services/turns.py).
        """
        return await self._with_room(await self._in_turn(redemption_id, wait), wait)

    async def arrived(self, arrived: Arrived) -> Redemption | None:
        """The same with one that was written down just now: it is not read again."""
        with tracing.step("grant", since=arrived.redemption.trace):
            done = await self._alone(arrived.redemption, True, arrived.channel)
        return await self._with_room(done, True)

    async def _with_room(self, done: Redemption | None, wait: bool) -> Redemption | None:
        granting = done is not None and done.state is RedemptionState.GRANTING
        if done is not None and granting and await self._make_room(done.session_id, wait):
            done = await self._in_turn(done.id, wait) or done
        await self._seat_again(wait)
        return done

    async def session(self, session_id: str, *, wait: bool = True) -> VipSession | None:
        """Takes up a session whose VIP was not confirmed by Twitch yet, then its redemptions. The caller holds no
        viewer's turn. Raises Taken."""
        await self._session_in_turn(session_id, wait)
        if await self._make_room(session_id, wait):
            await self._session_in_turn(session_id, wait)
        await self._seat_again(wait)
        for redemption in await self._store.redemptions.of_session(session_id):
            if redemption.open and redemption.retry.due(self._clock.now()):
                await self.redemption(redemption.id, wait=wait)
        return await self._store.sessions.get(session_id)

    async def _in_turn(self, redemption_id: str, wait: bool) -> Redemption | None:
        redemption = await self._store.redemptions.get(redemption_id)
        if redemption is None:
            return None
        with tracing.step("grant", since=redemption.trace):
            return await self._alone(redemption, wait)

    async def _alone(self, redemption: Redemption, wait: bool, channel: Channel | None = None) -> Redemption | None:
        """`channel` where it was read just now."""
        async with self._turns.of(redemption.channel_id, redemption.user_id, wait=wait) as turn:
            found: Redemption | None = redemption
            # Of one that is to be decided, Twitch is only asked before the first commit, which fails where it is not
            # what it was.
            if turn.waited or redemption.state is not RedemptionState.RECEIVED:
                found, channel = await self._store.redemptions.get(redemption.id), None
            if found is None or not found.open:
                return None
            for _ in range(_RACES):
                try:
                    return await self._advance(found, channel)
                except Conflict:
                    found, channel = await self._store.redemptions.get(found.id) or found, None
            log.warning("redemption contended", redemption_id=found.id, channel_id=found.channel_id)
            return await self._store.redemptions.get(found.id)

    async def _session_in_turn(self, session_id: str, wait: bool) -> None:
        session = await self._store.sessions.get(session_id)
        if session is None:
            return
        with tracing.step("grant", since=session.trace):
            async with self._turns.of(session.channel_id, session.user_id, wait=wait):
                try:
                    session = await self._store.sessions.get(session_id)
                    if session is not None and session.state is SessionState.GRANTING:
                        await self.again(session)
                except Conflict:
                    log.info("session contended", session_id=session_id)

    async def _make_room(self, session_id: str, wait: bool) -> bool:
        """Whoever is to give that session the seat, gives it up, in a turn of their own: nobody waits for one viewer's
        turn with another's in hand. Says whether the session is to be taken up again."""
        session = await self._store.sessions.get(session_id)
        giver = session and await giving(self._store, session)
        if not giver or not giver.retry.due(self._clock.now()):
            return False
        await self._expire.session(giver.id, wait=wait)
        return True

    async def _seat_again(self, wait: bool) -> None:
        """Those who had given up a seat in vain."""
        while self._seatless:
            await self._session_in_turn(self._seatless.pop(), wait)

    async def _advance(self, redemption: Redemption, channel: Channel | None) -> Redemption | None:
        """As it stands when there is no more to do for it now."""
        moved: Moved
        while redemption.open:
            try:
                match redemption.state:
                    case RedemptionState.RECEIVED:
                        moved = await self._begin(redemption, channel)
                    case RedemptionState.HELD:
                        moved = await self._held(redemption)
                    case RedemptionState.GRANTING:
                        moved = await self._carry_on(redemption)
                    case _:
                        moved = await self._settle.redemption(redemption)
                        self._connections.answers(redemption.channel_id)
            except TwitchError as error:
                retry = postponed(redemption.retry, self._clock.now(), error)
                return await self._put_off(redemption, retry, str(error))
            channel = None
            if isinstance(moved, Redemption):
                redemption = moved
                continue
            current = await self._store.redemptions.get(redemption.id)
            if current is None or not moved:
                return current
            redemption = current
        return redemption

    async def _begin(self, redemption: Redemption, channel: Channel | None) -> Moved:
        """RECEIVED: decide, write the intent, and go."""
        channel = channel or await self._store.channels.get(redemption.channel_id)
        if channel is None:
            raise TwitchUnavailable("the channel's record is missing")
        if channel.behind:
            return False
        late = elsewhere.late(self._twitch, redemption, channel, self._clock.now())
        waited = late or redemption.retry.attempts or redemption.held_at
        there = await elsewhere.status(self._twitch, redemption, self._clock.now()) if waited else None
        if there is TwitchStatus.CANCELED:
            return await self._canceled_elsewhere(redemption)
        live = await self._look.live(redemption.channel_id, redemption.user_id)
        decision = await self._decision(redemption, channel, live, there)
        if isinstance(decision, Hold | TakeSeat) and there is None:
            # Only what Twitch has as open can be held, or is worth somebody's seat.
            there = await elsewhere.status(self._twitch, redemption, self._clock.now())
            if there is TwitchStatus.CANCELED:
                return await self._canceled_elsewhere(redemption)
            decision = await self._decision(redemption, channel, live, there)
        now = self._clock.now()
        if by_the_clock(decision, channel.rules, live) and not await clocks.right(self._twitch):
            await self._put_off(redemption, redemption.retry.put_off(now, Trouble.CLOCK), Trouble.CLOCK)
            return False
        match decision:
            case Refuse(refusal):
                entry = about_redemption(redemption, now, Action.REFUSED, reason=refusal)
                return await self._keep(redemption.refunding(refusal), entry)
            case Hold(held_for, hours):
                held = redemption.holding(held_for, now, now + timedelta(hours=hours))
                await self._keep(held, about_redemption(held, now, Action.HELD, held_for=held_for))
                return False
            case Later():
                await self._put_off(redemption, redemption.retry.put_off(now, Trouble.LAGGING), Trouble.LAGGING)
                return False
            case TakeSeat(start, victim):
                return await self._start_on_seat_of(victim, redemption, start)
            case Start():
                return await self._start(redemption, decision)
            case Extend(hours):
                assert live is not None
                return await self._extend(redemption, live, hours)

    async def _decision(
        self, redemption: Redemption, channel: Channel, live: VipSession | None, there: TwitchStatus | None
    ) -> Decision | TakeSeat:
        """What it means, given what it is `there`, as far as that is known. Raises TwitchError."""
        now = self._clock.now()
        pause = timedelta(hours=channel.rules.pause_hours)
        another = await self._store.redemptions.near(redemption, pause) if pause else None
        situation = Situation(
            redemption,
            channel,
            live,
            now,
            around=another.redeemed_at if another else None,
            # An answer may have told Twitch's time anew: our clock may just have been set.
            late=there is TwitchStatus.UNFULFILLED and elsewhere.late(self._twitch, redemption, channel, now),
            settled=there is TwitchStatus.FULFILLED,
        )
        decision: Decision | TakeSeat = decide(situation)
        if decision == Refuse(Refusal.NOT_LIVE):
            # That a stream began may have been missed.
            await self._streams.look(channel.id)
            channel = await self._store.channels.get(channel.id) or channel
            decision = decide(replace(situation, channel=channel))
        if isinstance(decision, Start):
            decision = await self._looked(redemption, decision)
        if isinstance(decision, Start):
            seats = await self._seats.for_one(channel, redemption)
            takes = channel.rules.when_full is WhenFull.TAKE_SEAT
            others = await self._store.sessions.live(channel.id) if takes else []
            decision = seated(decision, channel.rules, seats, others, now, settled=situation.settled)
        if isinstance(decision, TakeSeat) and await self._twitch.moderators(channel.id, [redemption.user_id]):
            # Nobody is to make room for somebody who can't be VIP.
            return Refuse(Refusal.MODERATOR)
        return decision

    async def _start(self, redemption: Redemption, start: Start) -> Moved:
        """The viewer's first hours: the add goes out at once."""
        now = self._clock.now()
        session = start.session(new_id(), redemption, now).asking(now)
        session, granting = await self._store.commit_two(session, redemption.granting(session.id, start.hours))
        self._changes.announce(redemption.channel_id, more=True)
        return await self._add.first(session, granting)

    async def _start_on_seat_of(self, victim: VipSession, redemption: Redemption, start: Start) -> bool:
        """The add goes out when that seat is free."""
        now = self._clock.now()
        session = replace(start.session(new_id(), redemption, now), takes_seat_of=victim.id)
        giving = victim.giving_seat(session.id, now)
        entry = about_session(giving, now, Action.SEAT_TAKEN, taker=redemption.username)
        session = await self._store.commit(session, redemption.granting(session.id, start.hours), giving, entry)
        self._changes.announce(redemption.channel_id)
        return await self.again(session)

    async def _extend(self, redemption: Redemption, live: VipSession, hours: float) -> Moved:
        now = self._clock.now()
        trouble = Trouble.LAGGING if live.unexplained else None
        if not trouble and not await clocks.known_for(self._twitch, live, now):
            trouble = Trouble.CLOCK
        if trouble:
            await self._put_off(redemption, redemption.retry.put_off(now, trouble), trouble)
            return False
        session = live.credited(Credit(redemption.id, by_reward(redemption.reward_id), hours, now), now)
        if session.state is SessionState.ACTIVE:
            paid: dict[str, Any] = {"reward": redemption.reward_title, "cost": redemption.cost, "source": "reward"}
            entry = about_session(session, now, Action.EXTENDED, hours=hours, **paid)
            done = await self._store.commit(redemption.granted(session.id, hours), session, entry)
            log.info("vip extended", channel_id=session.channel_id, user_id=session.user_id, session_id=session.id)
        else:
            done = await self._store.commit(redemption.granting(session.id, hours), session)
        self._changes.announce(redemption.channel_id, more=True)
        return done

    async def again(self, session: VipSession) -> bool:
        """GRANTING: the seat that it takes first, then the badge. The caller holds the viewer's turn.

        Says whether there is more to do now.
        """
        if not session.unanswered_at and (giver := await giving(self._store, session)):
            return bool(giver.retry.attempts) and await self._add.wait_for_seat(session, giver.retry)
        moved = await self._add.again(session)
        if moved and session.takes_seat_of:
            self._seatless.add(session.takes_seat_of)
        return moved

    async def _held(self, redemption: Redemption) -> Moved:
        """HELD: whether it still waits. Raises TwitchError."""
        there = await elsewhere.status(self._twitch, redemption, self._clock.now())
        channel = await self._store.channels.get(redemption.channel_id)
        if channel is None:
            raise TwitchUnavailable("the channel's record is missing")
        if channel.behind:
            return False
        if there is TwitchStatus.CANCELED:
            return await self._canceled_elsewhere(redemption)
        now = self._clock.now()
        decision = Later() if there is TwitchStatus.FULFILLED else waits_on(redemption, channel.rules, now)
        match decision:
            case Later():
                await self._keep(redemption.admitted())
            case Refuse(refusal) if clocks.agree(self._twitch):
                entry = about_redemption(redemption, now, Action.REFUSED, reason=refusal)
                await self._keep(redemption.refunding(refusal), entry)
            case _:
                await self._keep(redemption.held_on())
                return False
        return True

    async def _keep(self, redemption: Redemption, *entries: AuditEntry) -> Redemption:
        kept = await self._store.commit(redemption, *entries)
        self._changes.announce(redemption.channel_id, more=kept.state is RedemptionState.REFUNDING)
        return kept

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
        channel_id, user_id = redemption.channel_id, redemption.user_id
        if await badge.just_taken(self._store, self._connections, channel_id, user_id, self._clock.now()):
            raise TwitchUnavailable("Twitch still lists a badge that was removed a moment ago")
        return Refuse(Refusal.ALREADY_VIP)

    async def _carry_on(self, redemption: Redemption) -> bool:
        """GRANTING: its session is what has to move. Says whether there is more to do now."""
        session = await self._store.sessions.get(redemption.session_id)
        if session is not None and session.state is SessionState.GRANTING:
            return await self.again(session)
        if session is not None and session.state is SessionState.ACTIVE and session.holds(redemption.id):
            await self._store.commit(redemption.granted(session.id, redemption.hours))
            return True
        refusal = (session and session.refusal) or Refusal.DECLINED
        entry = about_redemption(redemption, self._clock.now(), Action.REFUSED, reason=refusal)
        await self._store.commit(redemption.refunding(refusal), entry)
        return True

    async def _put_off(self, redemption: Redemption, retry: Retry, error: str) -> Redemption | None:
        now = self._clock.now()
        log.warning(
            "redemption put off",
            channel_id=redemption.channel_id,
            redemption_id=redemption.id,
            while_it_is=redemption.state,
            error=error,
        )
        entry = [about_redemption(redemption, now, Action.PUT_OFF, error=retry.error)] if retry.attempts == 1 else []
        put_off = await self._store.commit(redemption.put_off(retry), *entry)
        self._connections.answers(redemption.channel_id, retry.error)
        self._changes.announce(redemption.channel_id)
        return put_off

    async def _canceled_elsewhere(self, redemption: Redemption) -> Redemption:
        """Somebody gave the points back on Twitch before we granted anything."""
        now = self._clock.now()
        return await self._keep(redemption.canceled(now), about_redemption(redemption, now, Action.REFUNDED))
