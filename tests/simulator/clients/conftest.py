"""A simulator on a port, and other people's libraries that use it, with a streamer signed in."""

import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.patience import Patience
from tests.serving import serving
from tests.simulator.clients import browser
from tests.simulator.clients.talking import PATIENCE_SECONDS, Library
from tests.simulator.clients.twurple_setup import twurple
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.eventsub.timings import Timings
from vip_manager.simulator.world import World

LIBRARIES = ["twitchAPI", "TwitchIO", "twurple"]
SCOPES = [
    "channel:manage:redemptions",
    "channel:manage:vips",
    "channel:read:redemptions",
    "channel:read:vips",
    "moderation:read",
    "moderator:manage:announcements",
    "user:read:moderated_channels",
    "user:write:chat",
]

Start = Callable[[str], Library]


class Stage:
    """One address for all tests, behind which each has a simulator of its own: twurple can't be told of a path."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self.sockets_opened = 0
        self.sockets_open = 0

    def show(self, app: ASGIApp) -> None:
        self._app = app
        self.sockets_opened = self.sockets_open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        assert app is not None
        if scope["type"] != "websocket":
            await app(scope, receive, send)
            return
        self.sockets_opened += 1
        self.sockets_open += 1
        try:
            await app(scope, receive, send)
        finally:
            if app is self._app:
                self.sockets_open -= 1


class Curtain:
    """The world's other side: what people and Twitch do while a library looks on."""

    def __init__(self, client: httpx.Client, stage: Stage) -> None:
        self._client = client
        self._stage = stage

    def control(self, action: str, **wish: Any) -> Any:
        answer = self._client.post(f"control/{action}", json=wish)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def channel(self, login: str = "streamer") -> Any:
        channels = self._client.get("control/world").json()["channels"]
        return next(one for one in channels if one["login"] == login)

    def vips(self) -> list[str]:
        return [one["login"] for one in self.channel()["vips"]]

    def requests(self, method: str, path: str) -> int:
        """How many of these came so far; `path` is how theirs end."""
        lines = self._client.get("control/journal", params={"limit": "5000"}).json()["journal"]
        return sum(
            1
            for line in lines
            if line["kind"] == "request" and line["method"] == method and line["path"].endswith(path)
        )

    def until(self, condition: Callable[[], bool]) -> None:
        patience = Patience(PATIENCE_SECONDS)
        while not condition():
            assert not patience.over, "it did not come to that"
            time.sleep(0.01)

    def until_moved(self) -> None:
        """The new socket is there and the old one gone."""
        self.until(lambda: (self._stage.sockets_opened, self._stage.sockets_open) == (2, 1))


@pytest.fixture(scope="session")
def stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with serving(stage) as url:
        yield stage, url


@pytest.fixture
def timings() -> Timings:
    return Timings()


@pytest.fixture
def twitch(stage: tuple[Stage, str], timings: Timings) -> Iterator[Curtain]:
    behind, url = stage
    behind.show(create_simulator(World(), timings=timings))
    with httpx.Client(base_url=url, trust_env=False, timeout=10) as client:
        yield Curtain(client, behind)


@pytest.fixture(params=LIBRARIES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def start(stage: tuple[Stage, str], tmp_path_factory: pytest.TempPathFactory) -> Start:
    logs = tmp_path_factory.mktemp("clients")
    _, url = stage

    def begin(name: str) -> Library:
        port = _free_port()
        log = logs / f"{name}-{port}.log"
        if name == "twurple":
            environment = {"TWURPLE_MOCK_API_PORT": url.rpartition(":")[2]}
            return Library(["node", str(twurple()), str(port)], environment, log)
        module = f"tests.simulator.clients.{name.lower()}_flow"
        return Library([sys.executable, "-m", module, url, str(port)], {}, log)

    return begin


@pytest.fixture(scope="session")
def running() -> Iterator[dict[str, Library]]:
    """Libraries that wait for the next test, for to start one takes longer than most tests."""
    libraries: dict[str, Library] = {}
    yield libraries
    for library in libraries.values():
        library.close()


@pytest.fixture
def arrived(name: str, twitch: Curtain, start: Start, running: dict[str, Library]) -> Iterator[Library]:
    """Not signed in to this test's Twitch."""
    library = running.pop(name, None) or start(name)
    yield library
    if library.at_rest:
        running[name] = library
    else:
        library.close()


@pytest.fixture
def library(arrived: Library) -> Library:
    """Signed in by code as the streamer."""
    return signed_in(arrived)


@pytest.fixture
def listener(name: str, twitch: Curtain, start: Start) -> Iterator[Library]:
    """Signed in, in a process of its own, for receivers of events outlast a test."""
    library = start(name)
    yield signed_in(library)
    library.close()


def signed_in(library: Library) -> Library:
    library.begin("sign_in", scopes=SCOPES)
    assert browser.sign_in(library.saw("open")["url"], "streamer").status_code == 200
    assert library.answer() == "streamer"
    return library


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
