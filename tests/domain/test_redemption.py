"""The state machine of a redemption, move by move."""

from collections.abc import Callable
from itertools import product

import pytest

from tests.domain.records import NOW, hours, redemption
from vip_manager.domain.life import Hours, Points, TransitionRefused, Who
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.redemption_life import REDEMPTION_LIFE, RedemptionMove
from vip_manager.domain.retry import Retry
from vip_manager.domain.rules import Held

PUT_OFF = Retry(4, NOW + hours(2), "rate_limited")
Move = RedemptionMove
RECEIVED, HELD, GRANTING, GRANTED, REFUNDING, FULFILLED, CANCELED, KEPT = (
    RedemptionState.RECEIVED,
    RedemptionState.HELD,
    RedemptionState.GRANTING,
    RedemptionState.GRANTED,
    RedemptionState.REFUNDING,
    RedemptionState.FULFILLED,
    RedemptionState.CANCELED,
    RedemptionState.KEPT,
)

MOVES: dict[RedemptionMove, Callable[[Redemption], Redemption]] = {
    Move.HELD: lambda one: one.held_on() if one.held else one.holding(Held.SEAT, NOW, NOW + hours(24)),
    Move.ADMITTED: lambda one: one.admitted(),
    Move.BEGUN: lambda one: one.granting("s1", 24),
    Move.CREDITED: lambda one: one.granted("s1", 24),
    Move.REFUSED: lambda one: one.refunding(Refusal.FULL),
    Move.GIVING_BACK: lambda one: one.giving_back("1001"),
    Move.FULFILLED: lambda one: one.fulfilled(NOW),
    Move.CANCELED: lambda one: one.canceled(NOW),
    Move.KEPT: lambda one: one.kept(NOW),
    Move.REOPENED: lambda one: one.reopened(),
    Move.DISMISSED: lambda one: one.dismissed(NOW),
    Move.TRIED_AGAIN: lambda one: one.tried_again(),
    Move.PUT_OFF: lambda one: one.put_off(PUT_OFF),
}
ARROWS = {
    (RECEIVED, Move.HELD): HELD,
    (HELD, Move.HELD): HELD,
    (HELD, Move.ADMITTED): RECEIVED,
    (HELD, Move.REFUSED): REFUNDING,
    (HELD, Move.CANCELED): CANCELED,
    (HELD, Move.PUT_OFF): HELD,
    (GRANTING, Move.HELD): HELD,
    (GRANTING, Move.ADMITTED): RECEIVED,
    (RECEIVED, Move.BEGUN): GRANTING,
    (RECEIVED, Move.CREDITED): GRANTED,
    (RECEIVED, Move.REFUSED): REFUNDING,
    (RECEIVED, Move.CANCELED): CANCELED,
    (RECEIVED, Move.PUT_OFF): RECEIVED,
    (GRANTING, Move.CREDITED): GRANTED,
    (GRANTING, Move.REFUSED): REFUNDING,
    (GRANTING, Move.PUT_OFF): GRANTING,
    (GRANTED, Move.GIVING_BACK): GRANTED,
    (GRANTED, Move.FULFILLED): FULFILLED,
    (GRANTED, Move.CANCELED): CANCELED,
    (GRANTED, Move.PUT_OFF): GRANTED,
    (REFUNDING, Move.CANCELED): CANCELED,
    (REFUNDING, Move.KEPT): KEPT,
    (REFUNDING, Move.PUT_OFF): REFUNDING,
    (KEPT, Move.REOPENED): RECEIVED,
    (KEPT, Move.DISMISSED): KEPT,
    **{(state, Move.TRIED_AGAIN): state for state in (RECEIVED, HELD, GRANTING, GRANTED, REFUNDING)},
}
FORBIDDEN = sorted(set(product(RedemptionState, MOVES)) - ARROWS.keys())
ROWS = {(one.before, one.move): one for one in REDEMPTION_LIFE.transitions if one.before}


def test_the_table_has_these_arrows_and_no_other() -> None:
    assert {pair: one.after for pair, one in ROWS.items()} == ARROWS
    assert MOVES.keys() | {Move.WRITTEN_DOWN} == set(RedemptionMove)


@pytest.mark.parametrize(("state", "move"), sorted(ARROWS))
def test_a_move_that_is_allowed(state: RedemptionState, move: RedemptionMove) -> None:
    before = redemption(state)
    before = before.put_off(Retry(3, NOW + hours(1), "unavailable")) if before.open else before
    after = MOVES[move](before)
    assert after.state is ARROWS[state, move]
    held = Retry(next_at=NOW + hours(24))
    due = held if after.held else Retry()
    stands = {Move.PUT_OFF: PUT_OFF, Move.TRIED_AGAIN: before.retry}
    assert after.retry == stands.get(move, due), "the next step is due at once"
    assert after.settled_at == (None if after.open else NOW)


@pytest.mark.parametrize(("state", "move"), FORBIDDEN)
def test_a_move_that_is_forbidden_raises(state: RedemptionState, move: RedemptionMove) -> None:
    with pytest.raises(TransitionRefused, match="x1"):
        MOVES[move](redemption(state))


@pytest.mark.parametrize(("state", "move"), sorted(ARROWS))
def test_the_hours_it_is_worth_come_and_go_as_the_table_says(state: RedemptionState, move: RedemptionMove) -> None:
    before = redemption(state)
    after = MOVES[move](before)
    match ROWS[state, move].hours:
        case Hours.CREDITED:
            assert (before.hours, after.hours, after.session_id) == (0, 24, "s1")
        case Hours.TAKEN:
            assert (before.hours, after.hours) == (24, 0)
        case _:
            assert after.hours == before.hours


def test_points_are_held_as_long_as_it_is_open() -> None:
    for one in REDEMPTION_LIFE.transitions:
        assert (one.points is Points.HELD) is redemption(one.after).open
        assert (one.points is Points.BACK) is (one.after is CANCELED)


def test_what_is_settled_stays_so_unless_the_streamer_says_otherwise() -> None:
    assert {state for state in RedemptionState if not redemption(state).open} == {FULFILLED, CANCELED, KEPT}
    assert REDEMPTION_LIFE.last == {FULFILLED, CANCELED}
    assert {one.who for one in REDEMPTION_LIFE.transitions if one.before is KEPT} == {frozenset({Who.STAFF})}


@pytest.mark.parametrize("state", [CANCELED, KEPT, REFUNDING])
def test_points_that_go_back_are_worth_no_hours(state: RedemptionState) -> None:
    assert redemption(state).hours == 0


def test_a_refund_lets_go_of_the_session() -> None:
    refunding = redemption(GRANTING).refunding(Refusal.DECLINED)
    assert (refunding.session_id, refunding.hours, refunding.refusal) == ("", 0, Refusal.DECLINED)


def test_putting_off_moves_nothing() -> None:
    later = Retry(1, NOW, "unavailable")
    put_off = redemption(GRANTING).put_off(later)
    assert (put_off.state, put_off.hours, put_off.retry) == (GRANTING, 24, later)
