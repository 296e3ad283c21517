"""One live session a viewer and channel: who has it, a document of its own says, in `liveVips`, under both their ids.

It is made in the commit in which a session becomes live, and goes, or passes to the next one, in that in which it stops
being live: the version of a session knows whether it was, so that all else that happens to it costs nothing here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import structlog
from google.cloud.firestore_v1.async_document import AsyncDocumentReference
from google.cloud.firestore_v1.base_document import DocumentSnapshot

from vip_manager.domain.books import Books, Check, Flaw
from vip_manager.domain.session import LIVE, VipSession
from vip_manager.ports import Conflict
from vip_manager.store.documents import SESSIONS
from vip_manager.store.fields import Document
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.client import Batch
from vip_manager.store.firestore.documents import COMMIT_ID
from vip_manager.store.ids import is_id

_log = structlog.get_logger(__name__)

CLAIMS = "liveVips"
_SESSION_ID = "sessionId"


def claim_id(session: VipSession) -> str:
    """Twitch's ids are numbers; whatever else somebody wrote there makes an id that is no other viewer's."""
    channel_id = quote(session.channel_id, safe="").replace("_", "%5F")
    return f"{channel_id}_{quote(session.user_id, safe='')}"


def claim_document(session: VipSession, commit_id: str) -> Document:
    return {
        _SESSION_ID: session.id,
        "channelId": session.channel_id,
        "userId": session.user_id,
        COMMIT_ID: commit_id,
    }


@dataclass(slots=True)
class Claims:
    """What one commit changes of them."""

    _begun: dict[str, VipSession] = field(default_factory=dict)
    _ended: set[str] = field(default_factory=set)

    def note(self, session: VipSession, stored_state: str | None) -> None:
        """`stored_state` is that of the document that the session replaces, None where there is none. Raises Conflict
        where two begin."""
        was_live = stored_state in LIVE
        if session.live is was_live:
            return
        claim = claim_id(session)
        if was_live:
            self._ended.add(claim)
        elif claim in self._begun:
            raise Conflict(f"{SESSIONS.collection}/{session.id}: the viewer would get a second live session")
        else:
            self._begun[claim] = session

    def write(self, calls: Calls, batch: Batch, commit_id: str) -> None:
        for claim, session in self._begun.items():
            reference, document = calls.document(CLAIMS, claim), claim_document(session, commit_id)
            if claim in self._ended:
                # It is ours to pass on: the condition on the session that ends says that it still had it.
                batch.replace(reference, document)
            else:
                batch.create(reference, document)
        for claim in self._ended - self._begun.keys():
            batch.delete(calls.document(CLAIMS, claim))

    async def drop_left_over(self, calls: Calls) -> bool:
        """A claim may have been left behind by a session that somebody deleted by hand; nobody could be VIP again.
        Whether there was such a one in this commit's way, and is no more."""
        dropped = False
        for claim in self._begun.keys() - self._ended:
            dropped |= await drop_where_left_over(calls, calls.document(CLAIMS, claim))
        return dropped


async def drop_where_left_over(calls: Calls, claim: AsyncDocumentReference) -> bool:
    """Where the session that it names is gone, or over. Whether it was dropped."""
    held = await calls.get(claim)
    holder = holder_of(held)
    if not held.exists or (holder and await _is_live(calls, holder)):
        return False
    batch = calls.batch()
    batch.delete(claim, option=calls.client.write_option(last_update_time=held.update_time))
    try:
        await calls.commit(batch)
    except Conflict:
        return False
    _log.warning("claim_left_over", id=claim.id, session_id=holder)
    return True


def holder_of(claim: DocumentSnapshot[Any]) -> str:
    """The id of the session, "" where it names none."""
    named = (claim.to_dict() or {}).get(_SESSION_ID)
    return named if isinstance(named, str) and is_id(named) else ""


async def _is_live(calls: Calls, session_id: str) -> bool:
    session = await calls.get(calls.document(SESSIONS.collection, session_id))
    # Its states may be a newer program's: that it is over must stand there.
    return session.exists and (session.to_dict() or {}).get("live") is not False


def claim_flaws(books: Books, holders: Mapping[str, str]) -> Iterator[Flaw]:
    """What is wrong with the claims, of which `holders` are the ids of the sessions that they name. Nothing is said of
    one that names a session that can't be read: that may be live."""
    unreadable = books.unreadable(SESSIONS.collection)
    live: defaultdict[str, list[VipSession]] = defaultdict(list)
    for session in books.sessions:
        if session.live:
            live[claim_id(session)].append(session)
    for claim, sessions in live.items():
        holder = holders.get(claim)
        if holder not in unreadable and all(session.id != holder for session in sessions):
            problem = "live without its claim" if holder is None else "live, and its claim names another session"
            mend = f"writes {CLAIMS}/{claim}" if len(sessions) == 1 else ""
            yield Flaw(Check.CLAIM, SESSIONS.collection, sessions[0].id, problem, mend)
    for claim, holder in holders.items():
        if claim not in live and holder not in unreadable:
            yield Flaw(Check.CLAIM, CLAIMS, claim, "a claim of no live session", "deletes it")


async def delete_with_claim(calls: Calls, session: VipSession) -> None:
    """The session, and the claim where it has it. Raises Conflict where that changes hands again and again."""
    claim = calls.document(CLAIMS, claim_id(session))
    for last_try in (False, False, True):
        held = await calls.get(claim)
        batch = calls.batch()
        batch.delete(calls.document(SESSIONS.collection, session.id))
        if holder_of(held) == session.id:
            batch.delete(claim, option=calls.client.write_option(last_update_time=held.update_time))
        try:
            await calls.commit(batch)
            return
        except Conflict:
            if last_try:
                raise
