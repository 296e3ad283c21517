"""Nothing that happens is left without words."""

import re

import pytest

from vip_manager import ports
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.rules import Held
from vip_manager.services.access import NotAllowed, NotSignedIn
from vip_manager.services.refused import Refused
from vip_manager.ui import happened_words, words

KNOWN = {"who", "actor", "hours", "reward", "cost", "reason", "error", "held", "taker", "role", "token"}


def test_every_action_reason_and_trouble_has_words() -> None:
    assert set(happened_words.HAPPENED) == set(Action)
    assert set(happened_words.ENDED) == set(EndReason)
    assert set(happened_words.REFUSALS) == set(Refusal)
    assert set(happened_words.TROUBLES) == set(Trouble)
    assert set(happened_words.HELD) == set(Held)


def test_templates_ask_only_for_what_a_line_has() -> None:
    for alone, by_somebody in [*happened_words.HAPPENED.values(), *happened_words.ENDED.values()]:
        assert set(re.findall(r"\{(\w+)\}", alone + by_somebody)) <= KNOWN
        assert "{actor}" not in alone


def test_a_refund_does_not_repeat_why_nothing_was_given() -> None:
    assert not any("{reason}" in sentence for sentence in happened_words.HAPPENED[Action.REFUNDED])


@pytest.mark.parametrize(
    "error",
    [
        NotSignedIn(),
        NotAllowed(),
        Refused(Refusal.MODERATOR),
        ports.Unauthorized("x"),
        ports.TwitchUnavailable("x"),
        ports.RewardTitleTaken("x"),
        ports.TooManyRewards("x"),
        ports.ChannelPointsUnavailable("x"),
        ports.NotOurs("x"),
        ports.Rejected("x"),
        ports.StoreUnavailable("x"),
    ],
)
def test_every_expected_error_has_its_sentence(error: Exception) -> None:
    sentence = str(words.of_error(error))
    assert sentence.endswith(".")
    assert sentence != words.SOMETHING
    assert "!" not in sentence


def test_an_unknown_sign_in_problem_is_still_said() -> None:
    assert words.sign_in_problem("") == ""
    assert words.sign_in_problem("denied") == words.SIGN_IN_PROBLEMS["denied"]
    assert words.sign_in_problem("<script>") == words.SIGN_IN_PROBLEMS["unknown"]
