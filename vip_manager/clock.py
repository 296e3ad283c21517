"""What time it is: the real one, or the simulated world's."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vip_manager.ports import Clock

if TYPE_CHECKING:
    # Only the sandbox loads the simulator.
    from vip_manager.simulator.world import World


class RealClock:
    """Domain time is real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def real(self) -> datetime:
        return datetime.now(UTC)


class SandboxClock(RealClock):
    """Domain time is the simulated world's, so that both jump together and the jump is kept in one place."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def now(self) -> datetime:
        return self._world.now()


def clock_of(world: "World | None") -> Clock:
    return SandboxClock(world) if world else RealClock()
