"""One person's VIP badge, as Twitch's list shows it; the list lags behind what was just changed."""

from datetime import datetime, timedelta

from vip_manager.domain.reasons import EndReason
from vip_manager.ports import Store, Twitch
from vip_manager.services.connections import SETTLES_AFTER, Connections

_BY_US = frozenset({EndReason.EXPIRED, EndReason.BY_HAND})


async def shown(twitch: Twitch, channel_id: str, user_id: str) -> bool:
    """Raises TwitchError."""
    return any(vip.id == user_id for vip in await twitch.vips(channel_id, [user_id]))


async def just_taken(store: Store, connections: Connections, channel_id: str, user_id: str, now: datetime) -> bool:
    """Whether a list that shows the badge may be behind our own removal, in whichever instance. Raises StoreError."""
    if connections.just_removed(channel_id, user_id, now):
        return True
    last = await store.sessions.last_ended(channel_id, user_id)
    if last is None or last.ended_at is None or last.end_reason not in _BY_US:
        return False
    return timedelta() <= now - last.ended_at < SETTLES_AFTER
