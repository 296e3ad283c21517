"""Redemptions of our rewards. Scope channel:manage:redemptions, the broadcaster's own token.

Source: https://dev.twitch.tv/docs/api/reference/#get-custom-reward-redemption and #update-redemption-status. Only an
UNFULFILLED redemption can be settled; a second time is a 404.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from vip_manager.ports import NotFound, TwitchRedemption, TwitchStatus
from vip_manager.twitch.helix import Endpoint, Helix
from vip_manager.twitch.http import Reply
from vip_manager.twitch.wire import parse_redemption

PATH = "/channel_points/custom_rewards/redemptions"
LIST = Endpoint("GET", PATH)
SETTLE = Endpoint("PATCH", PATH)


class Redemptions:
    def __init__(self, helix: Helix) -> None:
        self._helix = helix

    async def listed(
        self, channel_id: str, reward_id: str, status: TwitchStatus, *, newest_first: bool = False
    ) -> AsyncGenerator[TwitchRedemption, None]:
        """One that can't be read is left out: it must not hide those behind it. Raises NotOurs, NotFound."""
        params = [
            ("broadcaster_id", channel_id),
            ("reward_id", reward_id),
            ("status", status.value),
            ("sort", "NEWEST" if newest_first else "OLDEST"),
            ("first", "50"),
        ]
        parse = partial(parse_redemption, channel_id=channel_id)
        async with aclosing(self._helix.items(LIST, channel_id, params, parse)) as redemptions:
            async for redemption in redemptions:
                yield redemption

    async def one(self, channel_id: str, reward_id: str, redemption_id: str) -> TwitchRedemption:
        """Raises NotFound, NotOurs."""
        params = [("broadcaster_id", channel_id), ("reward_id", reward_id), ("id", redemption_id)]
        return _the(redemption_id, channel_id, await self._helix.call(LIST, channel_id, params))

    async def settle(
        self, channel_id: str, reward_id: str, redemption_id: str, status: TwitchStatus
    ) -> TwitchRedemption:
        """FULFILLED or CANCELED (points back). Raises NotFound where it is unknown or no longer open, NotOurs."""
        params = [("broadcaster_id", channel_id), ("reward_id", reward_id), ("id", redemption_id)]
        reply = await self._helix.call(SETTLE, channel_id, params, {"status": status.value})
        return _the(redemption_id, channel_id, reply)


def _the(redemption_id: str, channel_id: str, reply: Reply) -> TwitchRedemption:
    for item in reply.json().objects("data"):
        redemption = parse_redemption(item, channel_id)
        if redemption.id == redemption_id:
            return redemption
    raise NotFound(f"{reply.request}: Twitch does not know redemption {redemption_id}")
