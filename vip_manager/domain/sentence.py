"""What is said to people: data in, words out, in whichever language they read."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vip_manager.domain.unchanging import Unchanging

_PART = re.compile(r"\{(\w+)(?:, (\w+)(?:, ((?:\w+ \{[^{}]*\} ?)+))?)?\}")
_FORM = re.compile(r"(\w+) \{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Sentence(Unchanging):
    """An English template, and what its names stand for: text, numbers, or other sentences.

    Templates are a small part of ICU's MessageFormat (https://unicode-org.github.io/icu/userguide/format_parse/messages/):
    "{name}", "{hours, number}" for a number, be it as text, "{hours, duration}" for hours as clocks tell them,
    "12 h 28 min", and "{count, plural, one {# day} other {# days}}". What should be a number and is none is said as it
    is; what is not given, not at all.
    A page says it in its reader's language (`assets/words.jsx`); `str()` says it in English.
    """

    template: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return _PART.sub(self._filled, self.template)

    def __bool__(self) -> bool:
        return bool(self.template)

    def _filled(self, part: re.Match[str]) -> str:
        name, kind, forms = part[1], part[2], part[3] or ""
        value = self.given.get(name)
        if value is None:
            return ""
        number = _number(value) if kind or isinstance(value, int | float) else None
        if number is None:
            return str(value)
        if kind == "duration":
            return _duration(float(value))
        if kind == "plural":
            by_name: dict[str, str] = dict(_FORM.findall(forms))
            chosen = by_name["one"] if number == 1 and "one" in by_name else by_name["other"]
            return chosen.replace("#", f"{number:,}")
        return f"{number:,}"


def _number(value: Any) -> int | float | None:
    """With two places at most, as pages show it; None for what is none."""
    try:
        number = round(float(value), 2)
    except (TypeError, ValueError):
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _duration(hours: float) -> str:
    whole, minutes = divmod(round(hours * 60), 60)
    return (
        " ".join(one for one in (f"{whole:,} h" if whole else "", f"{minutes} min" if minutes else "") if one) or "0 h"
    )


def names(template: str) -> frozenset[str]:
    """The names in a template, each with what it is: "hours, number"."""
    return frozenset(f"{name}, {kind}" if kind else name for name, kind, _ in _PART.findall(template))
