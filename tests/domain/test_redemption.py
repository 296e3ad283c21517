"""The state machine of a redemption, move by move."""

from collections.abc import Callable
from itertools import product

import pytest

from tests.domain.records import NOW, hours, redemption
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption, RedemptionState, TransitionRefused
from vip_manager.domain.retry import Retry

RECEIVED, GRANTING, GRANTED, REFUNDING, FULFILLED, CANCELED, KEPT = (
    RedemptionState.RECEIVED,
    RedemptionState.GRANTING,
    RedemptionState.GRANTED,
    RedemptionState.REFUNDING,
    RedemptionState.FULFILLED,
    RedemptionState.CANCELED,
    RedemptionState.KEPT,
)

MOVES: dict[RedemptionState, Callable[[Redemption], Redemption]] = {
    GRANTING: lambda one: one.granting("s1", 24),
    GRANTED: lambda one: one.granted("s1", 24),
    REFUNDING: lambda one: one.refunding(Refusal.FULL),
    FULFILLED: lambda one: one.fulfilled(NOW),
    CANCELED: lambda one: one.canceled(NOW),
    KEPT: lambda one: one.kept(NOW),
}
ARROWS = {
    (RECEIVED, GRANTING),
    (RECEIVED, GRANTED),
    (RECEIVED, REFUNDING),
    (RECEIVED, CANCELED),
    (GRANTING, GRANTED),
    (GRANTING, REFUNDING),
    (GRANTING, CANCELED),
    (GRANTED, FULFILLED),
    (GRANTED, CANCELED),
    (REFUNDING, CANCELED),
    (REFUNDING, KEPT),
}
FORBIDDEN = sorted(set(product(RedemptionState, MOVES)) - ARROWS)


@pytest.mark.parametrize(("state", "wanted"), sorted(ARROWS))
def test_a_move_that_is_allowed(state: RedemptionState, wanted: RedemptionState) -> None:
    after = MOVES[wanted](redemption(state).put_off(Retry(3, NOW + hours(1), "unavailable")))
    assert after.state is wanted
    assert after.retry == Retry(), "the next step is due at once"
    assert after.open is (wanted in {GRANTING, GRANTED, REFUNDING})
    assert after.settled_at == (None if after.open else NOW)


@pytest.mark.parametrize(("state", "wanted"), FORBIDDEN)
def test_a_move_that_is_forbidden_raises(state: RedemptionState, wanted: RedemptionState) -> None:
    with pytest.raises(TransitionRefused, match="x1"):
        MOVES[wanted](redemption(state))


def test_what_is_settled_stays_so() -> None:
    assert {state for state in RedemptionState if not redemption(state).open} == {FULFILLED, CANCELED, KEPT}
    assert not {state for state, _ in ARROWS} & {FULFILLED, CANCELED, KEPT}


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
