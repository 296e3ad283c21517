"""A life as a table: what it refuses."""

from enum import StrEnum

import pytest

from vip_manager.domain.life import NOTHING, Life, Transition, TransitionRefused, Who


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    GONE = "gone"


class Turn(StrEnum):
    PULL = "pull"
    LOCK = "lock"
    BURN = "burn"


def arrow(before: Door | None, move: Turn, after: Door, *who: Who) -> Transition[Door, Turn]:
    return Transition(before, move, after, frozenset(who), NOTHING, NOTHING, "a door")


SHUT_BY_US = arrow(Door.OPEN, Turn.PULL, Door.SHUT, Who.PROGRAM)
LOCKED_BY_STAFF = arrow(Door.SHUT, Turn.LOCK, Door.SHUT, Who.STAFF)
BURNT_BY_EITHER = arrow(Door.SHUT, Turn.BURN, Door.GONE, Who.PROGRAM, Who.STAFF)
LIFE = Life("door", arrow(None, Turn.PULL, Door.OPEN, Who.PROGRAM), SHUT_BY_US, LOCKED_BY_STAFF, BURNT_BY_EITHER)


def test_one_state_and_move_lead_to_one_place() -> None:
    with pytest.raises(ValueError, match="door"):
        Life("door", SHUT_BY_US, arrow(Door.OPEN, Turn.PULL, Door.GONE, Who.PROGRAM))


@pytest.mark.parametrize(
    ("before", "move", "by", "after"),
    [
        (Door.OPEN, Turn.PULL, None, Door.SHUT),
        (Door.OPEN, Turn.PULL, "", Door.SHUT),
        (Door.SHUT, Turn.LOCK, "1001", Door.SHUT),
        (Door.SHUT, Turn.LOCK, None, Door.SHUT),
        (Door.SHUT, Turn.BURN, "1001", Door.GONE),
        (Door.SHUT, Turn.BURN, "", Door.GONE),
    ],
)
def test_who_may_do_it_gets_there(before: Door, move: Turn, by: str | None, after: Door) -> None:
    assert LIFE.after("d1", before, move, by) is after


@pytest.mark.parametrize(
    ("before", "move", "by"),
    [
        (Door.GONE, Turn.PULL, None),
        (Door.OPEN, Turn.LOCK, "1001"),
        (Door.OPEN, Turn.PULL, "1001"),
        (Door.SHUT, Turn.LOCK, ""),
    ],
)
def test_everything_else_is_refused(before: Door, move: Turn, by: str | None) -> None:
    with pytest.raises(TransitionRefused, match="door d1"):
        LIFE.after("d1", before, move, by)


def test_steps_are_one_move_long() -> None:
    for stored, wanted in [(Door.OPEN, Door.SHUT), (Door.SHUT, Door.GONE), (Door.GONE, Door.GONE)]:
        LIFE.check_step("d1", stored, wanted)
    for stored, wanted in [(Door.OPEN, Door.GONE), (Door.SHUT, Door.OPEN), (Door.GONE, Door.OPEN)]:
        with pytest.raises(TransitionRefused, match="door d1"):
            LIFE.check_step("d1", stored, wanted)
    with pytest.raises(TransitionRefused, match="painted"):
        LIFE.check_step("d1", "painted", Door.OPEN)


def test_the_last_state_is_the_one_that_nothing_leads_out_of() -> None:
    assert LIFE.last == {Door.GONE}
