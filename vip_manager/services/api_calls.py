"""Calls that must not count twice: the same Idempotency-Key with the same request gets the same answer
(https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/)."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from vip_manager.domain.api_token import ApiCall, ApiToken
from vip_manager.ports import Clock, Conflict, Store, Taken
from vip_manager.services.journal import new_id
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

KEPT = timedelta(hours=24)
"""So long an answer is given again."""
_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is JSON, or empty."""

    status: int
    body: str = ""

    @property
    def final(self) -> bool:
        """Whether the same call later would get no other one for a reason that passes."""
        return self.status < 500 and self.status != _TOO_MANY


@dataclass(frozen=True, slots=True)
class Attempt:
    """`gift_id` is the same however often a call is made. `tried_since`: it began then, and nobody knows what came of
    it; None where it is the first time."""

    gift_id: str
    tried_since: datetime | None = None


class OtherRequest(Exception):
    """The key came with another request before."""


class StillRunning(Exception):
    """The call is being answered at this moment."""


Work = Callable[[Attempt], Awaitable[Answer]]


class Calls:
    def __init__(self, store: Store, clock: Clock, turns: Turns) -> None:
        self._store = store
        self._clock = clock
        self._turns = turns
        self._running: set[str] = set()

    async def once(self, token: ApiToken, key: str, request: str, work: Work) -> tuple[Answer, bool]:
        """The answer, and whether it is one from before. `request` is all that was asked, as text; without a key each
        call counts. What came of a call whose process died is looked for by whoever makes it again: `work` finds it by
        its `gift_id`. Raises OtherRequest, StillRunning, StoreError, and whatever `work` raises."""
        if not key:
            return await work(Attempt(new_id())), False
        call_id = _digest(token.id, key)
        if call_id in self._running:
            raise StillRunning
        self._running.add(call_id)
        try:
            async with self._turns.of("api call", call_id, wait=False):
                return await self._alone(token.channel_id, call_id, _digest(request), work)
        except Taken:
            raise StillRunning from None
        finally:
            self._running.discard(call_id)

    async def forget(self) -> int:
        """Those that are over; says how many."""
        return await self._store.api_calls.forget(self._clock.real())

    async def _alone(self, channel_id: str, call_id: str, request: str, work: Work) -> tuple[Answer, bool]:
        now = self._clock.real()
        known = await self._store.api_calls.get(call_id)
        tried_since = None
        if known is not None and known.expires_at > now:
            if known.request != request:
                raise OtherRequest
            if known.status:
                return Answer(known.status, known.body), True
            call, tried_since = known, known.made_at
        else:
            fresh = ApiCall(call_id, channel_id, request, now, now + KEPT, version=known.version if known else "")
            try:
                call = await self._store.commit(fresh)
            except Conflict:
                raise StillRunning from None
        gift_id = _digest(call_id, call.made_at.isoformat())[:32]
        answer = await work(Attempt(gift_id, tried_since))
        if answer.final:
            try:
                await self._store.commit(replace(call, status=answer.status, body=answer.body))
            except Conflict:
                log.warning("answer of an api call not kept", channel_id=channel_id)
        return answer, False


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
