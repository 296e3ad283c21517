"""What becomes of documents that an earlier system wrote into `users`, `channels` and `vipSessions`. Pure.

Theirs are told from ours by a field that we always write. Their moments may be timestamps, ISO 8601 texts with a time
zone, or numbers since 1970 (seconds, or milliseconds as JavaScript has them).
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from vip_manager.domain.account import Account
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.session import LIVE, Credit, SessionState, VipSession
from vip_manager.domain.terms import LONGEST_HOURS
from vip_manager.store.channel_document import read_channel
from vip_manager.store.documents import CHANNELS, SESSIONS, USERS
from vip_manager.store.fields import LARGEST_NUMBER, BrokenDocument, Document, Fields
from vip_manager.store.ids import is_twitch_id
from vip_manager.store.sealing import UNOPENED, is_sealed

IMPORT = "import"
"""Source of the hours that a session is taken over with: no redemption of theirs is stored."""

_ALWAYS_OURS = {USERS.collection: "reconnect", CHANNELS.collection: "rules", SESSIONS.collection: "state"}
_MILLISECONDS_FROM = 100_000_000_000
"""As seconds that would be the year 5138."""
_LOGIN = re.compile(r"[a-z0-9_]{1,25}")
_ANY = datetime(2000, 1, 1, tzinfo=UTC)
_LINES = uuid.UUID("d4a6a1d0-0f5c-4d0b-9a53-5c1e0c6a3f17")
"""Of it and the session's id comes that of its line: whoever takes it over writes the same one."""


COLLECTIONS = tuple(_ALWAYS_OURS)


def is_ours(collection: str, document: Mapping[str, Any]) -> bool:
    """Those of other collections are ours always."""
    return collection not in _ALWAYS_OURS or _ALWAYS_OURS[collection] in document


def has_readable_tokens(document: Mapping[str, Any]) -> bool:
    """Of a user's: whether there is something beside our own sealed text where tokens stand."""
    tokens = (document.get("accessToken"), document.get("refreshToken"))
    return any(token is not None and not (isinstance(token, str) and is_sealed(token)) for token in tokens)


def without_readable_tokens(document: Mapping[str, Any]) -> Document:
    """A user's, with tokens that are not sealed by us gone, which counts as absent anyway: that person signs in again.
    One that has none of them stays as it is."""
    if not has_readable_tokens(document):
        return dict(document)
    return {**document, "accessToken": None, "refreshToken": None, "expiresAt": None, "reconnect": True}


def refusal(collection: str, document_id: str, document: Mapping[str, Any]) -> BrokenDocument | None:
    """Why one of theirs can't be taken over; None where it can."""
    try:
        if collection == CHANNELS.collection:
            channel(document_id, document, {})
        elif collection == SESSIONS.collection:
            _session(document_id, document, _ANY)
    except BrokenDocument as error:
        return error
    return None


def account(user_id: str, document: Mapping[str, Any]) -> Account:
    """Without their tokens, encrypted we don't know how or not at all. Whatever else is wrong with it, these go."""
    username = document.get("username")
    name = username if isinstance(username, str) else ""
    return Account(id=user_id, login=_login(name), username=name, reconnect=True)


def channel(channel_id: str, document: Mapping[str, Any], usernames: Mapping[str, str]) -> Channel:
    """`usernames` are those of users by id. Raises BrokenDocument."""
    fields = Fields(CHANNELS.collection, channel_id, document)
    read = read_channel(fields, UNOPENED, "")
    if not 0 < read.vip_duration <= LONGEST_HOURS:
        raise fields.broken("vipDuration", f"expected more than 0 and at most {LONGEST_HOURS} hours")
    username = read.username or usernames.get(read.owner_id) or usernames.get(channel_id, "")
    return replace(read, username=username, login=read.login or _login(username))


@dataclass(frozen=True, slots=True)
class Viewing:
    """What becomes of the sessions of one viewer in one channel, together."""

    sessions: tuple[VipSession, ...]
    lines: tuple[AuditEntry, ...]


