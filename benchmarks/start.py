"""How soon the product is ready, and what it takes when nobody wants anything of it, beside a bare Reflex app on the
same server: `python -m benchmarks.start`.

The bare app is one page with one state, built once with the product's own bun and kept in BARE_REFLEX (unless set, in
the directory for temporary files). Ready is the first answer to `GET /` with 200; memory is what the kernel counts as
resident (proc(5): statm) a moment after that, when it has stopped growing. Both are started in turns, each a process of
its own, with the same interpreter and warm caches. The product is started as it runs with a real Twitch (a stub in this
process), without anybody who wants figures, and as it runs in the sandbox, with its own Twitch and figures.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from benchmarks.board import memory_of
from benchmarks.channels import SECRET
from benchmarks.posts import share
from benchmarks.rows import Row, table
from benchmarks.stub import Twitch
from tests.product import free_port
from vip_manager import page

ROUNDS = 3
SETTLED = 3.0
"""Seconds in which memory grows no more."""

_CONFIG = """\
import reflex as rx

config = rx.Config(app_name="bare", telemetry_enabled=False, plugins=[rx.plugins.TailwindV4Plugin()],
                   disable_plugins=[rx.plugins.SitemapPlugin])
"""
_APP = """\
import reflex as rx


class State(rx.State):
    count: int = 0

    @rx.event
    def more(self):
        self.count += 1


app = rx.App()
app.add_page(lambda: rx.el.button(State.count, on_click=State.more), route="/")
"""
_SERVE = """\
import os
import uvicorn

uvicorn.run("bare.bare:app", factory=True, host="127.0.0.1", port=int(os.environ["PORT"]), ws="websockets-sansio",
            ws_per_message_deflate=False, proxy_headers=False, server_header=False, access_log=False,
            log_level="warning")
"""

BARE = {
    "REFLEX_ENV_MODE": "prod",
    "REFLEX_TELEMETRY_ENABLED": "false",
    "REFLEX_CHECK_LATEST_VERSION": "false",
    "__REFLEX_SKIP_COMPILE": "true",
    "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
}
"""Environment in which the bare app serves what was built."""


def bare_app() -> Path:
    """Where it is, built."""
    kept = os.environ.get("BARE_REFLEX") or f"{tempfile.gettempdir()}/bare-reflex-{os.getuid()}"
    directory = Path(kept)
    done = directory / "built"
    if not done.exists():
        (directory / "bare").mkdir(parents=True, exist_ok=True)
        (directory / "rxconfig.py").write_text(_CONFIG)
        (directory / "bare" / "__init__.py").touch()
        (directory / "bare" / "bare.py").write_text(_APP)
        (directory / "serve.py").write_text(_SERVE)
        bun = Path(sys.executable).parent
        subprocess.run(
            [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip", "--env", "prod"],
            cwd=directory,
            check=True,
            env={**os.environ, "PATH": f"{bun}{os.pathsep}{os.environ['PATH']}", "REFLEX_USE_SYSTEM_BUN": "true"},
            stdin=subprocess.DEVNULL,
        )
        done.touch()
    return directory


def started(command: list[str], directory: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds until it is ready, and MB when it has settled."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=directory,
        env={**_plain(), **environment, "PORT": str(port)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not answers(port):
            if process.poll() is not None:
                raise RuntimeError(f"{command} ended with {process.returncode}")
            time.sleep(0.005)
        ready = time.perf_counter() - began
        most, since = 0.0, time.monotonic()
        while time.monotonic() - since < SETTLED:
            if (now := memory_of(process.pid)) > most + 0.1:
                most, since = now, time.monotonic()
            time.sleep(0.1)
        return ready, memory_of(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def _plain() -> dict[str, str]:
    """This environment, in which what was compiled is kept, as on any machine that starts it twice."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def answers(port: int) -> bool:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)):
            return False
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, verify=False, timeout=10).status_code == 200
    except httpx.HTTPError:
        return False


async def rows() -> list[Row]:
    page.build_where_changed()
    twitch = Twitch()
    base = f"http://127.0.0.1:{await twitch.start()}"
    real = {
        "TWITCH_CLIENT_ID": "client",
        "TWITCH_CLIENT_SECRET": "secret of the client",
        "TWITCH_AUTH_URL": f"{base}/oauth2",
        "TWITCH_API_URL": f"{base}/helix",
        "APP_SECRET": SECRET,
    }
    bare = await asyncio.to_thread(bare_app)
    product = ["-m", "vip_manager.server"]
    sides: dict[str, list[tuple[float, float]]] = {"real": [], "sandbox": [], "bare": []}
    with tempfile.TemporaryDirectory() as directory:
        for number in range(ROUNDS + 1):
            found = {
                "real": await asyncio.to_thread(started, product, page.ROOT, real | {"DATA_DIR": f"{directory}/real"}),
                "bare": await asyncio.to_thread(started, ["serve.py"], bare, BARE),
                "sandbox": await asyncio.to_thread(started, product, page.ROOT, {"DATA_DIR": f"{directory}/sandbox"}),
            }
            for name, one in found.items():
                # The first of each has warmed the caches.
                if number:
                    sides[name].append(one)
    twitch.stop()
    ready, memory = ({name: share([one[i] for one in all_], 0.5) for name, all_ in sides.items()} for i in (0, 1))
    return [
        Row("start to ready", "s", ready["real"], ready["bare"], 1.5),
        Row("start to ready, the sandbox with figures", "s", ready["sandbox"], ready["bare"], 1.5),
        Row("memory when idle", "MB", memory["real"], memory["bare"], 1.3),
        Row("memory when idle, the sandbox with figures", "MB", memory["sandbox"], memory["bare"], 1.3),
    ]


if __name__ == "__main__":
    print(table(asyncio.run(rows())))
