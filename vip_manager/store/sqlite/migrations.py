"""The steps from an empty file to today's tables. A step that was released is never edited: a new one is added below.

One table a collection, named like it: the document is JSON in `body`; generated columns show SQL what queries look at.
`version` is the number of the commit that last wrote the row, so it also tells which of two rows was saved later, and a
row deleted and made again never gets a version back that somebody still holds.
"""

import sqlite3
from collections.abc import Iterable

from vip_manager.store.sqlite.database import immediately
from vip_manager.store.stamp import MadeByNewerProgram

LIVE = "state IN ('granting', 'active', 'aside', 'ending')"
"""The same words in the index and in its queries, or SQLite does not use the one for the other."""
_LIVE_AT_FIRST = "state IN ('granting', 'active', 'ending')"


def _table(name: str, *columns: str) -> str:
    generated = "".join(f", {column} TEXT GENERATED ALWAYS AS (json_extract(body, '$.{column}'))" for column in columns)
    return (
        f"CREATE TABLE {name} (id TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL{generated})"
    )


_FIRST = (
    _table("meta"),
    "INSERT INTO meta (id, version, body) VALUES ('sequence', 0, '{}')",
    _table("users"),
    _table("signIns", "userId", "expiresAt"),
    "CREATE INDEX signInsByEnd ON signIns (expiresAt)",
    _table("channels", "ownerId", "login"),
    "CREATE INDEX channelsByLogin ON channels (lower(login), version)",
    _table("vipSessions", "channelId", "userId", "state", "createdAt", "expiresAt", "nextAt", "dueAt"),
    f"CREATE UNIQUE INDEX vipSessionsLive ON vipSessions (channelId, userId) WHERE {_LIVE_AT_FIRST}",
    "CREATE INDEX vipSessionsDue ON vipSessions (dueAt)",
    "CREATE INDEX vipSessionsUnfinished ON vipSessions (state, nextAt, dueAt)",
    _table("redemptions", "channelId", "userId", "sessionId", "state", "redeemedAt", "receivedAt", "nextAt", "dueAt"),
    "CREATE INDEX redemptionsBySession ON redemptions (sessionId, redeemedAt)",
    "CREATE INDEX redemptionsOpen ON redemptions (channelId, redeemedAt) WHERE dueAt IS NOT NULL",
    "CREATE INDEX redemptionsByTime ON redemptions (channelId, redeemedAt, state)",
    "CREATE INDEX redemptionsDue ON redemptions (dueAt)",
    "CREATE INDEX redemptionsUntried ON redemptions (nextAt, dueAt)",
    _table("auditLog", "channelId", "at"),
    "CREATE INDEX auditLogByTime ON auditLog (channelId, at)",
)

UNDECIDED = "json_extract(body, '$.undecided') = 1"
_ASIDE = (
    "DROP INDEX vipSessionsLive",
    f"CREATE UNIQUE INDEX vipSessionsLive ON vipSessions (channelId, userId) WHERE {LIVE}",
)
_UNDECIDED = (
    "UPDATE redemptions SET body = json_set(body, '$.undecided', json('true')) WHERE state = 'kept'",
    f"CREATE INDEX redemptionsUndecided ON redemptions (channelId, redeemedAt) WHERE {UNDECIDED}",
)
_OF_A_VIEWER = ("CREATE INDEX redemptionsByViewer ON redemptions (channelId, userId, redeemedAt)",)

CATCH_UP_AT = "ifnull(json_extract(body, '$.catchUpAt'), '')"
ENDED_AT = "json_extract(body, '$.endedAt')"
_CATCHING_UP = (
    f"CREATE INDEX channelsByCatchUp ON channels ({CATCH_UP_AT})",
    f"CREATE INDEX vipSessionsEnded ON vipSessions (channelId, userId, {ENDED_AT}) WHERE {ENDED_AT} IS NOT NULL",
)

_OF_A_PERSON = ("CREATE INDEX signInsByPerson ON signIns (userId)",)

ACTION, SUBJECT, ACTOR = (f"json_extract(body, '$.{field}')" for field in ("action", "subjectId", "actorId"))
LOGIN = "json_extract(body, '$.login')"
_LOOKING_BACK = (
    f"CREATE INDEX auditLogByAction ON auditLog (channelId, {ACTION}, at)",
    f"CREATE INDEX auditLogBySubject ON auditLog (channelId, {SUBJECT}, at)",
    f"CREATE INDEX auditLogByActor ON auditLog (channelId, {ACTOR}, at)",
    f"CREATE INDEX auditLogBySubjectAndAction ON auditLog (channelId, {SUBJECT}, {ACTION}, at)",
    f"CREATE INDEX auditLogByActorAndAction ON auditLog (channelId, {ACTOR}, {ACTION}, at)",
    f"CREATE INDEX vipSessionsByEnd ON vipSessions (channelId, {ENDED_AT}) WHERE {ENDED_AT} IS NOT NULL",
    f"CREATE INDEX vipSessionsByLogin ON vipSessions ({LOGIN}, channelId, createdAt)",
    f"CREATE INDEX redemptionsByLogin ON redemptions ({LOGIN}, channelId, redeemedAt)",
)

_OUTSIDE = (
    _table("apiTokens", "channelId", "madeAt"),
    "CREATE INDEX apiTokensOfChannel ON apiTokens (channelId, madeAt)",
    _table("apiCalls", "channelId", "expiresAt"),
    "CREATE INDEX apiCallsByEnd ON apiCalls (expiresAt)",
    "CREATE INDEX apiCallsOfChannel ON apiCalls (channelId)",
    _table("outboxes", "channelId", "dueAt"),
    "CREATE INDEX outboxesDue ON outboxes (dueAt)",
)

BY_SOMEBODY = f"{ACTOR} <> 'system'"
OF_A_SESSION = "sessionId <> ''"
_WRITTEN_SOONER = (
    # Each index is a page or two that a commit has to write. The lines of one person are few enough to be looked
    # through for what was done; most are by nobody; and what was put off is few beside what is due.
    "DROP INDEX auditLogBySubjectAndAction",
    "DROP INDEX auditLogByActorAndAction",
    "DROP INDEX auditLogByActor",
    f"CREATE INDEX auditLogByActor ON auditLog (channelId, {ACTOR}, at) WHERE {BY_SOMEBODY}",
    "DROP INDEX redemptionsUntried",
    "DROP INDEX redemptionsDue",
    "CREATE INDEX redemptionsDue ON redemptions (dueAt, nextAt) WHERE dueAt IS NOT NULL",
    "DROP INDEX redemptionsBySession",
    f"CREATE INDEX redemptionsBySession ON redemptions (sessionId, redeemedAt) WHERE {OF_A_SESSION}",
)

STEPS: tuple[Iterable[str], ...] = (
    _FIRST,
    _ASIDE,
    _UNDECIDED,
    _OF_A_VIEWER,
    _CATCHING_UP,
    _OF_A_PERSON,
    _LOOKING_BACK,
    _OUTSIDE,
    _WRITTEN_SOONER,
)


def migrate(connection: sqlite3.Connection, place: str, steps: tuple[Iterable[str], ...] = STEPS) -> None:
    """Brings the file up to the last step, each step in a transaction of its own; `place` is for the message.

    Raises MadeByNewerProgram, and changes nothing then.
    """
    while True:
        # The number is read inside the transaction: two programs may open one fresh file at the same time.
        with immediately(connection):
            found = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if found > len(steps):
                raise MadeByNewerProgram(place, found, len(steps))
            if found == len(steps):
                return
            for statement in steps[found]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {found + 1}")
