"""A rule as somebody wishes for it, in JSON: read field by field, refused in words."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import randrange
from typing import Any

from vip_manager.simulator.faults import FOREVER, OF_EVENTS, OF_REQUESTS, Rule
from vip_manager.simulator.refusal import Refused

LONGEST_SECONDS = 3600.0
_USUAL_SECONDS = {"late": 5.0, "reorder": 5.0}
_HEADER = re.compile(r"[A-Za-z0-9-]+")
_PRINTABLE = re.compile(r"[ -~]*")


@dataclass(frozen=True)
class _Field:
    kind: type | tuple[type, ...]
    words: str
    fits: Callable[[Any], bool]


def _id(value: str) -> bool:
    return value == "" or (value.isascii() and value.isdecimal())


def _seconds(value: float) -> bool:
    return 0 <= value <= LONGEST_SECONDS


def _headers(value: Mapping[str, Any]) -> bool:
    return all(
        _HEADER.fullmatch(name) and isinstance(one, str) and _PRINTABLE.fullmatch(one) for name, one in value.items()
    )


_NUMBER = (int, float)
_PERSON = _Field(str, "a user's id, which is a number in quotes", _id)
_SECONDS = _Field(_NUMBER, f"a number from 0 to {LONGEST_SECONDS:g}", _seconds)
_YES_OR_NO = _Field(bool, "true or false", lambda value: True)

_ANY = {
    "do": _Field(str, f"one of {', '.join(OF_REQUESTS + OF_EVENTS)}", lambda value: value in OF_REQUESTS + OF_EVENTS),
    "broadcaster": _PERSON,
    "user": _PERSON,
    "times": _Field(int, "a whole number from 1, or -1 for always", lambda value: value == FOREVER or value > 0),
    "after": _Field(int, "a whole number from 0", lambda value: value >= 0),
    "probability": _Field(_NUMBER, "a number above 0, and 1 at most", lambda value: 0 < value <= 1),
    "seed": _Field(int, "a whole number", lambda value: True),
    "seconds": _SECONDS,
}
_OF_REQUESTS = {
    **_ANY,
    "method": _Field(str, "an HTTP method, or *", lambda value: value == "*" or (value.isascii() and value.isalpha())),
    "path": _Field(str, "the end of a path", lambda value: bool(_PRINTABLE.fullmatch(value))),
    "caller": _PERSON,
    "status": _Field(int, "a status from 200 to 599", lambda value: 200 <= value <= 599),
    "message": _Field(str, "a text", lambda value: value.encode(errors="replace") == value.encode(errors="ignore")),
    "headers": _Field(dict, "an object of headers, each a name and a printable text", _headers),
    "jitter": _SECONDS,
    "then": _Field(str, "cut or hold", lambda value: value in ("cut", "hold")),
    "hold": _YES_OR_NO,
    "refresh": _YES_OR_NO,
}
_OF_EVENTS = {
    **_ANY,
    "event": _Field(str, "an event's type, or its beginning", lambda value: bool(_PRINTABLE.fullmatch(value))),
}


def rule_of(wish: Mapping[str, Any]) -> Callable[[str], Rule]:
    """The rule, once it has an id. Without `do` it is `pass`; without `seed` it chooses one. Raises Refused."""
    do = wish.get("do", "pass")
    _check("do", do, _ANY["do"])
    fields = _OF_EVENTS if do in OF_EVENTS else _OF_REQUESTS
    for name, value in wish.items():
        if name not in fields:
            raise Refused("bad_rule", f"“{name}” is unknown here, or has no meaning for “{do}”.")
        _check(name, value, fields[name])
    given = {"seconds": _USUAL_SECONDS.get(do, 0.0), "seed": randrange(2**31), **wish, "do": do}  # noqa: S311
    if "method" in given:
        given["method"] = given["method"].upper()
    return lambda rule_id: Rule(rule_id, **given)


def _check(name: str, value: Any, field: _Field) -> None:
    mistaken = isinstance(value, bool) and field.kind is not bool
    if mistaken or not isinstance(value, field.kind) or (isinstance(value, float) and not math.isfinite(value)):
        raise Refused("bad_rule", f"“{name}” must be {field.words}.")
    if not field.fits(value):
        raise Refused("bad_rule", f"“{name}” must be {field.words}.")
