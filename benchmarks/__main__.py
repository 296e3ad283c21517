"""All that is measured, in one table: `python -m benchmarks [--short] [--write] [NAME ...]`.

Each benchmark runs in a process of its own, one after the other, and alone: whatever else the machine does meanwhile is
measured too. All of them take some 25 minutes, of which the load held for ten minutes is half; `--short` holds it for
one, and all take 15. With names only those are run. `--write` puts the table into README.md, with the day and the
machine. What a benchmark says beside its rows goes to standard error.

What can't be measured here, because a program is missing that it is measured with, has a line that says so. Ends with 1
where something is not reached, or where a benchmark broke.
"""

import argparse
import asyncio
import importlib
import inspect
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import structlog

from benchmarks.rows import Row, table
from benchmarks.together import measured, write
from benchmarks.weight import SYSTEM_CHROMIUM

NEEDS: dict[str, tuple[str, ...]] = {
    "webhook": (),
    "grant": (),
    "sweep": (),
    "start": (),
    "files": ("nginx", "wrk", "chromium"),
    "weight": ("chromium",),
    "viewers": (),
    "dashboards": (),
    "history": (),
    "firestore_cost": ("java",),
    "day": (),
    "load": ("taskset",),
}
"""Every benchmark that has rows, in the table's order, and the programs without which it can't be run."""
_SHORT = {"load": {"minutes": 1.0}}
"""What `--short` has them do less of."""
_LONGEST = 1800.0
"""Seconds of one; after that it counts as broken."""


def missing(name: str) -> list[str]:
    """Programs."""
    return [one for one in NEEDS[name] if not (shutil.which(one) or (one == "chromium" and _playwrights_own()))]


def _playwrights_own() -> bool:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return SYSTEM_CHROMIUM.exists() or Path(playwright.chromium.executable_path).exists()


def apart(name: str, *, short: bool) -> list[Row]:
    """The rows of one, in a process of its own. Raises CalledProcessError, TimeoutExpired."""
    with tempfile.TemporaryDirectory() as directory:
        found = Path(directory) / "rows.json"
        command = [sys.executable, "-m", "benchmarks", "--apart", str(found), *["--short"] * short, name]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=_LONGEST)
        return [Row(**one) for one in json.loads(found.read_text())]


def run_here(name: str, to: Path, *, short: bool) -> None:
    structlog.configure(processors=[lambda *_: (_ for _ in ()).throw(structlog.DropEvent)])
    found = importlib.import_module(f"benchmarks.{name}").rows(**(_SHORT.get(name, {}) if short else {}))
    rows = asyncio.run(found) if inspect.iscoroutine(found) else found
    to.write_text(json.dumps([asdict(one) for one in rows]))


def together(names: Sequence[str], *, short: bool) -> tuple[str, bool]:
    """The table, and whether all that could be measured is reached."""
    every: list[Row] = []
    notes: list[str] = []
    well = True
    for name in names:
        if lacking := missing(name):
            notes.append(f"| {name} | not measured here: no {', no '.join(lacking)} | | | | – |")
            continue
        began = time.monotonic()
        try:
            rows = apart(name, short=short)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as broken:
            print(f"{name}: {broken}", file=sys.stderr)
            notes.append(f"| {name} | broke while it was measured | | | | **no** |")
            well = False
            continue
        print(f"{name}: {time.monotonic() - began:.0f} s\n{table(rows)}\n", file=sys.stderr, flush=True)
        every += rows
        well = well and all(one.reached for one in rows)
    return "\n".join([table(every), *notes]), well


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NEEDS)}; all unless named")
    parser.add_argument("--short", action="store_true", help="a minute of load in place of ten")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("--apart", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if unknown := set(asked.names) - NEEDS.keys():
        parser.error(f"there is no {', no '.join(sorted(unknown))}")
    if asked.write and asked.names:
        parser.error("the README has the whole table: --write goes with no names")
    if asked.apart:
        run_here(asked.names[0], asked.apart, short=asked.short)
        return 0
    found, well = together(asked.names or list(NEEDS), short=asked.short)
    print(measured(found))
    if asked.write:
        write(measured(found))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
