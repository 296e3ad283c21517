"""What would come of it if somebody redeemed a reward now: a viewer of whom there is nothing else to say."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from vip_manager.domain.channel import Channel, Tier
from vip_manager.domain.decision import Hold, Refuse, Situation, Start, decide
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.rules import Held
from vip_manager.domain.seats import Seats, TakeSeat, seated
from vip_manager.domain.session import VipSession


class Prospect(StrEnum):
    """OFF to UNCONNECTED are of the reward, the others of whoever redeems it. SEATLESS: paused by us until a seat is
    free; UNCONNECTED: it can be redeemed, and nothing comes of it before the streamer has signed in again."""

    OFF = "off"
    LEAVING = "leaving"
    SEATLESS = "seatless"
    PAUSED = "paused"
    UNCONNECTED = "unconnected"
    GRANT = "grant"
    APPROVAL = "approval"
    WAIT = "wait"
    TAKE_SEAT = "take_seat"
    FULL = "full"
    NOT_LIVE = "not_live"


def prospect(
    tier: Tier, channel: Channel, seats: Seats, live: Iterable[VipSession], now: datetime, *, connected: bool
) -> Prospect:
    """Of that reward. `connected`: the streamer lets us act; `live` are the channel's live sessions."""
    if channel.leaving is not None:
        return Prospect.LEAVING
    if not channel.enabled:
        return Prospect.OFF
    if not connected:
        return Prospect.UNCONNECTED
    if tier.paused:
        return Prospect.SEATLESS if channel.closed_for_full and tier.id in channel.closed_tiers else Prospect.PAUSED
    decision = decide(Situation(_somebodys(tier, channel, now), channel, None, now))
    if not isinstance(decision, Start):
        return _of(decision)
    return _of(seated(decision, channel.rules, seats, live, now))


def _of(decision: object) -> Prospect:
    match decision:
        case Hold(Held.APPROVAL):
            return Prospect.APPROVAL
        case Hold():
            return Prospect.WAIT
        case TakeSeat():
            return Prospect.TAKE_SEAT
        case Refuse(Refusal.NOT_LIVE):
            return Prospect.NOT_LIVE
        case Refuse():
            return Prospect.FULL
    return Prospect.GRANT


def _somebodys(tier: Tier, channel: Channel, now: datetime) -> Redemption:
    return Redemption("", channel.id, tier.id, tier.title, tier.cost, "", "", "", now, now)
