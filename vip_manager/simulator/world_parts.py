"""What the world consists of, part by part: what is kept in its file and replaced with it.

In the file a part of records is a list. In memory it is a mapping by the records' first field, which is their key, or
a list where they have none.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from vip_manager.simulator.records import (
    AccessToken,
    Channel,
    Client,
    Code,
    Grant,
    Redemption,
    RefreshToken,
    Subscription,
    User,
)

LONGEST_AHEAD_SECONDS = 10 * 366 * 24 * 3600
SECRET = frozenset({"codes", "access_tokens", "refresh_tokens", "webhooks"})
"""Parts that nobody is shown."""


@dataclass
class Parts:
    """`offset_seconds` is how far the world's time is ahead of real time. `limits_met` counts the 429s that Twitch's
    own limits gave, by the limit's name."""

    offset_seconds: float = 0.0
    clients: dict[str, Client] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    redemptions: dict[str, Redemption] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    webhooks: dict[str, Subscription] = field(default_factory=dict)
    limits_met: dict[str, int] = field(default_factory=dict)

    def user_by_login(self, login: str) -> User | None:
        wanted = login.strip().lower()
        return next((user for user in self.users.values() if user.login == wanted), None)

    def living_user(self, user_id: str) -> User | None:
        """None also for one whose account is deleted."""
        user = self.users.get(user_id)
        return None if user is None or user.deleted else user

    def state(self) -> dict[str, Any]:
        """As the file has it, with the records themselves."""
        return {name: list(getattr(self, name).values()) if name in KEYED else getattr(self, name) for name in NAMES}

    def become(self, other: "Parts") -> None:
        for name in NAMES:
            setattr(self, name, getattr(other, name))


NAMES = tuple(one.name for one in fields(Parts))
HINTS = get_type_hints(Parts)
KEYED = {
    name: get_args(HINTS[name])[1]
    for name in NAMES
    if get_origin(HINTS[name]) is dict and is_dataclass(get_args(HINTS[name])[1])
}
"""Parts that are mappings in memory, and the kind of their records."""


def key_of(kind: type) -> Callable[[Any], str]:
    first = fields(kind)[0].name
    return lambda record: str(getattr(record, first))
