"""An HTTP connection on which nothing may take without end: uvicorn's own, and the bounds that it lacks.

uvicorn 0.54 limits how long a connection may be idle between two requests, and nothing else of a client's pace. One
that sends a head byte by byte, or never takes its answer, would keep the connection for as long as it likes; and
whoever opens them by the thousand would leave none for others.
"""

import asyncio
import secrets
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from vip_manager.peers import Peers
from vip_manager.services.sockets import PAGES, WRITE


class _HeadTooLarge(Exception):
    pass


class BoundedConnection(HttpToolsProtocol):
    """Times in seconds, sizes in bytes. A subclass may have others."""

    head_seconds = 10.0
    """From the connection, or from a later request's first byte, until its head is complete."""
    most_head_bytes = 64 * 1024
    """Request line and headers."""
    rest_seconds = 5.0
    """For what is left of a body that was answered before it was complete: cut at once, the client might lose the
    answer with it."""
    most_rest_bytes = 1024 * 1024
    answer_seconds = 30.0
    """Until a client has taken a piece of its answer, or all that is left."""
    piece_bytes = 64 * 1024
    peers: Peers | None = None
    """Counts the connections of each address, if anybody does. One that becomes a WebSocket stays counted: see
    `BoundedSocket`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_due: asyncio.TimerHandle | None = None
        self._rest_due: asyncio.TimerHandle | None = None
        self._answer_due: asyncio.TimerHandle | None = None
        self._untaken_bytes = 0
        self._in_body = False
        self._raw_head_bytes = 0
        self._head_bytes = 0
        self._rest_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.peers is None or self.client is None or self.peers.let_in(transport, self.client[0]):
            self._expect_head()
        else:
            self._refuse(503, "Too many connections at once.")

    def connection_lost(self, exc: Exception | None) -> None:
        if self.peers is not None:
            self.peers.gone(self.transport)
        for due in (self._head_due, self._rest_due, self._answer_due):
            if due is not None:
                due.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._in_body:
            self._raw_head_bytes += len(data)
            self._expect_head()
        super().data_received(data)
        # A header that goes on and on is none yet for the parser.
        if self._head_due is not None and self._raw_head_bytes > self.most_head_bytes:
            self._refuse(431, "The request's head is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0
        self._expect_head()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + len(b": \r\n"))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None
        self._raw_head_bytes = 0
        self._in_body = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if self._answered():
            self._rest_bytes += len(body)
            if self._rest_bytes > self.most_rest_bytes:
                self.transport.close()

    def on_message_complete(self) -> None:
        self._in_body = False
        if self._rest_due is not None:
            self._rest_due.cancel()
            self._rest_due = None
        super().on_message_complete()
        if self._answered() and self.timeout_keep_alive_task is None:
            # It was set when the answer was sent, and unset as the rest came.
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._in_body and self._answered() and self._rest_due is None:
            self._rest_bytes = 0
            self._rest_due = self.loop.call_later(self.rest_seconds, self.transport.close)
        # Closed or not, a connection lives until all of its answer was taken.
        if self.transport.get_write_buffer_size():
            self._expect_answer_taken()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_answer_taken()

    def resume_writing(self) -> None:
        super().resume_writing()
        # Little is left by now, and it may be the last of the answer.
        self._expect_answer_taken()

    def send_400_response(self, msg: str) -> None:
        if self._head_bytes > self.most_head_bytes:
            self._refuse(431, "The request's head is too large.")
        else:
            self._refuse(400, msg)

    def _answered(self) -> bool:
        return self.cycle is not None and self.cycle.response_complete

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self.most_head_bytes:
            # The parser stops at it, and uvicorn asks for the answer to a request that can't be read.
            raise _HeadTooLarge

    def _expect_head(self) -> None:
        if self._head_due is None:
            self._head_due = self.loop.call_later(self.head_seconds, self._head_is_late)

    def _head_is_late(self) -> None:
        if self._raw_head_bytes and (self.cycle is None or self._answered()):
            self._refuse(408, "The request's head did not come in time.")
        else:
            self.transport.close()

    def _expect_answer_taken(self) -> None:
        if self._answer_due is not None:
            self._answer_due.cancel()
        self._untaken_bytes = self.transport.get_write_buffer_size()
        self._answer_due = self.loop.call_later(self.answer_seconds, self._look_at_answer)

    def _look_at_answer(self) -> None:
        untaken = self.transport.get_write_buffer_size()
        if not untaken:
            return
        if self._untaken_bytes - untaken < self.piece_bytes:
            self.transport.abort()
        else:
            self._expect_answer_taken()

    def _refuse(self, status: int, words: str) -> None:
        if self.transport.is_closing():
            return
        head = {
            "content-type": "text/plain; charset=utf-8",
            "content-length": len(words),
            "connection": "close",
            # What the edge gives all others.
            "x-request-id": secrets.token_hex(8),
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        self.transport.write(STATUS_LINE[status] + f"{lines}\r\n{words}".encode())
        self.transport.close()


class BoundedSocket(WebSocketsSansIOProtocol):
    """What such a connection becomes for a WebSocket: from then on it is this one that hears of its end."""

    peers: Peers | None = None

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[WRITE] = self.write_frame

    def start_keepalive(self) -> None:
        """Pages' sockets have a ping of their own, in Engine.IO's words."""
        if self.scope["path"].rstrip("/") != PAGES:
            super().start_keepalive()

    def write_frame(self, frame: bytes) -> bool:
        """Sends a whole frame, as a server's are: many may be sent the same one. False where the other side is slow to
        take what it was sent before; who is gone is sent nothing."""
        if not self.writable.is_set():
            return False
        if self.handshake_complete and not self.close_sent and not self.transport.is_closing():
            self.transport.write(frame)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if self.peers is not None:
            self.peers.gone(self.transport)
        super().connection_lost(exc)
