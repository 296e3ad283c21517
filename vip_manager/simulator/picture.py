"""The whole world for people and tests to look at: without tokens, codes and secrets."""

from typing import Any

from vip_manager.simulator.moments import rfc3339
from vip_manager.simulator.records import STARTING_POINTS, Channel, Redemption, Reward
from vip_manager.simulator.shapes import shown_name
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.world import World

REDEMPTIONS_SHOWN = 200


def picture(sim: Simulation, avatars: str) -> dict[str, Any]:
    world = sim.world
    newest = sorted(world.redemptions.values(), key=lambda one: (one.redeemed_at, one.id), reverse=True)
    return {
        "now": rfc3339(world.now()),
        "offset_seconds": world.offset_seconds,
        "users": [
            {
                "id": user.id,
                "login": user.login,
                "display_name": user.display_name,
                "broadcaster_type": user.broadcaster_type,
                "deleted": user.deleted,
                "avatar_url": f"{avatars}/avatars/{user.id}.svg",
            }
            for user in world.users.values()
        ],
        "channels": [
            {**_channel(world, channel), "chat": sim.chat.shown(channel.id)} for channel in world.channels.values()
        ],
        "redemptions": [redemption_shown(world, one) for one in newest[:REDEMPTIONS_SHOWN]],
        "sockets": len(sim.hub.sessions),
    }


def redemption_shown(world: World, redemption: Redemption) -> dict[str, Any]:
    viewer = world.users[redemption.user_id]
    return {
        "id": redemption.id,
        "channel": world.users[redemption.channel_id].login,
        "viewer": viewer.login,
        "viewer_name": shown_name(viewer),
        "reward": redemption.reward_title,
        "reward_id": redemption.reward_id,
        "cost": redemption.cost,
        "status": redemption.status,
        "settled_by": redemption.settled_by,
        "user_input": redemption.user_input,
        "redeemed_at": redemption.redeemed_at,
    }


def _channel(world: World, channel: Channel) -> dict[str, Any]:
    streamer = world.users[channel.id]
    return {
        "id": channel.id,
        "login": streamer.login,
        "display_name": streamer.display_name,
        "broadcaster_type": streamer.broadcaster_type,
        "live": channel.live_since is not None,
        "vip_capacity": channel.vip_capacity,
        "community_unlocked": channel.community_unlocked,
        "lag_seconds": channel.lag_seconds,
        "vips": [{**_person(world, user_id), "given_by": badge.by} for user_id, badge in channel.vips.items()],
        "moderators": [_person(world, user_id) for user_id in channel.moderators],
        "banned": [_person(world, user_id) for user_id in channel.bans],
        "rewards": [_reward(world, reward) for reward in channel.rewards.values()],
        "balances": {
            user.login: channel.balances.get(user.id, STARTING_POINTS)
            for user in world.users.values()
            if user.id != channel.id
        },
    }


def _person(world: World, user_id: str) -> dict[str, Any]:
    user = world.users[user_id]
    return {"id": user.id, "login": user.login, "display_name": user.display_name}


def _reward(world: World, reward: Reward) -> dict[str, Any]:
    client = world.clients.get(reward.client_id or "")
    return {
        "id": reward.id,
        "title": reward.title,
        "cost": reward.cost,
        "prompt": reward.prompt,
        "is_enabled": reward.is_enabled,
        "is_paused": reward.is_paused,
        "skips_queue": reward.should_redemptions_skip_request_queue,
        "made_by": client.name if client else None,
    }
