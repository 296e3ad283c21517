"""The questions of the ports' aggregates, in SQL."""

import heapq
import itertools
import sqlite3
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import datetime, timedelta

from vip_manager.domain.account import Account, SignIn
from vip_manager.domain.api_token import ApiCall, ApiToken
from vip_manager.domain.audit import AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.history import Wanted
from vip_manager.domain.outbox import Outbox
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.session import VipSession
from vip_manager.store.documents import (
    API_CALLS,
    API_TOKENS,
    AUDIT,
    CHANNELS,
    OUTBOXES,
    REDEMPTIONS,
    SESSIONS,
    SIGN_INS,
    USERS,
)
from vip_manager.store.sealing import Sealer
from vip_manager.store.sqlite.collection import Collection
from vip_manager.store.sqlite.database import Database
from vip_manager.store.sqlite.migrations import (
    ACTION,
    ACTOR,
    BY_SOMEBODY,
    CATCH_UP_AT,
    ENDED_AT,
    LIVE,
    LOGIN,
    OF_A_SESSION,
    SUBJECT,
    UNDECIDED,
)
from vip_manager.store.timestamps import to_text

ACCOUNTS_ALL = "FROM users ORDER BY id"
SIGN_INS_OF = "FROM signIns WHERE userId = ? ORDER BY json_extract(body, '$.createdAt') DESC, rowid DESC"
SIGN_INS_OVER = "FROM signIns WHERE expiresAt < ?"
CHANNELS_ALL = "FROM channels ORDER BY id"
CHANNELS_SERVED_BY = (
    "FROM channels WHERE EXISTS (SELECT 1 FROM json_each(body, '$.team') AS member "
    "WHERE json_extract(member.value, '$.id') = ?) ORDER BY lower(login), rowid"
)
CHANNELS_DUE = f"FROM channels WHERE {CATCH_UP_AT} <= ? ORDER BY {CATCH_UP_AT}, rowid"
CHANNEL_BY_LOGIN = "FROM channels WHERE lower(login) = ? ORDER BY version DESC LIMIT 1"
SESSION_LIVE_OF = f"FROM vipSessions WHERE channelId = ? AND userId = ? AND {LIVE}"
SESSION_LAST_ENDED = (
    f"FROM vipSessions WHERE channelId = ? AND userId = ? AND {ENDED_AT} IS NOT NULL ORDER BY {ENDED_AT} DESC LIMIT 1"
)
SESSIONS_LIVE = (
    f"FROM vipSessions WHERE channelId = ? AND {LIVE} ORDER BY expiresAt IS NULL, expiresAt, createdAt, rowid"
)
SESSIONS_DUE = "FROM vipSessions WHERE dueAt <= ?"
_DUE_AFTER = " AND (dueAt, rowid) > (?, ?) ORDER BY dueAt, rowid LIMIT ?"
SESSIONS_VIP = "FROM vipSessions WHERE state IN ('active', 'ending')"
SESSIONS_UNTRIED = "FROM vipSessions WHERE state IN ('granting', 'ending') AND nextAt IS NULL AND dueAt > ?"
REDEMPTIONS_OF_SESSION = f"FROM redemptions WHERE sessionId = ? AND {OF_A_SESSION} ORDER BY redeemedAt, rowid"
REDEMPTIONS_OPEN = "FROM redemptions WHERE channelId = ? AND dueAt IS NOT NULL ORDER BY redeemedAt, rowid"
REDEMPTIONS_NEAR = (
    "FROM redemptions WHERE channelId = ? AND userId = ? AND id <> ? AND redeemedAt > ? AND redeemedAt < ? "
    "AND (state IN ('held', 'granting', 'granted', 'fulfilled') OR (state = 'received' AND redeemedAt < ?)) LIMIT 1"
)
REDEMPTIONS_UNDECIDED = f"FROM redemptions WHERE channelId = ? AND {UNDECIDED} ORDER BY redeemedAt, rowid"
REDEMPTIONS_DUE = "FROM redemptions WHERE dueAt <= ? ORDER BY dueAt, nextAt, rowid"
# With a plus it is no constant to the planner, which would sort once more.
REDEMPTIONS_UNTRIED = "FROM redemptions WHERE +nextAt IS NULL AND dueAt > ? ORDER BY dueAt, nextAt, rowid"
REDEMPTIONS_SINCE = "FROM redemptions WHERE channelId = ? AND redeemedAt >= ?"
SESSIONS_ENDED = (
    f"FROM vipSessions WHERE channelId = ? AND {ENDED_AT} IS NOT NULL AND {ENDED_AT} >= ? "
    f"AND ({ENDED_AT}, rowid) < (?, ?) ORDER BY {ENDED_AT} DESC, rowid DESC LIMIT ?"
)
SESSION_BY_LOGIN = f"FROM vipSessions WHERE channelId = ? AND {LOGIN} = ? ORDER BY createdAt DESC LIMIT 1"
REDEMPTIONS_BETWEEN = (
    "FROM redemptions WHERE channelId = ? AND redeemedAt < ? AND (redeemedAt, rowid) > (?, ?) "
    "ORDER BY redeemedAt, rowid LIMIT ?"
)
REDEMPTIONS_PAGE = (
    "FROM redemptions WHERE channelId = ? AND (redeemedAt, rowid) < (?, ?) AND state = ifnull(?, state) "
    "ORDER BY redeemedAt DESC, rowid DESC"
)
REDEMPTION_BY_LOGIN = f"FROM redemptions WHERE channelId = ? AND {LOGIN} = ? ORDER BY redeemedAt DESC LIMIT 1"
AUDIT_SINCE = "FROM auditLog WHERE channelId = ? AND (at, rowid) > (?, ?) ORDER BY at, rowid LIMIT ?"
API_TOKENS_OF = "FROM apiTokens WHERE channelId = ? ORDER BY madeAt DESC, rowid DESC"
API_CALLS_OVER = "FROM apiCalls WHERE expiresAt < ?"
OUTBOXES_DUE = "FROM outboxes WHERE dueAt <= ?"
AUDIT_LATEST = "FROM auditLog WHERE channelId = ? ORDER BY at DESC, rowid DESC"

