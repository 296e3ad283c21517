"""The parts of the port, each a collection.

A list leaves out a document that can't be read, and logs its collection, id and field: one broken document must not
stop a sweep or empty a page. Asked for by itself it raises BrokenDocument.
"""

import asyncio
import heapq
import itertools
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any, Generic

import structlog
from google.cloud.firestore_v1.base_document import DocumentSnapshot

from vip_manager.domain.account import Account, SignIn
from vip_manager.domain.api_token import ApiCall, ApiToken
from vip_manager.domain.audit import AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.history import Wanted
from vip_manager.domain.outbox import Outbox
from vip_manager.domain.redemption import Redemption, RedemptionState
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
    Kind,
    R,
)
from vip_manager.store.fields import BrokenDocument
from vip_manager.store.firestore import queries
from vip_manager.store.firestore.calls import MOST_WRITES, Calls
from vip_manager.store.firestore.documents import content, made, order_of, version_at
from vip_manager.store.firestore.queries import Question
from vip_manager.store.ids import is_id
from vip_manager.store.sealing import Sealer

_log = structlog.get_logger(__name__)

_NEVER = datetime.max.replace(tzinfo=UTC)
_BATCH = 300


class _Collection(Generic[R]):
    def __init__(self, calls: Calls, sealer: Sealer, kind: Kind[R]) -> None:
        self._calls = calls
        self._sealer = sealer
        self._kind = kind

    async def get(self, record_id: str) -> R | None:
        if not is_id(record_id):
            return None
        snapshot = await self._calls.get(self._calls.document(self._kind.collection, record_id))
        return self._record(snapshot) if snapshot.exists else None

    async def _found(self, question: Question) -> list[DocumentSnapshot[Any]]:
        return await self._calls.query(question.to(self._calls.client))

    async def _all(self, question: Question) -> list[R]:
        """In the order of the question, or else in that in which they were made."""
        found = await self._calls.whole(question.to(self._calls.client))
        if not question.order:
            found.sort(key=made)
        return list(self._readable(found))

    async def _first(self, question: Question, limit: int) -> list[R]:
        """The first `limit` that can be read."""
        found: list[R] = []
        if limit < 1:
            return found
        async with aclosing(self._calls.pages(question.to(self._calls.client), limit)) as pages:
            async for page in pages:
                found += self._readable(page)
                if len(found) >= limit:
                    break
        return found[:limit]

    async def _every(self, question: Question) -> AsyncGenerator[R, None]:
        """All, in the order of the question, some hundreds at once."""
        async with aclosing(self._calls.pages(question.to(self._calls.client), _BATCH)) as pages:
            async for page in pages:
                for one in self._readable(page):
                    yield one

    async def _delete(self, question: Question) -> int:
        """All that it finds; says how many."""
        deleted = 0
        async for page in self._calls.pages(question.to(self._calls.client), MOST_WRITES):
            batch = self._calls.batch()
            for snapshot in page:
                batch.delete(snapshot.reference)
            await self._calls.commit(batch)
            deleted += len(page)
        return deleted

    def _readable(self, snapshots: Iterable[DocumentSnapshot[Any]]) -> Iterator[R]:
        for snapshot in snapshots:
            try:
                yield self._record(snapshot)
            except BrokenDocument as error:
                _log.error("document_left_out", collection=error.collection, id=error.document_id, field=error.field)

    def _record(self, snapshot: DocumentSnapshot[Any]) -> R:
        document = content(snapshot)
        version = version_at(snapshot.update_time, document)
        return self._kind.read(snapshot.id, document, self._sealer, version)


class FirestoreAccounts(_Collection[Account]):
    def __init__(self, calls: Calls, sealer: Sealer) -> None:
        super().__init__(calls, sealer, USERS)
        self._sign_ins: _Collection[SignIn] = _Collection(calls, sealer, SIGN_INS)

    async def all(self) -> list[Account]:
        return await self._all(queries.everything(USERS.collection))

    async def sign_in(self, sign_in_id: str) -> SignIn | None:
        return await self._sign_ins.get(sign_in_id)

    async def sign_ins(self, user_id: str) -> list[SignIn]:
        found = await self._sign_ins._all(queries.sign_ins_of(user_id))
        return sorted(found, key=lambda one: one.created_at, reverse=True)

    async def forget_sign_ins(self, before: datetime) -> int:
        return await self._delete(queries.sign_ins_over(before))


