"""Every route of the assembled app, walked: one that nobody has decided about fails here.

In a process of its own: Reflex takes one app a process.
"""

import json
import os
import subprocess
import sys

import pytest

from vip_manager import page
from vip_manager.server import SERVING

DECIDED = {
    "/api": "ours: see test_openapi.py",
    "/sandbox/twitch": "the simulated Twitch: 404 where Twitch is real",
    "/board/{login}": "the board's page, with tags of its own: a picture that is public",
    "/board/{login}/": "the same",
    "/_event": "the pages' socket: ui/gate and ui/guard stand behind it; closed to HTTP by the edge",
    "/metrics": "METRICS_TOKEN; without one nobody, but in the sandbox",
    "/ping": "closed by the edge",
    "/_health": "closed by the edge",
    "": "the built page, files of which no request writes any",
}

REAL = {
    "TWITCH_CLIENT_ID": "id",
    "TWITCH_CLIENT_SECRET": "secret",
    "APP_SECRET": "a root secret of this test, 0123456789",
    "PUBLIC_URL": "https://vip.test",
    "K_SERVICE": "vip",
}
SIMULATED = {**REAL, "TWITCH_API_URL": "http://127.0.0.1:9000/helix"}

WALK = (
    f"ENVIRONMENTS = {json.dumps([REAL, SIMULATED, {}])!r}"
    + """
import json
from starlette.routing import BaseRoute, Mount
from vip_manager.settings import Settings
from vip_manager.vip_manager import app, outside

def inmost(asgi):
    while asgi is not None and not hasattr(asgi, "routes"):
        asgi = getattr(asgi, "_app", None) or getattr(asgi, "app", None)
    return asgi

def walk(asgi):
    for route in inmost(asgi).routes:
        inside = getattr(route, "app", None)
        if isinstance(route, Mount) and route.path == "" and inmost(inside) is not None:
            yield from walk(inside)
        else:
            yield [route.path, sorted(getattr(route, "methods", None) or []), type(inside).__name__]

assembled = app()
sockets = app.sio.eio
layers = assembled._app._app._app._app._app.user_middleware
print("WALKED" + json.dumps({
    "routes": list(walk(assembled)),
    "outermost": [type(assembled).__name__, type(assembled._app).__name__],
    "transports": sockets.transports,
    "buffer": sockets.max_http_buffer_size,
    "timeout": sockets.ping_timeout,
    "outside": [str(outside(Settings.read(one))) for one in json.loads(ENVIRONMENTS)],
    "cors": [str(one.kwargs["allow_origins"]) for one in layers if "allow_origins" in one.kwargs],
}))
"""
)


@pytest.fixture(scope="module")
def walked(built_page: None) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", WALK],
        cwd=page.ROOT,
        env={**os.environ, **SERVING},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout.partition("WALKED")[2])
    return said


def test_somebody_has_decided_about_every_route(walked: dict[str, object]) -> None:
    routes = walked["routes"]
    assert isinstance(routes, list)
    assert {path for path, *_ in routes} == DECIDED.keys()
    assert [inside for path, _, inside in routes if path == ""] == ["PrecompressedStaticFiles"]


def test_the_edge_is_around_all_but_the_pages_files(walked: dict[str, object]) -> None:
    assert walked["outermost"] == ["PageFiles", "Edge"]


def test_the_pages_socket_is_bounded_and_has_one_transport(walked: dict[str, object]) -> None:
    assert walked["transports"] == ["websocket"]
    assert (walked["buffer"], walked["timeout"]) == (65_536, 30)


def test_the_edge_is_told_how_people_reach_us(walked: dict[str, object]) -> None:
    outside = walked["outside"]
    assert isinstance(outside, list)
    real, simulated, sandbox = outside
    assert "public_url='https://vip.test', simulator_path='', trusted_proxy_hops=1" in real
    assert "sha256-" in real
    assert "pictures_from=()" in real
    assert "pictures_from=('http://127.0.0.1:9000',)" in simulated
    assert "simulator_path='/sandbox/twitch', trusted_proxy_hops=0" in sandbox


def test_no_other_site_is_let_in(walked: dict[str, object]) -> None:
    assert walked["cors"] == ["()"]
