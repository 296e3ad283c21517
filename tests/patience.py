"""How long to wait for something on a machine that is shared: what is promised within seconds is promised where nothing
waits for a processor."""

import time
from pathlib import Path

MOST = 60.0
_PRESSURE = Path("/proc/pressure/cpu")


def starved() -> float:
    """Seconds in which something waited for a processor, since the machine began; 0 where the system does not say
    (Linux does: https://docs.kernel.org/accounting/psi.html)."""
    try:
        some = _PRESSURE.read_text().splitlines()[0]
    except OSError:
        return 0.0
    return int(some.rpartition("total=")[2]) / 1e6


class Patience:
    """So many seconds in which nothing on the machine waits for a processor; MOST more in which something does."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began, self._starved = time.monotonic(), starved()

    @property
    def over(self) -> bool:
        passed = time.monotonic() - self._began
        # The machine is asked only where it matters: this stands in loops.
        return passed > self._seconds and passed > self._seconds + min(starved() - self._starved, MOST)
