"""What keeps the server from starting is said in words, and nothing is overwritten."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.product import free_port
from vip_manager import page, server
from vip_manager.ports import StoreError, StoreUnavailable
from vip_manager.server import BAD_SETTINGS
from vip_manager.settings import Settings
from vip_manager.store.archive import HalfImported
from vip_manager.store.stamp import MadeByNewerProgram, Stamp, WrongStamp


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


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreUnavailable("Firestore is out of reach"), 1),
        (WrongStamp("Firestore", Stamp("a", "b"), Stamp("c", "d"), "go elsewhere"), BAD_SETTINGS),
        (HalfImported("Firestore"), BAD_SETTINGS),
        (MadeByNewerProgram("Firestore", 2, 1), BAD_SETTINGS),
    ],
)
def test_a_store_that_is_out_of_reach_is_no_fault_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    error: StoreError,
    code: int,
) -> None:
    async def look(settings: Settings) -> None:
        raise error

    monkeypatch.setattr(server, "_look_at_store", look)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert server._serve(Settings.read({"DATA_DIR": str(tmp_path)})) == code
    assert capsys.readouterr().err == f"{error}\n"


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


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"TWITCH_CLIENT_ID": "id1"}, "TWITCH_CLIENT_SECRET"),
        ({"TWITCH_CLIENT_SECRET": "one of Twitch's"}, "TWITCH_CLIENT_ID"),
        ({"GOOGLE_CLOUD_PROJECT": "my-project"}, "TWITCH_CLIENT_ID"),
        ({"K_SERVICE": "vip-manager"}, "TWITCH_CLIENT_ID"),
        ({"PUBLIC_URL": "https://vip.example.org"}, "TWITCH_CLIENT_ID"),
        ({"TWITCH_CLIENT_ID": "id1", "TWITCH_CLIENT_SECRET": "x", "APP_SECRET": "o" * 64}, "APP_SECRET"),
    ],
)
def test_nothing_starts_by_accident(tmp_path: Path, environment: dict[str, str], named: str) -> None:
    end = started(tmp_path, **environment)
    assert end.returncode == BAD_SETTINGS
    assert named in end.stderr
    assert "Traceback" not in end.stderr
    assert list(tmp_path.iterdir()) == []
