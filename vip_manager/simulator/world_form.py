"""Values out of a written world, each checked against the kind that the world's records say it has.

Whoever wrote the file is told the place of what is wrong, e.g. `channels[0].vips[1]`.
"""

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from vip_manager.simulator.moments import from_rfc3339

_WORDS = {str: "a text", bool: "true or false", int: "a whole number", float: "a number", type(None): "null"}
_TOO_GREAT = 10**31
_YEARS = range(1900, 9000)
"""Within them no moment leaves the calendar by a few years' sum, or by its offset from UTC."""


class BadWorld(Exception):
    def __init__(self, place: str, words: str) -> None:
        super().__init__(f"{place}: {words}" if place else words)


def value(kind: Any, given: Any, place: str) -> Any:
    """`given` as `kind`: a scalar, one or None, a list, a dict by text, or a dataclass. Raises BadWorld."""
    if get_origin(kind) in (Union, UnionType):
        return _one_of(get_args(kind), given, place)
    if get_origin(kind) is list:
        (inner,) = get_args(kind)
        return [value(inner, one, f"{place}[{index}]") for index, one in enumerate(items(given, place))]
    if get_origin(kind) is dict:
        inner = get_args(kind)[1]
        return {text(name, place): value(inner, one, f"{place}.{name}") for name, one in mapping(given, place).items()}
    if is_dataclass(kind):
        assert isinstance(kind, type)
        return record(kind, mapping(given, place), place)
    return _scalar(kind, given, place)


def record(kind: type, given: Mapping[str, Any], place: str) -> Any:
    hints = _hints(kind)
    only(given, hints, place)
    made = {}
    for one in fields(kind):
        if one.name in given:
            made[one.name] = value(hints[one.name], given[one.name], f"{place}.{one.name}")
            if one.name.endswith(("_at", "_since")) or one.name == "at":
                _moment(made[one.name], one.default, f"{place}.{one.name}")
        elif one.default is MISSING and one.default_factory is MISSING:
            raise BadWorld(f"{place}.{one.name}", "is missing.")
    return kind(**made)


def only(given: Mapping[str, Any], known: Any, place: str) -> None:
    for name in given:
        if name not in known:
            raise BadWorld(f"{place}.{name}" if place else name, f"is unknown here; known are {', '.join(known)}.")


def mapping(given: Any, place: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise BadWorld(place, "must be an object.")
    return given


def items(given: Any, place: str) -> list[Any]:
    if not isinstance(given, list):
        raise BadWorld(place, "must be a list.")
    return given


def text(given: Any, place: str) -> str:
    return str(_scalar(str, given, place))


def whole(given: Any, place: str, least: int, most: int | None = None) -> int:
    number = _scalar(int, given, place)
    if number < least:
        raise BadWorld(place, f"must be {least} or more.")
    if most is not None and number > most:
        raise BadWorld(place, f"must be {most} or less.")
    return int(number)


def _one_of(kinds: tuple[Any, ...], given: Any, place: str) -> Any:
    if given is None and type(None) in kinds:
        return None
    others = [kind for kind in kinds if kind is not type(None)]
    return value(others[0], given, place)


def _scalar(kind: Any, given: Any, place: str) -> Any:
    if isinstance(given, bool) and kind is not bool:
        raise BadWorld(place, f"must be {_WORDS[kind]}.")
    if not isinstance(given, (int, float) if kind is float else kind):
        raise BadWorld(place, f"must be {_WORDS[kind]}.")
    if isinstance(given, str):
        try:
            given.encode()
        except UnicodeEncodeError as error:
            raise BadWorld(place, "must be a text that can be written down.") from error
    elif given is not None and not (abs(given) < _TOO_GREAT and math.isfinite(given)):
        raise BadWorld(place, "is out of bounds.")
    return float(given) if kind is float else given


def _moment(given: Any, usual: Any, place: str) -> None:
    """Empty only where it usually is."""
    if given is None or given == usual:
        return
    try:
        moment = from_rfc3339(given)
        if moment.tzinfo is not None and moment.year in _YEARS:
            return
    except ValueError:
        pass
    raise BadWorld(place, "must be a moment like 2026-03-01T10:00:00Z.")


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
