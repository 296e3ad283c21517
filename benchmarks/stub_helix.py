"""A Helix that takes every VIP away after 50 ms and knows nothing else: `python -m benchmarks.stub_helix PORT`.

It is a process of its own and speaks just enough HTTP/1.1 for a client that keeps its connections, so that what is
measured against it is the client. It keeps to none of Twitch's limits.
"""

import asyncio
import sys
from email.utils import formatdate

AFTER = 0.05


class Helix(asyncio.Protocol):
    """Requests without a body, one after the other on each connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._head = b""

    def data_received(self, data: bytes) -> None:
        self._head += data
        while b"\r\n\r\n" in self._head:
            _, _, self._head = self._head.partition(b"\r\n\r\n")
            asyncio.get_running_loop().call_later(AFTER, self._answer)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            date = formatdate(usegmt=True)
            self._transport.write(f"HTTP/1.1 204 No Content\r\nDate: {date}\r\n\r\n".encode())


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Helix, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
