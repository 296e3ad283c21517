"""What a redemption means here and now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vip_manager.domain.channel import Channel
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.session import VipSession


@dataclass(frozen=True, slots=True)
class Start:
    """Make the viewer VIP for these hours, if Twitch shows that they are not VIP by somebody else's hand."""

    hours: float


@dataclass(frozen=True, slots=True)
class Extend:
    """Add these hours to the session that the viewer has."""

    hours: float


@dataclass(frozen=True, slots=True)
class Refuse:
    refusal: Refusal


Decision = Start | Extend | Refuse


def too_old(redemption: Redemption, channel: Channel, now: datetime) -> bool:
    """Whether the points are to go back because VIP comes too late. `now` by Twitch's clock, which dated it."""
    limit = timedelta(hours=channel.refund_after)
    return bool(limit) and now - redemption.redeemed_at > limit


def decide(redemption: Redemption, channel: Channel, live: VipSession | None, *, late: bool = False) -> Decision:
    """`live` is the viewer's live session in that channel, if there is one; `late`: VIP would come `too_old`, and the
    points can still go back."""
    if redemption.user_id == channel.id:
        return Refuse(Refusal.BROADCASTER)
    if not channel.enabled:
        return Refuse(Refusal.PAUSED)
    if late:
        return Refuse(Refusal.TOO_OLD)
    if live is not None:
        return Extend(channel.vip_duration)
    return Start(channel.vip_duration)
