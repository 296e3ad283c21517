"""Runs of the machine that are the same for the same seed."""

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.ledger.choices import Choices
from tests.ledger.machine import Ledger

STEPS = 80


def run(number: int, examples: int, steps: int = STEPS, *, shrink: bool = True, lives: type[Ledger] = Choices) -> None:
    """So many random lives of at most so many steps. Raises what was found, shrunk to few steps."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)

    @seed(number)
    class Seeded(lives):  # type: ignore[misc, valid-type]
        pass

    run_state_machine_as_test(
        Seeded,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=phases,
            verbosity=Verbosity.normal,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
