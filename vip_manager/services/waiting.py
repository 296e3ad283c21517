"""Redemptions that wait by the streamer's choice, for a seat or for a yes; and those who have given up their seat."""

from collections.abc import Iterable

import structlog

from vip_manager.domain.audit import Action
from vip_manager.domain.channel import Channel
from vip_manager.domain.decision import Hold
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.rules import Held, WhenFull
from vip_manager.domain.seats import waits_on
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Clock, Conflict, Store, StoreError, Twitch, TwitchError, TwitchUnavailable
from vip_manager.services import clocks
from vip_manager.services.access import Person
from vip_manager.services.changes import Changes
from vip_manager.services.channels import ChannelService
from vip_manager.services.grant import Grant
from vip_manager.services.journal import about_redemption
from vip_manager.services.postpone import put_off_as_broken
from vip_manager.services.seats import SeatCount, in_line
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

SEATED = frozenset({RedemptionState.GRANTING, RedemptionState.GRANTED, RedemptionState.FULFILLED})
_LINE = "the line for a seat"


class Waiting:
    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        changes: Changes,
        turns: Turns,
        channels: ChannelService,
        seats: SeatCount,
        grant: Grant,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._turns = turns
        self._channels = channels
        self._seats = seats
        self._grant = grant

    async def after_end(self, channel: Channel) -> None:
        """A VIP of that channel is over, which may have made room. Where its rules let nobody wait for a seat, those
        who do so by earlier ones are seen to when it catches up. Raises TwitchError, Taken."""
        waits = channel.rules.when_full is not WhenFull.GIVE_BACK
        # Without a turn of its own, for most often nobody waits.
        if _closes(channel) or (waits and any(await self._who_wait(channel.id))):
            await self.advance(channel.id, wait=False)

    async def caught_up(
        self, channel: Channel, open_ones: Iterable[Redemption], live: Iterable[VipSession], *, wait: bool
    ) -> None:
        """`advance`, where the channel as it was just read says that somebody may wait; the first in line is tried in
        any case. Raises TwitchError, Taken."""
        if _closes(channel) or in_line(open_ones) or any(map(_gave_up_seat, live)):
            await self.advance(channel.id, ask_twitch=True, wait=wait)

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

    async def advance(self, channel_id: str, *, ask_twitch: bool = False, wait: bool = True) -> int:
        """Seats that are free go to those who had given theirs up, then down the line; and the rewards are closed while
        there is none, if the streamer wants that. Says how many had one.

        `ask_twitch`: the first in line is tried where only Twitch's last refusal says that there is no seat. Raises
        TwitchError, Taken.
        """
        async with self._turns.of(channel_id, _LINE, wait=wait):
            channel = await self._store.channels.get(channel_id)
            if channel is None:
                return 0
            seated = await self._seat(channel, ask_twitch)
            if _closes(channel):
                await self._close_or_open(channel_id)
            return seated

    async def _close_or_open(self, channel_id: str) -> None:
        # Who was seated just now may have taught how many seats there are.
        channel = await self._channels.get(channel_id)
        full = channel.rules.close_when_full and (await self._seats.now(channel)).free(channel.rules) == 0
        await self._channels.close_for_full(channel_id, full)

    async def _seat(self, channel: Channel, ask_twitch: bool) -> int:
        line, aside = await self._who_wait(channel.id)
        if not line and not aside:
            return 0
        free = (await self._seats.now(channel)).free(channel.rules)
        if free is None or (not free and ask_twitch and not channel.rules.seats):
            # Nobody knows, or what Twitch taught us may be old: it is asked for one.
            free = 1
        seated = 0
        for session in aside[:free]:
            seated += await self._back(session)
        for redemption in line:
            if await self._looked_at(redemption, channel):
                continue
            live = await self._store.sessions.live_of(channel.id, redemption.user_id)
            needs_seat = live is None or live.seatless
            if needs_seat and seated >= free:
                continue
            done = await self._admit(redemption)
            if done is not None and in_line([done]):
                break
            seated += needs_seat and done is not None and done.state in SEATED
        return seated

    async def _who_wait(self, channel_id: str) -> tuple[list[Redemption], list[VipSession]]:
        """For a seat, and to have theirs back."""
        line = in_line(await self._store.redemptions.open(channel_id))
        return line, [one for one in await self._store.sessions.live(channel_id) if _gave_up_seat(one)]

    async def _looked_at(self, redemption: Redemption, channel: Channel) -> bool:
        """Whether it waits for no free seat, or not any more."""
        if not redemption.held or isinstance(waits_on(redemption, channel.rules, self._clock.now()), Hold):
            return False
        await self._handle(redemption)
        return True

    async def _handle(self, redemption: Redemption) -> Redemption | None:
        """One that can't be handled keeps nobody else from a seat."""
        try:
            return await self._grant.redemption(redemption.id)
        except (TwitchError, StoreError):
            raise
        except Exception:
            log.exception("redemption in line not handled", redemption_id=redemption.id)
            await put_off_as_broken(self._store, redemption, self._clock.now())
            return None

    async def _back(self, session: VipSession) -> bool:
        async with self._turns.of(session.channel_id, session.user_id):
            current = await self._store.sessions.get(session.id)
            now = self._clock.now()
            ends = current is None or not _gave_up_seat(current) or current.due_to_end(now)
            # By a clock that is wrong nobody can tell what is left.
            if current is None or ends or not await clocks.right(self._twitch):
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
            if current is None or not in_line([current]):
                return None
            if not current.held and not current.retry.due(self._clock.now()):
                return current
            try:
                if current.held:
                    await self._store.commit(current.admitted())
            except Conflict:
                return None
        self._changes.announce(redemption.channel_id)
        return await self._handle(redemption)

    async def _waits_for_yes(self, channel_id: str, redemption_id: str) -> Redemption:
        redemption = await self._store.redemptions.get(redemption_id)
        if redemption is None or redemption.channel_id != channel_id:
            raise InvalidInput("redemption_id", "That redemption is not in this channel.")
        if not redemption.held or redemption.held_for is not Held.APPROVAL:
            raise InvalidInput("redemption_id", "That was decided already.")
        return redemption


def _closes(channel: Channel) -> bool:
    """Whether its rewards are closed by how many seats are free."""
    return channel.rules.close_when_full or channel.closed_for_full or bool(channel.closed_tiers)


def _gave_up_seat(session: VipSession) -> bool:
    return session.state is SessionState.ASIDE and session.seatless
