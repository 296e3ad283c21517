"""What keeps the server from starting is said in words, and nothing is overwritten."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.product import free_port
from vip_manager import page
from vip_manager.server import BAD_SETTINGS


def started(data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TWITCH_", "REFLEX_"))}
    return subprocess.run(
        [sys.executable, "-m", "vip_manager.server"],
        cwd=page.ROOT,
        env={**clean, "DATA_DIR": str(data), "PORT": str(free_port()), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("damaged", ["twitch.json", "vip.db"])
def test_a_damaged_file_is_named_and_left_alone(built_page: None, tmp_path: Path, damaged: str) -> None:
    file = tmp_path / "sandbox" / damaged
    file.parent.mkdir()
    file.write_text("{ this was something else once")
    before = file.read_bytes()
    end = started(tmp_path)
    assert end.returncode == BAD_SETTINGS
    assert "Traceback" not in end.stderr
    assert ("twitch.json" if damaged == "twitch.json" else "damaged") in end.stderr
    assert file.read_bytes() == before
