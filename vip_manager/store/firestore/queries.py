"""Every question that is asked of Firestore, one function each: tests/store/test_indexes.py walks them all, and holds
deploy/firestore.indexes.json against what they need.

Lists that are read whole are ordered by whoever reads them, which needs no index.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from google.cloud.firestore_v1.async_client import AsyncClient
from google.cloud.firestore_v1.async_query import AsyncQuery
from google.cloud.firestore_v1.base_query import And, BaseFilter, FieldFilter, Or

from vip_manager.domain.history import Wanted
from vip_manager.domain.redemption import RedemptionState
from vip_manager.store.documents import API_CALLS, AUDIT, CHANNELS, OUTBOXES, REDEMPTIONS, SESSIONS, SIGN_INS
from vip_manager.store.firestore.documents import ORDER

ASCENDING, DESCENDING = "ASCENDING", "DESCENDING"
BY_ID = (("__name__", ASCENDING),)

_COUNTS_WHENEVER = [
    state.value
    for state in (RedemptionState.HELD, RedemptionState.GRANTING, RedemptionState.GRANTED, RedemptionState.FULFILLED)
]


@dataclass(frozen=True, slots=True)
class Question:
    """Which documents of a collection, and in which order."""

    collection: str
    where: BaseFilter | None = None
    order: tuple[tuple[str, str], ...] = ()

    def to(self, client: AsyncClient) -> AsyncQuery:
        query = AsyncQuery(client.collection(self.collection))
        if self.where is not None:
            query = query.where(filter=self.where)
        for field, direction in self.order:
            query = query.order_by(field, direction=direction)
        return query


def _is(field: str, value: object) -> FieldFilter:
    return FieldFilter(field, "==", value)


def _holds(field: str, value: object) -> FieldFilter:
    return FieldFilter(field, "array_contains", value)


def everything(collection: str) -> Question:
    return Question(collection, order=BY_ID)


def sign_ins_of(user_id: str) -> Question:
    return Question(SIGN_INS.collection, _is("userId", user_id))


def sign_ins_over(before: datetime) -> Question:
    return Question(SIGN_INS.collection, FieldFilter("expiresAt", "<", before))


def channels_by_login(login: str) -> Question:
    return Question(CHANNELS.collection, _is("loginLower", login))


def channels_served_by(user_id: str) -> Question:
    return Question(CHANNELS.collection, _holds("teamIds", user_id))


def channels_due(now: datetime) -> Question:
    return Question(CHANNELS.collection, FieldFilter("catchUpDueAt", "<=", now), (("catchUpDueAt", ASCENDING),))


def session_live_of(channel_id: str, user_id: str) -> Question:
    return Question(SESSIONS.collection, And([_is("channelId", channel_id), _is("userId", user_id), _is("live", True)]))


def session_last_ended(channel_id: str, user_id: str) -> Question:
    """Those that have not ended come after all others."""
    viewer = And([_is("channelId", channel_id), _is("userId", user_id)])
    return Question(SESSIONS.collection, viewer, (("endedAt", DESCENDING),))


def sessions_live(channel_id: str) -> Question:
    return Question(SESSIONS.collection, And([_is("channelId", channel_id), _is("live", True)]))


def sessions_ended(channel_id: str, since: datetime) -> Question:
    ended = And([_is("channelId", channel_id), FieldFilter("endedAt", ">=", since)])
    return Question(SESSIONS.collection, ended, (("endedAt", DESCENDING),))


def sessions_by_login(channel_id: str, login: str) -> Question:
    by_login = And([_is("channelId", channel_id), _is("login", login)])
    return Question(SESSIONS.collection, by_login, (("createdAt", DESCENDING),))


def _due(collection: str, now: datetime) -> Question:
    return Question(collection, Or([FieldFilter("dueAt", "<=", now), _is("untried", True)]), (("dueAt", ASCENDING),))


def sessions_due(now: datetime) -> Question:
    return _due(SESSIONS.collection, now)


def sessions_vip() -> Question:
    return Question(SESSIONS.collection, FieldFilter("state", "in", ["active", "ending"]))


def redemptions_due(now: datetime) -> Question:
    return _due(REDEMPTIONS.collection, now)


def redemptions_of_session(session_id: str) -> Question:
    return Question(REDEMPTIONS.collection, _is("sessionId", session_id))


def redemptions_open(channel_id: str) -> Question:
    return Question(REDEMPTIONS.collection, And([_is("channelId", channel_id), _is("open", True)]))


def redemptions_near(channel_id: str, user_id: str, at: datetime, within: timedelta) -> Question:
    """The one that it is asked about may be among them."""
    whenever = And([FieldFilter("state", "in", _COUNTS_WHENEVER), FieldFilter("redeemedAt", "<", at + within)])
    earlier = And([_is("state", RedemptionState.RECEIVED.value), FieldFilter("redeemedAt", "<", at)])
    viewer = [_is("channelId", channel_id), _is("userId", user_id), FieldFilter("redeemedAt", ">", at - within)]
    return Question(REDEMPTIONS.collection, And([*viewer, Or([whenever, earlier])]))


def redemptions_undecided(channel_id: str) -> Question:
    return Question(REDEMPTIONS.collection, And([_is("channelId", channel_id), _is("undecided", True)]))


def redemptions_since(channel_id: str, since: datetime) -> Question:
    return Question(REDEMPTIONS.collection, And([_is("channelId", channel_id), FieldFilter("redeemedAt", ">=", since)]))


def redemptions_between(channel_id: str, since: datetime, until: datetime) -> Question:
    within = [FieldFilter("redeemedAt", ">=", since), FieldFilter("redeemedAt", "<", until)]
    return Question(REDEMPTIONS.collection, And([_is("channelId", channel_id), *within]), (("redeemedAt", ASCENDING),))


def redemptions_newest(channel_id: str, state: RedemptionState | None) -> Question:
    wanted: list[BaseFilter] = [_is("channelId", channel_id), *([_is("state", state.value)] if state else [])]
    return Question(REDEMPTIONS.collection, And(wanted), (("redeemedAt", DESCENDING),))


def redemptions_by_login(channel_id: str, login: str) -> Question:
    by_login = And([_is("channelId", channel_id), _is("login", login)])
    return Question(REDEMPTIONS.collection, by_login, (("redeemedAt", DESCENDING),))


def redemptions_given_back_since(channel_id: str, since: datetime) -> Question:
    given_back = [_is("channelId", channel_id), _is("state", RedemptionState.CANCELED.value)]
    return Question(REDEMPTIONS.collection, And([*given_back, FieldFilter("redeemedAt", ">=", since)]))


def of_channel(collection: str, channel_id: str) -> Question:
    """All of a collection that are the channel's."""
    return Question(collection, _is("channelId", channel_id))


