"""Records <-> documents, one `Kind` a collection, the same for every store.

The names in `users`, `channels` and `vipSessions` that an earlier system wrote too are kept; ours stand beside them.
`dueAt` is derived, so that a store can find and order due work by one indexed field:

    vipSessions  ACTIVE, ASIDE: the later of its end and the next try; GRANTING, ENDING: the next try, or else since
                 when the work has been left undone; all others null
    redemptions  open: the next try, or else when it was received; for a HELD one the next try is when it has waited for
                 as long as it may; all others null
    outboxes     when there is something to deliver, somebody's VIP is about to end, or it is read again

Work with a `dueAt` but no `nextAt` was never put off: apart from ACTIVE and ASIDE sessions it is due even where
`dueAt` lies ahead, which happens when the clock was set back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from vip_manager.domain.account import Account, SignIn, TokenPair
from vip_manager.domain.api_token import ApiCall, ApiToken
from vip_manager.domain.audit import SYSTEM, Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.outbox import Outbox
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.rules import Held, VipClock
from vip_manager.domain.session import RUNNING, Credit, SessionState, VipSession
from vip_manager.ports import Record
from vip_manager.store.api_document import read_api_call, read_api_token, write_api_call, write_api_token
from vip_manager.store.channel_document import read_channel, write_channel
from vip_manager.store.fields import Document, Fields
from vip_manager.store.outbox_document import read_outbox, write_outbox
from vip_manager.store.sealing import Sealer, Unsealable

R = TypeVar("R", bound=Record | AuditEntry)


@dataclass(frozen=True, slots=True)
class Kind(Generic[R]):
    """One collection: its name, and how its records are written and read."""

    collection: str
    record: type[R]
    _write: Callable[[R, Sealer], Document]
    _read: Callable[[Fields, Sealer, str], R]

    def write(self, record: R, sealer: Sealer) -> Document:
        return {"id": record.id, **self._write(record, sealer)}

    def read(self, document_id: str, document: Mapping[str, Any], sealer: Sealer, version: str) -> R:
        """Raises BrokenDocument."""
        return self._read(Fields(self.collection, document_id, document), sealer, version)


TOKEN_FIELDS = ("accessToken", "refreshToken", "expiresAt")
"""Of a user's document: nobody is handed these, sealed as they are."""


def token_binding(user_id: str, field: str) -> str:
    """What a sealed token is bound to: moved to another user or field, it no longer opens."""
    return f"users/{user_id}/{field}"


def _write_account(account: Account, sealer: Sealer) -> Document:
    tokens = account.tokens
    return {
        "username": account.username,
        "accessToken": tokens and sealer.seal(tokens.access_token, token_binding(account.id, "accessToken")),
        "refreshToken": tokens and sealer.seal(tokens.refresh_token, token_binding(account.id, "refreshToken")),
        "expiresAt": tokens and tokens.expires_at,
        "scopes": sorted(tokens.scopes) if tokens else [],
        "login": account.login,
        "avatarUrl": account.avatar_url,
        "reconnect": account.reconnect,
        "validatedAt": account.validated_at,
    }


def _read_account(fields: Fields, sealer: Sealer, version: str) -> Account:
    tokens, unreadable = _read_tokens(fields, sealer)
    username = fields.text("username", "")
    return Account(
        id=fields.id,
        login=fields.text("login", username.lower()),
        username=username,
        avatar_url=fields.text("avatarUrl", ""),
        tokens=tokens,
        reconnect=unreadable or fields.flag("reconnect", False),
        validated_at=fields.maybe_moment("validatedAt"),
        version=version,
    )


def _read_tokens(fields: Fields, sealer: Sealer) -> tuple[TokenPair | None, bool]:
    """The tokens, and whether there were some that we can't read: another key's, or an earlier system's."""
    access, refresh = fields.raw("accessToken"), fields.raw("refreshToken")
    if access is None and refresh is None:
        return None, False
    if not isinstance(access, str) or not isinstance(refresh, str):
        return None, True
    try:
        access_token = sealer.open(access, token_binding(fields.id, "accessToken"))
        refresh_token = sealer.open(refresh, token_binding(fields.id, "refreshToken"))
    except Unsealable:
        return None, True
    return TokenPair(access_token, refresh_token, fields.moment("expiresAt"), frozenset(fields.texts("scopes"))), False


