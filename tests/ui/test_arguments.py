"""Arguments are parsed into the types that a handler names, or the handler is not called."""

import inspect
import math
from collections.abc import Callable
from typing import Any

import pytest

from tests.ui.test_guards import own_handlers
from vip_manager.domain.terms import InvalidInput
from vip_manager.ui.arguments import MISFIT, Arguments


def of(handler: Callable[..., Any]) -> Arguments:
    return Arguments(list(inspect.signature(handler).parameters.values()))


def handler(name: str, on: bool, many: int, much: float, form: dict[str, Any], other: dict[str, str]) -> None:
    """Has all that there is a parser for."""


RIGHT: dict[str, Any] = {"name": "x", "on": True, "many": 3, "much": 1, "form": {"a": "b"}, "other": {}}


def test_what_fits_is_handed_on_by_name_in_its_type() -> None:
    parsed = of(handler).parse(("x", True), {name: RIGHT[name] for name in ("many", "much", "form", "other")})
    assert parsed == RIGHT
    assert type(parsed["much"]) is float


def test_a_forms_fields_are_text_of_bounded_length() -> None:
    parsed = of(handler).parse((), RIGHT | {"form": {"n": 5, "on": True, "none": None, "long": "x" * 5000}})
    assert parsed["form"] == {"n": "5", "on": "True", "none": "", "long": "x" * 500}


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": 1},
        {"name": None},
        {"name": "x" * 201},
        {"name": "\ud800"},
        {"on": 1},
        {"on": "true"},
        {"many": True},
        {"many": 1.0},
        {"many": "1"},
        {"many": 2**60},
        {"much": math.nan},
        {"much": math.inf},
        {"much": False},
        {"form": []},
        {"form": {"x" * 101: ""}},
        {"form": {1: ""}},
        {"form": {"a": {}}},
        {"form": {str(n): "" for n in range(61)}},
        {"unexpected": 1},
        MISFIT,
    ],
)
def test_what_does_not_fit_is_said_in_words(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        of(handler).parse((), RIGHT | wrong)
    assert not of(handler).fit(RIGHT | wrong)


@pytest.mark.parametrize("missing", RIGHT)
def test_what_is_missing_is_said_in_words(missing: str) -> None:
    assert not of(handler).fit({name: value for name, value in RIGHT.items() if name != missing})


def test_a_handler_that_names_no_type_or_one_without_a_parser_can_not_be_made() -> None:
    def untyped(name) -> None:  # type: ignore[no-untyped-def]
        pass

    def lists(names: list[str]) -> None:
        pass

    def anything(*names: str) -> None:
        pass

    for one in (untyped, lists, anything):
        with pytest.raises(TypeError):
            of(one)


def test_every_handlers_arguments_have_a_parser_and_none_takes_what_fits_nobody() -> None:
    for state, name, registered in own_handlers():
        assert isinstance(registered.fn._arguments, Arguments), f"{state.__name__}.{name}"
        assert not registered.fn._arguments.fit(MISFIT)
