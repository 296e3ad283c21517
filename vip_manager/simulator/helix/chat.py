"""Send Chat Message and Send Chat Announcement (API reference). A message that is not sent still answers 200."""

import uuid
from typing import Any

from starlette.responses import Response

from vip_manager.simulator.helix.answers import HelixError, data, no_content
from vip_manager.simulator.helix.call import Call, check_id
from vip_manager.simulator.limits import ANNOUNCEMENTS, CHAT, CHAT_AT_ONCE, CHAT_WITH_BADGE
from vip_manager.simulator.records import Channel, User
from vip_manager.simulator.talk import say

LONGEST = 500
_COLOURS = ("primary", "blue", "green", "orange", "purple")
_BOT_SCOPES = {"user:write:chat", "user:bot"}


async def send(call: Call) -> Response:
    body = await _fields(call)
    channel_id, sender_id = _id(body, "broadcaster_id"), _id(body, "sender_id")
    text = body.get("message")
    if not isinstance(text, str):
        raise HelixError(400, 'Missing required parameter "message"')
    if call.token.user_id not in (None, sender_id):
        raise HelixError(401, "The ID in sender_id must match the user ID found in the request's OAuth token.")
    channel, sender = _channel(call, channel_id), _known(call, "sender_id", sender_id)
    if call.token.user_id is None:
        _bot_may(call, channel, sender)
    elif "for_source_only" in body:
        raise HelixError(400, "for_source_only can be set with an app access token only.")
    reply_to = _reply_to(call, channel, body)
    if len(text) > LONGEST:
        raise HelixError(422, "The message is too large.")
    if not text.strip():
        return data([_dropped("empty_message", "The message has no text.")])
    if sender.id in channel.bans:
        return data([_dropped("user_banned", "The sender is banned from the broadcaster's chat room.")])
    _not_too_fast(call, channel, sender)
    line = say(call.sim, channel, sender, text, reply_to=reply_to)
    return data([{"message_id": line.id, "is_sent": True, "drop_reason": None}])


async def announce(call: Call) -> Response:
    """A text of over 500 characters is cut."""
    channel_id, moderator_id = call.user_id("broadcaster_id"), call.user_id("moderator_id")
    if moderator_id != call.token.user_id:
        raise HelixError(401, "The ID in moderator_id must match the user ID found in the request's OAuth token.")
    channel = _channel(call, channel_id)
    if moderator_id != channel.id and moderator_id not in channel.moderators:
        raise HelixError(401, "The user in moderator_id is not one of the broadcaster's moderators.")
    body = await call.body()
    text, colour = body.get("message"), body.get("color") or "primary"
    if not isinstance(text, str) or not text:
        raise HelixError(400, "The message field in the request's body is required.")
    if colour not in _COLOURS:
        raise HelixError(400, "The specified color is not valid.")
    if not call.sim.limits.take((ANNOUNCEMENTS, f"{channel.id}/{moderator_id}")):
        raise HelixError(429, "One announcement may be sent every 2 seconds.")
    say(call.sim, channel, call.user(moderator_id), text[:LONGEST], announcement=colour)
    return no_content()


async def _fields(call: Call) -> dict[str, Any]:
    """The reference has them in the body, and speaks of query parameters in its refusals; libraries use either."""
    body = await call.body() if await call.request.body() else {}
    return {**call.request.query_params, **body}


def _bot_may(call: Call, channel: Channel, sender: User) -> None:
    """An app speaks for whom lets it, in a channel that lets it in or where the bot is a moderator."""
    of_sender = call.world.grant(call.token.client_id, sender.id)
    of_channel = call.world.grant(call.token.client_id, channel.id)
    speaks = of_sender is not None and set(of_sender.scopes) >= _BOT_SCOPES
    let_in = of_channel is not None and "channel:bot" in of_channel.scopes
    if not speaks or not (let_in or sender.id == channel.id or sender.id in channel.moderators):
        raise HelixError(403, "The sender is not permitted to send chat messages to the broadcaster's chat room.")


def _not_too_fast(call: Call, channel: Channel, sender: User) -> None:
    if sender.id == channel.id or sender.id in channel.moderators or sender.id in channel.vips:
        room = call.sim.limits.take((CHAT_WITH_BADGE, sender.id))
    else:
        room = call.sim.limits.take((CHAT_AT_ONCE, f"{channel.id}/{sender.id}"), (CHAT, sender.id))
    if not room:
        raise HelixError(429, "The sender has sent too many messages.")


def _reply_to(call: Call, channel: Channel, body: dict[str, Any]) -> str:
    wanted = body.get("reply_parent_message_id") or ""
    if wanted and not (isinstance(wanted, str) and call.sim.chat.has(channel.id, wanted)):
        raise HelixError(400, "The ID in reply_parent_message_id is not valid.")
    return str(wanted)


def _dropped(code: str, message: str) -> dict[str, Any]:
    return {
        "message_id": str(uuid.uuid4()),
        "is_sent": False,
        "drop_reason": {"code": code, "message": message},
    }


def _id(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not value:
        raise HelixError(400, f'Missing required parameter "{name}"')
    check_id(name, str(value))
    return str(value)


def _channel(call: Call, user_id: str) -> Channel:
    return call.world.channel(_known(call, "broadcaster_id", user_id).id)


def _known(call: Call, name: str, user_id: str) -> User:
    user = call.world.living_user(user_id)
    if user is None:
        raise HelixError(400, f"The ID in {name} is not valid.")
    return user
