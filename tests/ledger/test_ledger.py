"""Some random lives of program and Twitch together, the same each time; `python -m tests.ledger` lives more."""

import pytest

from tests.ledger.chatting import Chatting
from tests.ledger.run import run
from tests.ledger.telling import Telling


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_befalls_it_the_ledger_is_right_when_all_is_calm(seed: int) -> None:
    run(seed, examples=8)


def test_whatever_befalls_the_chat_nothing_of_it_reaches_the_ledger() -> None:
    Chatting.said = 0
    run(1, examples=4, steps=50, lives=Chatting)
    assert Chatting.said > 5


def test_whatever_befalls_webhooks_nothing_of_it_reaches_the_ledger() -> None:
    Telling.posted = Telling.failed = 0
    run(1, examples=6, steps=60, lives=Telling)
    assert Telling.posted > 20
    assert Telling.failed > 5
