"""What the rules are said to do is what the domain does with them."""

from dataclasses import fields, replace

import pytest

from vip_manager.domain.rules import Rules, VipClock, WhenFull, WhenVip
from vip_manager.domain.sentence import Sentence
from vip_manager.ui import rule_words
from vip_manager.ui.rule_words import SECTIONS, RuleWords, told

SAVED = {"when_vip": "add_time", "when_full": "give_back", "clock": "wall", "wait_hours": "24", "approval_hours": "2"}


def _read(sentences: list[Sentence]) -> str:
    return " ".join(map(str, sentences))


def test_every_rule_has_a_place_on_the_page() -> None:
    assert set(SECTIONS) == {one.name for one in fields(Rules)} - {"blocked"}
    assert set(SECTIONS.values()) == {one.name for one in fields(RuleWords)} - {"wrong"}


@pytest.mark.parametrize("when_vip", WhenVip)
@pytest.mark.parametrize("when_full", WhenFull)
@pytest.mark.parametrize("clock", VipClock)
@pytest.mark.parametrize("approval", [True, False])
def test_every_choice_has_its_sentence(when_vip: WhenVip, when_full: WhenFull, clock: VipClock, approval: bool) -> None:
    rules = Rules(when_vip=when_vip, when_full=when_full, clock=clock, approval=approval)
    for sentence in (
        _read(rule_words.when_vip(rules, 24)),
        _read(rule_words.when_full(rules)),
        _read(rule_words.seats(rules)),
        _read(rule_words.clock(rules, 24)),
        _read(rule_words.approval(rules)),
        _read(rule_words.pause(rules)),
    ):
        assert sentence.endswith(".")
        assert "!" not in sentence


def test_the_numbers_are_those_that_were_chosen() -> None:
    rules = Rules(most_hours_ahead=72, wait_hours=12, protected_hours=1.5, seats=20, seats_kept_free=3, pause_hours=4)
    assert "27 h" in _read(rule_words.when_vip(rules, 24))
    assert "72 h" in _read(rule_words.when_vip(rules, 24))
    assert "12 h" in _read(rule_words.when_full(replace(rules, when_full=WhenFull.WAIT)))
    assert "first 1.5 h" in _read(rule_words.when_full(replace(rules, when_full=WhenFull.TAKE_SEAT)))
    assert "first" not in _read(rule_words.when_full(replace(rules, when_full=WhenFull.TAKE_SEAT, protected_hours=0)))
    assert "17 of them" in _read(rule_words.seats(rules))
    assert "4 h" in _read(rule_words.pause(rules))


def test_starting_over_never_makes_it_shorter() -> None:
    rules = Rules(when_vip=WhenVip.START_OVER)
    assert "24 h from that moment" in _read(rule_words.when_vip(rules, 24))
    assert "points back" in _read(rule_words.when_vip(rules, 2))


def test_two_wrong_fields_of_two_sections_are_both_said() -> None:
    says = told(SAVED | {"seats": "x", "pause_hours": "y", "wait_hours": "8", "when_full": "wait"}, SAVED, 24)
    assert says.wrong == ["pause", "seats"]
    assert "8 h" in _read(says.when_full)


def test_wrong_only_beside_what_was_saved_is_said_too() -> None:
    saved = SAVED | {"seats": "20", "seats_kept_free": "10"}
    says = told(saved | {"seats": "5"}, saved, 24)
    assert says.wrong == ["seats"]
    assert says.clock
