"""Users, rewards and redemptions as Helix and EventSub write them; the two differ in more than case."""

from typing import Any

from vip_manager.simulator.records import Channel, Redemption, Reward, User
from vip_manager.simulator.stock import standing
from vip_manager.simulator.world import World

_DEFAULT_IMAGE = {
    f"url_{size}x": f"https://static-cdn.jtvnw.net/custom-reward-images/default-{size}.png" for size in (1, 2, 4)
}


def shown_login(user: User) -> str:
    """Empty, as the name is, where the account is deleted: so Twitch was seen to list such users."""
    return "" if user.deleted else user.login


def shown_name(user: User) -> str:
    return "" if user.deleted else user.display_name


def person(user: User) -> dict[str, str]:
    return {"user_id": user.id, "user_login": shown_login(user), "user_name": shown_name(user)}


def event_broadcaster(user: User) -> dict[str, str]:
    return {
        "broadcaster_user_id": user.id,
        "broadcaster_user_login": shown_login(user),
        "broadcaster_user_name": shown_name(user),
    }


def helix_broadcaster(user: User) -> dict[str, str]:
    return {"broadcaster_id": user.id, "broadcaster_login": shown_login(user), "broadcaster_name": shown_name(user)}


def helix_reward(world: World, channel: Channel, reward: Reward) -> dict[str, Any]:
    return {
        **helix_broadcaster(world.users[channel.id]),
        "id": reward.id,
        "title": reward.title,
        "prompt": reward.prompt,
        "cost": reward.cost,
        "image": None,
        "default_image": _DEFAULT_IMAGE,
        "background_color": reward.background_color,
        "is_enabled": reward.is_enabled,
        "is_user_input_required": reward.is_user_input_required,
        "max_per_stream_setting": {
            "is_enabled": reward.is_max_per_stream_enabled,
            "max_per_stream": reward.max_per_stream,
        },
        "max_per_user_per_stream_setting": {
            "is_enabled": reward.is_max_per_user_per_stream_enabled,
            "max_per_user_per_stream": reward.max_per_user_per_stream,
        },
        "global_cooldown_setting": {
            "is_enabled": reward.is_global_cooldown_enabled,
            "global_cooldown_seconds": reward.global_cooldown_seconds,
        },
        "is_paused": reward.is_paused,
        "should_redemptions_skip_request_queue": reward.should_redemptions_skip_request_queue,
        **standing(world, channel, reward),
    }


def event_reward(world: World, channel: Channel, reward: Reward) -> dict[str, Any]:
    return {
        "id": reward.id,
        **event_broadcaster(world.users[channel.id]),
        "is_enabled": reward.is_enabled,
        "is_paused": reward.is_paused,
        "title": reward.title,
        "cost": reward.cost,
        "prompt": reward.prompt,
        "is_user_input_required": reward.is_user_input_required,
        "should_redemptions_skip_request_queue": reward.should_redemptions_skip_request_queue,
        **standing(world, channel, reward),
        "max_per_stream": {"is_enabled": reward.is_max_per_stream_enabled, "value": reward.max_per_stream},
        "max_per_user_per_stream": {
            "is_enabled": reward.is_max_per_user_per_stream_enabled,
            "value": reward.max_per_user_per_stream,
        },
        "global_cooldown": {
            "is_enabled": reward.is_global_cooldown_enabled,
            "seconds": reward.global_cooldown_seconds,
        },
        "background_color": reward.background_color,
        "image": None,
        "default_image": _DEFAULT_IMAGE,
    }


def helix_redemption(world: World, redemption: Redemption) -> dict[str, Any]:
    return {
        **helix_broadcaster(world.users[redemption.channel_id]),
        "id": redemption.id,
        **person(world.users[redemption.user_id]),
        "user_input": redemption.user_input,
        "status": redemption.status,
        "redeemed_at": redemption.redeemed_at,
        "reward": _redeemed(redemption),
    }


def event_redemption(world: World, redemption: Redemption) -> dict[str, Any]:
    """EventSub writes the status in lower case."""
    return {
        "id": redemption.id,
        **event_broadcaster(world.users[redemption.channel_id]),
        **person(world.users[redemption.user_id]),
        "user_input": redemption.user_input,
        "status": redemption.status.lower(),
        "reward": _redeemed(redemption),
        "redeemed_at": redemption.redeemed_at,
    }


def _redeemed(redemption: Redemption) -> dict[str, Any]:
    return {
        "id": redemption.reward_id,
        "title": redemption.reward_title,
        "prompt": redemption.reward_prompt,
        "cost": redemption.cost,
    }
