"""One person's VIP badge, as Twitch's list shows it; the list lags behind what was just changed."""

from datetime import datetime

from vip_manager.domain.reasons import EndReason
from vip_manager.ports import Store, Twitch
from vip_manager.services.connections import SETTLES_AFTER, Connections

_BY_US = frozenset({EndReason.EXPIRED, EndReason.BY_HAND})


async def shown(twitch: Twitch, channel_id: str, user_id: str) -> bool:
    """Raises TwitchError."""
    return any(vip.id == user_id for vip in await twitch.vips(channel_id, [user_id]))


async def taken_at(store: Store, connections: Connections, channel_id: str, user_id: str) -> datetime | None:
    """When our last removal was confirmed, in whichever instance; None where there was none. Raises StoreError."""
    at = connections.removed_at(channel_id, user_id)
    if at is not None:
        return at
    last = await store.sessions.last_ended(channel_id, user_id)
    return last.ended_at if last is not None and last.end_reason in _BY_US else None


async def just_taken(store: Store, connections: Connections, channel_id: str, user_id: str, now: datetime) -> bool:
    """Whether a list that shows the badge may be behind our own removal, in whichever instance. Raises StoreError."""
    if connections.removed_at(channel_id, user_id) is not None:
        return connections.just_removed(channel_id, user_id, now)
    at = await taken_at(store, connections, channel_id, user_id)
    # Another instance's clock may be a little ahead of ours.
    return at is not None and abs(now - at) < SETTLES_AFTER
