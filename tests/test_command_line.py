"""`python -m vip_manager …`, as typed."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.product import free_port, until
from tests.serving import serving
from vip_manager import __main__, page
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