def _write_sign_in(sign_in: SignIn, sealer: Sealer) -> Document:
    return {
        "userId": sign_in.user_id,
        "createdAt": sign_in.created_at,
        "expiresAt": sign_in.expires_at,
        "seenAt": sign_in.seen_at,
        "browser": sign_in.browser,
    }


def _read_sign_in(fields: Fields, sealer: Sealer, version: str) -> SignIn:
    return SignIn(
        id=fields.id,
        user_id=fields.text("userId"),
        created_at=fields.moment("createdAt"),
        expires_at=fields.moment("expiresAt"),
        seen_at=fields.maybe_moment("seenAt"),
        browser=fields.text("browser", ""),
        version=version,
    )


def _write_retry(retry: Retry) -> Document:
    return {"attempts": retry.attempts, "nextAt": retry.next_at, "error": retry.error}


def _read_retry(fields: Fields) -> Retry:
    return Retry(fields.integer("attempts", 0), fields.maybe_moment("nextAt"), fields.text("error", ""))


def _session_due_at(session: VipSession) -> datetime | None:
    next_at = session.retry.next_at
    if session.state in RUNNING:
        return session.expires_at and max(session.expires_at, next_at or session.expires_at)
    if not session.live:
        return None
    if session.end_reason is EndReason.EXPIRED and session.expires_at:
        return next_at or session.expires_at
    return next_at or session.created_at


def _write_session(session: VipSession, sealer: Sealer) -> Document:
    return {
        "channelId": session.channel_id,
        "userId": session.user_id,
        "username": session.username,
        "grantedAt": session.granted_at,
        "expiresAt": session.expires_at,
        "redeemedWith": session.redeemed_with,
        "login": session.login,
        "createdAt": session.created_at,
        "state": session.state.value,
        "credits": [
            {"id": credit.id, "source": credit.source, "hours": credit.hours, "at": credit.at, "by": credit.by}
            for credit in session.credits
        ],
        "owed": session.owed,
        "addedAt": session.added_at,
        "seenNotVipAt": session.seen_not_vip_at,
        "unansweredAt": session.unanswered_at,
        # For a program of before `unansweredAt` that runs beside this one while it is being replaced.
        "unanswered": session.unanswered_at is not None,
        "ours": session.ours,
        "trace": session.trace,
        "asideAt": session.aside_at,
        "moderator": session.moderator,
        "runsUntil": session.runs_until,
        "clock": session.clock.value,
        "left": session.left,
        "clockAt": session.clock_at,
        "takesSeatOf": session.takes_seat_of,
        "seatTakenBy": session.seat_taken_by,
        "endReason": session.end_reason and session.end_reason.value,
        "endedBy": session.ended_by,
        "endedAt": session.ended_at,
        "refusal": session.refusal and session.refusal.value,
        "dueAt": _session_due_at(session),
        **_write_retry(session.retry),
    }


