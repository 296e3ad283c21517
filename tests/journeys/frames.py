"""A browser's side of the page's WebSocket, frame by frame: what anybody can send who can open a socket."""

import itertools
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
_marks = itertools.count(1)
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
        self.hears('is_hydrated_rx_state_":true')

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

    def answers(self) -> str:
        """All that came, once the server has done what was called before, and what that called in turn: of one socket
        it does everything in order. What stands for the end of it is text that is typed into a form, and comes back."""
        for _ in ("what was called", "what that called"):
            mark = f"mark {next(_marks)}."
            self.call(f"{DASHBOARD}.draft", field="title", value=mark)
            self.hears(mark)
        return "\n".join(self.heard)

    def _hear(self) -> str:
        frame = self._socket.recv(timeout=20.0)
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
        # Else what nobody has read keeps the end of the socket from being heard, which is then waited for.
        max_queue=None,
    ) as socket:
        frames = Frames(socket, path)
        frames.greet()
        yield frames
