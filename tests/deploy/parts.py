"""Programs of the outside that judge what is in deploy/."""

import shutil

import pytest

from tests.conftest import REQUIRED


def part(name: str) -> str:
    """Where that program is. Skips the test where it is not, and fails it where all parts are required."""
    found = shutil.which(name)
    if not found:
        if REQUIRED:
            pytest.fail(f"{name} is missing")
        pytest.skip(f"needs {name}")
    return found
