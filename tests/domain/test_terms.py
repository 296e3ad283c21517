"""What people type, and what it is taken for."""

import pytest

from vip_manager.domain.terms import (
    LARGEST_COST,
    LONGEST_HOURS,
    InvalidInput,
    RewardTerms,
    parse_hours,
    parse_login,
    parse_terms,
)


@pytest.mark.parametrize(
    ("typed", "points"),
    [
        ("5000", 5000),
        (5000, 5000),
        ("  5000 ", 5000),
        ("5,000", 5000),
        ("5 000", 5000),
        ("5.000", 5000),
        ("5\u00a0000", 5000),
        ("5\u202f000", 5000),
        ("1,234,567", 1_234_567),
        ("1.234.567", 1_234_567),
        ("1", 1),
        (str(LARGEST_COST), LARGEST_COST),
        ("2,000,000,000", LARGEST_COST),
    ],
)
def test_a_cost_as_people_write_it(typed: object, points: int) -> None:
    assert parse_terms("VIP", typed, 1).cost == points


@pytest.mark.parametrize(
    "typed",
    [
        "5000.00",
        "5,000.00",
        "5.5",
        "2,5",
        "50,00",
        "5,0000",
        "5  000",
        "1e3",
        "1e-9",
        "0",
        "-5",
        "",
        " ",
        "many",
        "5k",
        "0x10",
        "nan",
        "inf",
        None,
        1.5,
        str(LARGEST_COST + 1),
        "9" * 30,
    ],
)
def test_a_cost_that_is_none_is_refused(typed: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_terms("VIP", typed, 1)
    assert refused.value.field == "cost"
    assert str(refused.value.sentence)


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("24", 24),
        (24, 24),
        (0.5, 0.5),
        ("2,5", 2.5),
        ("2.5", 2.5),
        (" 1 ", 1),
        ("0.0001", 0.0001),
        ("1.00004", 1.0),
        (str(LONGEST_HOURS), LONGEST_HOURS),
    ],
)
def test_hours_as_people_write_them(typed: object, hours: float) -> None:
    assert parse_hours(typed) == hours


@pytest.mark.parametrize(
    "typed",
    [
        "1e-9",
        "0",
        "0.00001",
        "-1",
        "",
        "x",
        "24h",
        "1,2,3",
        "nan",
        "inf",
        "-inf",
        "1e99",
        None,
        True,
        LONGEST_HOURS + 1,
    ],
)
def test_hours_that_are_none_are_refused(typed: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_hours(typed)
    assert refused.value.field == "hours"


@pytest.mark.parametrize(
    ("typed", "title"),
    [("VIP", "VIP"), ("  VIP \t for\na  day ", "VIP for a day"), ("x" * 45, "x" * 45), ("★ VIP ★", "★ VIP ★")],
)
def test_a_title_is_one_line(typed: str, title: str) -> None:
    assert parse_terms(typed, "5,000", "2,5") == RewardTerms(title, 5000, 2.5)


@pytest.mark.parametrize("typed", ["", "  ", "x" * 46])
def test_a_title_that_twitch_would_not_take_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_terms(typed, 1, 1)
    assert refused.value.field == "title"


@pytest.mark.parametrize(
    ("typed", "login"), [("viewer1", "viewer1"), ("@Viewer_1", "viewer_1"), ("  MIRA ", "mira"), ("a" * 25, "a" * 25)]
)
def test_a_login_as_people_write_it(typed: str, login: str) -> None:
    assert parse_login(typed) == login


@pytest.mark.parametrize("typed", ["", "@", "@@a", "a b", "a" * 26, "ä", "a-b", "viewer1\n.", "a/b"])
def test_a_login_that_twitch_would_not_take_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_login(typed)
    assert refused.value.field == "login"