def audit_latest(channel_id: str) -> Question:
    return Question(AUDIT.collection, _is("channelId", channel_id), (("at", DESCENDING), (ORDER, DESCENDING)))


def audit_since(channel_id: str, since: datetime) -> Question:
    lines = And([_is("channelId", channel_id), FieldFilter("at", ">=", since)])
    return Question(AUDIT.collection, lines, (("at", ASCENDING), (ORDER, ASCENDING)))


def api_calls_over(before: datetime) -> Question:
    return Question(API_CALLS.collection, FieldFilter("expiresAt", "<", before))


def outboxes_due(now: datetime) -> Question:
    return Question(OUTBOXES.collection, FieldFilter("dueAt", "<=", now), (("dueAt", ASCENDING),))


def audit_wanted(channel_id: str, wanted: Wanted, person_is: str, *, older: bool) -> Question:
    """`person_is` names the field that holds the wanted person: subjectId or actorId. The newest first, or the oldest
    where it is not the `older` ones that are asked for."""
    filters: list[BaseFilter] = [_is("channelId", channel_id)]
    if wanted.person_id:
        filters.append(_is(person_is, wanted.person_id))
    if wanted.actions:
        filters.append(FieldFilter("action", "in", sorted(action.value for action in wanted.actions)))
    if wanted.since:
        filters.append(FieldFilter("at", ">=", wanted.since))
    if wanted.until:
        filters.append(FieldFilter("at", "<", wanted.until))
    direction = DESCENDING if older else ASCENDING
    return Question(AUDIT.collection, And(filters), (("at", direction), (ORDER, direction)))
