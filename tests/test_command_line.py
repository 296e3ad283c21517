"""`python -m vip_manager …`, as typed."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from tests.house import environment
from tests.product import free_port, until
from tests.serving import serving
from tests.store.records import T0, account, channel, redemption
from vip_manager import __main__, page
from vip_manager.bootstrap import adapters
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.ports import Record
from vip_manager.settings import Settings
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World


@pytest.fixture
def simulator() -> Iterator[str]:
    with serving(create_simulator(World())) as base:
        yield base


def redeem(simulator: str, *more: str) -> int:
    return __main__.main(["redeem", "--channel", "streamer", "--viewer", "viewer1", "--simulator", simulator, *more])


def test_redeem_lets_a_viewer_redeem(simulator: str, capsys: pytest.CaptureFixture[str]) -> None:
    reward = {"channel": "streamer", "title": "VIP", "cost": 5}
    httpx.post(f"{simulator}/control/reward", json=reward, trust_env=False).raise_for_status()
    assert redeem(simulator, "--reward", "VIP") == 0
    assert "viewer1 has redeemed" in capsys.readouterr().out
    [redemption] = httpx.get(f"{simulator}/control/world", trust_env=False).json()["redemptions"]
    assert (redemption["viewer"], redemption["cost"]) == ("viewer1", 5)


def test_redeem_says_why_it_could_not(simulator: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert redeem(simulator) == 1
    assert capsys.readouterr().err.strip().endswith(".")


def test_redeem_without_a_running_program_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert redeem(f"http://127.0.0.1:{free_port()}") == 1
    assert "Is the program running?" in capsys.readouterr().err


def test_the_simulator_runs_alone() -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "vip_manager", "simulator", "--port", str(port)], cwd=page.ROOT, stdout=subprocess.PIPE
    )

    def answers() -> bool:
        try:
            world = httpx.get(f"http://127.0.0.1:{port}/control/world", trust_env=False)
        except httpx.HTTPError:
            return False
        return {"streamer", "viewer9"} <= {user["login"] for user in world.json()["users"]}

    try:
        until(answers, "the simulator answers")
    finally:
        process.terminate()
        process.communicate(timeout=10)


REDEEMED = AuditEntry("a1", "1001", T0, Action.REDEEMED, detail={"redemption_id": "p1"})


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """Settings for a place where there is nothing yet."""
    settings = environment("https://twitch.example", tmp_path / "data")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return settings


def stored(data: Mapping[str, str], *records: Record | AuditEntry) -> None:
    async def store() -> None:
        opened = await adapters.open_store(Settings.read(data))
        await opened.commit(account(), channel(), *records)
        await opened.close()

    asyncio.run(store())


def test_verify_says_that_nothing_is_wrong(data: Mapping[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    stored(data, redemption("p1"), REDEEMED)
    assert __main__.main(["verify"]) == 0
    assert capsys.readouterr().out == "nothing wrong: 1 channels, 0 sessions, 1 redemptions\n"


def test_verify_says_what_is_wrong_and_repairs_it_when_asked(
    data: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    stored(data, redemption("p1", hours=24.0), REDEEMED)
    assert __main__.main(["verify"]) == 1
    found, summary = capsys.readouterr().out.splitlines()
    assert found == (
        "hours: redemptions/p1 of Viewer1 in streamer, since 2026-03-01 12:00:00 UTC: "
        "received, and says 24 h; --repair says 0 h"
    )
    assert summary == "1 wrong: 1 channels, 0 sessions, 1 redemptions"
    assert __main__.main(["verify", "--repair"]) == 0
    mended, summary = capsys.readouterr().out.splitlines()
    assert mended.startswith("mended  hours: redemptions/p1")
    assert summary == "1 mended, nothing wrong: 1 channels, 0 sessions, 1 redemptions"
    assert __main__.main(["verify"]) == 0


def test_verify_does_not_take_a_place_without_data_for_sound(
    data: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert __main__.main(["verify"]) == 1
    assert "There is no data in" in capsys.readouterr().err
    assert not Path(data["DATA_DIR"]).exists()


def test_verify_refuses_another_applications_data(
    data: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stored(data)
    monkeypatch.setenv("TWITCH_CLIENT_ID", "another")
    assert __main__.main(["verify"]) == 1
    assert "was made with" in capsys.readouterr().err


def test_reseal_says_what_it_did(data: Mapping[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    earlier, newer = "the earlier root secret of this test", "the newer root secret of this test"
    stored({**data, "APP_SECRET": earlier})
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("APP_SECRET", newer)
        changed.setenv("APP_SECRET_PREVIOUS", earlier)
        assert __main__.main(["reseal"]) == 0
        assert "1 people's Twitch tokens are sealed with APP_SECRET now." in capsys.readouterr().out
        assert __main__.main(["reseal"]) == 0
    assert __main__.main(["verify"]) == 1
    assert "don't open" in capsys.readouterr().out
