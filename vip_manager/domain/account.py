"""People who sign in, their Twitch tokens, and their sign-ins."""

from dataclasses import dataclass, field
from datetime import datetime

CHANNEL_SCOPES = frozenset({"channel:manage:redemptions", "channel:manage:vips", "moderation:read"})
"""What a streamer's token must allow (https://dev.twitch.tv/docs/authentication/scopes/)."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """A user's Twitch tokens in the clear: only ever in memory, and never printed."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who has signed in, keyed by Twitch's numeric user id.

    `tokens` is absent where there are none, or where Twitch no longer takes them. `reconnect` says that the person must
    sign in again before we can act for their channel: the tokens are dead, or lack a scope.
    """

    id: str
    login: str
    username: str
    avatar_url: str = ""
    tokens: TokenPair | None = None
    reconnect: bool = False
    validated_at: datetime | None = None
    version: str = ""

    @property
    def may_manage(self) -> bool:
        """Whether the stored token lets us act for this person's channel."""
        return self.tokens is not None and not self.reconnect and self.tokens.scopes >= CHANNEL_SCOPES


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser's session. `id` is the hash of the cookie's value; the value itself is never stored. Real time, UTC.

    `seen_at` is when the browser was there last, to the hour or so; `expires_at` moves on with it, up to the absolute
    end. `browser` is what it calls itself, in words.
    """

    id: str
    user_id: str
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None = None
    browser: str = ""
    version: str = ""
