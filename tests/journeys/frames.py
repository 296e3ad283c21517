"""A browser's side of the page's WebSocket, frame by frame: what anybody can send who can open a socket."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.product import Product
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.sandbox.state import Stage

_STATE = "reflex___state____state"
DASHBOARD, STAGE = Dashboard.get_full_name(), Stage.get_full_name()


def on_dashboard(handler: str) -> str:
    """A handler of the dashboard's page, by the name that a frame calls it by."""
    state = ChannelPage if handler in ChannelPage.event_handlers else Dashboard
    assert handler in state.event_handlers
    return f"{state.get_full_name()}.{handler}"


class Frames:
    """`heard` is every frame that came, as text."""

    def __init__(self, socket: ClientConnection, path: str) -> None:
        self._socket = socket
        self._path = path
        self.heard: list[str] = []

    def greet(self) -> None:
        assert self._hear().startswith("0{")
        self._socket.send("40/_event,")
        assert self._hear().startswith("40/_event")
        self.call(f"{_STATE}.hydrate_and_load")

    def go(self, path: str) -> None:
        """What is called from now on is called on that page."""
        self._path = path

    def call(self, handler: str, /, **payload: Any) -> None:
        """An event, as the page's own code would send it."""
        router = {"pathname": self._path.split("?")[0], "query": {}, "asPath": self._path, "headers": {}}
        event = {"name": handler, "payload": payload, "router_data": router, "token": "a-token"}
        self._socket.send("42/_event," + json.dumps(["event", event]))

    def hears(self, text: str, times: int = 1) -> None:
        """Waits until that was said so often, in all that came so far."""
        while "\n".join(self.heard).count(text) < times:
            self._hear()

    def quiet(self, seconds: float = 1.0) -> str:
        """All that came, once nothing more does for so long."""
        try:
            while True:
                self._hear(seconds)
        except TimeoutError:
            return "\n".join(self.heard)

    def _hear(self, seconds: float = 5.0) -> str:
        frame = self._socket.recv(timeout=seconds)
        text = frame if isinstance(frame, str) else frame.decode()
        if text == "2":
            self._socket.send("3")
        self.heard.append(text)
        return text


@contextmanager
def frames_to(product: Product, path: str, *, cookie: str = "", origin: str = "") -> Iterator[Frames]:
    """A socket of a page at that path, with that `Cookie` header, said to come from that origin."""
    with connect(
        f"{product.base.replace('http', 'ws', 1)}/_event/?token=a-token&EIO=4&transport=websocket",
        additional_headers={"Cookie": cookie} if cookie else {},
        origin=origin or product.base,  # type: ignore[arg-type]
        proxy=None,
    ) as socket:
        frames = Frames(socket, path)
        frames.greet()
        yield frames
