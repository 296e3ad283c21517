"""A socket's subscriptions, made with the channel's own user token.

Source: https://dev.twitch.tv/docs/api/reference/#create-eventsub-subscription. The first one must stand within 10 s of
the welcome, or Twitch closes the socket; so all are asked for at once.
"""

import asyncio

from vip_manager.ports import NotOurs, Rejected, Unauthorized
from vip_manager.twitch.eventsub.messages import TYPES
from vip_manager.twitch.helix import Endpoint, Helix
from vip_manager.twitch.tokens import TokenKeeper


class _AlreadyThere(Rejected):
    pass


CREATE = Endpoint("POST", "/eventsub/subscriptions", {409: _AlreadyThere})


class Subscriptions:
    def __init__(self, helix: Helix, tokens: TokenKeeper) -> None:
        self._helix = helix
        self._tokens = tokens

    async def subscribe(self, channel_id: str, session_id: str) -> None:
        """All types, or an error: Unauthorized, Rejected (a dead session for instance), and what Helix raises."""
        results = await asyncio.gather(
            *(self._subscribe(channel_id, session_id, kind) for kind in TYPES), return_exceptions=True
        )
        errors = [result for result in results if isinstance(result, BaseException)]
        if not errors:
            return
        dead = next((error for error in errors if isinstance(error, Unauthorized)), None)
        raise dead or errors[0]

    async def _subscribe(self, channel_id: str, session_id: str, kind: str) -> None:
        body = {
            "type": kind,
            "version": "1",
            "condition": {"broadcaster_user_id": channel_id},
            "transport": {"method": "websocket", "session_id": session_id},
        }
        try:
            await self._helix.call(CREATE, channel_id, [], body)
        except _AlreadyThere:
            return
        except NotOurs as error:
            await self._tokens.refused(channel_id)
            raise Unauthorized(f"user {channel_id} does not allow {kind}: {error}") from error
