"""Reading one stored document field by field, forgiving what is absent and naming what is broken."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

from vip_manager.ports import StoreError
from vip_manager.store.timestamps import from_text

Document = dict[str, Any]
"""A record as a store keeps it: camelCase names, JSON values, and aware datetimes."""

LARGEST_NUMBER = 10_000_000
"""As hours, a thousand years: from now they still lead to a year that there is. Nothing that is stored comes near, and
what is larger, or no number at all, would stop whoever counts with it."""

E = TypeVar("E", bound=Enum)
D = TypeVar("D")


class BrokenDocument(StoreError):
    """A stored document can't be read. The message names collection, id and field, and never what stood there."""

    def __init__(self, collection: str, document_id: str, field: str, problem: str) -> None:
        super().__init__(f"{collection}/{document_id}: field {field!r}: {problem}")
        self.collection = collection
        self.document_id = document_id
        self.field = field
        self.problem = problem


class Fields:
    """The fields of one document. A field that is absent and one that is null are the same thing.

    Each reader returns the given default where the field is absent, and raises BrokenDocument where it is of another
    kind than expected. Readers without a default raise for an absent field too.
    """

    def __init__(self, collection: str, document_id: str, document: Mapping[str, Any]) -> None:
        self.collection = collection
        self.id = document_id
        self._document = document

    def broken(self, name: str, problem: str) -> BrokenDocument:
        return BrokenDocument(self.collection, self.id, name, problem)

    def raw(self, name: str) -> Any:
        return self._document.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._document.get(name)
        if value is None:
            return self._default(name, default)
        if not isinstance(value, str):
            raise self._unexpected(name, "text", value)
        return value

    def number(self, name: str, default: float | None = None) -> float:
        value = self._document.get(name)
        if value is None:
            return self._default(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._unexpected(name, "a number", value)
        if not abs(value) <= LARGEST_NUMBER:  # so written, it finds NaN too
            raise self.broken(name, f"expected a number of at most {LARGEST_NUMBER:,}")
        return float(value)

    def integer(self, name: str, default: int | None = None) -> int:
        value = self._document.get(name)
        if value is None:
            return self._default(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._unexpected(name, "a whole number", value)
        return value

    def flag(self, name: str, default: bool | None = None) -> bool:
        value = self._document.get(name)
        if value is None:
            return self._default(name, default)
        if not isinstance(value, bool):
            raise self._unexpected(name, "true or false", value)
        return value

    def moment(self, name: str, default: datetime | None = None) -> datetime:
        return self._default(name, self.maybe_moment(name) or default)

    def maybe_moment(self, name: str) -> datetime | None:
        value = self._document.get(name)
        if value is None:
            return None
        try:
            if isinstance(value, str):
                return from_text(value)
            if isinstance(value, datetime) and value.tzinfo is not None:
                return value.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise self._unexpected(name, "a moment with its time zone", value)

    def choice(self, name: str, of: type[E], default: E | None = None) -> E:
        return self._default(name, self.maybe_choice(name, of) or default)

    def maybe_choice(self, name: str, of: type[E]) -> E | None:
        value = self._document.get(name)
        if value is None:
            return None
        try:
            return of(value)
        except ValueError:
            raise self.broken(name, f"not one of {', '.join(str(member.value) for member in of)}") from None

    def texts(self, name: str) -> list[str]:
        """An absent list is empty."""
        values = self._items(name)
        if not all(isinstance(value, str) for value in values):
            raise self.broken(name, "expected a list of texts")
        return values

    def maps(self, name: str) -> list["Fields"]:
        """A list of nested documents; an absent one is empty."""
        values = self._items(name)
        if not all(isinstance(value, dict) for value in values):
            raise self.broken(name, "expected a list of documents")
        return [Fields(self.collection, f"{self.id}/{name}[{index}]", value) for index, value in enumerate(values)]

    def nested(self, name: str) -> "Fields":
        """A nested document; an absent one has no fields."""
        return Fields(self.collection, f"{self.id}/{name}", self.map(name))

    def map(self, name: str) -> dict[str, Any]:
        """A nested document as it is; an absent one is empty."""
        value = self._document.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._unexpected(name, "a document", value)
        return value

    def _items(self, name: str) -> list[Any]:
        value = self._document.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._unexpected(name, "a list", value)
        return value

    def _default(self, name: str, default: D | None) -> D:
        if default is None:
            raise self.broken(name, "absent")
        return default

    def _unexpected(self, name: str, expected: str, value: object) -> BrokenDocument:
        return self.broken(name, f"expected {expected}, found {type(value).__name__}")
