"""The table of faults, in the order of the walk."""

from collections.abc import Iterator

from tests.services.faults import (
    add,
    by_hand,
    catch_up,
    fulfil,
    give_back,
    hear,
    late,
    look,
    moderators,
    more_time,
    remove,
    tokens,
    while_vip,
)
from tests.services.faults.row import Play, Row, Step

STEPS: tuple[Step, ...] = (
    hear.STEP,
    look.STEP,
    add.STEP,
    fulfil.STEP,
    give_back.STEP,
    more_time.STEP,
    while_vip.STEP,
    moderators.STEP,
    remove.STEP,
    catch_up.STEP,
    late.STEP,
    by_hand.WAITS,
    by_hand.RUNS,
    by_hand.KEPT,
    tokens.STEP,
)


def tried() -> Iterator[tuple[str, Step, Row, Play]]:
    """Each way of each row, with its name."""
    for step in STEPS:
        for row in step.rows:
            for way, play in row.ways.items():
                yield ": ".join(filter(None, [step.title, row.fault, way])), step, row, play
