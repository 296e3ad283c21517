"""What EventSub says, over a socket or a webhook alike, as the port's own events. Raises Malformed.

Source: https://dev.twitch.tv/docs/eventsub/websocket-reference/ and .../eventsub-subscription-types/.
"""

from dataclasses import dataclass
from datetime import datetime

from vip_manager.ports import (
    ChannelEvent,
    ChatCommand,
    Malformed,
    RedemptionEvent,
    Revoked,
    StreamHint,
    TwitchStatus,
    VipHint,
)
from vip_manager.twitch.wire import JsonObject, parse_redemption

REDEMPTION_ADD = "channel.channel_points_custom_reward_redemption.add"
REDEMPTION_UPDATE = "channel.channel_points_custom_reward_redemption.update"
VIP_ADD = "channel.vip.add"
VIP_REMOVE = "channel.vip.remove"
MODERATOR_ADD = "channel.moderator.add"
MODERATOR_REMOVE = "channel.moderator.remove"
STREAM_ONLINE = "stream.online"
STREAM_OFFLINE = "stream.offline"

TYPES = (
    REDEMPTION_ADD,
    REDEMPTION_UPDATE,
    VIP_ADD,
    VIP_REMOVE,
    MODERATOR_ADD,
    MODERATOR_REMOVE,
    STREAM_ONLINE,
    STREAM_OFFLINE,
)
"""What is listened to in every channel, all of version 1."""

CHAT_MESSAGE = "channel.chat.message"
"""What is listened to beside them where viewers are answered in chat; of version 1 too. Nothing depends on it."""
COMMAND = "!vip"

USUAL_KEEPALIVE = 10.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One message of a socket. `type` is session_welcome, session_keepalive, notification, and so on.

    `sent_at` is Twitch's own timestamp; None where it can't be read, for no message is worth losing over it.
    """

    id: str
    type: str
    payload: JsonObject
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """What a welcome or a reconnect message says of the socket's session. `keepalive` in seconds."""

    id: str
    keepalive: float
    reconnect_url: str


def parse_frame(raw: str | bytes) -> Frame:
    message = JsonObject.loads(raw, "EventSub message")
    metadata = message.object("metadata")
    return Frame(metadata.id("message_id"), metadata.id("message_type"), message.object("payload"), _sent_at(metadata))


def _sent_at(metadata: JsonObject) -> datetime | None:
    try:
        return metadata.time("message_timestamp")
    except Malformed:
        return None


def parse_session(payload: JsonObject) -> Session:
    session = payload.object("session")
    keepalive = session.number("keepalive_timeout_seconds", default=USUAL_KEEPALIVE)
    return Session(session.id("id"), keepalive, session.text("reconnect_url", default=""))


def parse_notification(payload: JsonObject, sent_at: datetime | None = None) -> ChannelEvent | None:
    """`payload` holds `subscription` and `event`. None where it is of a type that we don't know.

    `sent_at` is the message's timestamp: the events of badges, and of a stream's end, have no time of their own.
    """
    kind = payload.object("subscription").text("type")
    event = payload.object("event")
    if kind in (REDEMPTION_ADD, REDEMPTION_UPDATE):
        added = kind == REDEMPTION_ADD
        # Whatever becomes of it is asked for later; that it was made must not be lost over a word.
        unknown = TwitchStatus.UNFULFILLED if added else None
        return RedemptionEvent(parse_redemption(event, event.id("broadcaster_user_id"), unknown), added)
    if kind in (VIP_ADD, VIP_REMOVE, MODERATOR_ADD, MODERATOR_REMOVE):
        removed_at = sent_at if kind == VIP_REMOVE else None
        return VipHint(event.id("broadcaster_user_id"), event.id("user_id"), removed_at)
    if kind == CHAT_MESSAGE:
        return _command(event, sent_at)
    if kind in (STREAM_ONLINE, STREAM_OFFLINE):
        live_since = event.time("started_at") if kind == STREAM_ONLINE else None
        return StreamHint(event.id("broadcaster_user_id"), live_since, sent_at)
    return None


def _command(event: JsonObject, sent_at: datetime | None) -> ChatCommand | None:
    """None for whatever else is said, for what the broadcaster says, as whom we speak, and for what is shown here from
    the chat of another channel (https://dev.twitch.tv/docs/chat/irc/#shared-chat)."""
    first = event.object("message").text("text", default="").split(maxsplit=1)[:1]
    if [word.casefold() for word in first] != [COMMAND]:
        return None
    channel_id, chatter = event.id("broadcaster_user_id"), event.id("chatter_user_id")
    if chatter == channel_id or event.text("source_broadcaster_user_id", default="") not in ("", channel_id):
        return None
    login = event.text("chatter_user_login", default="")
    username = event.text("chatter_user_name", default="") or login
    return ChatCommand(channel_id, event.id("message_id"), chatter, login, username, sent_at)


def about_chat(payload: JsonObject) -> bool:
    """Whether the payload is of the subscription on which nothing depends."""
    return payload.object("subscription").text("type", default="") == CHAT_MESSAGE


def parse_revocation(payload: JsonObject) -> Revoked:
    """`payload` holds the `subscription` that Twitch has ended, for the reason its status names."""
    subscription = payload.object("subscription")
    return Revoked(subscription.object("condition").id("broadcaster_user_id"), subscription.id("status").lower())


def channel_of(event: ChannelEvent) -> str:
    return event.redemption.channel_id if isinstance(event, RedemptionEvent) else event.channel_id
