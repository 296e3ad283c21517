"""Posts to addresses that people have typed: never into a private network, never for long, and never elsewhere.

httpcore follows no redirects, keeps no cookies and reads no proxies from the environment. A name is resolved once,
each of its addresses is checked, and the connection is made to one of these very addresses (no second look-up that
could say otherwise: DNS rebinding), while TLS checks the certificate for the name.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import certifi
import httpcore

from vip_manager.domain.outbox import Why
from vip_manager.outgoing.public import is_public
from vip_manager.ports import Undelivered

DEADLINE = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
MOST_READ = 4096
_NAMES_WITHIN = 5.0
_AGAIN = frozenset({408, 409, 425})

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class _Private(Exception):
    pass


class Names:
    """Looks names up in threads of its own: one that hangs holds up nothing else of the program."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="names")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        def found() -> list[str]:
            return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]

        return await asyncio.get_running_loop().run_in_executor(self._threads, found)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Checked(httpcore.AsyncNetworkBackend):
    def __init__(self, resolve: Resolve, allowed: Callable[[str], bool]) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            found = await asyncio.wait_for(self._resolve(host, port), _NAMES_WITHIN)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise httpcore.ConnectError("no such name") from error
        if not found or not all(self._allowed(one) for one in found):
            raise _Private
        last: Exception | None = None
        for address in list(dict.fromkeys(found))[:3]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last or httpcore.ConnectError("no address")


class Poster:
    def __init__(
        self,
        *,
        resolve: Resolve | None = None,
        allowed: Callable[[str], bool] = is_public,
        certificates: ssl.SSLContext | None = None,
        deadline: timedelta = DEADLINE,
    ) -> None:
        self._names = Names()
        self._deadline = deadline.total_seconds()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=certificates or ssl.create_default_context(cafile=certifi.where()),
            max_connections=40,
            max_keepalive_connections=10,
            keepalive_expiry=15.0,
            network_backend=_Checked(resolve or self._names, allowed),
        )

    async def post(self, url: str, headers: Mapping[str, str], content: bytes, gone: Set[int]) -> None:
        """Raises Undelivered. `gone`: the answers by which that address is no more."""
        sent = {**headers, "user-agent": "VIP-Manager-Webhooks/1", "content-length": str(len(content))}
        timeout = {"connect": self._deadline, "read": self._deadline, "write": self._deadline, "pool": self._deadline}
        try:
            async with (
                asyncio.timeout(self._deadline),
                self._pool.stream(
                    "POST", url, headers=list(sent.items()), content=content, extensions={"timeout": timeout}
                ) as answer,
            ):
                await _read_a_little(answer)
        except _Private:
            raise Undelivered(Why.FORBIDDEN) from None
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout):
            raise Undelivered(Why.UNREACHABLE, temporary=True) from None
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            OSError,
            TimeoutError,
        ):
            raise Undelivered(Why.UNREACHABLE, temporary=True, arrived=True) from None
        _judge(answer, gone)

    async def aclose(self) -> None:
        await self._pool.aclose()
        self._names.close()


async def _read_a_little(answer: httpcore.Response) -> None:
    read = 0
    async for part in answer.aiter_stream():
        read += len(part)
        if read > MOST_READ:
            return


def _judge(answer: httpcore.Response, gone: Set[int]) -> None:
    status = answer.status
    if 200 <= status < 300:
        return
    if status in gone:
        raise Undelivered(Why.GONE)
    if status == 429:
        raise Undelivered(Why.TOO_MANY, temporary=True, wait=_wait(answer))
    if status >= 500 or status in _AGAIN:
        raise Undelivered(Why.UNREACHABLE, temporary=True, wait=_wait(answer), arrived=True)
    raise Undelivered(Why.REFUSED)


def _wait(answer: httpcore.Response) -> timedelta | None:
    """By its Retry-After, seconds or a date (RFC 9110, 10.2.3)."""
    text = next((value.decode("latin-1") for name, value in answer.headers if name.lower() == b"retry-after"), "")
    try:
        if text.strip().isascii() and text.strip().isdigit():
            wait = timedelta(seconds=min(int(text), LONGEST_WAIT.total_seconds()))
        else:
            wait = parsedate_to_datetime(text).astimezone(UTC) - datetime.now(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    # "At once" is what nobody in trouble means: then our own pauses count.
    return min(wait, LONGEST_WAIT) if wait > timedelta(seconds=1) else None
