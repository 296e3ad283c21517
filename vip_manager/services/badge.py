"""A look at Twitch's list for one person's VIP badge."""

from vip_manager.ports import Twitch


async def shown(twitch: Twitch, channel_id: str, user_id: str) -> bool:
    """As of the list, which lags behind what was just changed. Raises TwitchError."""
    return any(vip.id == user_id for vip in await twitch.vips(channel_id, [user_id]))
