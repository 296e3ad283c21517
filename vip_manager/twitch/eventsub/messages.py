"""What EventSub says, over a socket or a webhook alike, as the port's own events. Raises Malformed.

Source: https://dev.twitch.tv/docs/eventsub/websocket-reference/ and .../eventsub-subscription-types/.
"""

from dataclasses import dataclass

from vip_manager.ports import ChannelEvent, RedemptionEvent, Revoked, VipHint
from vip_manager.twitch.wire import JsonObject, parse_redemption

REDEMPTION_ADD = "channel.channel_points_custom_reward_redemption.add"
REDEMPTION_UPDATE = "channel.channel_points_custom_reward_redemption.update"
VIP_ADD = "channel.vip.add"
VIP_REMOVE = "channel.vip.remove"
MODERATOR_ADD = "channel.moderator.add"
MODERATOR_REMOVE = "channel.moderator.remove"

TYPES = (REDEMPTION_ADD, REDEMPTION_UPDATE, VIP_ADD, VIP_REMOVE, MODERATOR_ADD, MODERATOR_REMOVE)
"""What is listened to in every channel, all of version 1."""

USUAL_KEEPALIVE = 10.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One message of a socket. `type` is session_welcome, session_keepalive, notification, and so on."""

    id: str
    type: str
    payload: JsonObject


@dataclass(frozen=True, slots=True)
class Session:
    """What a welcome or a reconnect message says of the socket's session. `keepalive` in seconds."""

    id: str
    keepalive: float
    reconnect_url: str


def parse_frame(raw: str | bytes) -> Frame:
    message = JsonObject.loads(raw, "EventSub message")
    metadata = message.object("metadata")
    return Frame(metadata.id("message_id"), metadata.id("message_type"), message.object("payload"))


def parse_session(payload: JsonObject) -> Session:
    session = payload.object("session")
    keepalive = session.number("keepalive_timeout_seconds", default=USUAL_KEEPALIVE)
    return Session(session.id("id"), keepalive, session.text("reconnect_url", default=""))


def parse_notification(payload: JsonObject) -> ChannelEvent | None:
    """`payload` holds `subscription` and `event`. None where it is of a type that we don't know."""
    kind = payload.object("subscription").text("type")
    event = payload.object("event")
    if kind in (REDEMPTION_ADD, REDEMPTION_UPDATE):
        redemption = parse_redemption(event, event.id("broadcaster_user_id"))
        return RedemptionEvent(redemption, added=kind == REDEMPTION_ADD)
    if kind in (VIP_ADD, VIP_REMOVE, MODERATOR_ADD, MODERATOR_REMOVE):
        return VipHint(event.id("broadcaster_user_id"), event.id("user_id"))
    return None


def parse_revocation(payload: JsonObject) -> Revoked:
    """`payload` holds the `subscription` that Twitch has ended, for the reason its status names."""
    subscription = payload.object("subscription")
    return Revoked(subscription.object("condition").id("broadcaster_user_id"), subscription.id("status").lower())


def channel_of(event: ChannelEvent) -> str:
    return event.redemption.channel_id if isinstance(event, RedemptionEvent) else event.channel_id
