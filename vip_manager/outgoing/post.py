"""Posts to addresses that people have typed: never into a private network, never for long, and never elsewhere.

httpcore follows no redirects, keeps no cookies and reads no proxies from the environment. A name is resolved once,
each of its addresses is checked, and the connection is made to one of these very addresses (no second look-up that
could say otherwise: DNS rebinding), while TLS checks the certificate for the name.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence, Set
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

import httpcore
from certifi import where as trusted_authorities

from vip_manager.domain.outbox import Why
from vip_manager.outgoing.public import is_public
from vip_manager.ports import Undelivered

DEADLINE = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
MOST_READ = 4096
_NAMES_WITHIN = 5.0
_MOST_NAMES = 64
_AGAIN = frozenset({408, 409, 425})

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class _Private(Exception):
    pass


class Names:
    """Looks names up, each in a thread of its own, and one that is being looked up not a second time: a name that hangs
    holds up no other, nor the program's end. `most` at once; beyond that no name is found."""

    def __init__(self, look: Callable[[str], Sequence[str]] | None = None, *, most: int = _MOST_NAMES) -> None:
        self._look = look or _addresses
        self._most = most
        self._asked: dict[str, asyncio.Future[Sequence[str] | Exception]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Raises OSError, UnicodeError."""
        asked = self._asked.get(host)
        if asked is None:
            if len(self._asked) >= self._most:
                raise OSError("too many names are being looked up")
            asked = self._asked[host] = asyncio.get_running_loop().create_future()
            threading.Thread(target=self._run, args=(host, asked), name="names", daemon=True).start()
        found = await asyncio.shield(asked)
        if isinstance(found, Exception):
            raise found
        return found

    def _run(self, host: str, asked: "asyncio.Future[Sequence[str] | Exception]") -> None:
        try:
            found: Sequence[str] | Exception = self._look(host)
        except (OSError, UnicodeError) as error:
            found = error
        # Where the program has ended meanwhile, nobody waits for it.
        with suppress(RuntimeError):
            asked.get_loop().call_soon_threadsafe(self._found, host, asked, found)

    def _found(
        self, host: str, asked: "asyncio.Future[Sequence[str] | Exception]", found: Sequence[str] | Exception
    ) -> None:
        del self._asked[host]
        if not asked.done():
            asked.set_result(found)


def _addresses(host: str) -> list[str]:
    return [str(one[4][0]) for one in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


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
        self._deadline = deadline.total_seconds()
        self._certificates = certificates
        self._backend = _Checked(resolve or Names(), allowed)

    @cached_property
    def _pool(self) -> httpcore.AsyncConnectionPool:
        """Made when there is something to post: reading the world's certificates takes its time and its memory."""
        return httpcore.AsyncConnectionPool(
            ssl_context=self._certificates or ssl.create_default_context(cafile=trusted_authorities()),
            max_connections=40,
            max_keepalive_connections=10,
            keepalive_expiry=15.0,
            network_backend=self._backend,
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
        if "_pool" in self.__dict__:
            await self._pool.aclose()


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
