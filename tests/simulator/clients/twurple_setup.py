"""twurple, installed once for each state of its lock file, beside the tests' Python packages."""

import functools
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REQUIRED, one_process_at_a_time

_SOURCES = Path(__file__).with_name("twurple")
_INSTALL_SECONDS = 180


def twurple() -> Path:
    """The script to run with node, where its packages are found. Skips the test where that can't be, but in CI."""
    place, missing = _installed()
    if missing and REQUIRED:
        pytest.fail(f"twurple is required here, but {missing}")
    if missing:
        pytest.skip(f"twurple: {missing}")
    script = place / "flow.mjs"
    shutil.copyfile(_SOURCES / "flow.mjs", script)
    return script


@functools.cache
def _installed() -> tuple[Path, str]:
    """Where the packages are, and what is missing if they are not: tried once a run."""
    key = hashlib.sha256((_SOURCES / "package-lock.json").read_bytes()).hexdigest()[:16]
    place = Path(sys.prefix) / "twurple" / key
    if shutil.which("node") is None or shutil.which("npm") is None:
        return place, "node and npm are not installed"
    with one_process_at_a_time("twurple"):
        return place, "" if (place / "node_modules").is_dir() else _install(place)


def _install(place: Path) -> str:
    """Elsewhere first, so that one cut short is never taken for whole. What went wrong, or nothing."""
    half = place.with_name(place.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(_SOURCES / name, half / name)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=half, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "npm ci did not end in time"
    if done.returncode != 0:
        return f"npm ci failed: {done.stderr.strip()[-500:]}"
    shutil.rmtree(place, ignore_errors=True)
    half.rename(place)
    return ""
