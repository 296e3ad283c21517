"""What a reward's limits leave of it: how often it went this stream, whether it is in stock, when it has cooled down.

Everything follows from the redemptions: each names the stream that it was made in, so a new stream starts from 0. All
of a stream count, given back or not (the API reference is silent about those; counting too many is what Twitch's own
count is known for).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from vip_manager.simulator.moments import from_rfc3339, rfc3339
from vip_manager.simulator.records import Channel, Redemption, Reward, User
from vip_manager.simulator.refusal import Refused
from vip_manager.simulator.world import World


def standing(world: World, channel: Channel, reward: Reward) -> dict[str, Any]:
    """The three fields that Helix and EventSub share: `is_in_stock`, `redemptions_redeemed_current_stream` (None while
    offline and where there is no limit a stream), `cooldown_expires_at` (None where nothing cools down)."""
    count = _this_stream(world, channel, reward) if _live(channel) and reward.is_max_per_stream_enabled else None
    cold_at = _cold_at(world, channel, reward)
    return {
        "is_in_stock": count is None or count < reward.max_per_stream,
        "redemptions_redeemed_current_stream": count,
        "cooldown_expires_at": None if cold_at is None else rfc3339(cold_at),
    }


def check(world: World, channel: Channel, reward: Reward, viewer: User) -> None:
    """Raises Refused where a limit is reached. A limit a stream makes the reward unavailable while there is none."""
    if (reward.is_max_per_stream_enabled or reward.is_max_per_user_per_stream_enabled) and not _live(channel):
        raise Refused("not_live", f"“{reward.title}” is limited per stream, and there is no stream now.", 409)
    if reward.is_max_per_stream_enabled and _this_stream(world, channel, reward) >= reward.max_per_stream:
        raise Refused("out_of_stock", f"“{reward.title}” is out of stock for this stream.", 409)
    if (
        reward.is_max_per_user_per_stream_enabled
        and _this_stream(world, channel, reward, viewer) >= reward.max_per_user_per_stream
    ):
        raise Refused(
            "enough_for_you", f"{viewer.display_name} has had “{reward.title}” often enough this stream.", 409
        )
    if _cold_at(world, channel, reward) is not None:
        raise Refused("cooling_down", f"“{reward.title}” is cooling down.", 409)


def _live(channel: Channel) -> bool:
    return channel.live_since is not None


def _this_stream(world: World, channel: Channel, reward: Reward, viewer: User | None = None) -> int:
    return sum(
        one.stream_id == channel.stream_id and (viewer is None or one.user_id == viewer.id)
        for one in _redemptions(world, channel, reward)
    )


def _cold_at(world: World, channel: Channel, reward: Reward) -> datetime | None:
    if not reward.is_global_cooldown_enabled:
        return None
    newest = max((one.redeemed_at for one in _redemptions(world, channel, reward)), default=None)
    if newest is None:
        return None
    cold_at = from_rfc3339(newest) + timedelta(seconds=reward.global_cooldown_seconds)
    return cold_at if cold_at > world.now() else None


def _redemptions(world: World, channel: Channel, reward: Reward) -> Iterator[Redemption]:
    """An id is the reward's in its own channel only: a written world may say anything of a deleted one."""
    of_reward = channel.id, reward.id
    return (one for one in world.redemptions.values() if (one.channel_id, one.reward_id) == of_reward)
