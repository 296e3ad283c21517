"""A socket's subscriptions, made with the channel's own user token.

Source: https://dev.twitch.tv/docs/api/reference/#create-eventsub-subscription. The first one must stand within 10 s of
the welcome, or Twitch closes the socket; so all are asked for at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from vip_manager.domain.chat import READ
from vip_manager.ports import Malformed, NotFound, NotOurs, Rejected, TwitchError, Unauthorized
from vip_manager.twitch.eventsub.messages import CHAT_MESSAGE, REDEMPTION_ADD, TYPES
from vip_manager.twitch.helix import Endpoint, Helix
from vip_manager.twitch.tokens import TokenKeeper

log = structlog.get_logger(__name__)


PATH = "/eventsub/subscriptions"


class AlreadyThere(Rejected):
    """409: the very same type and condition, led to the same place."""


CREATE = Endpoint("POST", PATH, {409: AlreadyThere})
_CREATE_CHAT = Endpoint("POST", PATH, {409: AlreadyThere}, optional=READ)
_DELETE_CHAT = Endpoint("DELETE", PATH, optional=READ)

Listens = Callable[[str], Awaitable[bool]]
"""Whether what is said in a channel's chat is to be heard, and may be."""


class Subscriptions:
    def __init__(self, helix: Helix, tokens: TokenKeeper) -> None:
        self._helix = helix
        self._tokens = tokens

    async def subscribe(self, channel_id: str, session_id: str) -> None:
        """All types, or an error: Unauthorized, Rejected (a dead session for instance), and what Helix raises.

        A type that Twitch has done away with is done without, unless it is the one that tells of redemptions: all
        others are hints, and catch-up finds later what they would have told.
        """
        results = await asyncio.gather(
            *(self._subscribe(channel_id, session_id, kind) for kind in TYPES), return_exceptions=True
        )
        done_without(
            channel_id,
            {kind: error for kind, error in zip(TYPES, results, strict=True) if isinstance(error, BaseException)},
        )

    async def hear_chat(self, channel_id: str, session_id: str) -> str | None:
        """The id of the subscription to what is said in chat; empty where there is none to be had, None where that may
        pass. Nothing depends on it, so whatever is in its way is only told in the log."""
        try:
            body = wanted(CHAT_MESSAGE, channel_id, {"method": "websocket", "session_id": session_id})
            reply = await self._helix.call(_CREATE_CHAT, channel_id, [], body)
            for item in reply.json().objects("data"):
                return item.id("id")
            raise Malformed(f"POST {PATH}: Twitch does not say what it has made")
        except (AlreadyThere, TwitchError) as error:
            log.warning("chat_not_heard", channel_id=channel_id, error=str(error))
            return None if error.temporary else ""

    async def leave_chat(self, channel_id: str, subscription_id: str) -> None:
        """That it is gone is no error, nor is that it stays: what it tells is left unheard."""
        try:
            await self._helix.call(_DELETE_CHAT, channel_id, [("id", subscription_id)])
        except NotFound:
            return
        except TwitchError as error:
            log.info("chat_still_heard", channel_id=channel_id, error=str(error))

    async def _subscribe(self, channel_id: str, session_id: str, kind: str) -> None:
        body = wanted(kind, channel_id, {"method": "websocket", "session_id": session_id})
        try:
            await self._helix.call(CREATE, channel_id, [], body)
        except AlreadyThere:
            return
        except NotOurs as error:
            await self._tokens.refused(channel_id)
            raise Unauthorized(f"user {channel_id} does not allow {kind}: {error}") from error


def wanted(kind: str, channel_id: str, transport: Mapping[str, str]) -> dict[str, Any]:
    """The body of CREATE: all of that type that happens in the channel. Chat is read as the broadcaster."""
    condition = {"broadcaster_user_id": channel_id}
    if kind == CHAT_MESSAGE:
        condition["user_id"] = channel_id
    return {
        "type": kind,
        "version": "1",
        "condition": condition,
        "transport": dict(transport),
    }


def done_without(channel_id: str, refused: Mapping[str, BaseException]) -> None:
    """Raises the worst of what became of some types, unless they can be done without: all but the one that tells of
    redemptions are hints, and catch-up finds later what they would have told."""
    dead = next((error for error in refused.values() if isinstance(error, Unauthorized)), None)
    heavy = next((error for error in refused.values() if not isinstance(error, Rejected)), None)
    worst = dead or heavy or refused.get(REDEMPTION_ADD)
    if worst is not None:
        raise worst
    if refused:
        log.warning("eventsub_types_refused", channel_id=channel_id, refused={k: str(e) for k, e in refused.items()})