def _read_session(fields: Fields, sealer: Sealer, version: str) -> VipSession:
    granted_at, expires_at = fields.maybe_moment("grantedAt"), fields.maybe_moment("expiresAt")
    username = fields.text("username", "")
    return VipSession(
        id=fields.id,
        channel_id=fields.text("channelId"),
        user_id=fields.text("userId"),
        login=fields.text("login", username.lower()),
        username=username,
        redeemed_with=fields.text("redeemedWith", ""),
        created_at=fields.moment("createdAt", granted_at or expires_at),
        # Without a state it is an earlier system's, and nobody may act on it before it was taken over: the dataclass'
        # GRANTING would have it granted on Twitch.
        state=fields.choice("state", SessionState, SessionState.ENDED),
        credits=tuple(
            Credit(
                credit.text("id"),
                credit.text("source", ""),
                credit.number("hours"),
                credit.moment("at"),
                credit.text("by", ""),
            )
            for credit in fields.maps("credits")
        ),
        granted_at=granted_at,
        expires_at=expires_at,
        owed=fields.number("owed", 0.0),
        added_at=fields.maybe_moment("addedAt"),
        seen_not_vip_at=fields.maybe_moment("seenNotVipAt"),
        unanswered_at=_read_unanswered_at(fields),
        ours=fields.flag("ours", False),
        trace=fields.text("trace", ""),
        aside_at=fields.maybe_moment("asideAt"),
        moderator=fields.flag("moderator", False),
        runs_until=fields.maybe_moment("runsUntil"),
        clock=fields.choice("clock", VipClock, VipClock.WALL),
        left=fields.number("left", 0.0),
        clock_at=fields.maybe_moment("clockAt"),
        takes_seat_of=fields.text("takesSeatOf", ""),
        seat_taken_by=fields.text("seatTakenBy", ""),
        end_reason=fields.maybe_choice("endReason", EndReason),
        ended_by=fields.text("endedBy", ""),
        ended_at=fields.maybe_moment("endedAt"),
        refusal=fields.maybe_choice("refusal", Refusal),
        retry=_read_retry(fields),
        version=version,
    )


def _read_unanswered_at(fields: Fields) -> datetime | None:
    """Older documents only say that an add was not answered: it went out before the next try was set."""
    if not fields.flag("unanswered", False):
        return None
    at_latest = [fields.maybe_moment(name) for name in ("createdAt", "seenNotVipAt", "nextAt")]
    known = fields.maybe_moment("unansweredAt") or max((moment for moment in at_latest if moment), default=None)
    if known is None:
        raise fields.broken("unansweredAt", "absent")
    return known


def _write_redemption(redemption: Redemption, sealer: Sealer) -> Document:
    next_at = redemption.retry.next_at
    return {
        "channelId": redemption.channel_id,
        "rewardId": redemption.reward_id,
        "rewardTitle": redemption.reward_title,
        "cost": redemption.cost,
        "userId": redemption.user_id,
        "login": redemption.login,
        "username": redemption.username,
        "redeemedAt": redemption.redeemed_at,
        "receivedAt": redemption.received_at,
        "state": redemption.state.value,
        "promised": redemption.promised,
        "heldFor": redemption.held_for and redemption.held_for.value,
        "heldAt": redemption.held_at,
        "heldUntil": redemption.held_until,
        "approvedBy": redemption.approved_by,
        "hours": redemption.hours,
        "sessionId": redemption.session_id,
        "refusal": redemption.refusal and redemption.refusal.value,
        "settledAt": redemption.settled_at,
        "dismissedAt": redemption.dismissed_at,
        "undecided": redemption.undecided,
        "givenBackBy": redemption.given_back_by,
        "trace": redemption.trace,
        "dueAt": (next_at or redemption.received_at) if redemption.open else None,
        **_write_retry(redemption.retry),
    }


def _read_redemption(fields: Fields, sealer: Sealer, version: str) -> Redemption:
    redeemed_at = fields.moment("redeemedAt")
    return Redemption(
        id=fields.id,
        channel_id=fields.text("channelId"),
        reward_id=fields.text("rewardId"),
        reward_title=fields.text("rewardTitle", ""),
        cost=fields.integer("cost", 0),
        user_id=fields.text("userId"),
        login=fields.text("login", ""),
        username=fields.text("username", ""),
        redeemed_at=redeemed_at,
        received_at=fields.moment("receivedAt", redeemed_at),
        # No default: a settled redemption that lost its state would be granted a second time.
        state=fields.choice("state", RedemptionState),
        promised=fields.number("promised", 0.0),
        held_for=fields.maybe_choice("heldFor", Held),
        held_at=fields.maybe_moment("heldAt"),
        held_until=fields.maybe_moment("heldUntil"),
        approved_by=fields.text("approvedBy", ""),
        hours=fields.number("hours", 0.0),
        session_id=fields.text("sessionId", ""),
        refusal=fields.maybe_choice("refusal", Refusal),
        settled_at=fields.maybe_moment("settledAt"),
        dismissed_at=fields.maybe_moment("dismissedAt"),
        given_back_by=fields.text("givenBackBy", ""),
        trace=fields.text("trace", ""),
        retry=_read_retry(fields),
        version=version,
    )


