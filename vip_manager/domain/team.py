"""Who may do what in a channel: its owner, and those whom the owner named."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vip_manager.domain.terms import InvalidInput


class Role(StrEnum):
    """OWNER: whose channel it is. A MANAGER runs it as the owner would, a HELPER keeps it going while the stream is
    on."""

    OWNER = "owner"
    MANAGER = "manager"
    HELPER = "helper"


class May(StrEnum):
    """What a role lets somebody do; each act of the staff needs one of them.

    SEE: everything on the staff's pages. DECIDE: what waits, what failed, and giving points back. GIVE: VIP, and more
    hours. END: VIP before its time, for good, or by putting a permanent VIP on a clock. REWARDS: make, change and
    delete them, turn them on and off. RULES: change them, and the block list. BOARD: what the public sees. TEAM: name
    and dismiss its members. HOOKS: webhooks that tell the outside. DATA: download all, leave, delete all.
    """

    SEE = "see"
    DECIDE = "decide"
    GIVE = "give"
    END = "end"
    REWARDS = "rewards"
    RULES = "rules"
    BOARD = "board"
    TEAM = "team"
    HOOKS = "hooks"
    DATA = "data"


_HELPERS = frozenset({May.SEE, May.DECIDE, May.GIVE})
_MANAGERS = _HELPERS | {May.END, May.REWARDS, May.RULES, May.BOARD}

ALLOWED: dict[Role, frozenset[May]] = {Role.OWNER: frozenset(May), Role.MANAGER: _MANAGERS, Role.HELPER: _HELPERS}
"""The permission table; docs/permissions.md shows it."""

NAMED = (Role.MANAGER, Role.HELPER)
"""The roles that an owner gives to others."""

MOST_MEMBERS = 50


def parse_role(value: object) -> Role:
    """One that an owner gives to others. Raises InvalidInput."""
    role = next((role for role in NAMED if role == value), None)
    if role is None:
        raise InvalidInput("role", "Choose what they are to be: a manager or a helper.")
    return role


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody whom the owner named; `id` is Twitch's, the names are those of when they were named."""

    id: str
    login: str
    username: str
    role: Role
    since: datetime
    avatar_url: str = ""
