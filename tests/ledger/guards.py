"""The program with one of its guards taken out: what the random lives must notice, or they prove nothing.

It is done by hand to the classes of this process, for as long as a `with` lasts.
"""

import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.decision import Decision, Start
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.session import Credit, VipSession
from vip_manager.ports import (
    NotFound,
    R,
    Record,
    Rejected,
    Reward,
    TwitchError,
    TwitchRedemption,
    TwitchStatus,
)
from vip_manager.services import clocks
from vip_manager.services.add import Add, Moved
from vip_manager.services.expire import Expire
from vip_manager.services.grant import Grant
from vip_manager.services.intake import Arrived, Intake
from vip_manager.services.journal import about_redemption
from vip_manager.services.look import Look
from vip_manager.services.overtaken import Overtaken
from vip_manager.services.reconcile import Reconcile
from vip_manager.services.settle import Settle
from vip_manager.services.streams import Streams
from vip_manager.services.turns import Turn, Turns
from vip_manager.store.documents import kind_of
from vip_manager.store.fields import Document
from vip_manager.store.firestore.client import Batch
from vip_manager.store.firestore.leases import COLLECTION as LEASES
from vip_manager.store.sqlite.store import SqliteStore


@dataclass(frozen=True)
class Guard:
    """`means` says what the program does without it."""

    means: str
    taken_out: Callable[[], AbstractContextManager[None]]


GUARDS: dict[str, Guard] = {}


def without(name: str) -> AbstractContextManager[None]:
    return GUARDS[name].taken_out()


def _guard(name: str, means: str) -> Callable[[Callable[[], Iterator[None]]], None]:
    def named(taken_out: Callable[[], Iterator[None]]) -> None:
        GUARDS[name] = Guard(means, contextmanager(taken_out))

    return named


@contextmanager
def _instead(owner: Any, **parts: Any) -> Iterator[None]:
    before = {name: owner.__dict__[name] for name in parts}
    for name, part in parts.items():
        setattr(owner, name, part)
    try:
        yield
    finally:
        for name, part in before.items():
            setattr(owner, name, part)


@_guard("once-check", "a redemption that is told again is written down anew, and its hours are credited again")
def _once_check() -> Iterator[None]:
    receive, credited = Intake.receive, VipSession.credited

    async def every_time(self: Intake, told: TwitchRedemption) -> Arrived | None:
        if stored := await self._store.redemptions.get(told.id):
            await self._store.delete(stored)
        return await receive(self, told)

    def again(self: VipSession, credit: Credit, now: datetime) -> VipSession:
        with _instead(VipSession, holds=lambda self, credit_id: False):
            return credited(self, credit, now)

    with _instead(Intake, receive=every_time), _instead(VipSession, credited=again):
        yield


@_guard("intent", "the add for a redemption goes out before anything is written down")
def _intent() -> Iterator[None]:
    looked, first = Grant._looked, Add.first
    added: set[str] = set()

    async def add_at_once(self: Grant, redemption: Redemption, start: Start) -> Decision:
        decision = await looked(self, redemption, start)
        if isinstance(decision, Start):
            with suppress(Rejected):
                await self._twitch.add_vip(redemption.channel_id, redemption.user_id)
                added.add(redemption.id)
        return decision

    async def added_already(self: Add, session: VipSession, redemption: Redemption | None = None) -> Moved:
        if session.credits[0].id in added:
            return await self._granted(session, redemption)
        return await first(self, session, redemption)

    with _instead(Grant, _looked=add_at_once), _instead(Add, first=added_already):
        yield


@_guard("compare-and-set", "a commit overwrites whatever version of a record is stored")
def _compare_and_set() -> Iterator[None]:
    save = SqliteStore._save

    def overwrite(self: SqliteStore, connection: sqlite3.Connection, record: Record | AuditEntry, version: int) -> None:
        if not isinstance(record, AuditEntry) and record.version:
            query = f"SELECT version FROM {kind_of(record).collection} WHERE id = ?"
            for (stored,) in connection.execute(query, (record.id,)).fetchall():
                record = replace(record, version=str(stored))
        save(self, connection, record, version)

    replace_document = Batch.replace

    def whatever_is_there(self: Batch, reference: Any, document: Document, read_at: Timestamp | None = None) -> None:
        replace_document(self, reference, document, read_at if reference.parent.id == LEASES else None)

    with _instead(SqliteStore, _save=overwrite), _instead(Batch, replace=whatever_is_there):
        yield


@contextmanager
def _nothing_put_right() -> Iterator[None]:
    """The repair of what turns keep from happening."""

    async def left(self: Overtaken, session: VipSession) -> None:
        return

    with _instead(Overtaken, removed=left, added=left):
        yield


@_guard("turns", "what concerns one viewer goes on side by side")
def _turns() -> Iterator[None]:
    @asynccontextmanager
    async def at_once(self: Turns, *key: str, **_: object) -> AsyncIterator[Turn]:
        yield Turn("nobody's")

    with _instead(Turns, of=at_once), _nothing_put_right():
        yield


