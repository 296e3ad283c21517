"""The world laid out as text: JSON that one reads and edits by hand, a record a line.

The whole world is written after each effect. So lines are kept, and only those of records that changed are made anew:
a world of some thousand redemptions is laid out in a few milliseconds.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from operator import attrgetter
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

_SCALARS = (str, int, float, bool, type(None))
_encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class _Kind:
    """How records of one class are laid out. `flat`: all fields are scalars. `spread`: it holds records itself, so each
    of its fields has a line."""

    names: tuple[str, ...]
    values: Callable[[Any], Any]
    flat: bool
    frozen: bool
    spread: bool


@dataclass(slots=True)
class _History:
    """The text of the first `count` of these records."""

    records: list[Any]
    newest: Any = None
    count: int = 0
    text: bytes = b""


@dataclass(frozen=True, slots=True)
class _Line:
    """`record` is held, so that no other can have its identity while the line is kept."""

    record: Any
    values: Any
    text: bytes


class Layout:
    """Not for two threads at once."""

    def __init__(self) -> None:
        self._kinds: dict[type, _Kind] = {}
        self._lines: dict[int, _Line] = {}
        self._histories: dict[int, _History] = {}
        self._kept_lines = self._lines
        self._kept_histories = self._histories
        self._text: list[bytes] = []

    def text(self, state: dict[str, Any]) -> list[bytes]:
        """UTF-8, in some pieces: to join them costs more than all the rest. `state` holds JSON's kinds of values, and
        dataclasses."""
        self._kept_lines, self._lines = self._lines, {}
        self._kept_histories, self._histories = self._histories, {}
        self._text = []
        self._spread(state, b"")
        self._text.append(b"\n")
        return self._text

    def _lay(self, value: Any, indent: bytes) -> None:
        if is_dataclass(value):
            kind = self._kind(type(value))
            if kind.spread:
                self._spread(_named(kind, value), indent)
            else:
                self._text.append(_compact(_named(kind, value)))
        elif isinstance(value, dict) and not _plain(value.values()):
            self._spread(value, indent)
        elif isinstance(value, list) and not _plain(value):
            self._list(value, indent)
        else:
            self._text.append(_compact(value))

    def _spread(self, value: dict[str, Any], indent: bytes) -> None:
        between = b"{\n" + indent + b" "
        for name, one in value.items():
            self._text += (between, _compact(name), b": ")
            self._lay(one, indent + b" ")
            between = b",\n" + indent + b" "
        self._text.append(b"\n" + indent + b"}")

    def _list(self, value: list[Any], indent: bytes) -> None:
        between = b"[\n" + indent + b" "
        kind = self._kind(type(value[0])) if is_dataclass(value[0]) else None
        if kind is not None and kind.flat:
            joint = b",\n" + indent + b" "
            self._text.append(between)
            self._text.append(self._history(kind, value, joint) if kind.frozen else self._table(kind, value, joint))
        else:
            for one in value:
                self._text.append(between)
                self._lay(one, indent + b" ")
                between = b",\n" + indent + b" "
        self._text.append(b"\n" + indent + b"]")

    def _history(self, kind: _Kind, value: list[Any], joint: bytes) -> bytes:
        """Records that never change, in a list that only grows: what was laid out once is only added to."""
        kept = self._kept_histories.get(id(value))
        if kept is None or kept.records is not value or kept.newest not in value[kept.count - 1 : kept.count]:
            kept = _History(value)
        new = [_compact(_named(kind, record)) for record in value[kept.count :]]
        if new:
            kept.text = joint.join([kept.text, *new] if kept.count else new)
        kept.count, kept.newest = len(value), value[-1]
        self._histories[id(value)] = kept
        return kept.text

    def _table(self, kind: _Kind, value: list[Any], joint: bytes) -> bytes:
        """Of the thousands of records there are, one or two have changed since the last time."""
        kept, used, values_of = self._kept_lines, self._lines, kind.values
        texts = []
        for record in value:
            identity = id(record)
            line, values = kept.get(identity), values_of(record)
            if line is None or line.values != values:
                line = _Line(record, values, _compact(_named(kind, record)))
            used[identity] = line
            texts.append(line.text)
        return joint.join(texts)

    def _kind(self, record: type) -> _Kind:
        kind = self._kinds.get(record)
        if kind is None:
            kind = self._kinds[record] = _kind(record)
        return kind


def _kind(record: type) -> _Kind:
    names = tuple(one.name for one in fields(record))
    hints = [get_type_hints(record)[name] for name in names]
    return _Kind(
        names,
        attrgetter(*names),
        all(_scalar(hint) for hint in hints),
        bool(record.__dataclass_params__.frozen),  # type: ignore[attr-defined]
        any(is_dataclass(one) for hint in hints for one in get_args(hint)),
    )


def _compact(value: Any) -> bytes:
    # Half a surrogate pair has no UTF-8; with a backslash it is JSON all the same.
    return _encode(value).encode("utf-8", "backslashreplace")


def _scalar(hint: Any) -> bool:
    return hint in _SCALARS or (get_origin(hint) in (Union, UnionType) and all(map(_scalar, get_args(hint))))


def _plain(values: Any) -> bool:
    return all(isinstance(value, _SCALARS) for value in values)


def _named(kind: _Kind, record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in kind.names}
