"""What a redemption means here and now."""

from dataclasses import dataclass

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


def decide(redemption: Redemption, channel: Channel, live: VipSession | None) -> Decision:
    """`live` is the viewer's live session in that channel, if there is one."""
    if redemption.user_id == channel.id:
        return Refuse(Refusal.BROADCASTER)
    if not channel.enabled:
        return Refuse(Refusal.PAUSED)
    if live is not None:
        return Extend(channel.vip_duration)
    return Start(channel.vip_duration)
