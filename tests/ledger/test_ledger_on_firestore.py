"""Some random lives of two instances on one Firestore database; `python -m tests.ledger --firestore` lives more.

And what turns among instances are for: without them it is caught."""

from collections.abc import Callable

import pytest

from tests import emulator
from tests.ledger.guards import without
from tests.ledger.instances import Instances
from tests.ledger.run import run


@pytest.fixture(autouse=True)
def there_is_an_emulator() -> None:
    emulator.running()


Scene = Callable[[Instances], None]


def ends_meanwhile(lives: Instances) -> None:
    lives.redeem_and_meanwhile_at_the_add(channel="streamer", viewer="viewer1", what="end there")


def gets_more_hours_meanwhile(lives: Instances) -> None:
    lives.expire_and_meanwhile(channel="streamer", viewer="viewer1", what="add an hour there")


IN_THE_OTHERS_TURN = {
    "an end in the middle of an add": (ends_meanwhile, "3: .* no session answers for it"),
    "more hours in the middle of a removal": (gets_more_hours_meanwhile, "4: .* nobody else had taken the badge"),
}
"""What is wrong afterwards where it does not wait."""


@pytest.mark.parametrize("scene", [scene for scene, _ in IN_THE_OTHERS_TURN.values()], ids=IN_THE_OTHERS_TURN)
def test_what_concerns_a_viewer_waits_for_the_other_instances_turn(scene: Scene) -> None:
    live(scene)


@pytest.mark.parametrize(("scene", "found"), IN_THE_OTHERS_TURN.values(), ids=IN_THE_OTHERS_TURN)
def test_without_turns_among_instances_it_is_caught(scene: Scene, found: str) -> None:
    with without("turns-among-instances"), pytest.raises(AssertionError, match=found):
        live(scene)


def test_whatever_befalls_two_instances_the_ledger_is_right_when_all_is_calm() -> None:
    run(1, examples=2, steps=30, shrink=False, lives=Instances)


def live(scene: Scene) -> None:
    lives = Instances()
    try:
        scene(lives)
        lives.calm_down()
    finally:
        lives.end_of_life()