def _write_audit_entry(entry: AuditEntry, sealer: Sealer) -> Document:
    return {
        "channelId": entry.channel_id,
        "at": entry.at,
        "action": entry.action.value,
        "actorId": entry.actor_id,
        "actorName": entry.actor_name,
        "subjectId": entry.subject_id,
        "subjectName": entry.subject_name,
        "detail": entry.detail,
    }


def _read_audit_entry(fields: Fields, sealer: Sealer, version: str) -> AuditEntry:
    return AuditEntry(
        id=fields.id,
        channel_id=fields.text("channelId"),
        at=fields.moment("at"),
        action=fields.choice("action", Action),
        actor_id=fields.text("actorId", SYSTEM),
        actor_name=fields.text("actorName", ""),
        subject_id=fields.text("subjectId", ""),
        subject_name=fields.text("subjectName", ""),
        detail=fields.map("detail"),
    )


USERS = Kind("users", Account, _write_account, _read_account)
SIGN_INS = Kind("signIns", SignIn, _write_sign_in, _read_sign_in)
CHANNELS = Kind("channels", Channel, write_channel, read_channel)
SESSIONS = Kind("vipSessions", VipSession, _write_session, _read_session)
REDEMPTIONS = Kind("redemptions", Redemption, _write_redemption, _read_redemption)
AUDIT = Kind("auditLog", AuditEntry, _write_audit_entry, _read_audit_entry)
API_TOKENS = Kind(
    "apiTokens",
    ApiToken,
    lambda token, _: write_api_token(token),
    lambda fields, _, version: read_api_token(fields, version),
)
API_CALLS = Kind(
    "apiCalls",
    ApiCall,
    lambda call, _: write_api_call(call),
    lambda fields, _, version: read_api_call(fields, version),
)
OUTBOXES = Kind(
    "outboxes",
    Outbox,
    lambda outbox, _: write_outbox(outbox),
    lambda fields, _, version: read_outbox(fields, version),
)

_KINDS: dict[type, Kind[Any]] = {
    kind.record: kind
    for kind in (USERS, SIGN_INS, CHANNELS, SESSIONS, REDEMPTIONS, AUDIT, API_TOKENS, API_CALLS, OUTBOXES)
}
KINDS: dict[str, Kind[Any]] = {kind.collection: kind for kind in _KINDS.values()}
"""By the name of their collection."""
COLLECTIONS = tuple(KINDS)


BESIDE_THE_BOOKS: tuple[Kind[Any], ...] = (API_TOKENS, API_CALLS, OUTBOXES)
"""Nothing of what they say can be compared with anything else: they can be read, or not."""
KEPT_BESIDE = tuple(kind.collection for kind in BESIDE_THE_BOOKS)
"""A channel's too, and nothing that is worth being handed over: they are deleted with it."""


def handed_over(collection: str, fields: Document) -> Document:
    """Without what nobody is handed: tokens, and the addresses of webhooks, whoever has which may post there."""
    if collection == USERS.collection:
        return {name: value for name, value in fields.items() if name not in TOKEN_FIELDS}
    hooks = fields.get("hooks")
    if collection == CHANNELS.collection and isinstance(hooks, list):
        shown = [{k: v for k, v in one.items() if k != "url"} for one in hooks if isinstance(one, dict)]
        return {**fields, "hooks": shown}
    return fields


def kind_of(record: object) -> Kind[Any]:
    return _KINDS[type(record)]
