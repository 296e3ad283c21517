"""A row of the table, and the step that it stands under."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.services.faults.outcome import Ends, Meanwhile
from tests.services.faults.scene import Scene

Play = Callable[[Scene], None]
Ways = Mapping[str, Play]


def nothing(scene: Scene) -> None:
    """No fault beforehand, nothing to arrange, or nothing more that the program does."""


@dataclass(frozen=True)
class Row:
    """`ways` are faults by name that come to the same, each tried by itself; one without a name is the only one. `act`
    is what the program does then, where it is not the step's own; `after` is how it comes right."""

    fault: str
    ways: Ways
    meanwhile: Meanwhile
    ends: Ends
    act: Play | None = None
    after: Play = Scene.calm

    @property
    def words(self) -> str:
        names = ", ".join(name for name in self.ways if name)
        return ": ".join(filter(None, [self.fault, names]))


@dataclass(frozen=True)
class Step:
    """`says` is what it is, for the page. `arrange` goes before the fault, `act` meets it."""

    title: str
    says: str
    rows: tuple[Row, ...]
    act: Play
    arrange: Play = nothing
