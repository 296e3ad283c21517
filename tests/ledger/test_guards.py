"""The random lives bite: a program that lacks one of its guards is caught, with a sentence about the promise it broke.

Whoever changes the machine changes what a seed means; a guard that is not caught soon any more needs another seed, or a
step that it should not survive. `python -m tests.ledger --without NAME` looks for one.
"""

import os

import pytest

from tests.ledger.decisions import Decisions
from tests.ledger.guards import GUARDS, without
from tests.ledger.run import run

LIVES, STEPS = 200, 60
SLOW = {"catch-up", "echo", "first-422", "limit", "one-commit", "take-back"}
"""Caught after more than five seconds: `make nightly` looks at these too."""
EVERY = bool(os.environ.get("EVERY_GUARD"))
CAUGHT = {
    "once-check": (1, "1: .* counts 3 times"),
    "intent": (1, "3: .* no session answers for it"),
    "compare-and-set": (2, "8: .* 2 lines say that it ended"),
    "turns": (4, "4: .* nobody else had taken the badge"),
    "look-after-timeout": (1, "3: .* no session answers for it"),
    "first-422": (4, "1: .* has paid for a badge in .* that was never given"),
    "permanent-check": (2, "2: .* was permanent, and we took it"),
    "settled-read-back": (2, "1: .* is CANCELED on Twitch and fulfilled here"),
    "take-back": (2, "1: .* is canceled and its hours count"),
    "one-commit": (8, "8: no line says that .* was granted"),
    "removal-told": (2, "2: .* was a hand's, and we took it"),
    "echo": (4, "3: .* no session answers for it"),
    "catch-up": (1, "1: .* unknown here"),
    "lagging-lists": (1, "3: .* no session answers for it"),
    "removal-answered": (2, "3: "),
}
"""The seed whose lives show it within seconds, and what is found. Streamers choose no rules in them."""
CAUGHT_BY_CHOICES = {
    "limit": (1, "1: .* is left open, and held here"),
    "follow": (1, "3: "),
}
"""The same, of what there is only by a streamer's choice."""
CAUGHT_IN_LONG_LIVES = {"clocks-agree": (2, 8, "[1348]: ")}
"""The seed, and how many lives of full length show it."""
CAUGHT_ON_FIRESTORE = {"turns-among-instances"}
"""Where there are several (test_ledger_on_firestore.py)."""


def soon(caught: dict[str, tuple[int, str]]) -> list[tuple[str, int, str]]:
    return [(name, *how) for name, how in caught.items() if EVERY or name not in SLOW]


@pytest.mark.parametrize(("name", "seed", "found"), soon(CAUGHT))
def test_a_program_without_that_guard_is_caught(name: str, seed: int, found: str) -> None:
    with without(name), pytest.raises(AssertionError, match=found):
        run(seed, LIVES, STEPS, shrink=False, lives=Decisions)


@pytest.mark.parametrize(("name", "seed", "found"), soon(CAUGHT_BY_CHOICES))
def test_a_program_without_that_guard_of_a_choice_is_caught(name: str, seed: int, found: str) -> None:
    with without(name), pytest.raises(AssertionError, match=found):
        run(seed, LIVES, STEPS, shrink=False)


@pytest.mark.parametrize(
    ("name", "seed", "lives", "found"), [(name, *caught) for name, caught in CAUGHT_IN_LONG_LIVES.items()]
)
def test_a_program_without_that_guard_is_caught_in_long_lives(name: str, seed: int, lives: int, found: str) -> None:
    with without(name), pytest.raises(AssertionError, match=found):
        run(seed, lives, shrink=False)


def test_no_guard_is_left_untried() -> None:
    caught = CAUGHT.keys() | CAUGHT_BY_CHOICES.keys() | CAUGHT_IN_LONG_LIVES.keys() | CAUGHT_ON_FIRESTORE
    assert caught == GUARDS.keys()