_AUDIT_INDEXES = {
    None: "auditLogByTime",
    ACTION: "auditLogByAction",
    SUBJECT: "auditLogBySubject",
    ACTOR: "auditLogByActor",
}
_FIRST_DUE = " ORDER BY dueAt, rowid"
_AFTER_ALL = "A"
"""Follows every moment as text."""
_LAST_ROW = 2**63 - 1
_BEFORE_ALL_ROWS = -1


def audit_queries(
    channel_id: str, wanted: Wanted, beside: tuple[str, int] | None, *, older: bool
) -> Iterator[tuple[str, list[object]]]:
    """So many that each has an index which gives its lines in their order, one after the other; of a person all lines
    are looked through for what was done. Together they find what is wanted, some of it twice. `beside`: the moment and
    the row on whose `older`, or newer, side they are to be."""
    people: list[str | None] = [SUBJECT, ACTOR] if wanted.person_id else [None]
    actions: list[str | None] = [action.value for action in sorted(wanted.actions)]
    since = to_text(wanted.since) if wanted.since else ""
    for person, action in itertools.product(people, actions or [None]):
        terms: list[tuple[str, tuple[object, ...]]] = [("channelId = ?", (channel_id,))]
        if person is not None:
            terms.append((f"{person} = ?", (wanted.person_id,)))
            terms += [(BY_SOMEBODY, ())] if person == ACTOR else []
        if action is not None:
            terms.append((f"{ACTION} = ?", (action,)))
        terms.append(("at >= ?", (since,)))
        if wanted.until:
            terms.append(("at < ?", (to_text(wanted.until),)))
        if beside:
            terms.append((f"(at, rowid) {'<' if older else '>'} (?, ?)", beside))
        down = " DESC" if older else ""
        index = _AUDIT_INDEXES[person or (action and ACTION)]
        where = " AND ".join(term for term, _ in terms)
        yield (
            f"FROM auditLog INDEXED BY {index} WHERE {where} ORDER BY at{down}, rowid{down}",
            [one for _, given in terms for one in given],
        )


class SqliteAccounts(Collection[Account]):
    def __init__(self, database: Database, sealer: Sealer) -> None:
        super().__init__(database, sealer, USERS)
        self._sign_ins: Collection[SignIn] = Collection(database, sealer, SIGN_INS)

    async def all(self) -> list[Account]:
        return await self._many((ACCOUNTS_ALL, ()))

    async def sign_in(self, sign_in_id: str) -> SignIn | None:
        return await self._sign_ins.get(sign_in_id)

    async def sign_ins(self, user_id: str) -> list[SignIn]:
        return await self._sign_ins._many((SIGN_INS_OF, (user_id,)))

    async def forget_sign_ins(self, before: datetime) -> int:
        moment = to_text(before)
        return await self._database.write(
            lambda connection: connection.execute(f"DELETE {SIGN_INS_OVER}", (moment,)).rowcount
        )