class FirestoreChannels(_Collection[Channel]):
    def __init__(self, calls: Calls, sealer: Sealer) -> None:
        super().__init__(calls, sealer, CHANNELS)

    async def by_login(self, login: str) -> Channel | None:
        # A channel that was taken over may have no login; nobody may reach it by an empty one.
        found = await self._found(queries.channels_by_login(login.lower())) if login else []
        return self._record(max(found, key=lambda snapshot: snapshot.update_time)) if found else None

    async def all(self) -> list[Channel]:
        return await self._all(queries.everything(CHANNELS.collection))

    async def served_by(self, user_id: str) -> list[Channel]:
        found = await self._all(queries.channels_served_by(user_id))
        return sorted(found, key=lambda one: one.login.lower())

    async def due(self, now: datetime, limit: int) -> list[Channel]:
        return await self._first(queries.channels_due(now), limit)


class FirestoreSessions(_Collection[VipSession]):
    def __init__(self, calls: Calls, sealer: Sealer) -> None:
        super().__init__(calls, sealer, SESSIONS)

    async def live_of(self, channel_id: str, user_id: str) -> VipSession | None:
        found = await self._found(queries.session_live_of(channel_id, user_id))
        return self._record(found[0]) if found else None

    async def last_ended(self, channel_id: str, user_id: str) -> VipSession | None:
        found = await self._first(queries.session_last_ended(channel_id, user_id), 1)
        return found[0] if found and found[0].ended_at else None

    async def live(self, channel_id: str) -> list[VipSession]:
        found = await self._all(queries.sessions_live(channel_id))
        return sorted(found, key=lambda one: (one.expires_at or _NEVER, one.created_at))

    def due(self, now: datetime) -> AsyncGenerator[VipSession, None]:
        return self._every(queries.sessions_due(now))

    async def count_due(self, now: datetime) -> int:
        return await self._calls.count(queries.sessions_due(now).to(self._calls.client))

    async def count_vip(self) -> int:
        return await self._calls.count(queries.sessions_vip().to(self._calls.client))

    async def since(self, channel_id: str, since: datetime) -> AsyncGenerator[VipSession, None]:
        live = await self.live(channel_id)
        for one in live:
            yield one
        known = {one.id for one in live}
        async for one in self._every(queries.sessions_ended(channel_id, since)):
            # It may have ended since the others were read.
            if one.id not in known:
                yield one

    async def viewer(self, channel_id: str, login: str) -> str:
        found = await self._first(queries.sessions_by_login(channel_id, login), 1)
        return found[0].user_id if found else ""


class FirestoreRedemptions(_Collection[Redemption]):
    def __init__(self, calls: Calls, sealer: Sealer) -> None:
        super().__init__(calls, sealer, REDEMPTIONS)

    async def of_session(self, session_id: str) -> list[Redemption]:
        return await self._oldest_first(queries.redemptions_of_session(session_id))

    async def open(self, channel_id: str) -> list[Redemption]:
        return await self._oldest_first(queries.redemptions_open(channel_id))

    async def near(self, redemption: Redemption, within: timedelta) -> Redemption | None:
        question = queries.redemptions_near(redemption.channel_id, redemption.user_id, redemption.redeemed_at, within)
        # One more than is asked for: the redemption itself may be there too.
        found = await self._calls.query(question.to(self._calls.client).limit(2))
        return next((self._record(snapshot) for snapshot in found if snapshot.id != redemption.id), None)

    async def undecided(self, channel_id: str) -> list[Redemption]:
        return await self._oldest_first(queries.redemptions_undecided(channel_id))

    async def due(self, now: datetime, limit: int) -> list[Redemption]:
        return await self._first(queries.redemptions_due(now), limit)

    async def count_since(self, channel_id: str, since: datetime) -> tuple[int, int]:
        client = self._calls.client
        made, given_back = await asyncio.gather(
            self._calls.count(queries.redemptions_since(channel_id, since).to(client)),
            self._calls.count(queries.redemptions_given_back_since(channel_id, since).to(client)),
        )
        return made, given_back

    def between(self, channel_id: str, since: datetime, until: datetime) -> AsyncGenerator[Redemption, None]:
        return self._every(queries.redemptions_between(channel_id, since, until))

    async def page(
        self, channel_id: str, limit: int, older_than: str = "", state: RedemptionState | None = None
    ) -> list[Redemption]:
        query = queries.redemptions_newest(channel_id, state).to(self._calls.client)
        if is_id(older_than):
            beside = await self._calls.get(self._calls.document(REDEMPTIONS.collection, older_than))
            if beside.exists and content(beside).get("channelId") == channel_id:
                query = query.start_after(beside)
        found: list[Redemption] = []
        async with aclosing(self._calls.pages(query, limit)) as pages:
            async for page in pages:
                found += self._readable(page)
                if len(found) >= limit:
                    break
        return found[:limit]

    async def viewer(self, channel_id: str, login: str) -> str:
        found = await self._first(queries.redemptions_by_login(channel_id, login), 1)
        return found[0].user_id if found else ""

    async def _oldest_first(self, question: Question) -> list[Redemption]:
        return sorted(await self._all(question), key=lambda one: one.redeemed_at)


