"""What somebody may want to see of the audit log."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from vip_manager.domain.audit import Action
from vip_manager.domain.days import begins
from vip_manager.domain.terms import InvalidInput

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Topic(StrEnum):
    """What lines are about. The words for people are in `ui/history_words.py`."""

    GIVEN = "given"
    ENDED = "ended"
    POINTS = "points"
    REDEEMED = "redeemed"
    DECISIONS = "decisions"
    REWARDS = "rewards"
    CHANNEL = "channel"
    TEAM = "team"


_A = Action

TOPICS: dict[Topic, frozenset[Action]] = {
    Topic.GIVEN: frozenset({_A.GRANTED, _A.EXTENDED, _A.CLOCKED}),
    Topic.ENDED: frozenset({_A.ENDED, _A.MODDED, _A.SEAT_TAKEN}),
    Topic.POINTS: frozenset({_A.REFUSED, _A.GIVE_BACK, _A.REFUNDED, _A.POINTS_KEPT, _A.TAKEN_BACK}),
    Topic.REDEEMED: frozenset({_A.REDEEMED, _A.FULFILLED}),
    Topic.DECISIONS: frozenset(
        {_A.HELD, _A.APPROVED, _A.REOPENED, _A.TRIED_AGAIN, _A.DISMISSED, _A.PUT_OFF, _A.REPAIRED}
    ),
    Topic.REWARDS: frozenset(
        {
            *(_A.REWARD_CREATED, _A.REWARD_CHANGED, _A.REWARD_ADOPTED, _A.REWARD_CLOSED, _A.REWARD_OPENED),
            *(_A.REWARD_QUEUED, _A.REWARD_DELETED, _A.REWARD_STAYS, _A.REWARD_LOST, _A.TIER_CREATED, _A.TIER_CHANGED),
            *(_A.TURNED_ON, _A.TURNED_OFF, _A.FULL, _A.SEATS_FREE, _A.TESTED, _A.TEST_SKIPPED),
        }
    ),
    Topic.CHANNEL: frozenset(
        {
            *(_A.RULES_CHANGED, _A.BLOCKED, _A.UNBLOCKED, _A.HIDDEN, _A.SHOWN, _A.BOARD_ON, _A.BOARD_OFF),
            *(_A.TOKEN_MADE, _A.TOKEN_REVOKED),
            *(_A.HOOK_ADDED, _A.HOOK_CHANGED, _A.HOOK_REMOVED, _A.HOOK_STOPPED),
            *(_A.OVERLAY_LINK, _A.CHAT_CHANGED, _A.RESTORED),
            *(_A.CONNECTED, _A.DISCONNECTED, _A.TOKENS_WIPED, _A.LEAVING, _A.LEFT, _A.STREAM_BEGAN, _A.STREAM_ENDED),
        }
    ),
    Topic.TEAM: frozenset({_A.TEAM_NAMED, _A.TEAM_ROLE, _A.TEAM_DISMISSED, _A.TEAM_LEFT, _A.SIGNED_IN, _A.SIGNED_OUT}),
}
"""Each action is in one of them, and none has more than 30: so many Firestore takes in one query
(https://firebase.google.com/docs/firestore/query-data/queries#limitations)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: of one of these actions, about or by that person, at `since` or later, before `until`. What is empty
    or None lets all through."""

    actions: frozenset[Action] = frozenset()
    person_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


def parse_topic(value: str) -> Topic | None:
    """None: all of them. Raises InvalidInput."""
    if not value:
        return None
    try:
        return Topic(value)
    except ValueError:
        raise InvalidInput("kind", "Choose from the list what to show.") from None


def parse_days(first: str, last: str, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """From the beginning of one day to the end of another, as a browser's date fields say them (2026-03-29); each may
    be empty. Raises InvalidInput."""
    begin, end = _day("from", first), _day("to", last)
    if begin and end and end < begin:
        raise InvalidInput("to", "The last day is before the first one.")
    since = begins(begin, zone) if begin else None
    return since, begins(end + timedelta(days=1), zone) if end else None


def _day(name: str, value: str) -> date | None:
    if not value:
        return None
    try:
        # Python takes more forms of ISO 8601 than a date field has.
        day = date.fromisoformat(value if _DAY.fullmatch(value) else "")
    except ValueError:
        raise InvalidInput(name, "A date has the form 2026-03-29.") from None
    # Far from the calendar's ends, so that every zone has it, and a day after it.
    if not 1970 <= day.year <= 9000:
        raise InvalidInput(name, "Type a year from {first} to {last}.", first="1970", last="9000")
    return day
