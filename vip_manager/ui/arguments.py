"""What a page sends along with an event, parsed by the types that the handler names, before the handler is called.

| named | taken |
|---|---|
| `str` | text of at most LONGEST characters |
| `int`, `bool`, `float` | just that; a bool is no number, a float is finite |
| `dict[str, Any]`, `dict[str, str]` | a form: text by its fields' names |

A handler that names another type can't be made: that is seen when it is imported.
"""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vip_manager.domain.terms import InvalidInput
from vip_manager.ui import shape, words

LONGEST = 200
LONGEST_ID = 100
LONGEST_FIELD = 500
MOST_FIELDS = 60

MISFIT = {"misfit": True}
"""Stands for arguments that don't fit: no handler has one of that name, so each says that something is wrong."""


class Arguments:
    """Those of one handler, but for its State and its visitor. Raises TypeError where one names no known type."""

    def __init__(self, parameters: Sequence[inspect.Parameter]) -> None:
        for one in parameters:
            if one.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD or one.name in MISFIT:
                raise TypeError(f"{one.name}: arguments of a handler are plain")
            if not _known(one.annotation):
                raise TypeError(f"{one.name}: there is no parser for {one.annotation}")
        self._signature = inspect.Signature(parameters)
        self._parsers = {one.name: _PARSERS[_name(one.annotation)] for one in parameters}

    def parse(self, given: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        """By name. Raises InvalidInput."""
        try:
            bound = self._signature.bind(*given, **named).arguments
        except TypeError:
            raise _wrong("arguments") from None
        return {name: self._parsers[name](name, value) for name, value in bound.items()}

    def fit(self, payload: Mapping[str, Any]) -> bool:
        """Whether it would be taken."""
        try:
            self.parse((), payload)
        except InvalidInput:
            return False
        return True


def _wrong(name: str) -> InvalidInput:
    return InvalidInput(name, words.SOMETHING)


def _text(name: str, value: Any) -> str:
    if not shape.text(value, LONGEST):
        raise _wrong(name)
    return str(value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name)
    return value


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > shape.LARGEST_NUMBER:
        raise _wrong(name)
    return value


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _wrong(name)
    return float(value)


def _form(name: str, value: Any) -> dict[str, str]:
    """What is too long in one field is cut: what becomes of it then is for the rules of that field to say."""
    if not isinstance(value, dict) or len(value) > MOST_FIELDS:
        raise _wrong(name)
    read = {}
    for field, entry in value.items():
        if not shape.text(field, LONGEST_ID) or not isinstance(entry, str | int | float | None):
            raise _wrong(name)
        text = "" if entry is None else str(entry)[:LONGEST_FIELD]
        if not shape.text(text):
            raise _wrong(name)
        read[field] = text
    return read


_PARSERS: dict[str, Callable[[str, Any], Any]] = {
    "str": _text,
    "bool": _flag,
    "int": _whole,
    "float": _number,
    "dict[str, typing.Any]": _form,
    "dict[str, str]": _form,
}


def _name(annotation: Any) -> str:
    return annotation.__name__ if annotation in (str, bool, int, float) else str(annotation)


def _known(annotation: Any) -> bool:
    return _name(annotation) in _PARSERS
