"""Custom rewards. Scope channel:manage:redemptions, the broadcaster's own token.

Source: https://dev.twitch.tv/docs/api/reference/#create-custom-rewards and the entries beside it. Only the client that
made a reward may change it.
"""

from vip_manager.ports import (
    ChannelPointsUnavailable,
    Malformed,
    NotFound,
    Rejected,
    Reward,
    RewardTitleTaken,
    TooManyRewards,
    TwitchUnavailable,
)
from vip_manager.twitch.helix import Endpoint, Helix
from vip_manager.twitch.http import Params
from vip_manager.twitch.wire import parse_reward

PATH = "/channel_points/custom_rewards"
WORDS: dict[str, type[Rejected]] = {
    "CUSTOM_REWARD_DUPLICATE_REWARD": RewardTitleTaken,
    "CUSTOM_REWARD_TOO_MANY_REWARDS": TooManyRewards,
}
"""Parts of Twitch's 400 messages, which begin with CREATE_ or UPDATE_."""

LIST = Endpoint("GET", PATH, {403: ChannelPointsUnavailable})
CREATE = Endpoint("POST", PATH, {403: ChannelPointsUnavailable}, WORDS)
UPDATE = Endpoint("PATCH", PATH, {}, WORDS)
DELETE = Endpoint("DELETE", PATH, done=204)


class Rewards:
    def __init__(self, helix: Helix) -> None:
        self._helix = helix

    async def ours(self, channel_id: str) -> list[Reward]:
        """Those that this client made. Raises ChannelPointsUnavailable."""
        try:
            reply = await self._helix.call(LIST, channel_id, _ours(channel_id))
        except NotFound as error:
            # Documented only where ids were asked for: it must not read as "this channel has no reward".
            raise TwitchUnavailable(str(error)) from error
        return [parse_reward(item) for item in reply.json().objects("data")]

    async def one(self, channel_id: str, reward_id: str) -> Reward:
        """One that this client made. Raises NotFound, ChannelPointsUnavailable."""
        reply = await self._helix.call(LIST, channel_id, [*_ours(channel_id), ("id", reward_id)])
        for item in reply.json().objects("data"):
            reward = parse_reward(item)
            if reward.id == reward_id:
                return reward
        raise Malformed(f"{reply.request}: Twitch answered without the reward")

    async def create(self, channel_id: str, title: str, cost: int, prompt: str) -> Reward:
        """Raises RewardTitleTaken, TooManyRewards, ChannelPointsUnavailable, Rejected."""
        body = {
            "title": title,
            "cost": cost,
            "prompt": prompt,
            "is_enabled": True,
            # Without the queue a redemption is fulfilled at once, and its points can never be given back.
            "should_redemptions_skip_request_queue": False,
        }
        return await self._one(CREATE, channel_id, [("broadcaster_id", channel_id)], body)

    async def update(
        self,
        channel_id: str,
        reward_id: str,
        *,
        title: str | None = None,
        cost: int | None = None,
        prompt: str | None = None,
        enabled: bool | None = None,
        paused: bool | None = None,
        skips_queue: bool | None = None,
    ) -> Reward:
        """Only what is given changes. Raises RewardTitleTaken, NotOurs, NotFound, Rejected."""
        changes: dict[str, object] = {
            "title": title,
            "cost": cost,
            "prompt": prompt,
            "is_enabled": enabled,
            "is_paused": paused,
            "should_redemptions_skip_request_queue": skips_queue,
        }
        body = {name: value for name, value in changes.items() if value is not None}
        return await self._one(UPDATE, channel_id, [("broadcaster_id", channel_id), ("id", reward_id)], body)

    async def delete(self, channel_id: str, reward_id: str) -> None:
        """Raises NotFound, NotOurs."""
        await self._helix.call(DELETE, channel_id, [("broadcaster_id", channel_id), ("id", reward_id)])

    async def _one(self, endpoint: Endpoint, channel_id: str, params: Params, body: dict[str, object]) -> Reward:
        items = (await self._helix.call(endpoint, channel_id, params, body)).json().objects("data")
        if not items:
            raise Malformed(f"{endpoint.method} {endpoint.path}: Twitch answered without the reward")
        return parse_reward(items[0])


def _ours(channel_id: str) -> list[tuple[str, str]]:
    return [("broadcaster_id", channel_id), ("only_manageable_rewards", "true")]
