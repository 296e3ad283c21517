"""Every Helix endpoint there is here, and what it takes to call it (API reference, "Authorization" of each)."""

from vip_manager.simulator.helix import chat, moderators, redemptions, rewards, streams, subscriptions, users, vips
from vip_manager.simulator.helix.gate import Endpoint, Gate
from vip_manager.simulator.helix.scopes import (
    ANNOUNCE,
    MANAGE_MODERATORS,
    MANAGE_POINTS,
    MANAGE_VIPS,
    READ_MODERATED,
    READ_MODERATORS,
    READ_POINTS,
    READ_VIPS,
    WRITE_CHAT,
)
from vip_manager.simulator.limits import CHAT_POINTS

_VIPS = "/channels/vips"
_REWARDS = "/channel_points/custom_rewards"
_REDEMPTIONS = "/channel_points/custom_rewards/redemptions"
_MODERATORS = "/moderation/moderators"
SUBSCRIPTIONS = "/eventsub/subscriptions"

TABLE = {
    ("GET", "/users"): Endpoint(users.get, app=True),
    ("GET", "/authorization/users"): Endpoint(users.authorizations, app=True, user=False),
    ("GET", "/streams"): Endpoint(streams.get, app=True),
    ("GET", _VIPS): Endpoint(vips.get, READ_VIPS, own=True),
    ("POST", _VIPS): Endpoint(vips.add, MANAGE_VIPS, own=True),
    # A VIP may take off the badge in somebody else's channel: the endpoint itself looks whose it is.
    ("DELETE", _VIPS): Endpoint(vips.remove, MANAGE_VIPS),
    ("GET", _REWARDS): Endpoint(rewards.get, READ_POINTS, own=True),
    ("POST", _REWARDS): Endpoint(rewards.create, MANAGE_POINTS, own=True),
    ("PATCH", _REWARDS): Endpoint(rewards.update, MANAGE_POINTS, own=True),
    ("DELETE", _REWARDS): Endpoint(rewards.delete, MANAGE_POINTS, own=True),
    ("GET", _REDEMPTIONS): Endpoint(redemptions.get, READ_POINTS, own=True),
    ("PATCH", _REDEMPTIONS): Endpoint(redemptions.settle, MANAGE_POINTS, own=True),
    ("GET", _MODERATORS): Endpoint(moderators.get, READ_MODERATORS, own=True),
    ("POST", _MODERATORS): Endpoint(moderators.add, MANAGE_MODERATORS, own=True),
    ("DELETE", _MODERATORS): Endpoint(moderators.remove, MANAGE_MODERATORS, own=True),
    ("GET", "/moderation/channels"): Endpoint(moderators.channels, READ_MODERATED),
    ("POST", "/chat/messages"): Endpoint(chat.send, WRITE_CHAT, app=True, bucket=CHAT_POINTS),
    ("POST", "/chat/announcements"): Endpoint(chat.announce, ANNOUNCE),
    ("GET", SUBSCRIPTIONS): Endpoint(subscriptions.get, app=True),
    ("POST", SUBSCRIPTIONS): Endpoint(subscriptions.create, app=True),
    ("DELETE", SUBSCRIPTIONS): Endpoint(subscriptions.delete, app=True),
}

helix = Gate(TABLE)
