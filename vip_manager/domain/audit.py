"""The audit log: who did what to whom, when and why."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

SYSTEM = "system"
"""Actor of what the program does by itself."""


class Action(StrEnum):
    """What happened. The words for people are in `ui/happened_words.py`."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    REWARD_CREATED = "reward_created"
    REWARD_CHANGED = "reward_changed"
    REWARD_ADOPTED = "reward_adopted"
    REWARD_CLOSED = "reward_closed"
    REWARD_OPENED = "reward_opened"
    REWARD_QUEUED = "reward_queued"
    REWARD_DELETED = "reward_deleted"
    REWARD_STAYS = "reward_stays"
    REWARD_LOST = "reward_lost"
    TURNED_ON = "turned_on"
    TURNED_OFF = "turned_off"
    TIER_CREATED = "tier_created"
    TIER_CHANGED = "tier_changed"
    FULL = "full"
    SEATS_FREE = "seats_free"
    TESTED = "tested"
    TEST_SKIPPED = "test_skipped"
    RULES_CHANGED = "rules_changed"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    HIDDEN = "hidden"
    SHOWN = "shown"
    BOARD_ON = "board_on"
    BOARD_OFF = "board_off"
    TOKEN_MADE = "token_made"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    HOOK_ADDED = "hook_added"
    HOOK_CHANGED = "hook_changed"
    HOOK_REMOVED = "hook_removed"
    HOOK_STOPPED = "hook_stopped"
    OVERLAY_LINK = "overlay_link"
    CHAT_CHANGED = "chat_changed"
    LEAVING = "leaving"
    LEFT = "left"
    TOKENS_WIPED = "tokens_wiped"
    TEAM_NAMED = "team_named"
    TEAM_ROLE = "team_role"
    TEAM_DISMISSED = "team_dismissed"
    TEAM_LEFT = "team_left"
    STREAM_BEGAN = "stream_began"
    STREAM_ENDED = "stream_ended"
    REDEEMED = "redeemed"
    HELD = "held"
    APPROVED = "approved"
    GRANTED = "granted"
    EXTENDED = "extended"
    REFUSED = "refused"
    GIVE_BACK = "give_back"
    FULFILLED = "fulfilled"
    REFUNDED = "refunded"
    POINTS_KEPT = "points_kept"
    TAKEN_BACK = "taken_back"
    REOPENED = "reopened"
    TRIED_AGAIN = "tried_again"
    DISMISSED = "dismissed"
    ENDED = "ended"
    MODDED = "modded"
    SEAT_TAKEN = "seat_taken"
    CLOCKED = "clocked"
    PUT_OFF = "put_off"
    REPAIRED = "repaired"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line. `actor_id` is a Twitch user id or SYSTEM; `subject_*` the viewer it is about; `detail` JSON values.

    Known details: `hours` (float), `until` (ISO 8601), `reason` (a Refusal or EndReason), `reward` (title), `cost`
    (points), `refund_after` (hours), `error` (a sentence), `redemption_id`, `session_id`; of a repair also `check`
    (books.Check) and `of` (the Action whose line was missing); of a restored channel `since` and `until` (ISO 8601),
    between which there are no records; of a HELD one `held_for` (rules.Held); of a seat that
    was taken `taker` (the name of whoever has it now); of changed rules, and of what is said in chat, `changed`:
    setting -> its new value; of the team `role` (a team.Role), the one that they have now or had; of a webhook
    `host`; of an API token `token`, its name, and `scope` (api_token.TokenScope). `through` is session.API where
    somebody did it with such a token, `token` then which. `request` is the id of the request that it was done for.
    """

    id: str
    channel_id: str
    at: datetime
    action: Action
    actor_id: str = SYSTEM
    actor_name: str = ""
    subject_id: str = ""
    subject_name: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


_REWARDS_COME_AND_GO = frozenset(
    {
        Action.REWARD_LOST,
        Action.REWARD_CREATED,
        Action.REWARD_ADOPTED,
        Action.REWARD_DELETED,
        Action.TIER_CREATED,
    }
)


def lost_reward(latest: Iterable[AuditEntry]) -> AuditEntry | None:
    """The line that says that a reward was deleted on Twitch, where none has come or gone since; the latest line comes
    first."""
    last = next((one for one in latest if one.action in _REWARDS_COME_AND_GO), None)
    return last if last is not None and last.action is Action.REWARD_LOST else None
