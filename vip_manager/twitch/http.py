"""One HTTP client for Twitch's two hosts. What is no answer, or no answer yet, becomes an error of the port here.

No message and no log line holds a header, a form or a query: they carry tokens, codes and the client's secret.
"""

import asyncio
import json as as_json
import logging
import re
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode
from urllib.request import getproxies

import httpx
from opentelemetry.trace import SpanKind

from vip_manager import measures, tracing
from vip_manager.ports import Clock, Malformed, NothingDone, RateLimited, TwitchUnavailable
from vip_manager.twitch.lines import Lines
from vip_manager.twitch.wire import JsonObject

Params = Sequence[tuple[str, str]]

SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(seconds=60)
UNNAMED_WAIT = timedelta(seconds=10)
"""After a 429 that does not say how long: as long as Twitch's window for VIP changes."""
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "VIP-Manager"}
_API = re.compile(r"/(helix|oauth2)(/|$)")
_OUTCOMES = {401: "unauthorized", 408: "unavailable", 429: "rate_limited"}
_WITH_A_BODY = frozenset({"POST", "PUT", "PATCH"})
"""What they send has a length, also where that is 0."""
REQUEST_TIMEOUT = 408
"""Whoever answers it, a proxy for instance, did not get the whole request: no word about what was asked."""


class Hiccup(TwitchUnavailable):
    """503, or the connection could not be made or broke: worth asking again at once, where asking changes nothing."""


class Unreached(Hiccup, NothingDone):
    """No connection could be made."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, between two pieces of an answer, and for a whole call."""

    connect: float = 3.0
    read: float = 8.0
    whole: float = 15.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer below 500 that is neither 408 nor 429. `request` is its method and path, for messages."""

    request: str
    status: int
    content: bytes = field(repr=False)

    def json(self) -> JsonObject:
        """Raises Malformed."""
        return JsonObject.loads(self.content, self.request)

    @property
    def message(self) -> str:
        """What Twitch says about a refusal, in its own words."""
        try:
            return self.json().text("message", default="")[:200]
        except Malformed:
            return ""

    def unexpected(self) -> TwitchUnavailable:
        """An answer that Twitch's documentation does not know, a redirect for instance."""
        return TwitchUnavailable(f"{self.request}: Twitch answered {self.status} {self.message}".rstrip())


