"""Signing in with Twitch: the authorization code flow, refresh, validate, revoke, and the program's own app token.

Authlib builds the authorize address and the token requests; they travel through our own HTTP client, whose errors are
the port's. Source: https://dev.twitch.tv/docs/authentication/ (getting-tokens-oauth, refresh-tokens, validate-tokens,
revoke-tokens). Twitch knows no other client authentication than client_secret_post, and no PKCE.
"""

import asyncio
from datetime import datetime, timedelta
from urllib.parse import urlencode

from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request

from vip_manager.domain.account import TokenPair
from vip_manager.ports import Clock, Identity, Rejected, TwitchUnavailable, Unauthorized
from vip_manager.twitch.http import Http, Reply
from vip_manager.twitch.wire import JsonObject

UNNAMED_LIFE = timedelta(hours=1)
"""Of a token whose life Twitch does not name; a 401 will tell if it is shorter."""

EARLY = timedelta(minutes=1)
"""A token is renewed this long before its end."""


class OAuth:
    def __init__(
        self, http: Http, clock: Clock, *, client_id: str, client_secret: str, auth_url: str, authorize_url: str
    ) -> None:
        self._http = http
        self._clock = clock
        self._client_id = client_id
        self._auth_url = auth_url.rstrip("/")
        self._authorize_url = authorize_url
        # Only its stateless parts are used: what it would remember of one user's tokens would be another's.
        self._authlib = OAuth2Client(
            session=None,
            client_id=client_id,
            client_secret=client_secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 (a method's name)
        )
        self._app_token: tuple[str, datetime] | None = None
        self._app_token_lock = asyncio.Lock()

    def authorize_url(self, *, state: str, scopes: frozenset[str], redirect_uri: str) -> str:
        base = self._authorize_url
        if not scopes:  # Twitch requires the parameter; Authlib leaves out an empty one.
            base += ("&" if "?" in base else "?") + "scope="
        url, _ = self._authlib.create_authorization_url(
            base, state=state, scope=" ".join(sorted(scopes)), redirect_uri=redirect_uri
        )
        return str(url)

    async def exchange_code(self, code: str, redirect_uri: str) -> TokenPair:
        """Raises Rejected where Twitch does not take the code."""
        reply = await self._token("authorization_code", code=code, redirect_uri=redirect_uri)
        if reply.status == 200:
            return self._pair(reply.json(), None)
        if 400 <= reply.status < 500:
            raise Rejected(f"Twitch did not take the sign-in code: {reply.status} {reply.message}")
        raise reply.unexpected()

    async def refresh(self, old: TokenPair) -> TokenPair:
        """Raises Unauthorized where the refresh token is dead: only signing in again helps."""
        reply = await self._token("refresh_token", refresh_token=old.refresh_token)
        if reply.status == 200:
            return self._pair(reply.json(), old)
        # Said about us and not about the user: nobody's sign-in may be thrown away over a wrong secret.
        about_us = reply.status == 403 or "client" in reply.message.lower()
        if reply.status in (400, 401) and not about_us:
            raise Unauthorized(f"Twitch no longer takes the refresh token: {reply.status} {reply.message}")
        raise reply.unexpected()

    async def validate(self, access_token: str) -> Identity:
        """Raises Unauthorized where the token is dead, or is another program's."""
        headers = {"Authorization": f"OAuth {access_token}"}
        reply = await self._http.send("GET", f"{self._auth_url}/validate", headers=headers)
        if reply.status == 401:
            raise Unauthorized("Twitch no longer takes the access token")
        if reply.status != 200:
            raise reply.unexpected()
        body = reply.json()
        if body.text("client_id") != self._client_id:
            raise Unauthorized("the access token was made for another program")
        return Identity(body.id("user_id"), body.text("login", default=""), body.scopes("scopes") or frozenset())

    async def revoke(self, access_token: str) -> None:
        """A token that is dead already is no error."""
        form = urlencode({"client_id": self._client_id, "token": access_token})
        reply = await self._http.send("POST", f"{self._auth_url}/revoke", form=form)
        if reply.status not in (200, 204, 400):
            raise reply.unexpected()

    async def app_token(self, dead: str = "") -> str:
        """The program's own token, kept until shortly before its end. `dead` is one that Twitch has just refused.

        Raises Rejected where Twitch does not take the client id and secret.
        """
        async with self._app_token_lock:
            if self._app_token:
                token, good_until = self._app_token
                if token != dead and self._clock.real() < good_until:
                    return token
            reply = await self._token("client_credentials")
            if 400 <= reply.status < 500:
                raise Rejected(f"Twitch does not take the client id and secret: {reply.status} {reply.message}")
            if reply.status != 200:
                raise reply.unexpected()
            body = reply.json()
            token = body.id("access_token")
            self._app_token = token, self._end_of_life(body) - EARLY
            return token

    async def _token(self, grant_type: str, **fields: str) -> Reply:
        url = f"{self._auth_url}/token"
        form = prepare_token_request(grant_type, "", **fields)
        _, _, form = self._authlib.client_auth("client_secret_post").prepare("POST", url, {}, form)
        return await self._http.send("POST", url, form=form)

    def _pair(self, body: JsonObject, old: TokenPair | None) -> TokenPair:
        scopes = body.scopes("scope")
        if scopes is None:
            scopes = old.scopes if old else frozenset()
        refresh_token = body.text("refresh_token", default=old.refresh_token if old else None)
        return TokenPair(body.id("access_token"), refresh_token, self._end_of_life(body), scopes)

    def _end_of_life(self, body: JsonObject) -> datetime:
        seconds = body.number("expires_in", default=UNNAMED_LIFE.total_seconds())
        try:
            return self._clock.real() + timedelta(seconds=seconds)
        except (OverflowError, ValueError):
            raise TwitchUnavailable("POST /token: Twitch sent a token with an absurd life") from None