class SqliteChannels(Collection[Channel]):
    def __init__(self, database: Database, sealer: Sealer) -> None:
        super().__init__(database, sealer, CHANNELS, keeps=1000)

    async def by_login(self, login: str) -> Channel | None:
        # A channel that an earlier system wrote has no login; nobody may reach it by an empty one.
        return await self._one(CHANNEL_BY_LOGIN, (login.lower(),)) if login else None

    async def all(self) -> list[Channel]:
        return await self._many((CHANNELS_ALL, ()))

    async def served_by(self, user_id: str) -> list[Channel]:
        return await self._many((CHANNELS_SERVED_BY, (user_id,)))

    async def due(self, now: datetime, limit: int) -> list[Channel]:
        return await self._many((CHANNELS_DUE, (to_text(now),)), limit=limit)


class SqliteSessions(Collection[VipSession]):
    def __init__(self, database: Database, sealer: Sealer) -> None:
        super().__init__(database, sealer, SESSIONS, keeps=5000)

    def _read_again(self, record: VipSession) -> bool:
        # Of those that are over there are more every day.
        return record.live

    async def live_of(self, channel_id: str, user_id: str) -> VipSession | None:
        return await self._one(SESSION_LIVE_OF, (channel_id, user_id))

    async def last_ended(self, channel_id: str, user_id: str) -> VipSession | None:
        return await self._one(SESSION_LAST_ENDED, (channel_id, user_id))

    async def live(self, channel_id: str) -> list[VipSession]:
        return await self._many((SESSIONS_LIVE, (channel_id,)))

    async def due(self, now: datetime) -> AsyncGenerator[VipSession, None]:
        for question in (SESSIONS_DUE, SESSIONS_UNTRIED):
            pages = self._paged("dueAt", question + _DUE_AFTER, (to_text(now),), ("", _BEFORE_ALL_ROWS))
            async with aclosing(pages) as found:
                async for one in found:
                    yield one

    async def count_due(self, now: datetime) -> int:
        moment = (to_text(now),)
        return sum(
            count for (count,) in await self._count("COUNT(*)", (SESSIONS_DUE, moment), (SESSIONS_UNTRIED, moment))
        )

    async def count_vip(self) -> int:
        [(count,)] = await self._count("COUNT(*)", (SESSIONS_VIP, ()))
        return count

    async def since(self, channel_id: str, since: datetime) -> AsyncGenerator[VipSession, None]:
        live = await self.live(channel_id)
        for one in live:
            yield one
        known = {one.id for one in live}
        ended = self._paged(ENDED_AT, SESSIONS_ENDED, (channel_id, to_text(since)), (_AFTER_ALL, _LAST_ROW))
        async for one in ended:
            # It may have ended since the others were read.
            if one.id not in known:
                yield one

    async def viewer(self, channel_id: str, login: str) -> str:
        found = await self._many((SESSION_BY_LOGIN, (channel_id, login)))
        return found[0].user_id if found else ""


