"""Every row of docs/faults.md is true: on Twitch, in the books, on the dashboard, in the log, to the end of time."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.ledger.judge import broken, past_the_end
from tests.ledger.stage import fast_directory
from tests.services.faults.outcome import Soon
from tests.services.faults.row import Play, Row, Step
from tests.services.faults.scene import A_MINUTE, Scene
from tests.services.faults.table import STEPS, tried
from vip_manager.domain.session import SessionState

TRIED = list(tried())
FOR_EVER = 3000.0


@pytest.fixture
def scene() -> Iterator[Scene]:
    with fast_directory() as directory:
        scene = Scene(Path(directory))
        try:
            yield scene
        finally:
            scene.close()


def test_every_row_is_tried_under_a_name_of_its_own() -> None:
    assert all(row.ways for step in STEPS for row in step.rows)
    assert len({name for name, *_ in TRIED}) == len(TRIED)
    assert all(len({row.words for row in step.rows}) == len(step.rows) for step in STEPS)


@pytest.mark.parametrize(("step", "row", "fault"), [one[1:] for one in TRIED], ids=[one[0] for one in TRIED])
def test_a_row_is_true(scene: Scene, step: Step, row: Row, fault: Play) -> None:
    step.arrange(scene)
    scene.opens()
    fault(scene)
    (row.act or step.act)(scene)
    assert scene.unmet() == []
    assert row.meanwhile.differs(scene) == {}
    if isinstance(row.meanwhile, Soon):
        assert row.ends.differs(scene) == {}
    row.after(scene)
    assert row.ends.differs(scene) == {}
    assert wrong(scene) == []
    nobody_loses_it_early_nor_keeps_it(scene)
    assert wrong(scene) == []


def wrong(scene: Scene) -> list[object]:
    """By the promises, and by the books compared with themselves."""
    return [*broken(scene.stage, scene.known), *scene.stage.run(scene.stage.house.wrong())]


def nobody_loses_it_early_nor_keeps_it(scene: Scene) -> None:
    """What is counted as ours is there until its end and gone after it; what another hand gave stays for ever."""
    if scene.session and scene.session["state"] == SessionState.ACTIVE:
        scene.later((scene.left - A_MINUTE) / timedelta(hours=1))
        assert scene.badge
        scene.later(2 * A_MINUTE / timedelta(hours=1))
        assert not scene.badge
    before = scene.badge
    scene.later(FOR_EVER)
    assert scene.badge == before
    assert past_the_end(scene.stage) == []
