"""Each thing that can be wrong is found where it is planted, and nothing else; a mend leaves nothing to find."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.domain.records import CHANNEL, NOW, credit, hours, redemption, session
from vip_manager.domain.account import Account, SignIn
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.books import Books, Check, Finding, Flaw
from vip_manager.domain.integrity import find
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import Credit, SessionState, VipSession, by_reward

PAID = Credit("x1", by_reward("r1"), 24.0, NOW)
ACCOUNT = Account("1001", "streamer", "Streamer")


def line(action: Action, **detail: Any) -> AuditEntry:
    return AuditEntry(f"a-{action}-{len(detail)}", "1001", NOW, action, detail=detail)


def until(at_hours: float) -> str:
    return (NOW + hours(at_hours)).isoformat()


def active(*credits: Credit) -> VipSession:
    given = credits or (PAID,)
    end = NOW + hours(sum(one.hours for one in given))
    return replace(session(SessionState.ACTIVE), credits=given, expires_at=end)


LOG = (
    line(Action.REDEEMED, redemption_id="x1"),
    line(Action.GRANTED, session_id="s1", hours=24.0, until=until(24)),
    line(Action.FULFILLED, redemption_id="x1"),
)
SOUND = Books(
    accounts=[ACCOUNT],
    sign_ins=[SignIn("hash-of-a-cookie", "1001", NOW, NOW + hours(1))],
    channels=[CHANNEL],
    sessions=[active()],
    redemptions=[redemption(RedemptionState.FULFILLED)],
    audit=LOG,
)
FULFILLED = SOUND.redemptions[0]
RETURNED = replace(FULFILLED, state=RedemptionState.CANCELED, hours=0.0)
TAKEN_BACK = line(Action.TAKEN_BACK, redemption_id="x1", hours=24.0)
OTHER = replace(active(), id="s2", user_id="3002")
OTHER_GRANTED = line(Action.GRANTED, session_id="s2", hours=24.0, until=until(24))


def with_session(one: VipSession, *more: VipSession) -> Books:
    return replace(SOUND, sessions=[one, *more])


def with_redemption(one: Redemption) -> Books:
    return replace(SOUND, redemptions=[one])


def without(action: Action, books: Books = SOUND) -> Books:
    return replace(books, audit=[entry for entry in books.audit if entry.action is not action])


def logged(books: Books, *more: AuditEntry) -> Books:
    return replace(books, audit=[*books.audit, *more])


SHORTER = replace(active(), expires_at=NOW + hours(20))
LONGER = replace(active(), expires_at=NOW + hours(30))

PLANTED: list[tuple[str, Check, Books, bool]] = [
    (
        "what an earlier system wrote",
        Check.EARLIER,
        replace(SOUND, flaws=[Flaw(Check.EARLIER, "vipSessions", "s1", "an earlier system wrote it", "takes it over")]),
        True,
    ),
    (
        "what it wrote and nobody can read",
        Check.EARLIER,
        replace(SOUND, flaws=[Flaw(Check.EARLIER, "vipSessions", "s1", "an earlier system wrote it, and ...")]),
        False,
    ),
    (
        "a live session without its claim",
        Check.CLAIM,
        replace(SOUND, flaws=[Flaw(Check.CLAIM, "vipSessions", "s1", "live without its claim", "writes it")]),
        True,
    ),
    (
        "a channel that is not found by its login",
        Check.DUE,
        replace(SOUND, flaws=[Flaw(Check.DUE, "channels", "1001", "'loginLower' is wrong", "writes it anew")]),
        True,
    ),
    ("a damaged file", Check.DAMAGED, replace(SOUND, flaws=[Flaw(Check.DAMAGED, "file", "", "a page is lost")]), False),
    (
        "an unreadable channel",
        Check.UNREADABLE,
        replace(SOUND, channels=[], flaws=[Flaw(Check.UNREADABLE, "channels", "1001", "field 'login' can't be read")]),
        False,
    ),
    (
        "an unreadable redemption, of which its session knows",
        Check.UNREADABLE,
        replace(SOUND, redemptions=[], flaws=[Flaw(Check.UNREADABLE, "redemptions", "x1", "is no document")]),
        False,
    ),
    (
        "an unreadable session, which its redemption names",
        Check.UNREADABLE,
        replace(SOUND, sessions=[], flaws=[Flaw(Check.UNREADABLE, "vipSessions", "s1", "is no document")]),
        False,
    ),
    ("dead seals", Check.UNSEALED, replace(SOUND, flaws=[Flaw(Check.UNSEALED, "users", "1001", "don't open")]), False),
    ("another due time", Check.DUE, replace(SOUND, flaws=[Flaw(Check.DUE, "vipSessions", "s1", "is not so")]), True),
    ("a badge that nobody claims", Check.INCOMPLETE, with_session(replace(active(), ours=False)), False),
    ("settled at no time", Check.INCOMPLETE, with_redemption(replace(FULFILLED, settled_at=None)), False),
    (
        "ended for no reason",
        Check.INCOMPLETE,
        logged(
            with_session(replace(session(SessionState.ENDED), credits=(PAID,), end_reason=None)),
            line(Action.ENDED, session_id="s1"),
        ),
        False,
    ),
    ("without an end", Check.ENDLESS, with_session(replace(active(), expires_at=None)), True),
    ("too early an end", Check.END, with_session(SHORTER), True),
    ("too late an end", Check.END, with_session(LONGER), False),
    ("an end that the log tells and no hours pay for", Check.END, logged(with_session(LONGER), LOG[1]), False),
    (
        "an end that only the log's wrong line tells",
        Check.END,
        logged(with_session(LONGER), line(Action.EXTENDED, session_id="s1", until=until(30))),
        False,
    ),
    (
        "a second live session",
        Check.TWO_LIVE,
        logged(with_session(active(), replace(OTHER, user_id="3001", credits=(credit("c9"),))), OTHER_GRANTED),
        False,
    ),
    ("hours that are nowhere", Check.UNCREDITED, with_session(active(credit("c1"))), False),
    ("the wrong session's name", Check.UNCREDITED, with_redemption(replace(FULFILLED, session_id="s9")), True),
    ("no session's name", Check.UNCREDITED, with_redemption(replace(FULFILLED, session_id="")), True),
    (
        "somebody else's session",
        Check.UNCREDITED,
        logged(
            replace(with_session(active(credit("c1")), OTHER), redemptions=[replace(FULFILLED, session_id="s2")]),
            OTHER_GRANTED,
        ),
        False,
    ),
    ("one credit twice on a session", Check.TWICE, with_session(replace(active(), credits=(PAID, PAID))), False),
    (
        "one redemption on two sessions",
        Check.TWICE,
        logged(with_session(active(), OTHER), OTHER_GRANTED),
        False,
    ),
    (
        "hours of points that were given back",
        Check.GIVEN_BACK,
        logged(replace(SOUND, redemptions=[RETURNED]), line(Action.REFUNDED, redemption_id="x1")),
        True,
    ),
    ("hours before they were decided", Check.GIVEN_BACK, with_redemption(redemption(RedemptionState.RECEIVED)), False),
    ("other hours than credited", Check.HOURS, with_redemption(replace(FULFILLED, hours=12.0)), True),
    (
        "hours of a refund",
        Check.HOURS,
        logged(
            replace(SOUND, sessions=[], redemptions=[replace(RETURNED, session_id="", hours=24.0)]),
            line(Action.REFUNDED, redemption_id="x1"),
        ),
        True,
    ),
    ("a credit without a redemption", Check.UNKNOWN_CREDIT, replace(SOUND, redemptions=[]), False),
    (
        "a refund that names a session which is gone",
        Check.LOST_SESSION,
        logged(replace(SOUND, sessions=[], redemptions=[RETURNED]), line(Action.REFUNDED, redemption_id="x1")),
        True,
    ),
    ("no line of the grant", Check.UNLOGGED, without(Action.GRANTED), True),
    ("no line of the redemption", Check.UNLOGGED, without(Action.REDEEMED), True),
    ("no line of the settlement", Check.UNLOGGED, without(Action.FULFILLED), True),
    ("no line of the end", Check.UNLOGGED, with_session(replace(session(SessionState.ENDED), credits=(PAID,))), True),
    ("no channel", Check.ORPHAN, replace(SOUND, channels=[]), False),
    ("no account", Check.ORPHAN, replace(SOUND, accounts=[], sign_ins=[]), False),
    ("a stranger's sign-in", Check.ORPHAN, replace(SOUND, sign_ins=[SignIn("hash", "9", NOW, NOW)]), False),
]


def test_each_check_has_something_planted_for_it() -> None:
    assert {check for _, check, _, _ in PLANTED} == set(Check)


@pytest.mark.parametrize(("check", "books", "mendable"), [pytest.param(*rest, id=name) for name, *rest in PLANTED])
def test_what_is_planted_is_found_and_nothing_else(check: Check, books: Books, mendable: bool) -> None:
    found = find(books)
    assert {finding.check for finding in found} == {check}
    assert [bool(finding.remedy) for finding in found] == [mendable] * len(found)
    assert all(finding.remedy or finding.advice for finding in found)


def mended(books: Books, finding: Finding) -> Books:
    """As the verb writes it: the record, and a line that says so."""
    assert finding.mend is not None
    record = finding.mend.record
    detail = {"check": finding.check.value, **finding.mend.detail}
    if isinstance(record, Redemption):
        entry = line(Action.REPAIRED, **{"redemption_id": record.id, **detail})
        return logged(replace(books, redemptions=[record]), entry)
    sessions = [record if one.id == record.id else one for one in books.sessions]
    end = record.expires_at and record.expires_at.isoformat()
    return logged(replace(books, sessions=sessions), line(Action.REPAIRED, session_id="s1", until=end, **detail))


@pytest.mark.parametrize("books", [pytest.param(books, id=name) for name, _, books, mends in PLANTED if mends])
def test_what_is_mended_is_sound(books: Books) -> None:
    [finding] = find(books)
    if finding.flaw is not None:
        # The store's own to mend: tests/store/test_mending.py.
        assert find(replace(books, flaws=[])) == []
        return
    # What only the store sees is gone once the record is written anew.
    assert find(replace(mended(books, finding), flaws=[])) == []


@pytest.mark.parametrize("hours_taken", [1e300, float("nan"), 8e6])
def test_whatever_stands_in_the_log_nothing_dies_of_it(hours_taken: float) -> None:
    odd = line(Action.TAKEN_BACK, session_id="s1", redemption_id=["p1"], hours=hours_taken)
    long = replace(active(PAID, Credit("c2", "manual", 1e7, NOW)), expires_at=datetime(9999, 12, 31, tzinfo=UTC))
    find(logged(with_session(long), line(Action.REPAIRED, of=[], session_id={}), odd))
    assert long.debited("c2").expires_at is not None


def test_the_hours_of_a_refund_are_taken_off_once_whoever_has_said_so() -> None:
    """The refund was told, and its hours stayed: the log's end is the earlier one already."""
    extra = Credit("c2", "manual", 10.0, NOW)
    extended = line(Action.EXTENDED, session_id="s1", hours=10.0, until=until(34))
    books = logged(replace(with_session(active(PAID, extra)), redemptions=[RETURNED]), extended, TAKEN_BACK)
    assert {finding.check for finding in find(books)} == {Check.END, Check.GIVEN_BACK}
    [given_back] = [finding for finding in find(books) if finding.mend]
    assert given_back.mend is not None
    assert isinstance(given_back.mend.record, VipSession)
    assert given_back.mend.record.expires_at == NOW + hours(10)
    assert find(mended(books, given_back)) == []


