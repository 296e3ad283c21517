"""Personal API tokens, and the calls made with them that must not count twice."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TokenScope(StrEnum):
    """READ: look. WRITE: also give, extend and end, as far as its maker may in that channel."""

    READ = "read"
    WRITE = "write"


MOST_TOKENS = 20
"""In a channel, of one person."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """`id` is the hash of the token, which is stored nowhere. It acts for `user_id`, who made it, with the part that
    they have in the channel when it is used. `used_at` is to the hour or so. A revoked one opens nothing any more, and
    is about to be deleted. Real time."""

    id: str
    channel_id: str
    user_id: str
    name: str
    scope: TokenScope
    made_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    version: str = ""

    @property
    def handle(self) -> str:
        """Names it on a page, and opens nothing."""
        return self.id[:16]


@dataclass(frozen=True, slots=True)
class ApiCall:
    """What must not count twice: a call with an Idempotency-Key
    (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/), or a question in chat.

    `id` is a hash of the token and the key, or of the message; `request` of what was asked. `status` and `body` are its
    answer, 0 and empty until there is one. Real time."""

    id: str
    channel_id: str
    request: str
    made_at: datetime
    expires_at: datetime
    status: int = 0
    body: str = ""
    version: str = ""
