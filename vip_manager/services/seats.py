"""Counts the VIP seats of a channel. Twitch never tells how many there are: it refuses when they are full."""

import structlog

from vip_manager.domain.channel import Channel
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.rules import Held
from vip_manager.domain.seats import Seats
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import Clock, Store, Twitch, TwitchError
from vip_manager.services.channels import ChannelService
from vip_manager.services.connections import Connections

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

    async def now(self, channel: Channel) -> Seats:
        """As far as it is known. Asks Twitch where the number of seats is. Raises TwitchError."""
        return Seats(channel.seats, await self._taken(channel.id)) if channel.seats else Seats()

    async def for_one(self, channel: Channel, redemption: Redemption) -> Seats:
        """Before Twitch is asked for a seat: it alone knows whether what it taught us is still so, unless it has just
        said so. Raises TwitchError."""
        known = channel.rules.seats or channel.rules.seats_kept_free or redemption.held_for is Held.SEAT
        seats = await self.now(channel) if known else Seats()
        return Seats(seats.total, seats.taken, await self._others_wait(redemption))

    async def learn(self, channel_id: str) -> None:
        """Twitch has refused a seat: all that there are, are taken. Nothing is learned where its list can't be read."""
        try:
            taken = await self._taken(channel_id, about_to=False)
        except TwitchError as error:
            log.info("seats not counted", channel_id=channel_id, error=str(error))
            return
        await self._channels.learned_seats(channel_id, taken)

    async def _taken(self, channel_id: str, *, about_to: bool = True) -> int:
        """Of Twitch's list, which lags, and what we know better."""
        listed = frozenset(user.id for user in await self._twitch.vips(channel_id))
        self._connections.saw_vips(channel_id, listed)
        live = await self._store.sessions.live(channel_id)
        now = self._clock.now()
        gone = {one for one in listed if self._connections.just_removed(channel_id, one, now)}
        ours = {one.user_id for one in live if _sits(one) and (about_to or one.ours)}
        return len((listed - gone) | ours)

    async def _others_wait(self, redemption: Redemption) -> bool:
        held = [one for one in await self._store.redemptions.open(redemption.channel_id) if waits_for_seat(one)]
        place = (redemption.redeemed_at, redemption.id)
        return any(one.user_id != redemption.user_id and (one.redeemed_at, one.id) < place for one in held)


def waits_for_seat(redemption: Redemption) -> bool:
    return redemption.held and redemption.held_for is Held.SEAT


def _sits(session: VipSession) -> bool:
    """Whether it has a seat, or Twitch is being asked for one."""
    return session.state in (SessionState.ACTIVE, SessionState.GRANTING)
