"""Channel points: rewards, redemptions and what viewers have left."""

import uuid
from typing import Any

from vip_manager.simulator import ledger, stock
from vip_manager.simulator.moments import rfc3339
from vip_manager.simulator.records import CANCELED as CANCELED
from vip_manager.simulator.records import FULFILLED as FULFILLED
from vip_manager.simulator.records import UNFULFILLED, Channel, Redemption, Reward, User
from vip_manager.simulator.refusal import Refused
from vip_manager.simulator.shapes import event_redemption, event_reward
from vip_manager.simulator.simulation import Simulation

OPEN = UNFULFILLED
_REWARD = "channel.channel_points_custom_reward"
_REDEMPTION = "channel.channel_points_custom_reward_redemption"


def create_reward(sim: Simulation, channel: Channel, client_id: str | None, settings: dict[str, Any]) -> Reward:
    reward = Reward(str(uuid.uuid4()), client_id, **settings)
    channel.rewards[reward.id] = reward
    _tell_reward(sim, channel, reward, "add")
    return reward


def update_reward(sim: Simulation, channel: Channel, reward: Reward, settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        setattr(reward, name, value)
    _tell_reward(sim, channel, reward, "update")


def delete_reward(sim: Simulation, channel: Channel, reward: Reward) -> None:
    """What is pending becomes FULFILLED, silently, and the points are gone (API reference, Delete Custom Reward)."""
    del channel.rewards[reward.id]
    for redemption in sim.world.redemptions.values():
        of_reward = (redemption.channel_id, redemption.reward_id) == (channel.id, reward.id)
        if of_reward and redemption.status == OPEN:
            _settled(sim, redemption, FULFILLED, "reward deleted")
    _tell_reward(sim, channel, reward, "remove")


def redeem(sim: Simulation, channel: Channel, viewer: User, title: str | None, user_input: str = "") -> Redemption:
    """Raises Refused with what Twitch's own chat window would say."""
    reward = _redeemable(sim, channel, viewer, title)
    redemption = Redemption(
        str(uuid.uuid4()),
        channel.id,
        viewer.id,
        reward.id,
        reward.title,
        reward.prompt,
        reward.cost,
        OPEN,
        rfc3339(sim.world.now()),
        user_input,
        stream_id=channel.stream_id,
    )
    ledger.take(channel, redemption, redemption.redeemed_at)
    if reward.should_redemptions_skip_request_queue:
        _settled(sim, redemption, FULFILLED, "queue skipped")
    sim.world.redemptions[redemption.id] = redemption
    _tell_redemption(sim, redemption, "add")
    return redemption


def settle(sim: Simulation, redemption: Redemption, status: str, by: str) -> None:
    """Only an open one changes; CANCELED gives the points back."""
    if redemption.status != OPEN:
        raise ValueError(redemption.status)
    if status == CANCELED:
        ledger.give_back(sim.world.channel(redemption.channel_id), redemption, rfc3339(sim.world.now()))
    _settled(sim, redemption, status, by)
    _tell_redemption(sim, redemption, "update")


def _redeemable(sim: Simulation, channel: Channel, viewer: User, title: str | None) -> Reward:
    streamer = sim.world.users[channel.id]
    if viewer.id == channel.id:
        raise Refused("own_channel", "Streamers can't redeem rewards in their own channel.")
    if viewer.id in channel.bans:
        raise Refused("banned", f"{viewer.display_name} is banned from {streamer.display_name}'s channel.")
    reward = _find(channel, streamer, title)
    if not reward.is_enabled:
        raise Refused("reward_disabled", f"The reward “{reward.title}” is switched off.")
    if reward.is_paused:
        raise Refused("reward_paused", f"The reward “{reward.title}” is paused.")
    stock.check(sim.world, channel, reward, viewer)
    if channel.points(viewer.id) < reward.cost:
        raise Refused(
            "not_enough_points",
            f"{viewer.display_name} has {channel.points(viewer.id)} points; “{reward.title}” costs {reward.cost}.",
        )
    return reward


def _find(channel: Channel, streamer: User, title: str | None) -> Reward:
    if title is not None:
        for reward in channel.rewards.values():
            if reward.title.casefold() == title.strip().casefold():
                return reward
        raise Refused("no_reward", f"{streamer.display_name} has no reward called “{title}”.", 404)
    if not channel.rewards:
        raise Refused("no_reward", f"{streamer.display_name} has no reward yet.", 404)
    ready = (reward for reward in channel.rewards.values() if reward.is_enabled and not reward.is_paused)
    return next(ready, next(iter(channel.rewards.values())))


def _settled(sim: Simulation, redemption: Redemption, status: str, by: str) -> None:
    redemption.status = status
    redemption.settled_at = rfc3339(sim.world.now())
    redemption.times_settled += 1
    redemption.settled_by = by


def _tell_reward(sim: Simulation, channel: Channel, reward: Reward, verb: str) -> None:
    sim.changed(f"{_REWARD}.{verb}", channel=channel.id, reward=reward.id, title=reward.title)
    sim.hub.publish(f"{_REWARD}.{verb}", channel.id, event_reward(sim.world, channel, reward), reward.id)


def _tell_redemption(sim: Simulation, redemption: Redemption, verb: str) -> None:
    sim.changed(
        f"{_REDEMPTION}.{verb}",
        channel=redemption.channel_id,
        user=redemption.user_id,
        redemption=redemption.id,
        status=redemption.status,
    )
    event = event_redemption(sim.world, redemption)
    sim.hub.publish(f"{_REDEMPTION}.{verb}", redemption.channel_id, event, redemption.reward_id)
