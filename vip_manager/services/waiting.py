"""Redemptions that wait by the streamer's choice, for a seat or for a yes; and those who have given up their seat."""

import structlog

from vip_manager.domain.audit import Action
from vip_manager.domain.channel import Channel
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.rules import Held, WhenFull
from vip_manager.domain.seats import Seats
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Clock, Conflict, Store, TwitchUnavailable
from vip_manager.services.access import Person
from vip_manager.services.changes import Changes
from vip_manager.services.channels import ChannelService
from vip_manager.services.grant import Grant
from vip_manager.services.journal import about_redemption
from vip_manager.services.seats import SeatCount, waits_for_seat
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

SEATED = frozenset({RedemptionState.GRANTING, RedemptionState.GRANTED, RedemptionState.FULFILLED})
_LINE = "the line for a seat"


class Waiting:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        changes: Changes,
        turns: Turns,
        channels: ChannelService,
        seats: SeatCount,
        grant: Grant,
    ) -> None:
        self._store = store
        self._clock = clock
        self._changes = changes
        self._turns = turns
        self._channels = channels
        self._seats = seats
        self._grant = grant

    async def approve(self, person: Person, channel_id: str, redemption_id: str) -> Redemption:
        """The streamer says yes: it is decided anew, with that. Returns how it stands then. Raises InvalidInput,
        TwitchError."""
        redemption = await self._waits_for_yes(channel_id, redemption_id)
        async with self._turns.of(channel_id, redemption.user_id):
            redemption = await self._waits_for_yes(channel_id, redemption_id)
            entry = about_redemption(redemption, self._clock.now(), Action.APPROVED, person)
            try:
                await self._store.commit(redemption.admitted(person.id), entry)
            except Conflict:
                raise TwitchUnavailable("the redemption is changing at this moment") from None
        self._changes.announce(channel_id)
        log.info("approved", redemption_id=redemption_id, by=person.id)
        await self._grant.redemption(redemption_id)
        return await self._store.redemptions.get(redemption_id) or redemption

    async def advance(self, channel_id: str, *, ask_twitch: bool = False) -> int:
        """Seats that are free go to those who had given theirs up, then down the line; and the rewards are closed while
        there is none, if the streamer wants that. Says how many had one.

        `ask_twitch`: the first in line is tried where only Twitch's last refusal says that there is no seat. Raises
        TwitchError.
        """
        async with self._turns.of(channel_id, _LINE):
            channel = await self._store.channels.get(channel_id)
            if channel is None:
                return 0
            seated = await self._seat(channel, ask_twitch)
            await self._close_or_open(channel_id)
            return seated

    async def _close_or_open(self, channel_id: str) -> None:
        channel = await self._channels.get(channel_id)
        if channel.rules.close_when_full:
            seats = await self._seats.now(channel)
            await self._channels.close_for_full(channel_id, seats.free(channel.rules) == 0)
        elif channel.full or channel.closed_tiers:
            await self._channels.close_for_full(channel_id, False)

    async def _seat(self, channel: Channel, ask_twitch: bool) -> int:
        channel_id = channel.id
        line = [one for one in await self._store.redemptions.open(channel_id) if waits_for_seat(one)]
        aside = [one for one in await self._store.sessions.live(channel_id) if _gave_up_seat(one)]
        if not line and not aside:
            return 0
        seats = await self._seats.now(channel)
        free, seated = _free(channel, seats), 0
        for session in aside[: max(free, 0)]:
            seated += await self._back(session)
        if line and not free and ask_twitch and not (channel.rules.seats or channel.rules.seats_kept_free):
            await self._channels.learned_seats(channel_id, 0)
            free = 1
        for redemption in line:
            overdue = redemption.held_until and redemption.held_until <= self._clock.now()
            if overdue or channel.rules.when_full is WhenFull.TAKE_SEAT:
                await self._grant.redemption(redemption.id)
                continue
            needs_seat = await self._store.sessions.live_of(channel_id, redemption.user_id) is None
            if needs_seat and seated >= free:
                continue
            done = await self._admit(redemption)
            if done is not None and waits_for_seat(done):
                break
            seated += needs_seat and done is not None and done.state in SEATED
        return seated

    async def _back(self, session: VipSession) -> bool:
        async with self._turns.of(session.channel_id, session.user_id):
            current = await self._store.sessions.get(session.id)
            now = self._clock.now()
            if current is None or not _gave_up_seat(current) or current.due_to_end(now):
                return False
            try:
                await self._store.commit(current.back(now))
            except Conflict:
                return False
        self._changes.announce(session.channel_id)
        done = await self._grant.session(session.id)
        return done is not None and done.state is SessionState.ACTIVE

    async def _admit(self, redemption: Redemption) -> Redemption | None:
        """What has come of it; None where it is in other hands."""
        async with self._turns.of(redemption.channel_id, redemption.user_id):
            current = await self._store.redemptions.get(redemption.id)
            if current is None or not waits_for_seat(current):
                return None
            try:
                await self._store.commit(current.admitted())
            except Conflict:
                return None
        self._changes.announce(redemption.channel_id)
        return await self._grant.redemption(redemption.id)

    async def _waits_for_yes(self, channel_id: str, redemption_id: str) -> Redemption:
        redemption = await self._store.redemptions.get(redemption_id)
        if redemption is None or redemption.channel_id != channel_id:
            raise InvalidInput("redemption_id", "That redemption is not in this channel.")
        if not redemption.held or redemption.held_for is not Held.APPROVAL:
            raise InvalidInput("redemption_id", "That was decided already.")
        return redemption


def _gave_up_seat(session: VipSession) -> bool:
    return session.state is SessionState.ASIDE and session.seatless


def _free(channel: Channel, seats: Seats) -> int:
    """Where nobody knows how many there are, Twitch is asked."""
    free = seats.free(channel.rules)
    return 1 if free is None else free
