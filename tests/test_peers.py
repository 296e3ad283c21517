"""Connections are counted by address until they are gone, however they go; and files are not used up by sockets."""

import resource
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import structlog.testing
from starlette.types import Receive, Scope, Send
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.serving import serving
from vip_manager import open_files
from vip_manager.connection import BoundedConnection, BoundedSocket
from vip_manager.peers import Peers
from vip_manager.services import rates

MOST = 3
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def inside(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"in"})
        return
    await receive()
    if scope["path"] == "/refused":
        await send({"type": "websocket.close", "code": 1008})
        return
    if scope["path"] == "/broken":
        raise RuntimeError("of the test")
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        if message["text"] == "end":
            await send({"type": "websocket.close", "code": 1000})


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Peers:
    """This machine too."""
    monkeypatch.setattr(rates, "socket_address", rates.network)
    return Peers(MOST)


@pytest.fixture
def address(counted: Peers) -> Iterator[tuple[str, int]]:
    class Connection(BoundedConnection):
        peers = counted
        head_seconds = 1.0

    class Socket(BoundedSocket):
        peers = counted

    with serving(inside, Connection, Socket) as base:
        yield urlsplit(base).hostname or "", urlsplit(base).port or 0


def comes_to(counted: Peers, number: int) -> None:
    end = time.monotonic() + 5
    while len(counted) != number:
        assert time.monotonic() < end, f"{len(counted)} are counted"
        time.sleep(0.005)
    assert sum(counted._open.values()) == number


def heard(address: tuple[str, int]) -> bytes:
    with socket.create_connection(address, timeout=5) as one:
        try:
            one.sendall(GET)
            return one.recv(1000)
        except ConnectionResetError:
            return b""


def test_silent_connections_leave_room_for_others_and_one_line(address: tuple[str, int], counted: Peers) -> None:
    with ExitStack() as stack, structlog.testing.capture_logs() as lines:
        silent = [stack.enter_context(socket.create_connection(address, timeout=5)) for _ in range(MOST)]
        comes_to(counted, MOST)
        for _ in range(5):
            answer = heard(address)
            assert not answer or answer.startswith(b"HTTP/1.1 503")
        comes_to(counted, MOST)
        silent[0].close()
        comes_to(counted, MOST - 1)
        assert heard(address).startswith(b"HTTP/1.1 200")
        assert [line["event"] for line in lines] == ["too many connections from one address, refused"]
        assert counted.let_in(object(), "203.0.113.8"), "another address"
    comes_to(counted, 1)


def test_a_socket_is_counted_until_it_is_gone_however_it_goes(address: tuple[str, int], counted: Peers) -> None:
    url = f"ws://{address[0]}:{address[1]}"
    with ExitStack() as stack:
        ours, theirs, cut = (stack.enter_context(connect(url, proxy=None, close_timeout=1)) for _ in range(MOST))
        comes_to(counted, MOST)
        assert not heard(address).startswith(b"HTTP/1.1 200")
        ours.send("end")
        with pytest.raises(ConnectionClosed):
            ours.recv(timeout=5)
        theirs.close()
        cut.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        cut.socket.close()
        comes_to(counted, 0)
    for path in ("/refused", "/broken"):
        with pytest.raises(Exception, match=r"HTTP (403|500)"), connect(f"{url}{path}", proxy=None):
            pass
    comes_to(counted, 0)
    assert heard(address).startswith(b"HTTP/1.1 200")


def test_this_very_machine_is_not_counted() -> None:
    peers = Peers(1)
    assert all(peers.let_in(object(), "127.0.0.1") for _ in range(10))
    assert len(peers) == 0
    assert [peers.let_in(number, f"2001:db8::{number}") for number in range(2)] == [True, False], "one network"


@pytest.mark.parametrize(
    ("soft", "hard", "left"),
    [
        (1024, 20_000, 20_000),
        (1024, 1024, 1024),
        (256, resource.RLIM_INFINITY, open_files.ENOUGH),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, open_files.ENOUGH),
    ],
)
def test_all_files_that_the_system_gives_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, left: int
) -> None:
    system = System(monkeypatch, soft, hard, hard)
    open_files.allow_all()
    assert open_files.allowed() == left
    assert system.limits[1] == hard


def test_a_system_that_gives_less_than_it_offers_is_asked_for_less(monkeypatch: pytest.MonkeyPatch) -> None:
    System(monkeypatch, 256, resource.RLIM_INFINITY, 24_576)
    open_files.allow_all()
    assert open_files.allowed() == open_files.MOST_ON_MACOS


@pytest.mark.parametrize(
    ("files", "sockets", "of_address"), [(20_000, 5000, 1000), (1024, 768, 256), (256, 192, 64), (8, 10, 10)]
)
def test_sockets_never_use_up_the_files_and_no_address_does(
    monkeypatch: pytest.MonkeyPatch, files: int, sockets: int, of_address: int
) -> None:
    System(monkeypatch, files, files, files)
    with structlog.testing.capture_logs() as lines:
        assert open_files.sockets(5000) == sockets
    assert len(lines) == (sockets < 5000)
    assert open_files.of_address(1000) == of_address


class System:
    """One that lets a program have so many files, and no more than `most` in truth."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, most: int) -> None:
        self.limits = (soft, hard)
        self.most = most
        ours = SimpleNamespace(
            RLIMIT_NOFILE=resource.RLIMIT_NOFILE,
            RLIM_INFINITY=resource.RLIM_INFINITY,
            getrlimit=lambda _: self.limits,
            setrlimit=self.set,
        )
        monkeypatch.setattr(open_files, "resource", ours)

    def set(self, _: int, limits: tuple[int, int]) -> None:
        if self.most != resource.RLIM_INFINITY and limits[0] > self.most:
            raise ValueError("not allowed to raise maximum limit")
        self.limits = limits
