"""What Linux says of a process: the time it had on a core, to the nanosecond, and its memory."""

import resource
from pathlib import Path


def cpu_of(pid: int) -> float:
    """Seconds of all its threads that are alive (Linux: Documentation/scheduler/sched-stats.rst)."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def memory_of(pid: int) -> float:
    """Resident, in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def allow_many_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
