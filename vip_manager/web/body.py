"""A request's body, taken whole before anybody is asked what it means: bounded in size and in time."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

MOST_BYTES = 64 * 1024
LONGEST_WAIT = 10.0
"""Seconds for a body to come: whoever holds a connection without a word keeps others from it."""


class TooLarge(Exception):
    pass


class TooSlow(Exception):
    pass


class Gone(Exception):
    """The client went away before it was complete."""


async def whole(scope: Scope, receive: Receive, *, most: int = MOST_BYTES) -> Receive:
    """What the app shall receive from, with the body in one piece.

    Raises TooLarge (where the length is told, before a byte is read), TooSlow, Gone.
    """
    headers = Headers(scope=scope)
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > len(str(most)) or int(length) > most):
        raise TooLarge
    if length in ("", "0") and "transfer-encoding" not in headers:
        return receive
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            body = await _read(receive, most)
    except TimeoutError:
        raise TooSlow from None
    waiting = [body]

    async def received() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return received


async def _read(receive: Receive, most: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        body += message.get("body", b"")
        if len(body) > most:
            raise TooLarge
        if not message.get("more_body", False):
            return bytes(body)
