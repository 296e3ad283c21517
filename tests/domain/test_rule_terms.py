"""The form of the rules, as people fill it in."""

from dataclasses import asdict

import pytest

from vip_manager.domain.rule_terms import MOST_SEATS, parse_rules
from vip_manager.domain.rules import Rules, VipClock, WhenFull, WhenVip
from vip_manager.domain.terms import InvalidInput

FORM = {
    "when_vip": "add_time",
    "most_hours_ahead": "",
    "when_full": "give_back",
    "seats": "",
    "seats_kept_free": "",
    "wait_hours": "24",
    "protected_hours": "1",
    "clock": "wall",
    "approval_hours": "2",
    "pause_hours": "",
}
"""As it is before anybody touched it."""


def test_an_untouched_form_is_the_rules_of_who_touched_nothing() -> None:
    assert parse_rules(FORM) == Rules()


def test_all_that_can_be_chosen() -> None:
    rules = parse_rules(
        {
            "when_vip": "start_over",
            "most_hours_ahead": "72",
            "when_full": "take_seat",
            "seats": " 20 ",
            "seats_kept_free": "3",
            "wait_hours": "12,5",
            "protected_hours": "0",
            "close_when_full": "on",
            "clock": "live",
            "approval": "on",
            "approval_hours": "0.5",
            "pause_hours": "1.25",
        }
    )
    assert asdict(rules) == {
        "when_vip": WhenVip.START_OVER,
        "most_hours_ahead": 72.0,
        "when_full": WhenFull.TAKE_SEAT,
        "seats": 20,
        "seats_kept_free": 3,
        "wait_hours": 12.5,
        "protected_hours": 0.0,
        "close_when_full": True,
        "clock": VipClock.LIVE,
        "approval": True,
        "approval_hours": 0.5,
        "pause_hours": 1.25,
        "blocked": (),
    }


@pytest.mark.parametrize("name", ["most_hours_ahead", "protected_hours", "pause_hours"])
@pytest.mark.parametrize("typed", ["", "  ", "0", "0.0", "0,0"])
def test_no_hours_where_there_may_be_none(name: str, typed: str) -> None:
    assert getattr(parse_rules(FORM | {name: typed}), name) == 0


@pytest.mark.parametrize("name", ["wait_hours", "approval_hours"])
@pytest.mark.parametrize("typed", ["", "0", "0,0"])
def test_whoever_waits_waits_for_some_time(name: str, typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_rules(FORM | {name: typed})
    assert refused.value.field == name


@pytest.mark.parametrize("name", ["most_hours_ahead", "wait_hours", "protected_hours", "approval_hours", "pause_hours"])
@pytest.mark.parametrize("typed", ["-1", "8761", "1e9", "nan", "inf", "soon", "1,2,3", "24 h", "٣x", "0x10"])
def test_hours_that_are_none_name_their_field(name: str, typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_rules(FORM | {name: typed})
    assert refused.value.field == name
    assert str(refused.value.sentence).endswith(".")


@pytest.mark.parametrize("name", ["seats", "seats_kept_free"])
@pytest.mark.parametrize("typed", ["-1", "1.5", "2,5", "many", "1e2", str(MOST_SEATS + 1), "9" * 400, "²", "٣"])
def test_seats_are_whole_and_not_too_many(name: str, typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_rules(FORM | {name: typed})
    assert refused.value.field == name


def test_some_seat_is_left_to_give() -> None:
    assert parse_rules(FORM | {"seats": "20", "seats_kept_free": "19"}).seats_kept_free == 19
    for seats in ("20", ""):
        with pytest.raises(InvalidInput) as refused:
            parse_rules(FORM | {"seats": seats, "seats_kept_free": "20"})
        assert refused.value.field == "seats_kept_free"


@pytest.mark.parametrize("name", ["when_vip", "when_full", "clock"])
@pytest.mark.parametrize("typed", ["", "ADD_TIME", "nothing", "1"])
def test_a_choice_that_nobody_offered(name: str, typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_rules(FORM | {name: typed})
    assert refused.value.field == name


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_rules({})
    assert refused.value.field == "when_vip"
