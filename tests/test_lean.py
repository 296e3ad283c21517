"""A start loads what it serves with, and nothing that a library would take along."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from vip_manager import lean, page
from vip_manager.server import SERVING

UNUSED = {
    *("aiohttp", "charset_normalizer", "pydantic", "pygments", "redis", "requests", "urllib3", "watchfiles"),
    *("apscheduler", "dotenv", "fontTools", "google", "grpc", "httpcore", "limits", "prometheus_client", "segno"),
    *("httpx._main", "opentelemetry.sdk", "rich.traceback", "websockets.asyncio.client"),
    *("vip_manager.outgoing.post", "vip_manager.simulator.app", "vip_manager.simulator.world"),
}
"""By a product with a real Twitch, until it answers."""

STARTED = """
from vip_manager import lean
lean.load()
import vip_manager.vip_manager
"""


def after(code: str, say: str) -> Any:
    """What a process of its own says in the end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TWITCH_", "REFLEX_"))}
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys\nprint(json.dumps({say}))"],
        cwd=page.ROOT,
        env={**clean, **SERVING},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_what_a_start_does_not_use_is_not_loaded() -> None:
    assert UNUSED.intersection(after(STARTED, "list(sys.modules)")) == set()


def test_what_was_left_out_is_there_for_whoever_imports_it() -> None:
    code = f"{STARTED}\nimport redis.asyncio, redis.exceptions, rich.traceback"
    assert after(code, "[redis.asyncio.Redis.__module__, redis.__file__ is not None]") == ["redis.asyncio.client", True]


@pytest.mark.parametrize("name", ["redis", "requests"])
def test_what_is_there_already_stays(name: str) -> None:
    assert after(f"import {name}\nkept = {name}\n{STARTED}", f"sys.modules['{name}'] is kept")


def test_only_what_can_be_done_without_is_left_out() -> None:
    """Each that is named is still the one that takes those along, and goes without."""
    for name, left_out in lean.WITHOUT.items():
        taken = after(f"import {name}", f"[one for one in {left_out} if one in sys.modules]")
        assert taken, f"{name} takes none of them along any more"
