"""Whether a session ends when its hours and the audit log say that it does.

The log tells each end anew with every grant and every extension, so the last such line, less the hours that were taken
back since, is the end to the second. The credits are the second witness: nobody has more time than all credited hours
from the last moment at which any were given.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.books import Books, Check, Finding, Mend, about
from vip_manager.domain.rules import VipClock
from vip_manager.domain.session import RUNNING, VipSession

NOISE = timedelta(seconds=1)
"""Hours are floating-point numbers."""

_LAST = datetime.max.replace(tzinfo=UTC)
"""What lies beyond it is as good as this."""
_MOST_HOURS = 24 * 366 * 1000


@dataclass
class _Told:
    """What the log says of one session. `steps`: the moments from which its hours ran."""

    end: datetime | None = None
    taken: set[str] = field(default_factory=set)
    steps: list[datetime] = field(default_factory=list)


def ends(books: Books) -> Iterator[Finding]:
    told_of = _read_log(books)
    for session in books.sessions:
        if session.state not in RUNNING or session.clock is not VipClock.WALL:
            # An end that moves with the stream, no line tells.
            continue
        told = told_of[session.id]
        if session.expires_at is None:
            mend = Mend(replace(session, expires_at=told.end), f"ends it at {told.end:%F %T}") if told.end else None
            advice = "end it by hand on the dashboard"
            yield about(session, Check.ENDLESS, "VIP without an end", mend=mend, advice=advice)
        else:
            yield from _compared(session, session.expires_at, told)


def _compared(session: VipSession, end: datetime, told: _Told) -> Iterator[Finding]:
    most = _most(session, told)
    advice = "only a refund shortens by itself: compare with the channel's history, then end or extend by hand"
    if told.end is not None and abs(told.end - end) > NOISE:
        mend = None
        if end < told.end <= most:
            mend = Mend(replace(session, expires_at=told.end), f"ends it at {told.end:%F %T}")
        problem = f"ends at {end:%F %T}, by the audit log at {told.end:%F %T}"
        yield about(session, Check.END, problem, mend=mend, advice=advice)
    elif end > most:
        problem = f"ends at {end:%F %T}, later than its {session.hours:g} h allow"
        yield about(session, Check.END, problem, advice=advice)


def _most(session: VipSession, told: _Told) -> datetime:
    given = [session.granted_at, session.added_at, *(credit.at for credit in session.credits), *told.steps]
    last = max((at for at in given if at), default=session.created_at)
    try:
        return last + timedelta(hours=session.hours) + NOISE
    except OverflowError:
        return _LAST


def _read_log(books: Books) -> defaultdict[str, _Told]:
    told_of: defaultdict[str, _Told] = defaultdict(_Told)
    session_of = {redemption.id: redemption.session_id for redemption in books.redemptions}
    for entry in books.audit:
        detail = entry.detail
        if _tells_end(entry):
            told = told_of[_text(detail, "session_id")]
            told.end, told.taken = _moment(detail) or told.end, set()
            told.steps.append(entry.at)
        elif _takes_back(entry):
            redemption_id = _text(detail, "redemption_id")
            told = told_of[_text(detail, "session_id") or session_of.get(redemption_id, "")]
            if told.end is not None and redemption_id not in told.taken:
                told.taken.add(redemption_id)
                told.end = _earlier(told.end, _hours(detail))
    return told_of


def _earlier(end: datetime, hours: float) -> datetime:
    try:
        return end - timedelta(hours=hours)
    except OverflowError:
        return end


def _tells_end(entry: AuditEntry) -> bool:
    if entry.action is Action.REPAIRED:
        return entry.detail.get("check") in (Check.END, Check.ENDLESS)
    return entry.action in (Action.GRANTED, Action.EXTENDED, Action.MODDED, Action.CLOCKED, Action.HELD)


def _takes_back(entry: AuditEntry) -> bool:
    if entry.action is Action.REPAIRED:
        return entry.detail.get("check") == Check.GIVEN_BACK
    return entry.action is Action.TAKEN_BACK


def _text(detail: dict[str, Any], name: str) -> str:
    value = detail.get(name)
    return value if isinstance(value, str) else ""


def _moment(detail: dict[str, Any]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(detail, "until"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _hours(detail: dict[str, Any]) -> float:
    hours = detail.get("hours")
    # A line's detail is whatever was written there, numbers without end too.
    return float(hours) if isinstance(hours, int | float) and abs(hours) <= _MOST_HOURS else 0.0
