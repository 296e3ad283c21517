"""Where the table of all benchmarks stands in the README, and what stands above it."""

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- python -m benchmarks --write -->", "<!-- until here -->"


def machine() -> str:
    """What it was measured on: processor, cores, memory, system, Python."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    processor = found[1].strip() if found else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{processor}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB, "
        f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()}"
    )


def measured(table: str) -> str:
    """The table with when and on what it came about."""
    return f"Measured on {datetime.now(UTC):%Y-%m-%d}, on {machine()}:\n\n{table}"


def write(text: str) -> None:
    """Between the two marks, in place of what stood there."""
    readme = README.read_text("utf-8")
    before, _, rest = readme.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise RuntimeError(f"{README} has not both marks, {BEGIN} and {END}")
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


def written() -> str:
    """What stands between the marks."""
    return README.read_text("utf-8").partition(BEGIN)[2].partition(END)[0].strip()
