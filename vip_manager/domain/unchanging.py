"""Values that nobody changes, and of which one is enough."""

from typing import Any, Self


class Unchanging:
    """For frozen dataclasses: whoever asks for a copy is given itself. Reflex copies what a state begins with, for each
    page that is open, down to the last list in it."""

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self