def extended_when_it_was_over() -> Books:
    late = Credit("c2", "manual", 10.0, NOW + hours(30))
    one = replace(active(PAID, late), expires_at=NOW + hours(40))
    return logged(with_session(one), line(Action.EXTENDED, session_id="s1", hours=10.0, until=until(40)))


def refunded() -> Books:
    extra = Credit("c2", "manual", 10.0, NOW)
    entries = (line(Action.EXTENDED, session_id="s1", hours=10.0, until=until(34)), TAKEN_BACK)
    return logged(replace(with_session(active(extra)), redemptions=[RETURNED]), *entries)


def refused() -> Books:
    """Who had paid is told of; the session keeps the credit, which nobody has had."""
    sessions = [replace(session(SessionState.REFUSED), credits=(PAID,))]
    entries = [LOG[0], *(line(action, redemption_id="x1") for action in (Action.REFUSED, Action.REFUNDED))]
    redemptions = [redemption(RedemptionState.CANCELED)]
    return replace(SOUND, sessions=sessions, redemptions=redemptions, audit=entries)


def refunded_after_the_end() -> Books:
    ended = replace(active(), state=SessionState.ENDED, ended_at=NOW, end_reason=EndReason.BY_HAND)
    return logged(replace(with_session(ended), redemptions=[RETURNED]), line(Action.ENDED, session_id="s1"), TAKEN_BACK)


