"""Connections to Twitch, byte by byte."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.house import HandClock
from vip_manager.ports import TwitchUnavailable
from vip_manager.twitch.http import Http
from vip_manager.twitch.lines import Lines

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def answering(*answers: bytes, close: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that gives these answers, on as many connections as there come; and what it was asked."""
    left, asked, writers = list(answers), list[bytes](), list[asyncio.StreamWriter]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while (head := await reader.readline()).strip():
            while (await reader.readline()).strip():
                pass
            asked.append(head)
            writer.write(left.pop(0))
            if close:
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await server.wait_closed()


async def asked(lines: Lines, url: str, read: float = 5.0, **headers: str) -> httpx.Response:
    timeout = {"connect": 5.0, "read": read, "pool": 5.0}
    response = await lines.handle_async_request(
        httpx.Request("GET", url, headers=headers, extensions={"timeout": timeout})
    )
    await response.aread()
    return response


@pytest.fixture
async def lines() -> AsyncIterator[Lines]:
    lines = Lines()
    yield lines
    await lines.aclose()


async def test_one_connection_serves_one_call_after_the_other(lines: Lines) -> None:
    async with answering(ANSWER, ANSWER) as (url, _):
        assert [(await asked(lines, f"{url}/{one}")).text for one in "ab"] == ["ok", "ok"]
        assert sum(map(len, lines._idle.values())) == 1


async def test_in_pieces_and_after_a_word_in_between(lines: Lines) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n"
    async with answering(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + chunked) as (url, _):
        response = await asked(lines, url)
        assert (response.status_code, response.text, "link" in response.headers) == (200, "ok", False)


async def test_an_answer_that_ends_with_its_connection(lines: Lines) -> None:
    async with answering(b"HTTP/1.1 200 OK\r\n\r\nok", close=True) as (url, _):
        assert (await asked(lines, url)).text == "ok"
    assert not any(lines._idle.values())


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", b"no HTTP at all\r\n\r\n"])
async def test_what_is_no_answer_is_none(lines: Lines, answer: bytes) -> None:
    async with answering(answer, close=True) as (url, _):
        with pytest.raises(httpx.TransportError):
            await asked(lines, url)
    assert not any(lines._idle.values())


async def test_silence(lines: Lines) -> None:
    async with answering(b"HTTP/1.1 200 OK\r\n") as (url, _):
        with pytest.raises(httpx.ReadTimeout):
            await asked(lines, url, read=0.05)


async def test_two_answers_to_one_question_end_the_connection(lines: Lines) -> None:
    async with answering(ANSWER + ANSWER.replace(b"ok", b"no"), ANSWER) as (url, _):
        assert [(await asked(lines, url)).text for _ in range(2)] == ["ok", "ok"]


async def test_nobody_there(lines: Lines) -> None:
    async with answering() as (url, _):
        pass
    with pytest.raises(httpx.ConnectError):
        await asked(lines, url)


async def test_no_header_becomes_two(lines: Lines) -> None:
    async with answering(ANSWER) as (url, heard):
        with pytest.raises(httpx.LocalProtocolError):
            await asked(lines, url, a="b\r\nc: d")
        assert heard == []


async def test_an_answer_that_comes_packed_is_unpacked() -> None:
    packed = gzip.compress(b'{"message": "gone"}')
    head = b"HTTP/1.1 404 Not Found\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    http = Http(HandClock())
    async with answering(head + packed) as (url, asked):
        reply = await http.send("GET", f"{url}/helix", params=[("login", "a b"), ("login", "ä&=")])
    await http.aclose()
    assert (reply.status, reply.message) == (404, "gone")
    assert asked == [b"GET /helix?login=a+b&login=%C3%A4%26%3D HTTP/1.1\r\n"]


async def test_what_is_posted_without_a_body_says_so() -> None:
    http = Http(HandClock())
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (line := await reader.readline()).strip():
            heads.append(line.strip().lower())
        writer.write(ANSWER)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await http.send("POST", f"http://{host}/helix/channels/vips")
    await http.aclose()
    assert {b"content-length: 0", f"host: {host}".encode()} <= set(heads)


async def test_a_token_that_would_be_two_headers_is_not_sent() -> None:
    http = Http(HandClock())
    async with answering() as (url, asked):
        with pytest.raises(TwitchUnavailable):
            await http.send("GET", url, headers={"Authorization": "Bearer a\r\nX-Other: b"})
    await http.aclose()
    assert asked == []