class FirestoreAuditLog(_Collection[AuditEntry]):
    def __init__(self, calls: Calls, sealer: Sealer) -> None:
        super().__init__(calls, sealer, AUDIT)

    async def latest(self, channel_id: str, limit: int) -> list[AuditEntry]:
        return await self._first(queries.audit_latest(channel_id), limit)

    async def page(
        self, channel_id: str, wanted: Wanted, limit: int, *, older_than: str = "", newer_than: str = ""
    ) -> list[AuditEntry]:
        beside = await self._line(channel_id, older_than or newer_than)
        older = beside is None or not newer_than
        asked = [
            self._next(queries.audit_wanted(channel_id, wanted, person_is, older=older), beside, limit)
            for person_is in (("subjectId", "actorId") if wanted.person_id else ("",))
        ]
        merged = heapq.merge(*await asyncio.gather(*asked), key=_place, reverse=older)
        once = (next(same)[2] for _, same in itertools.groupby(merged, _place))
        found = list(itertools.islice(once, limit))
        return found if older else found[::-1]

    def since(self, channel_id: str, since: datetime) -> AsyncGenerator[AuditEntry, None]:
        return self._every(queries.audit_since(channel_id, since))

    async def _line(self, channel_id: str, line_id: str) -> DocumentSnapshot[Any] | None:
        if not is_id(line_id):
            return None
        snapshot = await self._calls.get(self._calls.document(AUDIT.collection, line_id))
        return snapshot if snapshot.exists and content(snapshot).get("channelId") == channel_id else None

    async def _next(
        self, question: Question, beside: DocumentSnapshot[Any] | None, limit: int
    ) -> list[tuple[datetime, int, AuditEntry]]:
        """With what they are ordered by."""
        query = question.to(self._calls.client)
        if beside is not None:
            query = query.start_after(beside)
        found: list[tuple[datetime, int, AuditEntry]] = []
        async with aclosing(self._calls.pages(query, limit)) as pages:
            async for page in pages:
                for snapshot in page:
                    found += ((entry.at, order_of(snapshot), entry) for entry in self._readable([snapshot]))
                if len(found) >= limit:
                    break
        return found[:limit]


class FirestoreApiTokens(_Collection[ApiToken]):
    def __init__(self, calls: Calls, sealer: Sealer) -> None:
        super().__init__(calls, sealer, API_TOKENS)

    async def of_channel(self, channel_id: str) -> list[ApiToken]:
        found = await self._all(queries.of_channel(API_TOKENS.collection, channel_id))
        return sorted(found, key=lambda one: one.made_at, reverse=True)


class FirestoreApiCalls(_Collection[ApiCall]):
    def __init__(self, calls: Calls, sealer: Sealer) -> None:
        super().__init__(calls, sealer, API_CALLS)

    async def forget(self, before: datetime) -> int:
        return await self._delete(queries.api_calls_over(before))


class FirestoreOutboxes(_Collection[Outbox]):
    def __init__(self, calls: Calls, sealer: Sealer) -> None:
        super().__init__(calls, sealer, OUTBOXES)

    async def any(self) -> bool:
        question = queries.everything(OUTBOXES.collection)
        return bool(await self._calls.query(question.to(self._calls.client).limit(1)))

    async def due(self, now: datetime, limit: int) -> list[Outbox]:
        return await self._first(queries.outboxes_due(now), limit)


def _place(line: tuple[datetime, int, AuditEntry]) -> tuple[datetime, int, str]:
    return line[0], line[1], line[2].id