def sessions(documents: Mapping[str, Mapping[str, Any]], now: datetime) -> tuple[list[Viewing], list[BrokenDocument]]:
    """Of all documents of `vipSessions` by id, ours too: what those of the earlier system become, and which of them
    can't be read.

    One that is past its end is over, and nobody's VIP is ever taken for it: that person may have been made permanent
    since. Of several that run for one viewer the one with the latest end stays, and none where one of ours is live.
    """
    broken: list[BrokenDocument] = []
    theirs: defaultdict[tuple[str, str], list[VipSession]] = defaultdict(list)
    has_live = {
        (str(document.get("channelId")), str(document.get("userId")))
        for document in documents.values()
        if str(document.get("state")) in LIVE
    }
    for session_id, document in documents.items():
        if is_ours(SESSIONS.collection, document):
            continue
        try:
            one = _session(session_id, document, now)
        except BrokenDocument as error:
            broken.append(error)
        else:
            theirs[one.channel_id, one.user_id].append(one)
    viewings = [_viewing(of_viewer, now, viewer not in has_live) for viewer, of_viewer in theirs.items()]
    return viewings, broken


def _viewing(found: list[VipSession], now: datetime, may_run: bool) -> Viewing:
    running = [one for one in found if one.expires_at and one.expires_at > now] if may_run else []
    last = max(running, key=lambda one: (one.expires_at, one.id), default=None)
    kept = [_running(one) if one is last else one for one in found]
    return Viewing(tuple(kept), tuple(_lines(kept, now)))


def _session(session_id: str, document: Mapping[str, Any], now: datetime) -> VipSession:
    """As one that is over. Raises BrokenDocument."""
    moments = {name: _moment(document.get(name)) for name in ("grantedAt", "expiresAt")}
    fields = Fields(SESSIONS.collection, session_id, {**document, **moments})
    expires_at, username = fields.moment("expiresAt"), fields.text("username", "")
    granted_at = min(fields.moment("grantedAt", now), expires_at)
    if (expires_at - granted_at) / timedelta(hours=1) > LARGEST_NUMBER:
        raise fields.broken("grantedAt", "expected a moment of less than a thousand years before its end")
    return VipSession(
        id=session_id,
        channel_id=_twitch_id(fields, "channelId"),
        user_id=_twitch_id(fields, "userId"),
        login=_login(username),
        username=username,
        redeemed_with=fields.text("redeemedWith", IMPORT),
        created_at=granted_at,
        granted_at=granted_at,
        expires_at=expires_at,
        state=SessionState.ENDED,
    )


def _running(session: VipSession) -> VipSession:
    """The badge is the earlier system's, and so ours to take when its time is up."""
    assert session.granted_at is not None
    assert session.expires_at is not None
    hours = (session.expires_at - session.granted_at) / timedelta(hours=1)
    return replace(
        session,
        state=SessionState.ACTIVE,
        credits=(Credit(session.id, IMPORT, hours, session.granted_at),),
        added_at=session.granted_at,
        clock_at=session.granted_at,
        ours=True,
    )


def _lines(found: Iterable[VipSession], now: datetime) -> Iterable[AuditEntry]:
    """The channel's history tells of what runs since when, and of what was over. Whoever else takes it over at the same
    moment writes the same lines."""
    for one in found:
        assert one.expires_at is not None
        detail: Document = {"login": one.login, "session_id": one.id, "until": one.expires_at.isoformat()}
        if one.live:
            detail |= {"hours": round(one.hours, 2)}
            action, at = Action.GRANTED, one.created_at
        elif one.expires_at <= now:
            detail |= {"reason": EndReason.EXPIRED.value}
            action, at = Action.ENDED, one.expires_at
        else:
            continue
        yield AuditEntry(
            uuid.uuid5(_LINES, one.id).hex,
            one.channel_id,
            at,
            action,
            subject_id=one.user_id,
            subject_name=one.username,
            detail=detail,
        )


def _twitch_id(fields: Fields, name: str) -> str:
    value = fields.text(name)
    if not is_twitch_id(value):
        raise fields.broken(name, "expected a Twitch id")
    return value


def _moment(value: Any) -> Any:
    """Numbers become moments; the rest is for `Fields` to judge."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    try:
        return datetime.fromtimestamp(value / 1000 if abs(value) >= _MILLISECONDS_FROM else value, UTC)
    except (OverflowError, ValueError, OSError):
        return value


def _login(username: str) -> str:
    """Display names are mostly the login in other letters; where they can't be, the login is not known."""
    login = username.lower()
    return login if _LOGIN.fullmatch(login) else ""