def of_an_earlier_system() -> Books:
    one = VipSession("s0", "1001", "3001", "viewer1", "Viewer1", "reward:r0", NOW, state=SessionState.ENDED)
    return with_session(active(), replace(one, granted_at=NOW, expires_at=NOW + hours(1)))


def clock_set_back() -> Books:
    """Lines count in the order in which they were written, whatever the clock said."""
    extra = Credit("c2", "manual", 10.0, NOW - hours(1))
    entry = line(Action.EXTENDED, session_id="s1", hours=10.0, until=until(34))
    return logged(with_session(active(PAID, extra)), replace(entry, at=NOW - timedelta(hours=1)))


@pytest.mark.parametrize(
    "books",
    [
        lambda: SOUND,
        Books,
        extended_when_it_was_over,
        refunded,
        refused,
        refunded_after_the_end,
        of_an_earlier_system,
        clock_set_back,
    ],
)
def test_what_is_sound_is_left_alone(books: Callable[[], Books]) -> None:
    assert find(books()) == []


def test_a_finding_says_whose_it_is_and_since_when() -> None:
    [finding] = find(with_session(SHORTER))
    assert finding.place == "vipSessions/s1"
    assert (finding.channel_id, finding.user_id, finding.username, finding.since) == ("1001", "3001", "Viewer1", NOW)


def test_findings_come_in_the_order_of_the_checks() -> None:
    found = find(replace(with_session(SHORTER), audit=LOG[1:], sign_ins=[SignIn("hash", "9", NOW, NOW)]))
    assert [finding.check for finding in found] == [Check.END, Check.UNLOGGED, Check.ORPHAN]
