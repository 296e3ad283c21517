"""The core of Twitch's REST API: who asks, what a refusal means, pages.

Source: https://dev.twitch.tv/docs/api/reference/ and https://dev.twitch.tv/docs/api/guide/.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from vip_manager.domain.account import CHANNEL_SCOPES
from vip_manager.ports import (
    ChatNotAllowed,
    NotFound,
    NothingDone,
    NotOurs,
    Rejected,
    TwitchUnavailable,
    Unauthorized,
)
from vip_manager.twitch.http import Hiccup, Http, Params, Reply
from vip_manager.twitch.oauth import OAuth
from vip_manager.twitch.tokens import TokenKeeper
from vip_manager.twitch.wire import JsonObject

T = TypeVar("T")

_MISSING_SCOPE = "Missing scope"
"""With these words a 401 begins whose token lives."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path, and what its refusals mean, by status, or by a word of the message where Twitch has one.

    Whatever is not named is: 401 Unauthorized, 403 NotOurs, 404 NotFound, any other 4xx Rejected. `done` is the one
    status that says that a change happened; where there is none any 2xx does. `broadcaster_only`: nobody but the
    broadcaster may do it, so 403 may speak of the token as 401 does (https://github.com/twitchdev/issues/issues/770).
    `optional`: scopes that the streamer may allow beside those that managing the channel needs. That one of them is
    missing is ChatNotAllowed, and says nothing of the token.
    """

    method: str
    path: str
    refusals: Mapping[int, type[Rejected]] = field(default_factory=dict)
    words: Mapping[str, type[Rejected]] = field(default_factory=dict)
    done: int | None = None
    broadcaster_only: bool = False
    optional: frozenset[str] = frozenset()

    def refusal(self, reply: Reply) -> Rejected:
        by_status: dict[int, type[Rejected]] = {403: NotOurs, 404: NotFound, **self.refusals}
        error = by_status.get(reply.status, Rejected)
        error = next((named for word, named in self.words.items() if word in reply.message), error)
        return error(f"{self.method} {self.path}: {reply.status} {reply.message}".rstrip())


class Helix:
    """Raises TwitchUnavailable, RateLimited, Unauthorized, and the endpoint's refusals.

    A read is asked once more after a Hiccup. A change is sent once: after a lost answer nobody here knows whether it
    happened. Only a 401, which changes nothing, is followed by a refresh and a second try.
    """

    def __init__(self, http: Http, tokens: TokenKeeper, oauth: OAuth, *, client_id: str, api_url: str) -> None:
        self._http = http
        self._tokens = tokens
        self._oauth = oauth
        self._client_id = client_id
        self._api_url = api_url.rstrip("/")

    async def call(
        self,
        endpoint: Endpoint,
        as_user: str,
        params: Params,
        body: Mapping[str, Any] | None = None,
        *,
        before: Callable[[], None] = lambda: None,
    ) -> Reply:
        """`before` is called right before each time that it is sent."""
        token = await _before(self._tokens.access_token(as_user))
        before()
        reply = await self._send(endpoint, token, params, body)
        if reply.status in (401, 403):
            self._tokens.doubted(as_user)
        if reply.status == 401 and endpoint.optional:
            token = await self._living_token(endpoint, as_user, token, reply)
            reply = await self._send(endpoint, token, params, body)
            if reply.status == 401:
                raise ChatNotAllowed(f"{endpoint.method} {endpoint.path}: user {as_user}: {reply.message}")
        if reply.status == 401:
            token = await _before(self._tokens.refreshed(as_user, token))
            before()
            reply = await self._send(endpoint, token, params, body)
        if reply.status == 401:
            await self._tokens.refused(as_user)
            raise Unauthorized(f"{endpoint.method} {endpoint.path}: user {as_user}: {reply.message}")
        if reply.status == 403 and endpoint.broadcaster_only:
            await self._still_allowed(endpoint, as_user, reply)
        return _accepted(endpoint, reply)

    async def _living_token(self, endpoint: Endpoint, as_user: str, refused: str, reply: Reply) -> str:
        """Another one than the one that was refused, where that was dead, or somebody has signed in since. Raises
        ChatNotAllowed where it lives: it is not refreshed for a scope that it lacks, and the account stays as it is."""
        token = await _before(self._tokens.access_token(as_user))
        if token != refused:
            return token
        if not reply.message.startswith(_MISSING_SCOPE):
            identity = await _before(self._tokens.validate(as_user))
            token = await _before(self._tokens.access_token(as_user))
            if token != refused and identity.scopes >= endpoint.optional:
                return token
        raise ChatNotAllowed(f"{endpoint.method} {endpoint.path}: user {as_user}: {reply.message}")

    async def _still_allowed(self, endpoint: Endpoint, as_user: str, reply: Reply) -> None:
        """Raises Unauthorized where the user's token is dead or lacks a scope that managing a channel needs."""
        identity = await _before(self._tokens.validate(as_user))
        if not identity.scopes >= CHANNEL_SCOPES:
            await self._tokens.refused(as_user)
            raise Unauthorized(f"{endpoint.method} {endpoint.path}: user {as_user}: {reply.message}")

    async def call_as_app(self, endpoint: Endpoint, params: Params, body: Mapping[str, Any] | None = None) -> Reply:
        """With the program's own token, which allows what is public, and what webhooks need."""
        token = await self._oauth.app_token()
        reply = await self._send(endpoint, token, params, body)
        if reply.status == 401:
            reply = await self._send(endpoint, await self._oauth.app_token(dead=token), params, body)
        return _accepted(endpoint, reply)

    async def pages_as_app(self, endpoint: Endpoint, params: Params) -> AsyncGenerator[JsonObject, None]:
        """All pages, each asked for when it is needed, with the program's own token."""
        cursor = ""
        while True:
            page = [*params, ("after", cursor)] if cursor else params
            body = (await self.call_as_app(endpoint, page)).json()
            yield body
            following = _following(body)
            if following in ("", cursor):
                return
            cursor = following

    async def ping(self, endpoint: Endpoint) -> None:
        """Whether it works, be the answer a refusal."""
        await self._http.send(endpoint.method, self._api_url + endpoint.path)

    async def knock(self, endpoint: Endpoint) -> None:
        """Whether anybody answers at all."""
        await self._http.knock(endpoint.method, self._api_url + endpoint.path)

    async def items(
        self, endpoint: Endpoint, as_user: str, params: Params, parse: Callable[[JsonObject], T], id_key: str = "id"
    ) -> AsyncGenerator[T, None]:
        """The items of all pages as `parse` reads them, each page asked for when it is needed.

        An item that can't be read is skipped, and named in the log by its `id_key`. A page that can't be read raises
        TwitchUnavailable.
        """
        cursor = ""
        while True:
            page = [*params, ("after", cursor)] if cursor else params
            body = (await self.call(endpoint, as_user, page)).json()
            for item in body.readable("data", parse, id_key):
                yield item
            following = _following(body)
            if following in ("", cursor):
                return
            cursor = following

    async def _send(self, endpoint: Endpoint, token: str, params: Params, body: Mapping[str, Any] | None) -> Reply:
        url = self._api_url + endpoint.path
        headers = {"Authorization": f"Bearer {token}", "Client-Id": self._client_id}
        try:
            return await self._http.send(endpoint.method, url, params=params, headers=headers, json=body)
        except Hiccup:
            if endpoint.method != "GET":
                raise
        return await self._http.send(endpoint.method, url, params=params, headers=headers)


def _following(body: JsonObject) -> str:
    """The next page's cursor. `pagination` is absent where there is one page only, and empty on the last one."""
    return body.object("pagination").text("cursor", default="") if body.fields.get("pagination") else ""


async def _before(token_work: Awaitable[T]) -> T:
    """What fails while a token is made ready, before the call or after its refusal, had no effect."""
    try:
        return await token_work
    except TwitchUnavailable as error:
        raise NothingDone(str(error)) from error


def _accepted(endpoint: Endpoint, reply: Reply) -> Reply:
    if 200 <= reply.status < 300 and endpoint.done in (None, reply.status):
        return reply
    if 400 <= reply.status < 500:
        raise endpoint.refusal(reply)
    raise reply.unexpected()
