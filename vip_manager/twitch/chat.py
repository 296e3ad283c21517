"""Speaking in a channel's chat, as its broadcaster (https://dev.twitch.tv/docs/api/reference/#send-chat-message).

Scope user:write:chat, which the streamer may allow beside the rest.
"""

from vip_manager.domain.chat import WRITE
from vip_manager.ports import NotSaid
from vip_manager.twitch.helix import Endpoint, Helix

SAY = Endpoint("POST", "/chat/messages", optional=WRITE)


class Chat:
    def __init__(self, helix: Helix) -> None:
        self._helix = helix

    async def say(self, channel_id: str, text: str, reply_to: str = "") -> None:
        """Raises ChatNotAllowed; NotSaid where Twitch has taken it and shows it nobody; Rejected (403: not in this
        chat; 422: too long)."""
        body = {"broadcaster_id": channel_id, "sender_id": channel_id, "message": text}
        if reply_to:
            body["reply_parent_message_id"] = reply_to
        reply = await self._helix.call(SAY, channel_id, [], body)
        for item in reply.json().objects("data"):
            if item.fields.get("is_sent") is not True:
                dropped = item.fields.get("drop_reason")
                code = dropped.get("code") if isinstance(dropped, dict) else None
                raise NotSaid(f"POST /chat/messages: not sent: {str(code or 'no reason given')[:100]}")
            return
        raise NotSaid("POST /chat/messages: Twitch does not say whether it was sent")
