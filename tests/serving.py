"""ASGI apps on real ports, for tests."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import uvicorn
from starlette.types import ASGIApp


@contextmanager
def serving(
    app: ASGIApp,
    http: Literal["auto", "h11", "httptools"] | type[asyncio.Protocol] = "auto",
    ws: Literal["websockets-sansio"] | type[asyncio.Protocol] = "websockets-sansio",
) -> Iterator[str]:
    """Yields where it is, e.g. http://127.0.0.1:40123."""
    # Named TCP, so that asyncio turns Nagle off; else every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=http,
        lifespan="off",
        ws=ws,
        log_level="critical",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        # The listening socket takes connections once the server has begun; until then the kernel keeps them waiting.
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
