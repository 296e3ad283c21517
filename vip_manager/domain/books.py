"""Everything that is stored, as of one moment, and what can be found wrong with it. docs/verify.md explains the
checks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from vip_manager.domain.account import Account, SignIn
from vip_manager.domain.audit import AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.session import SessionState, VipSession

SESSIONS = "vipSessions"
REDEMPTIONS = "redemptions"
CHANNELS = "channels"
SIGN_INS = "signIns"
USERS = "users"


class Check(StrEnum):
    """What is looked for. The first six only a store can see."""

    DAMAGED = "damaged"
    UNREADABLE = "unreadable"
    UNSEALED = "unsealed"
    EARLIER = "earlier"
    DUE = "due"
    CLAIM = "claim"
    INCOMPLETE = "incomplete"
    ENDLESS = "endless"
    END = "end"
    TWO_LIVE = "two-live"
    UNCREDITED = "uncredited"
    TWICE = "twice"
    GIVEN_BACK = "given-back"
    HOURS = "hours"
    UNKNOWN_CREDIT = "unknown-credit"
    LOST_SESSION = "lost-session"
    UNLOGGED = "unlogged"
    ORPHAN = "orphan"


@dataclass(frozen=True, slots=True)
class Flaw:
    """What a store saw wrong with one document, or (without an id) with itself. `problem` never says what stood
    there. `mend` completes "--repair ..." where the store itself can mend it."""

    check: Check
    collection: str
    id: str
    problem: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Books:
    """All readable records; the audit log in the order in which it was written."""

    accounts: Sequence[Account] = ()
    sign_ins: Sequence[SignIn] = ()
    channels: Sequence[Channel] = ()
    sessions: Sequence[VipSession] = ()
    redemptions: Sequence[Redemption] = ()
    audit: Sequence[AuditEntry] = ()
    flaws: Sequence[Flaw] = ()

    def unreadable(self, collection: str) -> set[str]:
        """Those that may say anything, or will once they are taken over."""
        unknown = (Check.UNREADABLE, Check.EARLIER)
        return {flaw.id for flaw in self.flaws if flaw.check in unknown and flaw.collection == collection}


@dataclass(frozen=True, slots=True)
class Mend:
    """A record as it ought to be, with the version it was read with. `says` completes "--repair ..."; `detail` goes
    into the audit log's line."""

    record: VipSession | Redemption
    says: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: `place` is `collection/id`; `whose` the id and name of the person it is about; `since`
    the moment of the record's that comes nearest to when it went wrong; `advice` what a person can do where there is
    no `mend`, and no `flaw` that the store can mend."""

    check: Check
    place: str
    problem: str
    channel_id: str = ""
    user_id: str = ""
    username: str = ""
    since: datetime | None = None
    mend: Mend | None = None
    advice: str = ""
    flaw: Flaw | None = None

    @property
    def remedy(self) -> str:
        """Completes "--repair ..."; "" where that leaves it."""
        if self.mend:
            return self.mend.says
        return self.flaw.mend if self.flaw else ""


def about(
    record: VipSession | Redemption, check: Check, problem: str, *, mend: Mend | None = None, advice: str = ""
) -> Finding:
    """A finding about that record, with whose it is and since when."""
    if isinstance(record, VipSession):
        collection, since = SESSIONS, record.ended_at or record.added_at or record.created_at
    else:
        collection, since = REDEMPTIONS, record.settled_at or record.received_at
    place = f"{collection}/{record.id}"
    return Finding(check, place, problem, record.channel_id, record.user_id, record.username, since, mend, advice)


def from_earlier_system(session: VipSession) -> bool:
    """Never moved by this program: it has neither credits nor an end that was written down."""
    return session.state is SessionState.ENDED and not session.credits and session.ended_at is None
