"""A connection that breaks, as its very bytes show it."""

import logging
import socket
from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.serving import serving
from tests.simulator.driver import CLIENT_ID, Twitch
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World
from vip_manager.web.edge import Edge

NewWorld = Callable[..., World]
Server = Literal["h11", "httptools"]


def raw_answer(url: str, method: str, headers: str = "") -> bytes:
    """All that comes until the other side hangs up."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as line:
        line.sendall(f"{method} {parts.path}?{parts.query} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
        said = b""
        while some := line.recv(4096):
            said += some
        return said


@pytest.mark.parametrize("server", ["h11", "httptools"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
@pytest.mark.parametrize("do", ["cut", "lose_answer"])
def test_not_a_byte_of_an_answer_comes_before_the_line_is_cut(
    new_world: NewWorld, server: Server, method: str, do: str
) -> None:
    with serving(create_simulator(new_world()), server) as url:
        httpx.post(f"{url}/control/faults", json={"do": do, "path": "/helix/users"}).raise_for_status()
        assert raw_answer(f"{url}/helix/users", method) == b""
        assert raw_answer(f"{url}/helix/users", method, "Connection: close\r\n").startswith(b"HTTP/1.1 40")


def test_the_line_is_cut_below_the_products_edge_too(new_world: NewWorld) -> None:
    with serving(Edge(Starlette(routes=[Mount("/sandbox/twitch", create_simulator(new_world()))]))) as url:
        base = f"{url}/sandbox/twitch"
        httpx.post(f"{base}/control/faults", json={"do": "cut", "path": "/helix/users"}).raise_for_status()
        assert raw_answer(f"{base}/helix/users", "GET") == b""


async def test_a_removal_whose_answer_is_lost_shows_nothing_but_its_effect(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await hand.vip("POST", "viewer1")
    await twitch.control("faults", do="lose_answer", method="DELETE", path="/channels/vips")
    headers = f"Authorization: Bearer {hand.access}\r\nClient-Id: {CLIENT_ID}\r\n"
    url = f"{twitch.base}/helix/channels/vips?broadcaster_id=1001&user_id=3001"
    assert raw_answer(url, "DELETE", headers) == b""
    assert await twitch.vips() == ["permanentvip"]


@pytest.fixture
def said_by_the_server(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """uvicorn keeps its lines from the root logger."""
    log = logging.getLogger("uvicorn.error")
    with caplog.at_level(logging.INFO, "uvicorn.error"):
        log.addHandler(caplog.handler)
        yield caplog
        log.removeHandler(caplog.handler)


async def test_a_cut_is_no_error_of_the_servers_own(
    twitch: Twitch, said_by_the_server: pytest.LogCaptureFixture
) -> None:
    """Of the server that the product has (httptools); h11 can't be told to keep quiet."""
    await twitch.control("faults", do="cut", path="/helix/users")
    with pytest.raises(httpx.RemoteProtocolError):
        await twitch.client.get("helix/users")
    assert said_by_the_server.messages == []
