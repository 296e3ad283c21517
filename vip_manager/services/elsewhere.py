"""What became of a redemption on Twitch, whoever's doing it was."""

from datetime import datetime, timedelta

from vip_manager.domain.channel import Channel
from vip_manager.domain.decision import too_old
from vip_manager.domain.redemption import Redemption
from vip_manager.ports import NotFound, Twitch, TwitchStatus, TwitchUnavailable
from vip_manager.services import clocks

KNOWN_FOR = timedelta(days=1)
"""For so long at least a settled redemption can be read: "a few days", says
https://dev.twitch.tv/docs/api/reference/#get-custom-reward-redemption."""


async def status(twitch: Twitch, redemption: Redemption, now: datetime) -> TwitchStatus:
    """One that Twitch does not know (any more) was fulfilled, with its reward or long ago. Of a fresh one of a living
    reward Twitch's lists may only not know yet: raises TwitchUnavailable. Raises TwitchError."""
    channel_id, reward_id = redemption.channel_id, redemption.reward_id
    try:
        return (await twitch.redemption(channel_id, reward_id, redemption.id)).status
    except NotFound:
        fresh = clocks.by_twitch(twitch, now) - redemption.redeemed_at < KNOWN_FOR
        if fresh and any(reward.id == reward_id for reward in await twitch.rewards(channel_id)):
            raise TwitchUnavailable("Twitch does not know a fresh redemption of a living reward") from None
        return TwitchStatus.FULFILLED


def late(twitch: Twitch, redemption: Redemption, channel: Channel, now: datetime) -> bool:
    """Whether VIP would come too late, by the clock that dated the redemption. The points can go back only while
    `status` is UNFULFILLED."""
    return too_old(redemption, channel, clocks.by_twitch(twitch, now))
