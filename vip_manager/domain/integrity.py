"""Compares what is stored with itself: sessions with redemptions, both with the audit log. Pure; changes nothing.

A mend is proposed only where it takes nothing from a viewer but what was given back, and where one of the two sides is
known to be right. What is under way at this moment is not wrong: every step of a redemption is one commit.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from vip_manager.domain import integrity_log, integrity_time
from vip_manager.domain.books import (
    CHANNELS,
    REDEMPTIONS,
    SESSIONS,
    SIGN_INS,
    USERS,
    Books,
    Check,
    Finding,
    Mend,
    about,
    from_earlier_system,
)
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import REWARD, RUNNING, Credit, SessionState, VipSession

COUNTED = frozenset({RedemptionState.GRANTING, RedemptionState.GRANTED, RedemptionState.FULFILLED})
"""Their hours are on a session."""
GIVEN_BACK = frozenset({RedemptionState.REFUNDING, RedemptionState.CANCELED})
SETTLED = frozenset({RedemptionState.FULFILLED, RedemptionState.CANCELED, RedemptionState.KEPT})

_RESTORE = "restore the document from a backup"
_ASK = "compare with the channel's history, then end or extend by hand on the dashboard"


def find(books: Books) -> list[Finding]:
    """Everything wrong, in the order of `Check`."""
    review = _Review(books)
    found = [
        *review.flaws(),
        *review.incomplete(),
        *integrity_time.ends(books),
        *review.two_live(),
        *review.uncredited(),
        *review.twice(),
        *review.given_back(),
        *review.hours(),
        *review.unknown_credits(),
        *review.lost_sessions(),
        *integrity_log.unlogged(books),
        *review.orphans(),
    ]
    order = list(Check)
    return sorted(found, key=lambda finding: order.index(finding.check))


class _Review:
    def __init__(self, books: Books) -> None:
        self._books = books
        self._sessions = {session.id: session for session in books.sessions}
        self._redemptions = {redemption.id: redemption for redemption in books.redemptions}
        self._holders: dict[str, list[VipSession]] = defaultdict(list)
        for session in books.sessions:
            for credit_id in {credit.id for credit in session.credits}:
                self._holders[credit_id].append(session)

    def flaws(self) -> Iterator[Finding]:
        for flaw in self._books.flaws:
            place = f"{flaw.collection}/{flaw.id}" if flaw.id else flaw.collection
            record = self._record(flaw.collection, flaw.id)
            advice = _ADVICE.get(flaw.check, _RESTORE)
            if record is None:
                user_id = flaw.id if flaw.collection == USERS else ""
                yield Finding(flaw.check, place, flaw.problem, user_id=user_id, advice=advice, flaw=flaw)
            elif flaw.check in (Check.EARLIER, Check.CLAIM):
                # To write such a record anew would mend nothing.
                yield replace(about(record, flaw.check, flaw.problem, advice=advice), flaw=flaw)
            else:
                yield about(record, flaw.check, flaw.problem, mend=Mend(record, "writes it anew"))

    def incomplete(self) -> Iterator[Finding]:
        for record in _records(self._books):
            missing = _missing(record)
            if missing:
                problem = f"{record.state} without {' and '.join(missing)}"
                yield about(record, Check.INCOMPLETE, problem, advice=_RESTORE)

    def two_live(self) -> Iterator[Finding]:
        live = defaultdict(list)
        for session in self._books.sessions:
            if session.live:
                live[session.channel_id, session.user_id].append(session)
        for first, *others in live.values():
            for other in others:
                yield about(other, Check.TWO_LIVE, f"live beside {SESSIONS}/{first.id}", advice=_ASK)

    def uncredited(self) -> Iterator[Finding]:
        unreadable = self._books.unreadable(SESSIONS)
        for redemption in self._books.redemptions:
            named = self._sessions.get(redemption.session_id)
            if redemption.state not in COUNTED or redemption.session_id in unreadable:
                continue
            if named and _same_viewer(named, redemption) and named.holds(redemption.id):
                continue
            problem = f"{redemption.state}, but its hours are not on the session that it names"
            holders = [one for one in self._holders[redemption.id] if _same_viewer(one, redemption)]
            mend = None
            if len(holders) == 1:
                [holder] = holders
                mend = Mend(replace(redemption, session_id=holder.id), f"names {holder.id}, which holds them")
            advice = "give the viewer the hours by hand, or the points back"
            yield about(redemption, Check.UNCREDITED, problem, mend=mend, advice=advice)

    def twice(self) -> Iterator[Finding]:
        for session in self._books.sessions:
            for credit_id, times in Counter(credit.id for credit in session.credits).items():
                if times > 1:
                    yield about(session, Check.TWICE, f"credit {credit_id} counts {times} times", advice=_ASK)
        for credit_id, holders in self._holders.items():
            paid = [one for one in holders if any(_paid(credit) for credit in one.credits if credit.id == credit_id)]
            for other in paid[1:]:
                problem = f"redemption {credit_id} counts here and in {SESSIONS}/{paid[0].id}"
                yield about(other, Check.TWICE, problem, advice=_ASK)

    def given_back(self) -> Iterator[Finding]:
        for session, credit, redemption in self._credited():
            if redemption.state in GIVEN_BACK and session.live:
                mend = Mend(
                    session.debited(credit.id),
                    f"takes its {credit.hours:g} h off",
                    {"redemption_id": credit.id, "hours": credit.hours},
                )
                problem = f"holds {credit.hours:g} h of redemption {credit.id}, which is {redemption.state}"
                yield about(session, Check.GIVEN_BACK, problem, mend=mend)
            elif redemption.state in (RedemptionState.RECEIVED, RedemptionState.HELD) or (
                redemption.state is RedemptionState.KEPT and session.live
            ):
                problem = f"holds {credit.hours:g} h of redemption {credit.id}, which is {redemption.state}"
                yield about(session, Check.GIVEN_BACK, problem, advice=_ASK)

    def hours(self) -> Iterator[Finding]:
        for session, credit, redemption in self._credited():
            if redemption.state in COUNTED and redemption.session_id == session.id and redemption.hours != credit.hours:
                problem = f"says {redemption.hours:g} h, its session {credit.hours:g} h"
                mend = Mend(replace(redemption, hours=credit.hours), f"says {credit.hours:g} h here too")
                yield about(redemption, Check.HOURS, problem, mend=mend)
        for redemption in self._books.redemptions:
            if redemption.state not in COUNTED and redemption.hours:
                problem = f"{redemption.state}, and says {redemption.hours:g} h"
                mend = Mend(replace(redemption, hours=0.0), "says 0 h")
                yield about(redemption, Check.HOURS, problem, mend=mend)

    def unknown_credits(self) -> Iterator[Finding]:
        known = self._redemptions.keys() | self._books.unreadable(REDEMPTIONS)
        for session in self._books.sessions:
            for credit in session.credits:
                if _paid(credit) and credit.id not in known:
                    problem = f"holds {credit.hours:g} h of redemption {credit.id}, which is not stored"
                    yield about(session, Check.UNKNOWN_CREDIT, problem, advice=_RESTORE)

    def lost_sessions(self) -> Iterator[Finding]:
        known = self._sessions.keys() | self._books.unreadable(SESSIONS) | {""}
        for redemption in self._books.redemptions:
            if redemption.state not in COUNTED and redemption.session_id not in known:
                problem = f"{redemption.state}, and names session {redemption.session_id}, which is not stored"
                mend = Mend(replace(redemption, session_id=""), "names none")
                yield about(redemption, Check.LOST_SESSION, problem, mend=mend)

        for session in self._books.sessions:
            if session.seatless and session.seat_taken_by not in known - {""}:
                problem = f"gave its seat to session {session.seat_taken_by or '?'}, which is not stored"
                yield about(session, Check.LOST_SESSION, problem, advice="end it by hand, or wait for a free seat")

    def orphans(self) -> Iterator[Finding]:
        channels = {channel.id for channel in self._books.channels} | self._books.unreadable(CHANNELS)
        accounts = {account.id for account in self._books.accounts} | self._books.unreadable(USERS)
        again = "the person signs in again"
        belonging = Counter(record.channel_id for record in _records(self._books))
        for channel_id, records in belonging.items():
            if channel_id not in channels:
                problem = f"{records} sessions and redemptions of a channel that is not stored"
                yield Finding(Check.ORPHAN, f"{CHANNELS}/{channel_id}", problem, channel_id, advice=again)
        for channel in self._books.channels:
            if channel.id not in accounts:
                problem = "the streamer's account is not stored"
                place = f"{CHANNELS}/{channel.id}"
                yield Finding(Check.ORPHAN, place, problem, channel.id, channel.id, channel.username, advice=again)
        for sign_in in self._books.sign_ins:
            if sign_in.user_id not in accounts:
                place = f"{SIGN_INS}/{sign_in.id[:8]}…"
                problem, advice = "a sign-in of an account that is not stored", f"it ends by itself, or {again}"
                since = sign_in.created_at
                yield Finding(Check.ORPHAN, place, problem, user_id=sign_in.user_id, since=since, advice=advice)

    def _record(self, collection: str, record_id: str) -> VipSession | Redemption | None:
        if collection == SESSIONS:
            return self._sessions.get(record_id)
        return self._redemptions.get(record_id) if collection == REDEMPTIONS else None

    def _credited(self) -> Iterable[tuple[VipSession, Credit, Redemption]]:
        for session in self._books.sessions:
            for credit in session.credits:
                redemption = self._redemptions.get(credit.id)
                if redemption is not None:
                    yield session, credit, redemption


_ADVICE = {
    Check.DAMAGED: "stop the program and restore a backup of the file",
    Check.EARLIER: "mend that field by hand, then run this again; or delete the document",
    Check.CLAIM: "end all but one of the viewer's live sessions by hand, then run this again",
    Check.UNSEALED: "name the earlier secret in APP_SECRET_PREVIOUS, or let the person sign in again",
}


def _records(books: Books) -> Iterator[VipSession | Redemption]:
    yield from books.sessions
    yield from books.redemptions


def _same_viewer(session: VipSession, redemption: Redemption) -> bool:
    return (session.channel_id, session.user_id) == (redemption.channel_id, redemption.user_id)


def _paid(credit: Credit) -> bool:
    return credit.source.startswith(REWARD)


def _missing(record: VipSession | Redemption) -> list[str]:
    """What its state needs and it lacks; an ACTIVE session's end has a check of its own."""
    needs: dict[str, object] = {}
    if isinstance(record, Redemption):
        if record.state in SETTLED:
            needs["the time of its settlement"] = record.settled_at
        if record.state is RedemptionState.REFUNDING:
            needs["a reason"] = record.refusal
        if record.held:
            needs["what it waits for, and until when"] = record.held_for and record.held_until
    elif record.state is SessionState.ACTIVE:
        needs = {"the time of its grant": record.granted_at and record.added_at, "a claim to its badge": record.ours}
    elif record.state is SessionState.ASIDE:
        needs = {"the time of its grant": record.granted_at, "when its badge was gone": record.aside_at}
    elif record.state is SessionState.ENDING:
        needs["a reason"] = record.end_reason
    elif record.state is SessionState.REFUSED:
        needs = {"a reason": record.refusal, "the time of its refusal": record.ended_at}
    elif record.state is SessionState.ENDED and not from_earlier_system(record):
        needs = {"a reason": record.end_reason, "the time of its end": record.ended_at}
    if isinstance(record, VipSession) and record.state in RUNNING and record.by_stream:
        needs["when its clock began to run or to stand"] = record.clock_at
    return [what for what, there in needs.items() if not there]
