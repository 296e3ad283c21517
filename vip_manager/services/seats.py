"""Counts the VIP seats of a channel. Twitch never tells how many there are: it refuses when they are full."""

from collections.abc import Iterable
from datetime import datetime

import structlog

from vip_manager.domain.channel import Channel
from vip_manager.domain.reasons import Trouble
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.rules import Held, WhenFull
from vip_manager.domain.seats import Seats, sits
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import Clock, Store, Twitch, TwitchError
from vip_manager.services.channels import ChannelService
from vip_manager.services.connections import SETTLES_AFTER, Connections

log = structlog.get_logger(__name__)


class SeatCount:
    def __init__(
        self, store: Store, twitch: Twitch, clock: Clock, connections: Connections, channels: ChannelService
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._connections = connections
        self._channels = channels
        self._refused_at: dict[str, datetime] = {}

    async def now(self, channel: Channel) -> Seats:
        """As far as it is known. Asks Twitch where the number of seats is. Raises TwitchError."""
        return await self.counted(channel) if channel.seats else Seats()

    async def counted(self, channel: Channel) -> Seats:
        """The same, asking Twitch in any case. Raises TwitchError."""
        return Seats(channel.seats, await self._taken(channel.id))

    async def for_one(self, channel: Channel, redemption: Redemption) -> Seats:
        """Before Twitch is asked for a seat: it alone knows whether what it taught us is still so. Before somebody's is
        taken it has to have said so a moment ago. Raises TwitchError."""
        refused_at = self._refused_at.get(channel.id)
        just_refused = refused_at is not None and abs(self._clock.now() - refused_at) < SETTLES_AFTER
        takes = channel.rules.when_full is WhenFull.TAKE_SEAT and just_refused
        known = channel.rules.seats or channel.rules.seats_kept_free or takes
        seats = await self.now(channel) if known else Seats()
        return Seats(seats.total, seats.taken, await self._others_wait(redemption))

    async def learn(self, channel_id: str) -> None:
        """Twitch has refused a seat: all that there are, are taken. Nothing is learned where its list can't be read."""
        self._refused_at[channel_id] = self._clock.now()
        try:
            taken = await self._taken(channel_id, about_to=False)
        except TwitchError as error:
            log.info("seats not counted", channel_id=channel_id, error=str(error))
            return
        await self._channels.learned_seats(channel_id, taken)

    def refused_at(self, channel_id: str) -> datetime | None:
        """When Twitch had no seat for the last time, as far as this process knows."""
        return self._refused_at.get(channel_id)

    async def _taken(self, channel_id: str, *, about_to: bool = True) -> int:
        """Of Twitch's list, which lags, and what we know better."""
        listed = frozenset(user.id for user in await self._twitch.vips(channel_id))
        self._connections.saw_vips(channel_id, listed)
        live = await self._store.sessions.live(channel_id)
        now = self._clock.now()
        gone = {one for one in listed if self._connections.just_removed(channel_id, one, now)}
        ours = {one.user_id for one in live if sits(one) and (about_to or one.ours)}
        return len((listed - gone) | ours)

    async def _others_wait(self, redemption: Redemption) -> bool:
        line = in_line(await self._store.redemptions.open(redemption.channel_id))
        place = (redemption.redeemed_at, redemption.id)
        return any(one.user_id != redemption.user_id and (one.redeemed_at, one.id) < place for one in line)


def in_line(redemptions: Iterable[Redemption]) -> list[Redemption]:
    """Those that wait for a seat, first come first; one that was admitted and could not be seated yet keeps its
    place."""
    waiting = [one for one in redemptions if one.held_for is Held.SEAT and (one.held or _admitted(one))]
    return sorted(waiting, key=lambda one: (one.redeemed_at, one.id))


def _admitted(redemption: Redemption) -> bool:
    """One that nobody can handle keeps no place."""
    return redemption.state is RedemptionState.RECEIVED and redemption.retry.error != Trouble.BROKEN


async def giving(store: Store, taker: VipSession) -> VipSession | None:
    """Whoever's badge is still to go for that session."""
    giver = await _giver(store, taker)
    return giver if giver is not None and giver.state is SessionState.ENDING else None


async def undone(store: Store, taker: VipSession, now: datetime) -> list[VipSession]:
    """Whoever gives, or gave, the seat for that session, which is not to be VIP after all: it is theirs again, with all
    that was left then. To be written down together."""
    giver = await _giver(store, taker)
    return [giver.seat_given_back(now)] if giver is not None else []


async def _giver(store: Store, taker: VipSession) -> VipSession | None:
    """Whoever gives, or gave, the seat for that session, and does not have it again."""
    giver = await store.sessions.get(taker.takes_seat_of) if taker.takes_seat_of else None
    return giver if giver is not None and giver.seatless and giver.seat_taken_by == taker.id else None
