"""Mends what no record shows: what an earlier system wrote, claims that do not fit the sessions, and the fields by
which a channel is found. Each by compare-and-set, with a line in the audit log."""

import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.books import Check, Flaw
from vip_manager.ports import Conflict
from vip_manager.store.documents import AUDIT, CHANNELS, SESSIONS
from vip_manager.store.fields import BrokenDocument
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.claims import CLAIMS, claim_document, claim_id, holder_of
from vip_manager.store.firestore.client import Batch
from vip_manager.store.firestore.documents import COMMIT_ID, ORDER, content, lookups, storable
from vip_manager.store.firestore.taking_over import take_over
from vip_manager.store.sealing import UNOPENED


async def mend(calls: Calls, flaws: Sequence[Flaw], now: datetime) -> None:
    """See ports.Inspection. Those that do not say how are passed over."""
    flaws = [flaw for flaw in flaws if flaw.mend]
    if any(flaw.check is Check.EARLIER for flaw in flaws):
        await take_over(calls, now)
    for flaw in flaws:
        # Somebody was faster, and may have spoiled it too: whoever verifies looks again.
        with suppress(Conflict, BrokenDocument):
            if flaw.check is Check.CLAIM and flaw.collection == CLAIMS:
                await _delete_claim(calls, flaw, now)
            elif flaw.check is Check.CLAIM:
                await _write_claim(calls, flaw, now)
            elif flaw.collection == CHANNELS.collection:
                await _write_lookups(calls, flaw, now)


async def _write_claim(calls: Calls, flaw: Flaw, now: datetime) -> None:
    """With the session, so that it is the live one still."""
    found = await calls.get(calls.document(SESSIONS.collection, flaw.id))
    session = SESSIONS.read(flaw.id, content(found), UNOPENED, "")
    if not session.live:
        return
    held = await calls.get(calls.document(CLAIMS, claim_id(session)))
    if held.exists and holder_of(held) == session.id:
        return
    commit_id, batch = _new_id(), calls.batch()
    batch.replace(found.reference, {**content(found), COMMIT_ID: commit_id}, found.update_time.timestamp_pb())
    claim = claim_document(session, commit_id)
    if held.exists:
        batch.replace(held.reference, claim, held.update_time.timestamp_pb())
    else:
        batch.create(held.reference, claim)
    detail = {"session_id": session.id, "login": session.login}
    line = _line(flaw, now, session.channel_id, session.user_id, session.username, **detail)
    _log(calls, batch, line, commit_id)
    await calls.commit(batch)


async def _delete_claim(calls: Calls, flaw: Flaw, now: datetime) -> None:
    """Whichever session begins meanwhile writes the claim, and then it stays."""
    held = await calls.get(calls.document(CLAIMS, flaw.id))
    if not held.exists:
        return
    if holder := holder_of(held):
        named = await calls.get(calls.document(SESSIONS.collection, holder))
        session = SESSIONS.read(holder, content(named), UNOPENED, "") if named.exists else None
        if session is not None and session.live and claim_id(session) == held.id:
            return
    claim, batch = content(held), calls.batch()
    batch.delete(held.reference, option=calls.client.write_option(last_update_time=held.update_time))
    line = _line(flaw, now, _text(claim.get("channelId")), _text(claim.get("userId")), session_id=holder)
    _log(calls, batch, line, _new_id())
    await calls.commit(batch)


async def _write_lookups(calls: Calls, flaw: Flaw, now: datetime) -> None:
    found = await calls.get(calls.document(CHANNELS.collection, flaw.id))
    document = content(found)
    channel = CHANNELS.read(flaw.id, document, UNOPENED, "")
    commit_id, batch = _new_id(), calls.batch()
    document |= {**lookups(channel, document), COMMIT_ID: commit_id}
    batch.replace(found.reference, document, found.update_time.timestamp_pb())
    line = _line(flaw, now, channel.id, channel.id, channel.username, login=channel.login)
    _log(calls, batch, line, commit_id)
    await calls.commit(batch)


def _line(flaw: Flaw, now: datetime, channel_id: str, user_id: str, username: str = "", **detail: str) -> AuditEntry:
    told = {"check": flaw.check.value, "problem": flaw.problem, **detail}
    return AuditEntry(
        _new_id(), channel_id, now, Action.REPAIRED, subject_id=user_id, subject_name=username, detail=told
    )


def _log(calls: Calls, batch: Batch, line: AuditEntry, commit_id: str) -> None:
    document = storable(AUDIT.write(line, UNOPENED))
    batch.create(calls.document(AUDIT.collection, line.id), {**document, ORDER: time.time_ns(), COMMIT_ID: commit_id})


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _new_id() -> str:
    return uuid.uuid4().hex
