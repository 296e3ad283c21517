import json
import os
import re
import signal
import socket as sockets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Start
from tests.simulator.driver import Hand, Twitch, until
from vip_manager.simulator.world import World
from vip_manager.simulator.world_file import WorldFileError


def without_addresses(world: Any) -> Any:
    """Pictures' addresses hold the port."""
    return {**world, "users": [{**user, "avatar_url": ""} for user in world["users"]]}


async def test_a_world_is_kept_across_restarts(tmp_path: Path, start: Start, new_world: Callable[..., World]) -> None:
    path = tmp_path / "sandbox" / "twitch.json"
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        before = Twitch(client)
        hand = await before.sign_in()
        reward = await hand.make_reward()
        redemption = (await before.control("redeem", channel="streamer", viewer="viewer1"))["id"]
        await hand.vip("POST", "viewer1")
        await before.control("jump", seconds=3600)
        shown = without_addresses(await before.look("world"))
        audited = await before.look("audit")
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        after = Twitch(client)
        assert without_addresses(await after.look("world")) == shown
        assert await after.look("audit") == audited
        same = Hand(after, "1001", hand.access, hand.refresh)
        body = {"status": "FULFILLED"}
        assert (await same.redemptions("PATCH", body, reward_id=reward, id=redemption)).status_code == 200
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["offset_seconds"] == 3600
    assert [one.name for one in path.parent.iterdir()] == ["twitch.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 99}', '{"format": 1, "users": 3}'])
def test_a_file_that_is_no_world_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "twitch.json"
    path.write_text(content)
    with pytest.raises(WorldFileError, match=re.escape(str(path))):
        World(path)
    assert path.read_text() == content


def test_without_a_path_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    World().save()
    assert list(tmp_path.iterdir()) == []


async def test_alone_it_prints_its_addresses_and_remembers_what_it_answered(tmp_path: Path) -> None:
    path = tmp_path / "twitch.json"
    with sockets.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = (
        "import sys; from pathlib import Path; from vip_manager.simulator.alone import serve;"
        "serve(int(sys.argv[1]), Path(sys.argv[2]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(port), str(path)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:

            async def answers() -> bool:
                try:
                    return (await client.get("control/world")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(answers, seconds=30)
            await Twitch(client).control("vip", channel="streamer", viewer="viewer1", vip=True)
        process.send_signal(signal.SIGKILL)
        printed, _ = process.communicate(timeout=10)
    finally:
        process.kill()
        process.wait()
    assert f"TWITCH_API_URL=http://127.0.0.1:{port}/helix" in printed
    assert list(World(path).channel("1001").vips) == ["4001", "3001"]
