"""What somebody behind the curtain asks for: the JSON body of a request, read field by field in plain words."""

from collections.abc import Callable
from typing import Any, TypeVar

from vip_manager.simulator.refusal import Refused
from vip_manager.simulator.simulation import Simulation

T = TypeVar("T")


class Wish(dict[str, Any]):
    def text(self, name: str) -> str:
        value = self.maybe(name, str, "a text")
        if not value or not value.strip():
            raise Refused("bad_request", f"“{name}” is missing.")
        return value.strip()

    def yes_or_no(self, name: str) -> bool:
        value = self.maybe(name, bool, "true or false")
        if value is None:
            raise Refused("bad_request", f"“{name}” is missing.")
        return value

    def maybe(self, name: str, kind: type[T] | tuple[type[T], ...], words: str) -> T | None:
        value = self.get(name)
        if value is None:
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise Refused("bad_request", f"“{name}” must be {words}.")
        if isinstance(value, str) and not _writable(value):
            raise Refused("bad_request", f"“{name}” must be a text that can be written down.")
        return value


def _writable(text: str) -> bool:
    """JSON can smuggle in half a surrogate pair, which no file and no answer can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


Action = Callable[[Simulation, Wish], dict[str, Any]]
"""What an action of the control API is; it raises Refused."""