@_guard("turns-among-instances", "what concerns one viewer goes on side by side in two instances, and is not put right")
def _turns_among_instances() -> Iterator[None]:
    @asynccontextmanager
    async def here_only(self: Turns, *key: str, **_: object) -> AsyncIterator[Turn]:
        async with self.here(*key):
            yield Turn("this process's")

    with _instead(Turns, of=here_only), _nothing_put_right():
        yield


@_guard("look-after-timeout", "after an add without an answer, 422 counts as somebody else's badge")
def _look_after_timeout() -> Iterator[None]:
    after_422 = Add._after_422

    async def never_ours(self: Add, before: VipSession, session: VipSession) -> Moved:
        return await after_422(self, replace(before, unanswered_at=None), session)

    with _instead(Add, _after_422=never_ours):
        yield


@_guard("first-422", "422 and a badge on Twitch's list count as ours, also after a first add")
def _first_422() -> Iterator[None]:
    after_422 = Add._after_422

    async def always_ours(self: Add, before: VipSession, session: VipSession) -> Moved:
        return await after_422(self, replace(before, ours=True), session)

    with _instead(Add, _after_422=always_ours):
        yield


@_guard("permanent-check", "nobody looks before the first add for a redemption whether the viewer is VIP already")
def _permanent_check() -> Iterator[None]:
    async def unseen(self: Grant, redemption: Redemption, start: Start) -> Decision:
        return start

    with _instead(Grant, _looked=unseen):
        yield


@_guard("settled-read-back", "a redemption of which Twitch says 404 counts as settled the way we wanted")
def _settled_read_back() -> Iterator[None]:
    on_twitch = Settle._on_twitch

    async def as_wanted(self: Settle, redemption: Redemption, wanted: TwitchStatus) -> TwitchStatus:
        try:
            return (
                await self._twitch.settle(redemption.channel_id, redemption.reward_id, redemption.id, wanted)
            ).status
        except NotFound:
            return wanted
        except Rejected:
            return await on_twitch(self, redemption, wanted)

    with _instead(Settle, _on_twitch=as_wanted):
        yield


@_guard("take-back", "hours stay where the points were given back on Twitch")
def _take_back() -> Iterator[None]:
    async def keep(self: Settle, redemption: Redemption) -> None:
        now = self._clock.now()
        entry = about_redemption(redemption, now, Action.TAKEN_BACK, hours=redemption.hours)
        await self._store.commit(redemption.canceled(now), entry)

    with _instead(Settle, _take_back=keep):
        yield


@_guard("one-commit", "what belongs together is written one record after the other")
def _one_commit() -> Iterator[None]:
    commit = SqliteStore.commit

    async def one_by_one(self: SqliteStore, first: R, /, *rest: Record | AuditEntry) -> R:
        lines = [one for one in rest if isinstance(one, AuditEntry)]
        records = [one for one in rest if not isinstance(one, AuditEntry)]
        done = await commit(self, first, *([] if records else lines))
        for number, record in enumerate(records, 1):
            await commit(self, record, *(lines if number == len(records) else []))
        return done

    with _instead(SqliteStore, commit=one_by_one):
        yield


@_guard("removal-told", "a removal that Twitch tells of is only a hint to look")
def _removal_told() -> Iterator[None]:
    async def never(self: Look, session: VipSession, removed_at: datetime) -> bool:
        return False

    with _instead(Look, _taken=never):
        yield


@_guard("echo", "every removal that Twitch tells of ends the session that is there now")
def _echo() -> Iterator[None]:
    async def always(self: Look, session: VipSession, removed_at: datetime) -> bool:
        return True

    with _instead(Look, _taken=always):
        yield


@_guard("catch-up", "what no event told of is never found")
def _catch_up() -> Iterator[None]:
    async def nothing(self: Reconcile, channel: Channel, reward: Reward) -> AsyncGenerator[TwitchRedemption, None]:
        return
        yield

    with _instead(Reconcile, _listed=nothing):
        yield


@_guard("lagging-lists", "a list without the badge is believed at once")
def _lagging_lists() -> Iterator[None]:
    async def believe(self: Add, known: VipSession, session: VipSession, refusal: Refusal) -> bool:
        return await self._refuse(session, refusal)

    with _instead(Add, _without_badge=believe):
        yield


@_guard("removal-answered", "a removal without an answer counts as done")
def _removal_answered() -> Iterator[None]:
    take = Expire._take

    async def hope(self: Expire, session: VipSession) -> None:
        with suppress(TwitchError):
            await take(self, session)

    with _instead(Expire, _take=hope):
        yield


@_guard("limit", "what is held waits for ever")
def _limit() -> Iterator[None]:
    async def on_and_on(self: Grant, redemption: Redemption) -> bool:
        await self._keep(redemption.held_on())
        return False

    with _instead(Grant, _held=on_and_on):
        yield


@_guard("follow", "what is known of the stream reaches no clock that runs already")
def _follow() -> Iterator[None]:
    async def leave(self: Streams, session: VipSession, channel: Channel) -> None:
        pass

    with _instead(Streams, _bring=leave):
        yield


@_guard("clocks-agree", "nobody compares our clock with Twitch's")
def _clocks_agree() -> Iterator[None]:
    with _instead(clocks, agree=lambda twitch: True):
        yield