class SqliteRedemptions(Collection[Redemption]):
    def __init__(self, database: Database, sealer: Sealer) -> None:
        super().__init__(database, sealer, REDEMPTIONS)

    async def of_session(self, session_id: str) -> list[Redemption]:
        return await self._many((REDEMPTIONS_OF_SESSION, (session_id,)))

    async def open(self, channel_id: str) -> list[Redemption]:
        return await self._many((REDEMPTIONS_OPEN, (channel_id,)))

    async def near(self, redemption: Redemption, within: timedelta) -> Redemption | None:
        at = redemption.redeemed_at
        between = (to_text(at - within), to_text(at + within), to_text(at))
        viewer = (redemption.channel_id, redemption.user_id, redemption.id)
        return await self._one(REDEMPTIONS_NEAR, (*viewer, *between))

    async def undecided(self, channel_id: str) -> list[Redemption]:
        return await self._many((REDEMPTIONS_UNDECIDED, (channel_id,)))

    async def due(self, now: datetime, limit: int) -> list[Redemption]:
        moment = (to_text(now),)
        return await self._many((REDEMPTIONS_DUE, moment), (REDEMPTIONS_UNTRIED, moment), limit=limit)

    async def count_since(self, channel_id: str, since: datetime) -> tuple[int, int]:
        columns = "COUNT(*), COUNT(CASE state WHEN 'canceled' THEN 1 END)"
        [(made, given_back)] = await self._count(columns, (REDEMPTIONS_SINCE, (channel_id, to_text(since))))
        return made, given_back

    async def between(self, channel_id: str, since: datetime, until: datetime) -> AsyncGenerator[Redemption, None]:
        within = (channel_id, to_text(until))
        async for one in self._paged("redeemedAt", REDEMPTIONS_BETWEEN, within, (to_text(since), -1)):
            yield one

    async def page(
        self, channel_id: str, limit: int, older_than: str = "", state: str | None = None
    ) -> list[Redemption]:
        def work(connection: sqlite3.Connection) -> list[Redemption]:
            query = "SELECT redeemedAt, rowid FROM redemptions WHERE id = ? AND channelId = ?"
            place = connection.execute(query, (older_than, channel_id)).fetchone() or (_AFTER_ALL, _LAST_ROW)
            rows = connection.execute(f"SELECT id, version, body {REDEMPTIONS_PAGE}", (channel_id, *place, state))
            found: list[Redemption] = []
            self._fill(found, rows, limit)
            rows.close()
            return found

        return await self._database.read(work)

    async def viewer(self, channel_id: str, login: str) -> str:
        found = await self._many((REDEMPTION_BY_LOGIN, (channel_id, login)))
        return found[0].user_id if found else ""


class SqliteAuditLog(Collection[AuditEntry]):
    def __init__(self, database: Database, sealer: Sealer) -> None:
        super().__init__(database, sealer, AUDIT)

    async def latest(self, channel_id: str, limit: int) -> list[AuditEntry]:
        return await self._many((AUDIT_LATEST, (channel_id,)), limit=limit)

    async def page(
        self, channel_id: str, wanted: Wanted, limit: int, *, older_than: str = "", newer_than: str = ""
    ) -> list[AuditEntry]:
        def work(connection: sqlite3.Connection) -> list[AuditEntry]:
            named = connection.execute(
                "SELECT at, rowid FROM auditLog WHERE id = ? AND channelId = ?", (older_than or newer_than, channel_id)
            ).fetchone()
            older = named is None or not newer_than
            streams = [
                connection.execute(f"SELECT at, rowid, id, version, body {query}", given)
                for query, given in audit_queries(channel_id, wanted, named, older=older)
            ]
            # Rows are fetched as they are read: of all streams together not many more than are shown.
            merged = heapq.merge(*streams, key=_place, reverse=older)
            found: list[AuditEntry] = []
            self._fill(found, (next(same)[2:] for _, same in itertools.groupby(merged, _place)), limit)
            for stream in streams:
                stream.close()
            return found if older else found[::-1]

        return await self._database.read(work)

    def since(self, channel_id: str, since: datetime) -> AsyncGenerator[AuditEntry, None]:
        return self._paged("at", AUDIT_SINCE, (channel_id,), (to_text(since), _BEFORE_ALL_ROWS))


class SqliteApiTokens(Collection[ApiToken]):
    def __init__(self, database: Database, sealer: Sealer) -> None:
        super().__init__(database, sealer, API_TOKENS)

    async def of_channel(self, channel_id: str) -> list[ApiToken]:
        return await self._many((API_TOKENS_OF, (channel_id,)))


class SqliteApiCalls(Collection[ApiCall]):
    def __init__(self, database: Database, sealer: Sealer) -> None:
        super().__init__(database, sealer, API_CALLS)

    async def forget(self, before: datetime) -> int:
        over = (f"DELETE {API_CALLS_OVER}", (to_text(before),))
        return await self._database.write(lambda connection: connection.execute(*over).rowcount)


class SqliteOutboxes(Collection[Outbox]):
    def __init__(self, database: Database, sealer: Sealer) -> None:
        super().__init__(database, sealer, OUTBOXES)

    async def any(self) -> bool:
        [(found,)] = await self._count("EXISTS (SELECT 1 FROM outboxes)", ("", ()))
        return bool(found)

    async def due(self, now: datetime, limit: int) -> list[Outbox]:
        return await self._many((OUTBOXES_DUE + _FIRST_DUE, (to_text(now),)), limit=limit)


def _place(row: tuple[str, int, str, int, str]) -> tuple[str, int]:
    return row[:2]
