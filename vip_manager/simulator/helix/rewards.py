"""Custom rewards: only the client that made one may change it; only affiliates and partners have any."""

import re
from typing import Any

from starlette.responses import Response

from vip_manager.simulator.helix.answers import HelixError, data, no_content
from vip_manager.simulator.helix.call import Call
from vip_manager.simulator.points import create_reward, delete_reward, update_reward
from vip_manager.simulator.records import LONGEST_COOLDOWN_SECONDS, MOST, Channel, Reward
from vip_manager.simulator.shapes import helix_reward

MOST_REWARDS = 50
_BOOLEANS = (
    "is_enabled",
    "is_user_input_required",
    "is_max_per_stream_enabled",
    "is_max_per_user_per_stream_enabled",
    "is_global_cooldown_enabled",
    "should_redemptions_skip_request_queue",
)
_LIMITS = {
    "is_max_per_stream_enabled": "max_per_stream",
    "is_max_per_user_per_stream_enabled": "max_per_user_per_stream",
    "is_global_cooldown_enabled": "global_cooldown_seconds",
}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


async def get(call: Call) -> Response:
    channel = _channel(call)
    ids = call.many("id", 50)
    only_ours = call.flag("only_manageable_rewards")
    found = [
        reward
        for reward in sorted(channel.rewards.values(), key=lambda one: one.id)
        if (not ids or reward.id in ids) and (not only_ours or reward.client_id == call.token.client_id)
    ]
    if ids and not found:
        raise HelixError(404, "The custom rewards specified in id were not found.")
    return data([helix_reward(call.world, channel, reward) for reward in found])


async def create(call: Call) -> Response:
    channel = _channel(call)
    body = await call.body()
    if "title" not in body or "cost" not in body:
        raise HelixError(400, "title and cost are required.")
    settings = _settings(body)
    _check_limits(settings)
    if len(channel.rewards) >= MOST_REWARDS:
        raise HelixError(400, "CREATE_CUSTOM_REWARD_TOO_MANY_REWARDS")
    if _title_taken(channel, settings["title"]):
        raise HelixError(400, "CREATE_CUSTOM_REWARD_DUPLICATE_REWARD")
    reward = create_reward(call.sim, channel, call.token.client_id, settings)
    return data([helix_reward(call.world, channel, reward)])


async def update(call: Call) -> Response:
    channel = _channel(call)
    reward = own_reward(call, channel, call.needed("id"))
    body = await call.body()
    settings = _settings(body)
    if "is_paused" in body:
        settings["is_paused"] = _boolean(body, "is_paused")
    if not settings:
        raise HelixError(400, "At least one field to update is required.")
    _check_limits(settings, reward)
    if "title" in settings and _title_taken(channel, settings["title"], reward):
        raise HelixError(400, "UPDATE_CUSTOM_REWARD_DUPLICATE_REWARD")
    update_reward(call.sim, channel, reward, settings)
    return data([helix_reward(call.world, channel, reward)])


async def delete(call: Call) -> Response:
    channel = _channel(call)
    delete_reward(call.sim, channel, own_reward(call, channel, call.needed("id")))
    return no_content()


def own_reward(call: Call, channel: Channel, reward_id: str) -> Reward:
    reward = channel.rewards.get(reward_id)
    if reward is None:
        raise HelixError(404, "The custom reward was not found.")
    if reward.client_id != call.token.client_id:
        raise HelixError(
            403, "The ID in the Client-Id header must match the client ID used to create the custom reward."
        )
    return reward


def affiliate_only(call: Call, channel: Channel) -> None:
    if not call.world.users[channel.id].broadcaster_type:
        raise HelixError(403, "Channel Points are not available for the broadcaster")


def _channel(call: Call) -> Channel:
    channel = call.own_channel()
    affiliate_only(call, channel)
    return channel


def _title_taken(channel: Channel, title: str, but: Reward | None = None) -> bool:
    """Among all the channel's rewards, whoever made them."""
    return any(one is not but and one.title.casefold() == title.casefold() for one in channel.rewards.values())


def _settings(body: dict[str, Any]) -> dict[str, Any]:
    """What is given and allowed; unknown fields are ignored."""
    settings: dict[str, Any] = {name: _boolean(body, name) for name in _BOOLEANS if name in body}
    if "title" in body:
        settings["title"] = _text(body, "title", 45).strip()
        if not settings["title"]:
            raise HelixError(400, "The title must have 1 to 45 characters.")
    if "prompt" in body:
        settings["prompt"] = _text(body, "prompt", 200)
    if "background_color" in body:
        settings["background_color"] = _text(body, "background_color", 7)
        if not _COLOUR.fullmatch(settings["background_color"]):
            raise HelixError(400, "The background_color must be in the form #RRGGBB.")
    for name in ("cost", *_LIMITS.values()):
        if name in body:
            settings[name] = _number(body, name, 1 if name == "cost" else 0)
    return settings


def _check_limits(settings: dict[str, Any], reward: Reward | None = None) -> None:
    """A limit that is on needs a value of at least 1."""
    for switch, name in _LIMITS.items():
        on = settings.get(switch, getattr(reward, switch, False))
        if on and settings.get(name, getattr(reward, name, 0)) < 1:
            raise HelixError(400, f"{name} must be at least 1 where {switch} is true.")
    if settings.get("global_cooldown_seconds", 0) > LONGEST_COOLDOWN_SECONDS:
        raise HelixError(400, f"global_cooldown_seconds may be at most {LONGEST_COOLDOWN_SECONDS}.")


def _boolean(body: dict[str, Any], name: str) -> bool:
    value = body[name]
    if not isinstance(value, bool):
        raise HelixError(400, f"{name} must be true or false.")
    return value


def _text(body: dict[str, Any], name: str, longest: int) -> str:
    value = body[name]
    if not isinstance(value, str) or len(value) > longest:
        raise HelixError(400, f"{name} must be text of at most {longest} characters.")
    return value


def _number(body: dict[str, Any], name: str, least: int) -> int:
    value = body[name]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST:
        raise HelixError(400, f"{name} must be a whole number from {least} to {MOST}.")
    return value
