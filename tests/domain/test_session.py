"""The state machine of a VIP session, move by move; and its hours, in whatever order they come and go."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.records import NOW, credit, granting, hours, session
from vip_manager.domain.life import Hours, TransitionRefused
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.retry import Retry
from vip_manager.domain.rules import VipClock
from vip_manager.domain.session import LIVE, SessionState, VipSession, by_reward
from vip_manager.domain.session_life import SESSION_LIFE, SessionMove
from vip_manager.domain.stream import Stream

PUT_OFF = Retry(3, NOW + hours(1), "unavailable")
Move = SessionMove
GRANTING, ACTIVE, ASIDE, ENDING, ENDED, REFUSED = (
    SessionState.GRANTING,
    SessionState.ACTIVE,
    SessionState.ASIDE,
    SessionState.ENDING,
    SessionState.ENDED,
    SessionState.REFUSED,
)

MOVES: dict[SessionMove, Callable[[VipSession], VipSession]] = {
    Move.ASKED: lambda one: one.asking(NOW),
    Move.BADGE_GONE: lambda one: one.badge_gone(),
    Move.ADDED: lambda one: one.active(NOW),
    Move.CREDITED: lambda one: one.credited(credit("c2"), NOW),
    Move.DEBITED: lambda one: one.debited("c1"),
    Move.UNSEATED: lambda one: one.unseated(NOW),
    Move.SEAT_TAKEN: lambda one: one.giving_seat("s2", NOW),
    Move.VACATED: lambda one: one.vacated(NOW),
    Move.STREAM: lambda one: replace(one, clock=VipClock.LIVE, clock_at=NOW).following(Stream(off_at=NOW)),
    Move.REFUSED: lambda one: one.refused(NOW, Refusal.FULL),
    Move.SET_ASIDE: lambda one: one.set_aside(NOW),
    Move.MODERATOR: lambda one: one.of_moderator(NOW),
    Move.BACK: lambda one: one.back(NOW),
    Move.OVER: lambda one: one.ended(NOW, EndReason.EXPIRED) if one.state is ASIDE else one.ending(EndReason.EXPIRED),
    Move.TAKEN: lambda one: (
        one.ended(NOW, EndReason.BY_HAND, "1001") if one.state is ASIDE else one.ending(EndReason.BY_HAND, "1001")
    ),
    Move.REMOVED: lambda one: one.ended(NOW, EndReason.BY_HAND),
    Move.LOST: lambda one: one.ended(NOW, EndReason.REMOVED_ON_TWITCH),
    Move.MADE_PERMANENT: lambda one: one.ended(NOW, EndReason.MADE_PERMANENT, "1001"),
    Move.LEFT: lambda one: one.ended(NOW, EndReason.LEFT, "1001"),
    Move.TRIED_AGAIN: lambda one: one.tried_again("1001"),
    Move.PUT_OFF: lambda one: one.put_off(PUT_OFF),
}
ARROWS: dict[tuple[SessionState, SessionMove], SessionState] = {
    (GRANTING, Move.ASKED): GRANTING,
    (GRANTING, Move.BADGE_GONE): GRANTING,
    (GRANTING, Move.ADDED): ACTIVE,
    (GRANTING, Move.CREDITED): GRANTING,
    (GRANTING, Move.DEBITED): GRANTING,
    (GRANTING, Move.REFUSED): REFUSED,
    (GRANTING, Move.UNSEATED): REFUSED,
    (ACTIVE, Move.SEAT_TAKEN): ENDING,
    (ENDING, Move.VACATED): ASIDE,
    (GRANTING, Move.VACATED): ASIDE,
    (ENDING, Move.BACK): GRANTING,
    (ENDING, Move.TAKEN): ENDING,
    (ACTIVE, Move.STREAM): ACTIVE,
    (ASIDE, Move.STREAM): ASIDE,
    (GRANTING, Move.TAKEN): ENDING,
    (GRANTING, Move.LOST): ENDED,
    (GRANTING, Move.MODERATOR): ASIDE,
    (GRANTING, Move.PUT_OFF): GRANTING,
    (ACTIVE, Move.CREDITED): ACTIVE,
    (ACTIVE, Move.DEBITED): ACTIVE,
    (ACTIVE, Move.OVER): ENDING,
    (ACTIVE, Move.TAKEN): ENDING,
    (ACTIVE, Move.SET_ASIDE): ASIDE,
    (ACTIVE, Move.MADE_PERMANENT): ENDED,
    (ACTIVE, Move.PUT_OFF): ACTIVE,
    (ASIDE, Move.MODERATOR): ASIDE,
    (ASIDE, Move.BACK): GRANTING,
    (ASIDE, Move.CREDITED): GRANTING,
    (ASIDE, Move.DEBITED): ASIDE,
    (ASIDE, Move.OVER): ENDED,
    (ASIDE, Move.TAKEN): ENDED,
    (ASIDE, Move.LOST): ENDED,
    (ASIDE, Move.PUT_OFF): ASIDE,
    (ENDING, Move.CREDITED): GRANTING,
    (ENDING, Move.DEBITED): ENDING,
    (ENDING, Move.REMOVED): ENDED,
    (ENDING, Move.LOST): ENDED,
    (ENDING, Move.MADE_PERMANENT): ENDED,
    (ENDING, Move.PUT_OFF): ENDING,
    (GRANTING, Move.LEFT): ENDED,
    (ACTIVE, Move.LEFT): ENDED,
    (ASIDE, Move.LEFT): ENDED,
    (ENDING, Move.LEFT): ENDED,
    (GRANTING, Move.TRIED_AGAIN): GRANTING,
    (ENDING, Move.TRIED_AGAIN): ENDING,
}
UNMOVED = {(state, Move.STREAM) for state in SessionState}
"""Where there is no arrow, the stream leaves them as they are."""
FORBIDDEN = [pair for pair in product(SessionState, MOVES) if pair not in ARROWS.keys() | UNMOVED]
ROWS = {(one.before, one.move): one for one in SESSION_LIFE.transitions if one.before}


def test_the_table_has_these_arrows_and_no_other() -> None:
    assert {pair: one.after for pair, one in ROWS.items()} == ARROWS
    assert MOVES.keys() | {Move.STARTED, Move.PUT_ON_CLOCK} == set(SessionMove)


@pytest.mark.parametrize(("state", "move"), ARROWS)
def test_a_move_that_is_allowed(state: SessionState, move: SessionMove) -> None:
    after = MOVES[move](session(state))
    assert after.state is ARROWS[state, move]
    assert after.live is (after.state in {GRANTING, ACTIVE, ASIDE, ENDING})


@pytest.mark.parametrize(("state", "move"), FORBIDDEN)
def test_a_move_that_is_forbidden_raises(state: SessionState, move: SessionMove) -> None:
    with pytest.raises(TransitionRefused, match="s1"):
        MOVES[move](session(state))


@pytest.mark.parametrize(("state", "move"), ARROWS)
def test_hours_come_and_go_as_the_table_says(state: SessionState, move: SessionMove) -> None:
    before = session(state)
    after = MOVES[move](before)
    row = ROWS[state, move]
    gained = {Hours.CREDITED: 24, Hours.TAKEN: -24}.get(row.hours, 0)
    assert after.hours - before.hours == gained
    assert (row.hours is Hours.RUN) is (before.expires_at is None and after.expires_at is not None)
    if after.live and row.hours is not Hours.RUN and move is not Move.TAKEN:
        assert still_to_give(after) - still_to_give(before) == gained


def test_what_is_over_stays_so() -> None:
    assert SESSION_LIFE.last == {ENDED, REFUSED} == set(SessionState) - LIVE


@pytest.mark.parametrize(
    "move",
    [
        lambda: session(ACTIVE).ending(EndReason.EXPIRED, "1001"),
        lambda: session(ACTIVE).ending(EndReason.BY_HAND),
        lambda: session(ACTIVE).ended(NOW, EndReason.MADE_PERMANENT),
        lambda: session(ACTIVE).ended(NOW, EndReason.LEFT),
        lambda: session(ASIDE).ended(NOW, EndReason.REMOVED_ON_TWITCH, "1001"),
        lambda: session(ASIDE).ended(NOW, EndReason.BY_HAND),
        lambda: session(ENDING).ended(NOW, EndReason.EXPIRED, "1001"),
    ],
    ids=[
        "expired by somebody",
        "taken by nobody",
        "made permanent by nobody",
        "left by nobody",
        "lost by us",
        "taken from a moderator by nobody",
        "removed by somebody",
    ],
)
def test_a_move_is_made_only_by_those_who_may(move: Callable[[], VipSession]) -> None:
    with pytest.raises(TransitionRefused, match="s1"):
        move()


@pytest.mark.parametrize("reason", sorted(set(EndReason) - {EndReason.EXPIRED, EndReason.BY_HAND}))
def test_a_removal_is_claimed_for_a_reason_that_removes(reason: EndReason) -> None:
    with pytest.raises(TransitionRefused, match=reason):
        session(ACTIVE).ending(reason, "1001")


@pytest.mark.parametrize("move", [Move.ADDED, Move.TAKEN, Move.LOST, Move.REFUSED])
def test_a_move_makes_the_next_step_due_at_once(move: SessionMove) -> None:
    assert MOVES[move](session(GRANTING).put_off(PUT_OFF)).retry == Retry()


def test_hours_for_an_ending_session_make_the_next_step_due_at_once() -> None:
    assert session(ENDING).put_off(PUT_OFF).credited(credit("c2"), NOW).retry == Retry()


def test_hours_run_from_the_answer() -> None:
    later = NOW + hours(5)
    active = granting(credit(number=2)).asking(NOW).active(later)
    assert (active.granted_at, active.added_at, active.expires_at) == (later, later, later + hours(2))
    assert (active.owed, active.unanswered_at, active.ours) == (0, None, True)


def test_a_second_grant_keeps_the_time_of_the_first() -> None:
    again = session(ENDING).credited(credit("c2", 2), NOW + hours(30)).active(NOW + hours(31))
    assert (again.granted_at, again.added_at) == (NOW, NOW + hours(31))
    assert again.expires_at == NOW + hours(33)


def test_hours_that_come_while_it_ends_keep_what_was_left_and_forget_the_end() -> None:
    ending = session(ACTIVE).ending(EndReason.BY_HAND, "1001")
    again = ending.credited(credit("c2", 2), NOW + hours(4))
    assert (again.owed, again.expires_at) == (22, None)
    assert (again.end_reason, again.ended_by) == (None, "")


def test_hours_that_come_late_run_from_now_and_not_from_the_end() -> None:
    late = NOW + hours(100)
    assert session(ACTIVE).credited(credit("c2", 2), late).expires_at == late + hours(2)
    assert session(ENDING).credited(credit("c2", 2), late).owed == 2


def test_what_was_never_given_owes_nothing_when_it_ends() -> None:
    ending = session(GRANTING).ending(EndReason.BY_HAND, "1001")
    assert (ending.owed, ending.expires_at) == (0, None)
    assert ending.credited(credit("c2", 3), NOW).owed == 3


def test_a_badge_that_is_gone_makes_the_next_one_somebody_elses() -> None:
    asked = session(ENDING).credited(credit("c2"), NOW).asking(NOW)
    assert (asked.ours, asked.unanswered_at, asked.seen_not_vip_at) == (True, NOW, NOW)
    gone = asked.badge_gone()
    assert (gone.ours, gone.unanswered_at) == (False, None)
    assert (asked.may_have_badge, gone.may_have_badge) == (True, False)


def test_a_badge_may_be_ours_once_we_have_asked_for_one_and_until_we_are_told_no() -> None:
    fresh = granting()
    assert not fresh.may_have_badge
    assert fresh.asking(NOW).may_have_badge
    assert session(ENDING).credited(credit("c2"), NOW).may_have_badge


def test_each_add_that_goes_out_is_dated_and_the_look_before_the_first_is_kept() -> None:
    again = granting().asking(NOW).asking(NOW + hours(1))
    assert (again.seen_not_vip_at, again.unanswered_at) == (NOW, NOW + hours(1))


def test_who_ended_it_is_kept_from_the_first_step_to_the_last() -> None:
    ended = session(ACTIVE).ending(EndReason.BY_HAND, "1001").ended(NOW, EndReason.BY_HAND)
    assert (ended.ended_by, ended.ended_at, ended.end_reason) == ("1001", NOW, EndReason.BY_HAND)


@pytest.mark.parametrize("state", SessionState)
def test_only_active_sessions_fall_due_and_only_at_their_end(state: SessionState) -> None:
    assert not session(state).due_to_end(NOW + hours(23.99))
    assert session(state).due_to_end(NOW + hours(24)) is (state in (ACTIVE, ASIDE))


@pytest.mark.parametrize("state", SessionState)
def test_a_credit_that_it_holds_changes_nothing(state: SessionState) -> None:
    assert session(state).credited(credit(), NOW + hours(1)) == session(state)


@pytest.mark.parametrize("state", SessionState)
def test_a_credit_that_it_does_not_hold_can_not_be_taken(state: SessionState) -> None:
    assert session(state).debited("another") == session(state)


def test_a_refund_shortens_by_exactly_its_hours() -> None:
    longer = session(ACTIVE).credited(credit("c2", 5), NOW + hours(1))
    assert longer.expires_at == NOW + hours(29)
    assert longer.debited("c2").expires_at == NOW + hours(24)
    assert longer.debited("c1").expires_at == NOW + hours(5)
    assert longer.debited("c1").credits == (credit("c2", 5),)


def test_a_reward_is_named_in_redeemed_with() -> None:
    assert by_reward("r1") == "reward:r1"


quarters = st.integers(1, 400).map(lambda quarter: quarter / 4)
ids = st.sampled_from("abcdef")
steps = st.lists(
    st.one_of(
        st.tuples(st.just("credit"), ids, quarters),
        st.tuples(st.just("debit"), ids),
        st.tuples(st.just("active")),
        st.tuples(st.just("ending")),
    ),
    max_size=40,
)


def still_to_give(one: VipSession) -> float:
    """The hours that the viewer has yet to have, where no time passes."""
    if one.state is GRANTING:
        return one.owed
    if one.standing:
        return one.left
    assert one.expires_at
    return (one.expires_at - NOW) / hours(1)


@settings(deadline=None, max_examples=200)
@given(quarters, steps)
def test_hours_add_up_in_any_order_and_each_credit_counts_once(first: float, moves: list[tuple[object, ...]]) -> None:
    one = granting(credit("first", first))
    held = {"first": first}
    for move in moves:
        match move:
            case ("credit", str(name), float(number)):
                one = one.credited(credit(name, number), NOW)
                held.setdefault(name, number)
            case ("debit", str(name)):
                one = one.debited(name)
                held.pop(name, None)
            case ("active",) if one.state is GRANTING:
                one = one.asking(NOW).active(NOW)
            case ("ending",) if one.state is ACTIVE:
                one = one.ending(EndReason.EXPIRED)
        assert {taken.id: taken.hours for taken in one.credits} == held
        assert one.hours == sum(held.values())
        assert still_to_give(one) == pytest.approx(sum(held.values()))


@settings(deadline=None, max_examples=200)
@given(quarters, quarters, quarters, st.booleans())
def test_an_extension_never_takes_time_away(bought: float, passed: float, more: float, ending: bool) -> None:
    one = granting(credit("first", bought)).active(NOW)
    one = one.ending(EndReason.EXPIRED) if ending else one
    now = NOW + hours(passed)
    after = one.credited(credit("more", more), now)
    expires_at = after.active(now).expires_at if ending else after.expires_at
    assert expires_at
    assert (expires_at - now) / hours(1) == pytest.approx(max(bought - passed, 0) + more)
