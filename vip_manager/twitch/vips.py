"""VIPs of a channel (https://dev.twitch.tv/docs/api/reference/#get-vips, #add-channel-vip, #remove-channel-vip).

Scope channel:manage:vips, and only the broadcaster's own token.
"""

import asyncio
from collections.abc import Callable, Sequence

from vip_manager.ports import AlreadyVipOrModerator, CannotBeVip, NotVip, NoVipFeature, NoVipSlot, TwitchUser
from vip_manager.twitch.helix import Endpoint, Helix
from vip_manager.twitch.pace import Pace
from vip_manager.twitch.users import MOST_AT_ONCE
from vip_manager.twitch.wire import parse_badge_holder

LIST = Endpoint("GET", "/channels/vips", broadcaster_only=True)
ADD = Endpoint(
    "POST",
    "/channels/vips",
    {400: CannotBeVip, 409: NoVipSlot, 422: AlreadyVipOrModerator, 425: NoVipFeature},
    done=204,
    broadcaster_only=True,
)
REMOVE = Endpoint("DELETE", "/channels/vips", {422: NotVip}, done=204, broadcaster_only=True)

REMOVALS_AT_ONCE = 80
"""Of all channels. There are connections for 100 calls (twitch/http.py), and whoever finds none for some seconds gives
up: where thousands of VIPs end at once, they wait here instead, and leave room for all else."""


class Vips:
    """`sure` is called right before a badge is given or taken; what it raises keeps that from happening."""

    def __init__(self, helix: Helix, adds: Pace, removals: Pace, sure: Callable[[], None]) -> None:
        self._helix = helix
        self._adds = adds
        self._removals = removals
        self._sure = sure
        self._room = asyncio.Semaphore(REMOVALS_AT_ONCE)

    async def all(self, channel_id: str, user_ids: Sequence[str] = ()) -> list[TwitchUser]:
        """All, or those among at most 100 `user_ids`; an item that can't be read is left out."""
        if len(user_ids) > MOST_AT_ONCE:
            raise ValueError(f"at most {MOST_AT_ONCE} users at once")
        params = [("broadcaster_id", channel_id), ("first", "100"), *(("user_id", user) for user in user_ids)]
        holders = self._helix.items(LIST, channel_id, params, parse_badge_holder, "user_id")
        return [holder async for holder in holders]

    async def add(self, channel_id: str, user_id: str) -> None:
        """Raises AlreadyVipOrModerator, NoVipSlot, NoVipFeature, CannotBeVip, NotFound."""
        async with self._adds.turn(channel_id):
            await self._change(ADD, channel_id, user_id)

    async def remove(self, channel_id: str, user_id: str) -> None:
        """Raises NotVip, NotFound."""
        async with self._removals.turn(channel_id), self._room:
            await self._change(REMOVE, channel_id, user_id)

    async def _change(self, endpoint: Endpoint, channel_id: str, user_id: str) -> None:
        params = [("broadcaster_id", channel_id), ("user_id", user_id)]
        await self._helix.call(endpoint, channel_id, params, before=self._sure)