class _Answer(NamedTuple):
    """`headers` by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Http:
    def __init__(
        self, clock: Clock, *, transport: httpx.AsyncBaseTransport | None = None, timeouts: Timeouts | None = None
    ) -> None:
        # httpx logs every address at INFO.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        self._patience = {
            "connect": self._timeouts.connect,
            **dict.fromkeys(("read", "write", "pool"), self._timeouts.read),
        }
        self._closed = False
        self._transport = transport or Lines()
        # The way over a proxy httpx' client alone knows. A proxy from the environment is for the world outside, and
        # can't reach a Twitch on this machine.
        self._proxied = None
        if transport is None and getproxies():
            self._proxied = httpx.AsyncClient(
                timeout=httpx.Timeout(self._timeouts.read, connect=self._timeouts.connect),
                mounts={f"all://{host}": self._transport for host in ("localhost", "127.0.0.1", "[::1]")},
            )
        self.skew: timedelta | None = None
        """Twitch's `Date` minus our real time, of the last answer that had one."""
        self._date = "", datetime.min.replace(tzinfo=UTC)

    async def aclose(self) -> None:
        self._closed = True
        await self._transport.aclose()
        if self._proxied is not None:
            await self._proxied.aclose()

    async def send(
        self,
        method: str,
        url: str,
        *,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
        form: str | None = None,
    ) -> Reply:
        """One request, sent once. `form` is a body that is form-encoded already.

        Raises TwitchUnavailable (Hiccup where it is one) and RateLimited.
        """
        headers = dict(headers or {})
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if json is not None:
            headers["Content-Type"] = "application/json"
            form = as_json.dumps(json, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        answer = await self._answer(method, url, params, headers, form)
        return _read(f"{method} {_parsed(url).path}", answer, self._clock.real())

    async def knock(self, method: str, url: str) -> None:
        """One request, whose answer says only that there is somebody, and what time it is there.

        Raises TwitchUnavailable where there is no answer.
        """
        await self._answer(method, url)

    async def _answer(
        self,
        method: str,
        url: str,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        content: str | None = None,
    ) -> _Answer:
        path = _parsed(url).path
        name = f"{method} {path}"
        if self._closed:
            raise NothingDone(f"{name}: the program is stopping")
        endpoint, outcome, started = f"{method} {_below_host(path)}", "unavailable", time.monotonic()
        with tracing.step(endpoint, kind=SpanKind.CLIENT) as span:
            try:
                answer = await self._sent(name, self._asked(method, url, params, headers or {}, content))
                outcome = _outcome(answer.status)
                span.set_attribute("http.response.status_code", answer.status)
            finally:
                measures.twitch_duration.record(time.monotonic() - started, {"endpoint": endpoint, "outcome": outcome})
        self._note_skew(answer)
        return answer

    async def _sent(self, name: str, asked: Awaitable[_Answer]) -> _Answer:
        try:
            async with asyncio.timeout(self._timeouts.whole):
                return await asked
        # The causes are cut off: they hold the request, and a traceback can print it.
        except TimeoutError:
            raise TwitchUnavailable(f"{name}: no answer within {self._timeouts.whole:g} s") from None
        except httpx.ConnectError as error:
            raise Unreached(f"{name}: can't connect to Twitch: {error}") from None
        except httpx.ConnectTimeout:
            raise Unreached(f"{name}: can't connect to Twitch within {self._timeouts.connect:g} s") from None
        except httpx.PoolTimeout:
            raise Unreached(f"{name}: too many calls wait for a connection") from None
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            raise Hiccup(f"{name}: the connection broke ({type(error).__name__})") from None
        except httpx.RequestError as error:
            raise TwitchUnavailable(f"{name}: no answer ({type(error).__name__})") from None

    async def _asked(
        self, method: str, url: str, params: Params, headers: Mapping[str, str], content: str | None
    ) -> _Answer:
        """Without httpx' client, and without its requests, where nothing needs them: there are no cookies, no redirects
        and no logins to follow, and they take longer than all else that is done for a call."""
        headers = {**_HEADERS, **headers}
        if self._proxied is None and isinstance(self._transport, Lines):
            return await self._over_lines(self._transport, method, url, params, headers, content)
        more: dict[str, Any] = {"params": list(params) or None, "headers": headers, "content": content}
        if self._proxied is not None:
            response = await self._proxied.request(method, url, **more)
        else:
            request = httpx.Request(method, url, extensions={"timeout": self._patience}, **more)
            response = await self._transport.handle_async_request(request)
            response.request = request
        return await _whole(response)

    async def _over_lines(
        self, lines: Lines, method: str, url: str, params: Params, headers: Mapping[str, str], content: str | None
    ) -> _Answer:
        where = _parsed(url)
        target = where.raw_path + (b"?" + urlencode(params).encode("ascii") if params else b"")
        body = (content or "").encode()
        raw = [(b"Host", where.netloc), *((name.encode(), value.encode("ascii")) for name, value in headers.items())]
        if content is not None or method in _WITH_A_BODY:
            raw.append((b"Content-Length", b"%d" % len(body)))
        heard = await lines.ask(method, where, target, raw, body, self._patience)
        named = {name.decode("ascii", "replace").lower(): value.decode("latin-1") for name, value in heard.headers}
        if "content-encoding" in named:
            return await _whole(heard.response())
        return _Answer(heard.status, named, heard.body)

    def _note_skew(self, answer: _Answer) -> None:
        """The same second stands in many answers."""
        stamp = answer.headers.get("date", "")
        if stamp != self._date[0]:
            try:
                date = parsedate_to_datetime(stamp)
            except ValueError:
                return
            self._date = stamp, date.replace(tzinfo=date.tzinfo or UTC)
        if stamp:
            self.skew = self._date[1] - self._clock.real()


async def _whole(response: httpx.Response) -> _Answer:
    await response.aread()
    return _Answer(response.status_code, response.headers, response.content)


@lru_cache(maxsize=256)
def _parsed(url: str) -> httpx.URL:
    """There are few: what differs from call to call stands behind them."""
    return httpx.URL(url)


def _outcome(status: int) -> str:
    if status in _OUTCOMES:
        return _OUTCOMES[status]
    return "ok" if status < 400 else "refused" if status < 500 else "unavailable"


def _below_host(path: str) -> str:
    """The same for every host: the sandbox's Twitch is below one of ours."""
    found = _API.search(path)
    return path[found.start() :] if found else "elsewhere"


def _read(name: str, answer: _Answer, now: datetime) -> Reply:
    """Raises RateLimited, TwitchUnavailable."""
    reply = Reply(name, answer.status, answer.content)
    if reply.status == 429:
        raise RateLimited(f"{name}: too many calls {reply.message}".rstrip(), _wait(answer, now))
    if reply.status == 503:
        raise Hiccup(str(reply.unexpected()))
    if reply.status >= 500 or reply.status == REQUEST_TIMEOUT:
        raise reply.unexpected()
    return reply


def _wait(answer: _Answer, now: datetime) -> timedelta:
    """Until `Ratelimit-Reset`, in unix seconds (https://dev.twitch.tv/docs/api/guide/#twitch-rate-limits).

    That speaks of the bucket of points. A 429 that leaves points in it comes from an endpoint's own limit, such as 10
    VIP changes in 10 s, of which no header speaks.
    """
    try:
        if float(answer.headers.get("ratelimit-remaining", "0")) > 0:
            return UNNAMED_WAIT
        seconds = float(answer.headers["ratelimit-reset"]) - now.timestamp()
    except (KeyError, ValueError):
        return UNNAMED_WAIT
    # A NaN or an infinity would not survive timedelta; min and max make both harmless.
    seconds = max(SHORTEST_WAIT.total_seconds(), min(LONGEST_WAIT.total_seconds(), seconds))
    return timedelta(seconds=seconds)
