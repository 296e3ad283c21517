"""What the outside is told of VIPs, in chat and by webhooks: events, made of the audit log's lines."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.session import VipSession


class Event(StrEnum):
    """REFUSED: a redemption came to nothing, and the points go back, or stay where nobody can give them back."""

    STARTED = "vip.started"
    EXTENDED = "vip.extended"
    ENDS_SOON = "vip.ends_soon"
    ENDED = "vip.ended"
    REFUSED = "vip.refused"


_TOLD = {
    Action.GRANTED: Event.STARTED,
    Action.EXTENDED: Event.EXTENDED,
    Action.ENDED: Event.ENDED,
    Action.REFUSED: Event.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that happened, at `at`; `id` is the same however often it is made. `hours` is what was given by it, 0
    where nothing was; `until` the end as it was known then; `reason` an EndReason or Refusal, empty where there is
    none; `reward` the title and `cost` the points of a redemption; `source` reward, manual, api or import."""

    id: str
    event: Event
    channel_id: str
    at: datetime
    user_id: str
    login: str
    username: str
    hours: float = 0.0
    until: datetime | None = None
    reason: str = ""
    reward: str = ""
    cost: int = 0
    source: str = ""
    session_id: str = ""
    redemption_id: str = ""


def notice_of(entry: AuditEntry) -> Notice | None:
    """None where the outside is told nothing of it. What the staff tried by hand in vain, it knows; of what is
    UNRECORDED nobody knows what came."""
    event = _TOLD.get(entry.action)
    detail = entry.detail
    if event is None or not entry.subject_id or (event is Event.REFUSED and not detail.get("redemption_id")):
        return None
    if detail.get("reason") == Refusal.UNRECORDED:
        return None
    return Notice(
        id=entry.id,
        event=event,
        channel_id=entry.channel_id,
        at=entry.at,
        user_id=entry.subject_id,
        login=_text(detail, "login"),
        username=entry.subject_name,
        hours=_number(detail, "hours"),
        until=_moment(detail, "until") if event in (Event.STARTED, Event.EXTENDED) else None,
        reason=_text(detail, "reason"),
        reward=_text(detail, "reward"),
        cost=round(_number(detail, "cost")),
        source=_text(detail, "source"),
        session_id=_text(detail, "session_id"),
        redemption_id=_text(detail, "redemption_id"),
    )


def ends_soon(session: VipSession, now: datetime) -> Notice:
    """Of one that has an end; once for each end that it has."""
    ends = session.expires_at
    assert ends is not None
    return Notice(
        id=f"{session.id}.{int(ends.timestamp())}",
        event=Event.ENDS_SOON,
        channel_id=session.channel_id,
        at=now,
        user_id=session.user_id,
        login=session.login,
        username=session.username,
        until=ends,
        source=session.redeemed_with.partition(":")[0],
        session_id=session.id,
    )


def _text(detail: dict[str, Any], name: str) -> str:
    value = detail.get(name)
    return value if isinstance(value, str) else ""


def _number(detail: dict[str, Any], name: str) -> float:
    value = detail.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _moment(detail: dict[str, Any], name: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(_text(detail, name))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
