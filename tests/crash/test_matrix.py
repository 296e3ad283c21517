"""kill -9 between any two steps of what the program does, with and without an answer of Twitch lost; then a restart."""

from collections.abc import Iterator

import pytest

from tests.crash.matrix import Matrix, matrix
from tests.crash.scenarios import SCENARIOS
from tests.crash.steps import LOST, changes_something, in_a_transaction


def worth_dying_at(edge: str) -> bool:
    return changes_something(edge) or in_a_transaction(edge)


@pytest.fixture(scope="module")
def found() -> Iterator[Matrix]:
    with matrix() as found:
        yield found


LONG = {
    *("add-hour-expiring", "add-time", "approve", "end-granting", "extend-expiring", "extend-overdue", "give-back"),
    *("leave", "moderator", "refund-elsewhere", "refund-full", "refund-moderator", "take-seat", "wait"),
}
"""Of so many steps that the suite has no time for each with an answer lost, as `make nightly` has."""


@pytest.mark.parametrize("name", sorted(SCENARIOS.keys() - LONG))
def test_killed_between_any_two_steps_it_keeps_its_promises(found: Matrix, name: str) -> None:
    rows = list(found.rows(name))
    plain = rows[0]
    assert plain.commits, "it writes something down"
    assert bool(plain.calls) == SCENARIOS[name].asks_twitch, "it changes something on Twitch"
    assert [row.lost for row in rows] == ["", *plain.calls], "each answer was lost once"
    for row in rows:
        died = [death.edge for death in row.deaths]
        assert died.pop() == "no edge", "it lived once"
        assert died == [edge for edge in row.edges if worth_dying_at(edge) or edge is row.edges[0]]
        assert [edge for edge in row.edges if edge.endswith(LOST)] == ([f"{row.lost}: {LOST}"] if row.lost else [])
        assert row.broken == []


@pytest.mark.parametrize("name", sorted(LONG))
def test_killed_between_any_two_steps_of_a_long_way_it_keeps_its_promises(found: Matrix, name: str) -> None:
    row = next(found.rows(name))
    assert len(row.deaths) > 5
    assert row.broken == []


def test_killed_again_in_the_recovery_of_a_grant_it_keeps_its_promises(found: Matrix) -> None:
    row = found.twice("grant")
    assert len({death.edge for death in row.deaths}) > 5, "at many edges"
    assert len({(death.edge, death.again) for death in row.deaths}) > 30, "and at some after each"
    assert row.broken == []
