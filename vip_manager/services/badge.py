"""One person's VIP badge, as Twitch's list shows it; the list lags behind what was just changed."""

from datetime import datetime, timedelta

from vip_manager.domain.reasons import EndReason
from vip_manager.domain.session import VipSession
from vip_manager.ports import Store, Twitch
from vip_manager.services.clocks import MOST_SKEW
from vip_manager.services.connections import SETTLES_AFTER, Connections

ECHO_WITHIN = timedelta(seconds=5)
"""Twitch tells of our own removals too; the stamp follows its answer this soon."""
_BY_US = frozenset({EndReason.EXPIRED, EndReason.BY_HAND})
_STAYS = frozenset({EndReason.MADE_PERMANENT, EndReason.GIVEN_ON_TWITCH, EndReason.LEFT})
"""The badge is there after such an end."""


async def shown(twitch: Twitch, channel_id: str, user_id: str) -> bool:
    """Raises TwitchError."""
    return any(vip.id == user_id for vip in await twitch.vips(channel_id, [user_id]))


async def echoes(
    store: Store, connections: Connections, session: VipSession, stamp: datetime, removed: datetime
) -> bool:
    """Whether a removal that Twitch has stamped, which is when it was `removed` by our clock, is the viewer's last one
    by us, in whichever instance. Raises StoreError."""
    ours = connections.removed_at(session.channel_id, session.user_id)
    if ours is not None and stamp <= ours + ECHO_WITHIN:
        return True
    ended_at = await _taken_at(store, session.channel_id, session.user_id)
    # By that instance's clock. Where it was far off, that says nothing.
    return ended_at is not None and -MOST_SKEW < removed - ended_at <= ECHO_WITHIN


async def just_taken(store: Store, connections: Connections, channel_id: str, user_id: str, now: datetime) -> bool:
    """Whether a list that shows the badge may be behind our own removal, in whichever instance. Raises StoreError."""
    if connections.removed_at(channel_id, user_id) is not None:
        if not connections.just_removed(channel_id, user_id, now):
            return False
        last = await store.sessions.last_ended(channel_id, user_id)
        stays = last.ended_at if last is not None and last.end_reason in _STAYS else None
        return stays is None or not connections.just_removed(channel_id, user_id, stays)
    at = await _taken_at(store, channel_id, user_id)
    # Another instance's clock may be a little ahead of ours.
    return at is not None and abs(now - at) < SETTLES_AFTER


async def _taken_at(store: Store, channel_id: str, user_id: str) -> datetime | None:
    """When the viewer's last session was ended by us, if that is how it ended."""
    last = await store.sessions.last_ended(channel_id, user_id)
    return last.ended_at if last is not None and last.end_reason in _BY_US else None
