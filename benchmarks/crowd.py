"""Very many WebSocket clients in one process that does little else, so that the server is what is measured.

`Crowd` starts it. What it does for a frame: it reads it, answers pings, and looks for what is waited for in it.
"""

import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from benchmarks.processes import allow_many_files

_AT_ONCE = 8
"""Clients that are on their way in."""
_TEXT, _CLOSE, _PING, _PONG = 0x81, 0x88, 0x89, 0x8A
_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


@dataclass(frozen=True, slots=True)
class Seen:
    """When the first and the last of all clients had it, by the machine's monotonic clock; and one such frame."""

    first: float
    last: float
    frame: str


class Crowd:
    """`paths` and `says` are of each client: where it connects, and what it sends one after the other, each once it has
    been sent something. It is in when it was sent `ready`."""

    def __init__(self, port: int, clients: Sequence[dict[str, Any]], ready: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.crowd"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self._process.pid
        self._say({"port": port, "clients": list(clients), "ready": ready})
        self._hear()

    def expect(self, mark: str, client: int | None = None) -> Callable[[], Seen]:
        """From now on, frames that hold `mark`, at all or at one; returns what waits until each of them had one."""
        self._say({"mark": mark, "client": client})
        self._hear()
        return lambda: Seen(**self._hear())

    def leave(self) -> None:
        self._process.kill()
        self._process.wait()

    def _say(self, wish: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the crowd is gone")
        return json.loads(line)


class _Client:
    __slots__ = ("buffer", "fd", "inside", "says", "seen", "socket", "upgraded")

    def __init__(self, port: int, wish: dict[str, Any]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.fd = self.socket.fileno()
        self.buffer = b""
        self.says = list(wish["says"])
        self.upgraded = self.inside = False
        self.seen = True
        more = "".join(f"{name}: {value}\r\n" for name, value in wish.get("headers", {}).items())
        self.socket.sendall(
            f"GET {wish['path']} HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {_KEY}\r\nSec-WebSocket-Version: 13\r\n{more}\r\n".encode()
        )

    def send(self, kind: int, data: bytes) -> None:
        """Masked, as a client has to, with zeros."""
        size = len(data)
        head = struct.pack("!BB", kind, 0x80 | size) if size < 126 else struct.pack("!BBH", kind, 0xFE, size)
        self.socket.sendall(head + b"\0\0\0\0" + data)

    def frames(self, data: bytes) -> list[tuple[int, bytes]]:
        if self.buffer:
            data = self.buffer + data
        if not self.upgraded:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self.buffer = head
                return []
            if b" 101 " not in head.split(b"\r\n")[0]:
                raise RuntimeError(head.decode() + data.decode())
            self.upgraded = True
        found, at = [], 0
        while len(data) - at >= 2:
            size, begin = data[at + 1], at + 2
            if size == 126:
                size, begin = int.from_bytes(data[begin : begin + 2]), begin + 2
            elif size == 127:
                size, begin = int.from_bytes(data[begin : begin + 8]), begin + 8
            if begin > len(data) or len(data) - begin < size:
                break
            found.append((data[at], data[begin : begin + size]))
            at = begin + size
        self.buffer = data[at:] if at < len(data) else b""
        return found


class _Clients:
    def __init__(self) -> None:
        wish = self._heard()
        self._port, self._ready = wish["port"], wish["ready"].encode()
        self._wishes = wish["clients"][::-1]
        self._clients: dict[int, _Client] = {}
        self._order: list[_Client] = []
        self._coming = 0
        self._poll = select.epoll()
        self._poll.register(0, select.EPOLLIN)
        self._mark = b""
        self._missing = 0
        self._first = 0.0
        self._frame = b""

    def run(self) -> None:
        while True:
            while self._wishes and self._coming < _AT_ONCE:
                client = _Client(self._port, self._wishes.pop())
                self._clients[client.fd] = client
                self._order.append(client)
                self._coming += 1
                self._poll.register(client.fd, select.EPOLLIN)
            for fd, _ in self._poll.poll():
                if fd:
                    self._read(self._clients[fd])
                elif wish := self._heard():
                    self._expect(wish["mark"].encode(), wish["client"])
                else:
                    return

    def _expect(self, mark: bytes, client: int | None) -> None:
        clients = self._order if client is None else [self._order[client]]
        for one in clients:
            one.seen = False
        self._mark, self._missing, self._first = mark, len(clients), 0.0
        self._tell({"expecting": self._missing})

    def _read(self, client: _Client) -> None:
        data = client.socket.recv(262_144)
        if not data:
            raise RuntimeError("a socket was ended")
        for kind, frame in client.frames(data):
            if kind == _PING:
                client.send(_PONG, frame)
            elif kind == _CLOSE:
                raise RuntimeError("a socket was closed")
            elif frame == b"2":
                client.send(_TEXT, b"3")
            elif client.inside:
                self._look(client, frame)
            else:
                self._come_in(client, frame)

    def _look(self, client: _Client, frame: bytes) -> None:
        if client.seen or self._mark not in frame:
            return
        now = time.monotonic()
        client.seen = True
        self._first = self._first or now
        self._missing -= 1
        if not self._missing:
            self._tell({"first": self._first, "last": now, "frame": frame.decode()})

    def _come_in(self, client: _Client, frame: bytes) -> None:
        if client.says:
            client.send(_TEXT, client.says.pop(0).encode())
        elif self._ready in frame:
            client.inside = True
            self._coming -= 1
            if not self._coming and not self._wishes:
                self._tell({"inside": len(self._order)})

    def _heard(self) -> Any:
        line = sys.stdin.buffer.readline()
        return json.loads(line) if line else None

    def _tell(self, what: Any) -> None:
        os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    allow_many_files()
    with suppress(KeyboardInterrupt):
        _Clients().run()
