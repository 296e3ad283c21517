"""A few random lives with a loss in them; `python -m tests.recovery.lives` lives many."""

from pathlib import Path

import pytest

from tests.recovery.lives import live


@pytest.mark.parametrize("seed", [4, 19, 88])
async def test_a_life_with_a_loss_in_it_ends_as_it_was_paid_for(seed: int, tmp_path: Path) -> None:
    assert await live(seed, tmp_path) == []
