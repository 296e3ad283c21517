"""Something that takes long to work out, kept as long as what it stands on has not changed."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    def __init__(self) -> None:
        self._known: tuple[int, T] | None = None

    def of(self, revision: int, work_out: Callable[[], T]) -> T:
        """`revision` is another number for anything else that it could stand on. Who gets it must not change it."""
        if self._known is None or self._known[0] != revision:
            self._known = revision, work_out()
        return self._known[1]
