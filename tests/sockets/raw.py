"""Sockets to the product as anybody can open them, frame by frame; and signing in without a browser."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.product import Product

ROOT = "reflex___state____state"
BOOT = f"{ROOT}.hydrate_and_load"


def cookie_of(product: Product, login: str, *, connect: bool = True) -> str:
    """Signs in as that person, as a browser would go the way."""
    with httpx.Client(base_url=product.base, trust_env=False) as browser:
        asked = browser.get(f"/api/auth/login{'?connect=channel' if connect else ''}").headers["location"]
        fields = {name: one[0] for name, one in parse_qs(urlsplit(asked).query, keep_blank_values=True).items()}
        back = browser.post("/sandbox/twitch/oauth2/authorize", data={**fields, "user": login}).headers["location"]
        browser.get(back)
        return f"vip={browser.cookies['vip']}"


def event(name: str, payload: Any = None, path: str = "/dashboard", **more: Any) -> str:
    """The frame of an event, as a page's own code would send it."""
    router = {"pathname": path.split("?")[0], "query": {}, "asPath": path}
    sent = {"name": name, "payload": payload or {}, "router_data": router, **more}
    return "42/_event," + json.dumps(["event", sent])


class Raw:
    """`heard` is every frame that came."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[str] = []

    def join(self, boot: str = "") -> str:
        """Into Reflex's namespace; the answer. `boot` is the first event's frame, sent along as a page does it."""
        first = json.loads(boot.partition(",")[2])[1] if boot else None
        self.send("40/_event," + (json.dumps({"event": first}) if first else ""))
        return self.until("4", "/_event")

    def send(self, frame: str) -> None:
        self.socket.send(frame)

    def call(self, name: str, payload: Any = None, path: str = "/dashboard") -> None:
        self.send(event(name, payload, path))

    def next(self, seconds: float = 10.0) -> str:
        """The next frame. Raises TimeoutError, ConnectionClosed."""
        frame = str(self.socket.recv(timeout=seconds))
        if frame == "2":
            self.socket.send("3")
        self.heard.append(frame)
        return frame

    def until(self, *parts: str, seconds: float = 10.0) -> str:
        """The first frame that holds all of these."""
        while True:
            frame = self.next(seconds)
            if all(part in frame for part in parts):
                return frame

    def ended(self, seconds: float = 10.0) -> int:
        """The code with which the server ends the socket."""
        try:
            while True:
                self.next(seconds)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 0

    def echo(self) -> str:
        """All that came until the server has taken everything before: it takes what one socket sends in order."""
        already = len(self.heard)
        self.call(BOOT, path="/nowhere")
        self.until('is_hydrated_rx_state_":true')
        return "\n".join(self.heard[already:])


@contextmanager
def opened(product: Product, *, token: str = "a-token", cookie: str = "", query: str | None = None) -> Iterator[Raw]:
    """An Engine.IO socket that has joined nothing yet."""
    query = f"token={token}&EIO=4&transport=websocket" if query is None else query
    with connect(
        f"{product.base.replace('http', 'ws', 1)}/_event/?{query}",
        additional_headers={"Cookie": cookie} if cookie else {},
        origin=Origin(product.base),
        proxy=None,
        open_timeout=10,
        close_timeout=2,
    ) as socket:
        raw = Raw(socket)
        assert raw.next().startswith("0{")
        yield raw
