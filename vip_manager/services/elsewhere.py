"""What became of a redemption on Twitch, whoever's doing it was."""

from datetime import datetime

from vip_manager.domain.channel import Channel
from vip_manager.domain.decision import too_old
from vip_manager.domain.redemption import Redemption
from vip_manager.ports import NotFound, Twitch, TwitchStatus
from vip_manager.services import clocks


async def status(twitch: Twitch, redemption: Redemption) -> TwitchStatus:
    """One that Twitch does not know (any more) was fulfilled, with its reward or long ago. Raises TwitchError."""
    try:
        return (await twitch.redemption(redemption.channel_id, redemption.reward_id, redemption.id)).status
    except NotFound:
        return TwitchStatus.FULFILLED


def late(twitch: Twitch, redemption: Redemption, channel: Channel, now: datetime) -> bool:
    """Whether VIP would come too late, by the clock that dated the redemption. The points can go back only while
    `status` is UNFULFILLED."""
    return too_old(redemption, channel, clocks.by_twitch(twitch, now))
