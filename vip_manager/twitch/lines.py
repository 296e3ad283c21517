"""Connections to Twitch, kept open between calls.

httpx' own transport asks every connection of its pool, by a system call, whether it is still there, with each call that
goes out: under load that is most of what a grant costs. Here the event loop says when the other side has closed one.
What a call means, what is asked again and what an error says is decided elsewhere: to httpx this is one transport more.
"""

import asyncio
import socket
import ssl
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import httptools
import httpx

MOST = 100
"""Calls at once."""
IDLE_SECONDS = 20.0
"""A connection that nobody needs is closed after that: before a server would, for a change that meets a closing
connection has no answer."""
_NEXT_ADDRESS_AFTER = 1.0
"""Seconds, where a host has several."""

_Host = tuple[bool, str, int]
Headers = Sequence[tuple[bytes, bytes]]


class Heard(NamedTuple):
    """An answer as it came over the wire, whole."""

    status: int
    headers: Headers
    body: bytes

    def response(self) -> httpx.Response:
        """As httpx has it, to be read."""
        return httpx.Response(self.status, headers=self.headers, stream=httpx.ByteStream(self.body))


class Lines(httpx.AsyncBaseTransport):
    """HTTP/1.1, one call at a time on each connection. Raises httpx' own errors."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(MOST)
        self._idle: defaultdict[_Host, list[_Line]] = defaultdict(list)
        self._tls: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions.get("timeout", {})
        heard = await self.ask(
            request.method, request.url, request.url.raw_path, request.headers.raw, request.content, timeout
        )
        return heard.response()

    async def ask(
        self,
        method: str,
        url: httpx.URL,
        target: bytes,
        headers: Headers,
        content: bytes,
        timeout: Mapping[str, float | None],
    ) -> Heard:
        """For who needs nothing else of httpx: making its requests and responses takes longer than all that is done
        here. `url` says where, `target` what of it, and `headers` are all that go out. `timeout` as with httpx."""
        asked = _written(method, target, headers, content)
        try:
            async with asyncio.timeout(timeout.get("pool")):
                await self._room.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("too many calls at once") from None
        try:
            return await self._asked(url, asked, timeout)
        finally:
            self._room.release()

    async def aclose(self) -> None:
        for lines in self._idle.values():
            for line in lines:
                line.close()
        self._idle.clear()

    async def _asked(self, url: httpx.URL, asked: bytes, timeout: Mapping[str, float | None]) -> Heard:
        https = url.scheme == "https"
        host = (https, url.raw_host.decode("ascii"), url.port or (443 if https else 80))
        line = self._kept(host) or await self._new(host, timeout.get("connect"))
        try:
            heard = await line.ask(asked, timeout.get("read"))
        except BaseException:
            line.close()
            raise
        if line.reusable:
            self._idle[host].append(line)
            line.rest(IDLE_SECONDS)
        else:
            line.close()
        return heard

    def _kept(self, host: _Host) -> "_Line | None":
        lines = self._idle[host]
        while lines:
            # The one that was used last; those that are not needed any more come to rest.
            line = lines.pop()
            if line.reusable:
                line.wake()
                return line
        return None

    async def _new(self, host: _Host, seconds: float | None) -> "_Line":
        https, name, port = host
        try:
            async with asyncio.timeout(seconds):
                connected = await _connected(name, port)
                try:
                    _, line = await asyncio.get_running_loop().create_connection(
                        _Line,
                        sock=connected,
                        ssl=self._trusted() if https else None,
                        server_hostname=name if https else None,
                    )
                except BaseException:
                    connected.close()
                    raise
        except TimeoutError:
            raise httpx.ConnectTimeout("no connection in time") from None
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        return line

    def _trusted(self) -> ssl.SSLContext:
        """Made when it is needed: reading the world's certificates takes longer than many a start."""
        if self._tls is None:
            self._tls = httpx.create_ssl_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls


async def _connected(name: str, port: int) -> socket.socket:
    """To the first of its addresses that answers. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(name.strip("[]"), port, type=socket.SOCK_STREAM)
    # Where IPv6 leads nowhere, nobody says so.
    found.sort(key=lambda one: one[0] != socket.AF_INET)
    for number, (family, kind, protocol, _, address) in enumerate(found):
        last = number == len(found) - 1
        opened = socket.socket(family, kind, protocol)
        try:
            opened.setblocking(False)
            async with asyncio.timeout(None if last else _NEXT_ADDRESS_AFTER):
                await loop.sock_connect(opened, address)
            return opened
        except BaseException as error:
            opened.close()
            if last or not isinstance(error, OSError):
                raise
    raise OSError(f"no address for {name}")


class _Line(asyncio.Protocol):
    """`reusable` while another call may go out on it."""

    def __init__(self) -> None:
        self.reusable = True
        self._transport: Any = None
        self._rest: asyncio.TimerHandle | None = None
        self._answer: asyncio.Future[Heard] | None = None
        self._patience: asyncio.Timeout | None = None
        self._read_seconds: float | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._heads_done = False

    async def ask(self, request: bytes, read_seconds: float | None) -> Heard:
        """`read_seconds`: between two pieces of the answer."""
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        if not self.reusable:
            raise httpx.ReadError("the connection is closed")
        self._read_seconds = read_seconds
        try:
            async with asyncio.timeout(read_seconds) as self._patience:
                self._transport.write(request)
                return await self._answer
        except TimeoutError:
            raise httpx.ReadTimeout("no answer in time") from None
        finally:
            self._answer = self._patience = None

    def rest(self, seconds: float) -> None:
        self._rest = asyncio.get_running_loop().call_later(seconds, self.close)

    def wake(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def close(self) -> None:
        self.wake()
        self.reusable = False
        if self._transport is not None:
            self._transport.abort() if self._answer else self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            # Nobody has asked.
            self.close()
            return
        if self._patience is not None and self._read_seconds is not None:
            self._patience.reschedule(asyncio.get_running_loop().time() + self._read_seconds)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._failed(httpx.RemoteProtocolError(str(error)))

    def eof_received(self) -> None:
        self.reusable = False

    def connection_lost(self, exc: Exception | None) -> None:
        self.wake()
        self.reusable = False
        names = {name.lower() for name, _ in self._headers}
        if self._heads_done and exc is None and not names & {b"content-length", b"transfer-encoding"}:
            # Such an answer ends with its connection.
            self.on_message_complete()
        else:
            self._failed(httpx.ReadError(str(exc)) if exc else httpx.RemoteProtocolError("closed without an answer"))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._heads_done = True

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_begin(self) -> None:
        if self._answer is None or self._answer.done():
            # A second answer to one question.
            self.reusable = False

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if 100 <= status < 200:
            self._headers, self._heads_done = [], False
            return
        self.reusable = self.reusable and self._parser.should_keep_alive()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Heard(status, self._headers, b"".join(self._body)))
        self._begin()

    def _failed(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self.close()


def _written(method: str, target: bytes, headers: Headers, content: bytes) -> bytes:
    """As it goes over the wire. Raises LocalProtocolError where a header would be two."""
    lines = [method.encode("ascii") + b" " + target + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in headers]
    head = b"\r\n".join(lines)
    if head.count(b"\n") >= len(lines) or head.count(b"\r") >= len(lines) or b"\0" in head:
        raise httpx.LocalProtocolError("a header that can't be sent")
    return head + b"\r\n\r\n" + content
