"""What a change costs that very many people see at once, beside a bare Socket.IO server with as many in one room.

`python -m benchmarks.viewers [VIEWERS]` starts the product, and beside it, each in a process of its own, a bare
Socket.IO server and, where there are node and npm, a bare WebSocket server in Node. The same client opens as many
sockets to each. Then hours are added to somebody's VIP by the personal API, and the frame that this brings a viewer is
posted to the other two, which send it to all: one after the other, many times, of which the medians count. The seconds
are from before the request until the last viewer has the frame. The processor's time is the server's in the second
after that, with all else that it does for as many open sockets; what ours does to change and to store something is in
it.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from benchmarks.board import BOARD, prepare
from benchmarks.crowd import Crowd, Seen
from benchmarks.processes import allow_many_files, cpu_of, memory_of
from benchmarks.rows import Row, shown
from tests.product import Product, free_port, until
from tests.sockets.raw import BOOT
from vip_manager import page

VIEWERS = 2000
VIPS = 8
ROUNDS = 15
QUIET = 1.0
"""Seconds of a round in which all that a change brings with it is over."""
_NEXT_TO = Path(__file__).parent / "beside"


@dataclass(slots=True)
class Kind:
    """One of the servers, with its crowd: `change` has it tell everybody of a frame with that mark in it."""

    name: str
    pid: int
    grown: float
    crowd: Crowd
    change: Callable[[], str]
    mark: Callable[[], str]
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def round(self) -> Seen:
        wait = self.crowd.expect(self.mark())
        burnt, began = cpu_of(self.pid), time.monotonic()
        self.change()
        seen = wait()
        self.seconds.append(seen.last - began)
        time.sleep(max(0.0, began + QUIET - time.monotonic()))
        self.cpu.append(cpu_of(self.pid) - burnt)
        return seen


def rows(viewers: int = VIEWERS) -> list[Row]:
    allow_many_files()
    page.build_where_changed()
    with ExitStack() as closing:
        directory = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        environment = {"MAX_SOCKETS": str(viewers * 10 // 9 + 100)}
        product = closing.enter_context(Product(directory, environment, cold=True).running())
        ours = _ours(product, viewers)
        closing.callback(ours.crowd.leave)
        first = ours.round()
        beside = [closing.enter_context(_rooms(first.frame, viewers))]
        if shutil.which("npm") and shutil.which("node"):
            beside.append(closing.enter_context(_sockets(first.frame, viewers, directory)))
        kinds = [ours, *beside]
        for kind in kinds:
            kind.round()
            kind.seconds.clear()
            kind.cpu.clear()
        for _ in range(ROUNDS):
            for kind in kinds:
                kind.round()
        print(_each(kinds, len(first.frame.encode()), viewers), flush=True)
        bare = beside[0]
        return [
            Row(
                f"a change, seen by the last of {viewers:,} viewers",
                "ms",
                1000 * statistics.median(ours.seconds),
                1000 * statistics.median(bare.seconds),
                1.5,
            ),
            Row(
                "the server's processor time for it",
                "ms",
                1000 * statistics.median(ours.cpu),
                1000 * statistics.median(bare.cpu),
                1.5,
            ),
            Row("memory of a viewer", "kB", 1000 * ours.grown / viewers, 1000 * bare.grown / viewers, 1.5),
            Row(f"memory of the process with {viewers:,} viewers", "MB", memory_of(product.pid), None, 300),
        ]


def _each(kinds: Sequence[Kind], size: int, viewers: int) -> str:
    lines = [f"A frame of {size:,} bytes to {viewers:,} viewers, {ROUNDS} times, medians (and quickest):\n"]
    lines += ["| server | to the last, ms | processor, ms | memory of a viewer, kB |", "|---|---|---|---|"]
    for one in kinds:
        times = [f"{1000 * statistics.median(all):.0f} ({1000 * min(all):.0f})" for all in (one.seconds, one.cpu)]
        lines.append(f"| {one.name} | {times[0]} | {times[1]} | {1000 * one.grown / viewers:.1f} |")
    return "\n".join([*lines, ""])


def _ours(product: Product, viewers: int) -> Kind:
    prepare(product)
    api = httpx.Client(base_url=product.base, trust_env=False, headers={"Authorization": f"Bearer {_token(product)}"})
    for number in range(1, VIPS + 1):
        wish = {"channel": "streamer", "viewer": f"viewer{number}"}
        api.post("/sandbox/twitch/control/redeem", json=wish).raise_for_status()
    until(lambda: len(_vips(api)) == VIPS and all(one["state"] == "active" for one in _vips(api)), "all to be VIP")
    vip = _vips(api)[0]
    board = httpx.get(f"{product.base}/api{BOARD}", trust_env=False).json()
    ends = next(one["expires_at"] for one in board["vips"] if one["login"] == vip["user_login"])
    ends = datetime.fromisoformat(ends) if isinstance(ends, str) else datetime.fromtimestamp(ends / 1000, UTC)
    exact = ends

    def change() -> str:
        nonlocal exact
        exact += timedelta(hours=1)
        api.patch(f"/api/v1/channels/streamer/vips/{vip['user_id']}", json={"add_hours": 1}).raise_for_status()
        return ""

    def mark() -> str:
        return f'"expires_at":{round((exact + timedelta(hours=1)).timestamp() * 1000)}'

    alone = memory_of(product.pid)
    crowd = Crowd(product.port, [_viewer(number, product.port) for number in range(viewers)], '"login":"viewer1"')
    return Kind("VIP Manager", product.pid, memory_of(product.pid) - alone, crowd, change, mark)


def _viewer(number: int, port: int) -> dict[str, Any]:
    router = {"pathname": "/board/[login]", "query": {"login": "streamer"}, "asPath": BOARD}
    boot = {"event": {"name": BOOT, "payload": {}, "router_data": router}}
    return {
        "path": f"/_event/?token=page-{number}&EIO=4&transport=websocket",
        "headers": {"Origin": f"http://localhost:{port}"},
        "says": [f"40/_event,{json.dumps(boot)}"],
    }


def _token(product: Product) -> str:
    words = [sys.executable, "-m", "vip_manager", "token", "--channel", "streamer"]
    return subprocess.run(words, env=product.environment, capture_output=True, text=True, check=True).stdout.strip()


def _vips(api: httpx.Client) -> Any:
    return api.get("/api/v1/channels/streamer/vips").raise_for_status().json()["data"]


@contextmanager
def _rooms(frame: str, viewers: int) -> Iterator[Kind]:
    client = {"path": "/_event/?EIO=4&transport=websocket", "says": ["40/_event,"]}
    command = [sys.executable, "-m", "benchmarks.beside.rooms"]
    with _served("bare Socket.IO", command, {}, frame, [client] * viewers) as kind:
        yield kind


@contextmanager
def _sockets(frame: str, viewers: int, directory: Path) -> Iterator[Kind]:
    subprocess.run(["npm", "install", "--prefix", str(directory), "ws@8"], capture_output=True, check=True)
    modules = {"NODE_PATH": str(directory / "node_modules")}
    client: dict[str, Any] = {"path": "/", "says": []}
    command = ["node", str(_NEXT_TO / "sockets.mjs")]
    with _served("bare ws in Node", command, modules, frame, [client] * viewers) as kind:
        yield kind


@contextmanager
def _served(
    name: str, command: Sequence[str], more: dict[str, str], frame: str, clients: Sequence[dict[str, Any]]
) -> Iterator[Kind]:
    """Tells the frame that a viewer of ours had, with another mark in it each time."""
    port = free_port()
    process = subprocess.Popen([*command, str(port)], env={**os.environ, **more})
    data, number = json.loads(frame.partition(",")[2])[1], 10**12
    http = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False)
    shown = next(iter(data["delta"].values()))

    def change() -> str:
        nonlocal number
        number += 1
        vips = next(iter(shown.values()))["vips"]
        vips[0]["expires_at"] = number
        http.post("/emit", json=data).raise_for_status()
        return ""

    def answers() -> bool:
        try:
            http.get("/")
        except httpx.ConnectError:
            return False
        return True

    try:
        until(answers, "the bare server answers")
        alone = memory_of(process.pid)
        crowd = Crowd(port, clients, "40/_event")
        try:
            yield Kind(
                name,
                process.pid,
                memory_of(process.pid) - alone,
                crowd,
                change,
                lambda: f'"expires_at":{number + 1}',
            )
        finally:
            crowd.leave()
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(shown(rows(*map(int, sys.argv[1:]))))
