"""Connections of clients that are slow, endless or silent: each ends, and none of those beside it notices."""

import asyncio
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.serving import serving
from vip_manager.connection import BoundedConnection
from vip_manager.web import body
from vip_manager.web.edge import Edge

LONG = 20.0
"""Seconds in which everything here has ended."""
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"


class Hasty(BoundedConnection):
    head_seconds = 0.4
    rest_seconds = 0.4
    answer_seconds = 0.2
    most_rest_bytes = 200_000

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        # Little is then on its way, and what a client does not take stays here.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        # And goes on being written while there is more of it than the kernel would hide from a test.
        transport.set_write_buffer_limits(high=200_000, low=50_000)
        super().connection_made(transport)


async def inside(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads no body but at /read; answers with as many bytes as the path says."""
    if scope["path"] == "/read":
        message: Message = {"more_body": True}
        while message.get("more_body"):
            message = await receive()
    size = int(scope["path"].strip("/") or "2") if scope["path"] != "/read" else 2
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(size).encode())]})
    await send({"type": "http.response.body", "body": b"x" * size})


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    with serving(inside, Hasty) as base:
        yield urlsplit(base).hostname or "", urlsplit(base).port or 0


@pytest.fixture(scope="module")
def edge() -> Iterator[tuple[str, int]]:
    """The same behind the edge, whose patience is as short."""
    before, body.LONGEST_WAIT = body.LONGEST_WAIT, 0.4
    try:
        with serving(Edge(inside), Hasty) as base:
            yield urlsplit(base).hostname or "", urlsplit(base).port or 0
    finally:
        body.LONGEST_WAIT = before


@contextmanager
def connected(address: tuple[str, int], receive_buffer: int = 0) -> Iterator[socket.socket]:
    with socket.socket() as one:
        if receive_buffer:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        one.settimeout(LONG)
        one.connect(address)
        yield one


def answer(one: socket.socket) -> bytes:
    """One whole answer, of a length that it tells."""
    heard = b""
    while True:
        piece = one.recv(65_536)
        assert piece, f"cut after {heard!r}"
        heard += piece
        head, _, rest = heard.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if length and len(rest) == int(length[1]):
            return heard


def until_cut(one: socket.socket) -> bytes:
    """All that came until the other side ended it."""
    heard = b""
    try:
        while piece := one.recv(65_536):
            heard += piece
    except ConnectionResetError:
        pass
    return heard


def trickle(one: socket.socket, piece: bytes) -> bytes:
    """Sends a piece again and again until the other side ends it; what it said."""
    began = time.monotonic()
    one.settimeout(0.02)
    heard = b""
    while True:
        assert time.monotonic() - began < LONG, "this would have gone on for ever"
        try:
            one.sendall(piece)
            if not (said := one.recv(65_536)):
                break
            heard += said
        except TimeoutError:
            continue
        except (ConnectionResetError, BrokenPipeError):
            break
    one.settimeout(LONG)
    return heard


def test_a_client_at_a_usual_pace_notices_nothing(address: tuple[str, int]) -> None:
    with connected(address) as one:
        for _ in range(3):
            one.sendall(GET[:9])
            time.sleep(0.02)
            one.sendall(GET[9:] + b"\r\n")
            assert answer(one).endswith(b"\r\n\r\nxx")
            time.sleep(0.15)


def test_who_says_nothing_is_cut(address: tuple[str, int]) -> None:
    with connected(address) as one:
        assert until_cut(one) == b""


@pytest.mark.parametrize("piece", [b"X-More: 1\r\n", b"x"])
def test_a_head_that_does_not_end_is_cut(address: tuple[str, int], piece: bytes) -> None:
    with connected(address) as one:
        one.sendall(GET)
        assert trickle(one, piece).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("piece", [b"\r\n", b"G"])
def test_after_a_first_request_the_next_ones_head_is_as_urgent(address: tuple[str, int], piece: bytes) -> None:
    with connected(address) as one:
        one.sendall(GET + b"\r\n")
        assert answer(one).endswith(b"xx")
        heard = trickle(one, piece)
        assert heard == b"" or heard.startswith((b"HTTP/1.1 408", b"HTTP/1.1 400"))


@pytest.mark.parametrize(
    "head",
    [
        GET + b"X-Long: " + b"x" * 70_000,
        GET + b"X-Long: " + b"x" * 70_000 + b"\r\n\r\n",
        GET + b"X-Many: 1\r\n" * 7_000,
        b"GET /" + b"x" * 70_000,
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["one header", "one whole header", "many headers", "address", "whole address"],
)
def test_a_head_that_is_too_large_is_refused(address: tuple[str, int], head: bytes) -> None:
    with connected(address) as one:
        try:
            one.sendall(head)
        except (ConnectionResetError, BrokenPipeError):
            return
        heard = until_cut(one)
        assert heard == b"" or heard.startswith(b"HTTP/1.1 431")


def test_what_is_no_request_is_refused_with_what_every_answer_carries(address: tuple[str, int]) -> None:
    with connected(address) as one:
        one.sendall(GET + b"no header\r\n\r\n")
        heard = until_cut(one)
    assert heard.startswith(b"HTTP/1.1 400")
    assert re.search(rb"\r\nx-request-id: \w{8,}\r\nx-content-type-options: nosniff\r\n", heard)


def test_a_large_head_that_is_not_too_large_is_read(address: tuple[str, int]) -> None:
    with connected(address) as one:
        one.sendall(GET + b"Cookie: " + b"x" * 60_000 + b"\r\n\r\n")
        assert answer(one).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("header", [b"", b"Connection: close\r\n"])
@pytest.mark.parametrize("size", [50_000, 30_000_000])
def test_who_does_not_take_the_answer_is_cut(address: tuple[str, int], header: bytes, size: int) -> None:
    with connected(address, receive_buffer=4_096) as one:
        one.sendall(b"GET /%d HTTP/1.1\r\nHost: x\r\n%b\r\n" % (size, header))
        time.sleep(1.0)
        assert len(until_cut(one)) < size


def test_who_leaves_the_end_of_the_answer_is_cut_as_well(address: tuple[str, int]) -> None:
    size = 300_000
    with connected(address, receive_buffer=4_096) as one:
        one.sendall(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % size)
        heard = 0
        while heard < size - 40_000:
            heard += len(one.recv(2_048))
        time.sleep(1.0)
        assert heard + len(until_cut(one)) < size


def test_who_takes_the_answer_gets_all_of_it_however_long_it_takes(address: tuple[str, int]) -> None:
    with connected(address) as one:
        one.sendall(b"GET /3000000 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert len(until_cut(one).partition(b"\r\n\r\n")[2]) == 3_000_000


BODIES = {
    "of a length": (b"Content-Length: 60000\r\n\r\n", b"x"),
    "chunked": (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("path", [b"/", b"/read"])
def test_a_body_that_does_not_end_is_cut_whether_somebody_reads_it_or_not(
    edge: tuple[str, int], kind: str, path: bytes
) -> None:
    begin, piece = BODIES[kind]
    with connected(edge) as one:
        one.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + begin)
        assert trickle(one, piece).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("kind", BODIES)
def test_without_the_edge_too_it_is_cut_after_its_answer(address: tuple[str, int], kind: str) -> None:
    begin, piece = BODIES[kind]
    with connected(address) as one:
        one.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + begin)
        assert trickle(one, piece).startswith(b"HTTP/1.1 200")


def test_a_body_that_goes_on_after_its_answer_is_cut_where_it_is_large(address: tuple[str, int]) -> None:
    sent, piece = 0, b"x" * 65_536
    with connected(address) as one:
        one.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000000\r\n\r\n")
        assert answer(one).startswith(b"HTTP/1.1 200")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):  # noqa: PT012
            while True:
                one.sendall(piece)
                sent += len(piece)
    assert sent < 20_000_000, "so much is sent in the time that there is"


def test_a_body_without_a_length_is_refused_where_it_is_too_large(edge: tuple[str, int]) -> None:
    with connected(edge) as one:
        one.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
        for _ in range(5):
            one.sendall(chunk)
        assert answer(one).startswith(b"HTTP/1.1 413")
        assert trickle(one, chunk) == b""


def test_a_body_whose_length_is_too_large_is_refused_before_it_comes_and_the_client_hears_it(
    edge: tuple[str, int],
) -> None:
    with connected(edge) as one:
        one.sendall(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n")
        assert answer(one).startswith(b"HTTP/1.1 413")
    with connected(edge) as one:
        one.sendall(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000)
        assert answer(one).startswith(b"HTTP/1.1 413")
        one.sendall(GET + b"\r\n")
        assert answer(one).startswith(b"HTTP/1.1 200"), "the connection serves the next request too"


def test_a_body_that_fits_comes_through(edge: tuple[str, int]) -> None:
    with connected(edge) as one:
        for path in (b"/", b"/read"):
            one.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n" + b"x" * 65_536)
            assert answer(one).startswith(b"HTTP/1.1 200")


def test_who_leaves_in_the_middle_of_a_body_leaves_nothing_behind(edge: tuple[str, int]) -> None:
    with connected(edge) as one:
        one.sendall(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx")
    with connected(edge) as one:
        one.sendall(GET + b"\r\n")
        assert answer(one).startswith(b"HTTP/1.1 200")
