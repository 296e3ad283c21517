"""Adds a VIP badge on Twitch for a session that is GRANTING, and writes down what came of it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

import structlog

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.decision import Hold, Later, Refuse
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.rules import Held, VipClock
from vip_manager.domain.seats import without_seat
from vip_manager.domain.session import VipSession
from vip_manager.ports import (
    AlreadyVipOrModerator,
    CannotBeVip,
    Clock,
    Conflict,
    NotFound,
    NothingDone,
    NotOurs,
    NoVipFeature,
    NoVipSlot,
    Rejected,
    Store,
    Twitch,
    TwitchError,
    TwitchStatus,
    TwitchUnavailable,
)
from vip_manager.services import badge, clocks, elsewhere
from vip_manager.services.access import Access, Person
from vip_manager.services.changes import Changes
from vip_manager.services.connections import SETTLES_AFTER, Connections
from vip_manager.services.journal import about_redemption, about_session
from vip_manager.services.overtaken import Overtaken
from vip_manager.services.postpone import postponed
from vip_manager.services.seats import SeatCount, undone
from vip_manager.services.streams import Streams

log = structlog.get_logger(__name__)

_REFUSALS: dict[type[TwitchError], Refusal] = {
    NoVipSlot: Refusal.FULL,
    NoVipFeature: Refusal.NO_VIP_FEATURE,
    CannotBeVip: Refusal.BLOCKED,
    NotFound: Refusal.USER_NOT_FOUND,
}

_WAITS = frozenset({Refusal.FULL, Refusal.NO_VIP_FEATURE})
"""Refusals that pass, where nothing is lost by waiting."""

_LOOKS_AGAIN_AFTER = timedelta(seconds=10)
"""How soon a list that may lag is looked at again."""


Moved = Redemption | bool
"""Whether there is more to do now; where there is, and it is known, how the redemption stands that it is for."""


class Add:
    """The caller holds the viewer's turn. What Twitch was asked for and did not answer is asked again, and then
    looked at: a single answer lost never makes a badge twice, nor one that nobody owns."""

    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        changes: Changes,
        connections: Connections,
        access: Access,
        seats: SeatCount,
        streams: Streams,
        overtaken: Overtaken,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._connections = connections
        self._access = access
        self._seats = seats
        self._streams = streams
        self._overtaken = overtaken

    async def first(self, session: VipSession, redemption: Redemption | None = None) -> Moved:
        """Adds VIP for a new session. The caller has just seen no badge, and written down that this add goes out, in
        one commit with the `redemption` for which the session was made: nobody else's hours are on it.
        """
        return await self._ask(session.badge_gone(), session, redemption)

    async def again(self, session: VipSession) -> bool:
        """GRANTING: adds VIP where an earlier add was cut short, put off, or may have been undone by our own removal.

        Says whether there is more to do now.
        """
        asked_at = session.unanswered_at
        listed = not session.ours and (asked_at is None or self._clock.now() - asked_at >= SETTLES_AFTER)
        try:
            if listed:
                refusal = await self._in_vain(session)
            else:
                # No look goes before this add, and how the clocks stood by the last answer may be long ago.
                await self._twitch.knock()
                refusal = None
        except TwitchError as error:
            return await self._after_trouble(session, error, session.unanswered_at)
        if refusal is Refusal.ALREADY_VIP and await self._just_taken(session.channel_id, session.user_id):
            retry = session.retry.put_off(self._clock.now(), Trouble.LAGGING, _LOOKS_AGAIN_AFTER)
            return await self._put_session_off(session, retry, session.unanswered_at)
        if refusal is not None:
            return await self._refuse(session, refusal)
        return bool(await self._ask(session, await self._store.commit(session.asking(self._clock.now()))))

    async def wait_for_seat(self, session: VipSession, retry: Retry) -> bool:
        """GRANTING, and the seat that it is to have could not be had, and is tried again like this. Nobody waits longer
        than for any VIP. Says whether there is more to do now."""
        refusal = None
        with suppress(TwitchError):
            refusal = await self._outdated(session)
        if refusal is not None:
            return await self._refuse(session, refusal)
        return await self._put_session_off(session, retry, session.unanswered_at)

    async def _in_vain(self, session: VipSession) -> Refusal | None:
        """Why Twitch need not be asked for a badge: what its list shows by now is true. Raises TwitchError."""
        try:
            vip = await self.is_vip(session.channel_id, session.user_id)
        except TwitchError as error:
            if not refuses_viewer(error) or session.may_have_badge:
                raise
            return Refusal.DECLINED
        if not vip:
            return await self._outdated(session)
        if session.may_have_badge:
            return None
        if session.aside_at and self._clock.now() - session.aside_at < SETTLES_AFTER:
            raise TwitchUnavailable("Twitch may still list the badge that is gone")
        return Refusal.ALREADY_VIP

    async def _outdated(self, session: VipSession) -> Refusal | None:
        """Why all who wait for this session are not to be VIP any more: they have their points back, or had better have
        them. A gift is never outdated. Raises TwitchError."""
        waiting = await waiting_for(self._store, session)
        channel = await self._store.channels.get(session.channel_id)
        if session.granted_at or channel is None or len(waiting) < max(len(session.credits), 1):
            return None
        there: set[TwitchStatus] = set()
        try:
            there = {await elsewhere.status(self._twitch, one, self._clock.now()) for one in waiting}
        except TwitchError:
            if self._too_late(session, waiting, channel):
                raise
        if there == {TwitchStatus.CANCELED}:
            return Refusal.GIVEN_BACK
        return self._too_late(session, waiting, channel) if there == {TwitchStatus.UNFULFILLED} else None

    def _too_late(self, session: VipSession, waiting: Sequence[Redemption], channel: Channel) -> Refusal | None:
        """Too old, all of them; or for a stream that is over."""
        now = self._clock.now()
        if all(elsewhere.late(self._twitch, redemption, channel, now) for redemption in waiting):
            return Refusal.TOO_OLD
        return Refusal.NOT_LIVE if session.clock is VipClock.STREAM and channel.stream.over(now) else None

    async def _ask(self, before: VipSession, session: VipSession, alone: Redemption | None = None) -> Moved:
        """`session` says that this add goes out; `before`, as it was without it, whether a badge that Twitch turns out
        to have already may be ours. Whatever answer this add gets says nothing about an earlier one that got none.
        `alone` is the one that waits for the session, where that is known.
        """
        now = self._clock.now()
        if not clocks.agree(self._twitch) and not await clocks.agree_now(self._twitch):
            return await self._put_session_off(session, session.retry.put_off(now, Trouble.CLOCK), before.unanswered_at)
        try:
            await self._twitch.add_vip(session.channel_id, session.user_id)
        except AlreadyVipOrModerator:
            return await self._after_422(before, session)
        except Rejected as error:
            log.warning("add refused", session_id=session.id, channel_id=session.channel_id, error=str(error))
            return await self._after_no(before, session, _REFUSALS.get(type(error), Refusal.DECLINED))
        except TwitchError as error:
            lost = isinstance(error, TwitchUnavailable) and not isinstance(error, NothingDone)
            return await self._after_trouble(session, error, (session if lost else before).unanswered_at)
        try:
            return await self._granted(session, alone)
        except Conflict:
            await self._overtaken.added(session)
            raise

    async def _after_422(self, before: VipSession, session: VipSession) -> Moved:
        try:
            if await self.is_vip(session.channel_id, session.user_id) and before.may_have_badge:
                return await self._granted(session)
            moderator = bool(await self._twitch.moderators(session.channel_id, [session.user_id]))
        except TwitchError as error:
            if before.may_have_badge:
                return await self._after_trouble(session, error, before.unanswered_at)
            # It was not VIP a moment ago, so 422 most likely means a moderator; ours it is in neither case.
            moderator = True
        refusal = Refusal.MODERATOR if moderator else Refusal.ALREADY_VIP
        if not before.may_have_badge:
            return await self._refuse(session, refusal)
        # Of a badge that was ours for long, nobody knows what became of it: its minute begins now.
        return await self._without_badge(before if before.unanswered_at else session, session, refusal)

    async def _after_no(self, before: VipSession, session: VipSession, refusal: Refusal) -> Moved:
        """Twitch will not add VIP now. It may have done so before."""
        if not before.may_have_badge:
            return await self._refuse(session, refusal)
        try:
            vip = await self.is_vip(session.channel_id, session.user_id)
        except TwitchError as error:
            return await self._after_trouble(session, error, before.unanswered_at)
        return await (self._granted(session) if vip else self._without_badge(before, session, refusal))

    async def _without_badge(self, known: VipSession, session: VipSession, refusal: Refusal) -> bool:
        """Twitch lists no badge, and refuses to add one. Until its lists have caught up with the last add that may have
        made one, as `known` tells, that proves nothing: giving up then would leave a badge of ours for ever."""
        now = self._clock.now()
        settled_at = max((at + SETTLES_AFTER for at in (known.unanswered_at, known.added_at) if at), default=now)
        if settled_at <= now and clocks.agree(self._twitch):
            return await self._refuse(session, refusal)
        wait = min(_LOOKS_AGAIN_AFTER, settled_at - now) if settled_at > now else _LOOKS_AGAIN_AFTER
        retry = session.retry.put_off(now, Trouble.LAGGING, wait)
        return await self._put_session_off(session, retry, known.unanswered_at)

    async def _granted(self, session: VipSession, alone: Redemption | None = None) -> Moved:
        now = self._clock.now()
        if not clocks.agree(self._twitch):
            # What has only come to light with this answer: the hours wait for the right time, and the badge is ours.
            retry = session.retry.put_off(now, Trouble.CLOCK)
            return await self._put_session_off(session, retry, session.unanswered_at)
        active = await self._streams.following(session.active(now))
        # Whoever puts more hours on the session changes it, and then it can't be committed like this.
        waiting = [alone] if alone else await waiting_for(self._store, session)
        entry = about_session(
            active,
            now,
            Action.GRANTED,
            await self._giver(session),
            hours=session.owed,
            source=active.redeemed_with.split(":")[0],
            reward=waiting[0].reward_title if waiting else "",
            **({"cost": sum(redemption.cost for redemption in waiting)} if waiting else {}),
        )
        credited = [redemption.granted(session.id, redemption.hours) for redemption in waiting]
        done = None
        if alone:
            done = await self._store.commit(*credited, active, entry)
        else:
            await self._store.commit(active, *credited, entry)
        self._connections.saw_vip(session.channel_id, session.user_id, True)
        self._connections.answers(session.channel_id)
        log.info("vip granted", channel_id=session.channel_id, user_id=session.user_id, session_id=session.id)
        self._changes.announce(session.channel_id, more=bool(waiting))
        return done or True

    async def _refuse(self, session: VipSession, refusal: Refusal) -> bool:
        """No VIP: what was paid for it goes back, or waits for a seat by the streamer's choice. A session that had been
        VIP before is over by that, unless it is only for now: the clock runs on of a moderator and of whoever has given
        up the seat, and what was left of it waits for one."""
        if refusal is Refusal.FULL:
            await self._seats.learn(session.channel_id)
        now = self._clock.now()
        waiting = await waiting_for(self._store, session)
        on, entries = await self._no_seat(session, waiting, now) if refusal is Refusal.FULL else ([], [])
        refunds = [one.refunding(refusal) for one in waiting if one.id not in {goes_on.id for goes_on in on}]
        done, lines = self._without(session, waiting, refusal, now, all_on=bool(on) and not refunds)
        done = await self._streams.following(done)
        entries += lines
        entries += [_told(one, session, now, Action.REFUSED, reason=refusal) for one in refunds]
        if not waiting and not done.live:
            entries.append(about_session(done, now, Action.REFUSED, await self._giver(session), reason=refusal))
        givers = [] if done.live else await undone(self._store, session, now)
        await self._store.commit(done, *refunds, *on, *givers, *entries)
        log.info("vip refused", channel_id=session.channel_id, user_id=session.user_id, refusal=refusal)
        self._changes.announce(session.channel_id)
        return bool(waiting) or not done.live

    async def _no_seat(
        self, session: VipSession, waiting: Sequence[Redemption], now: datetime
    ) -> tuple[list[Redemption], list[AuditEntry]]:
        """Those for which Twitch has no seat, and that wait for one, or are decided anew to have somebody else's; and
        the lines that tell of it. Whoever was to have another's seat already is not tried for ever."""
        channel = await self._store.channels.get(session.channel_id)
        if channel is None:
            return [], []
        decision = without_seat(channel.rules, on_anothers=bool(session.takes_seat_of))
        open_there = [] if isinstance(decision, Refuse) else [one for one in waiting if await self._open_there(one)]
        match decision:
            case Hold(held_for, hours):
                held = [one.holding(held_for, now, now + timedelta(hours=hours)) for one in open_there]
                return held, [_told(one, session, now, Action.HELD, held_for=one.held_for) for one in held]
            case Later():
                anew = [one.admitted() for one in open_there]
                return anew, [_told(one, session, now, Action.PUT_OFF, error=Trouble.FULL) for one in anew]
        return [], []

    async def _open_there(self, redemption: Redemption) -> bool:
        """Where Twitch does not say, it is found out when the redemption is looked at."""
        try:
            there = await elsewhere.status(self._twitch, redemption, self._clock.now())
        except TwitchError:
            return True
        return there is TwitchStatus.UNFULFILLED

    def _without(
        self,
        session: VipSession,
        waiting: Sequence[Redemption],
        refusal: Refusal,
        now: datetime,
        *,
        all_on: bool,
    ) -> tuple[VipSession, list[AuditEntry]]:
        """The session after that refusal, without those who wait, and the lines that tell of it."""
        rest = reduce(lambda rest, redemption: rest.debited(redemption.id), waiting, session)
        if session.seat_taken_by and refusal in _WAITS and rest.owes:
            done = rest.vacated(now)
            return done, [about_session(done, now, Action.HELD, held_for=Held.SEAT)]
        if session.moderator and refusal in _WAITS and rest.owes:
            return rest.badge_gone().put_off(session.retry.put_off(now, Trouble.FULL)), []
        if session.granted_at and refusal is Refusal.MODERATOR and (rest.owes or rest.runs_until):
            done = rest.of_moderator(now)
            # The line of a gift meanwhile told an end that only held with those who had paid.
            gifts = any(credit.by and credit.at > (session.aside_at or now) for credit in rest.credits)
            told = session.moderator and not (waiting and gifts)
            return done, [] if told else [about_session(done, now, Action.MODDED)]
        if session.granted_at:
            reason = EndReason.GIVEN_ON_TWITCH if refusal is Refusal.ALREADY_VIP else EndReason.REMOVED_ON_TWITCH
            done = replace(rest.ended(now, reason), refusal=refusal)
            return done, [about_session(done, now, Action.ENDED, reason=reason)]
        if all_on and not rest.credits:
            return rest.unseated(now), []
        return rest.refused(now, refusal), []

    async def _giver(self, session: VipSession) -> Person | None:
        """Who gave it by hand, if nobody paid for it. What comes back after a while aside, nobody gives."""
        back = session.moderator or session.seat_taken_by
        by = session.credits[-1].by if session.credits and not back else ""
        return await self._access.by_whom(by, session.channel_id)

    async def _after_trouble(self, session: VipSession, error: TwitchError, unanswered_at: datetime | None) -> bool:
        log.warning("grant not answered", session_id=session.id, channel_id=session.channel_id, error=str(error))
        return await self._put_session_off(session, postponed(session.retry, self._clock.now(), error), unanswered_at)

    async def _put_session_off(self, session: VipSession, retry: Retry, unanswered_at: datetime | None) -> bool:
        """The session and the redemptions that wait for it, until the same moment: nothing more to do now.

        `unanswered_at`: the last add that may still turn out to have made a badge of ours. One that met silence may;
        one that was told no, or was never sent, can't.
        """
        now = self._clock.now()
        log.warning("grant put off", session_id=session.id, channel_id=session.channel_id, error=retry.error)
        entry = [about_session(session, now, Action.PUT_OFF, error=retry.error)] if retry.attempts == 1 else []
        waiting = [redemption.put_off(retry) for redemption in await waiting_for(self._store, session)]
        put_off = replace(session.put_off(retry), unanswered_at=unanswered_at)
        self._connections.answers(session.channel_id, retry.error)
        await self._store.commit(put_off, *waiting, *entry)
        self._changes.announce(session.channel_id)
        return False

    async def is_vip(self, channel_id: str, user_id: str) -> bool:
        """As the list shows it, which may be behind our own removal. Raises TwitchError, StoreError."""
        vip = await badge.shown(self._twitch, channel_id, user_id)
        if not vip or not await self._just_taken(channel_id, user_id):
            self._connections.saw_vip(channel_id, user_id, vip)
        return vip

    async def _just_taken(self, channel_id: str, user_id: str) -> bool:
        return await badge.just_taken(self._store, self._connections, channel_id, user_id, self._clock.now())


def _told(redemption: Redemption, session: VipSession, now: datetime, action: Action, **detail: Any) -> AuditEntry:
    """What became of one that had begun with that session."""
    return about_redemption(redemption, now, action, session_id=session.id, **detail)


def refuses_viewer(error: TwitchError) -> bool:
    """Whether a look that failed has said that there is no such viewer: 400 speaks of the ids that were asked for
    (https://dev.twitch.tv/docs/api/reference/#get-vips). That page knows no 403 and no 404: they may pass."""
    return isinstance(error, Rejected) and not isinstance(error, NotFound | NotOurs)


async def waiting_for(store: Store, session: VipSession) -> list[Redemption]:
    """The redemptions whose hours are on that session and run once Twitch has made the viewer VIP."""
    redemptions = await store.redemptions.of_session(session.id)
    return [redemption for redemption in redemptions if redemption.state is RedemptionState.GRANTING]
