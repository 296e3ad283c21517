"""What every request passes before anything else sees it: who it is from, whether it may come at all, its bounds, its
id; and what every answer carries.
"""

import re
import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vip_manager import tracing
from vip_manager.addresses import host_name, is_ip_address, is_this_machine, origin_of
from vip_manager.web import body, forwarded
from vip_manager.web.answers import error
from vip_manager.web.closing_headers import ClosingHeaders, Raw
from vip_manager.web.outside import Outside
from vip_manager.web.route_name import measured

SOCKET_PATH = "/_event"
"""Where the pages' socket is. Of what Reflex adds beside it nothing is needed: see `_closed`."""

MOST_BYTES_FOR_SIMULATOR = 1024 * 1024
"""A whole world is put there."""

_TO_THE_SAME = (307, 308)
"""What Starlette sends to the address with a slash, or without one: made of the request's own `Host`, whoever made that
up."""

log = structlog.get_logger(__name__)

_UNANSWERED = 499
"""Counted where somebody went away before there was an answer, as nginx calls it: no failure of ours."""
_REQUEST_ID = b"x-request-id"
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    code: str
    words: str

    def answer(self, path: str) -> Response:
        if path == "/api" or path.startswith("/api/"):
            return error(self.status, self.code, self.words)
        return PlainTextResponse(self.words, self.status)


_NOT_FOUND = _Refusal(404, "not_found", "Not Found.")
_WRONG_HOST = _Refusal(421, "wrong_host", "This is the sandbox: it answers to localhost and to its PUBLIC_URL.")
_TOO_LARGE = _Refusal(413, "too_large", "The request is too large.")
_TOO_SLOW = _Refusal(408, "too_slow", f"The request was not complete within {body.LONGEST_WAIT:g} s.")


class Edge:
    """Pure ASGI, around everything. `outside` may be set once it is known."""

    def __init__(self, app: ASGIApp, outside: Outside | None = None) -> None:
        self._app = app
        self._warned = False
        self.outside = outside or Outside()

    @property
    def outside(self) -> Outside:
        return self._outside

    @outside.setter
    def outside(self, outside: Outside) -> None:
        self._outside = outside
        self._headers = ClosingHeaders(outside)

    def closing(self, path: str, status: int) -> Raw:
        """What closes such an answer, once it is known how people reach us."""
        return self._headers.of(path, status)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if not self._warned and forwarded.undeclared(scope, self._outside):
            self._warned = True
            log.warning("X-Forwarded-For came, and no proxy is declared: if one is yours, set TRUSTED_PROXY_HOPS")
        scope = forwarded.believed(scope, self._outside)
        if scope["type"] == "websocket":
            if self._socket_may_open(scope):
                await self._app(scope, receive, send)
            else:
                # Before it is accepted: the server answers 403.
                await send({"type": "websocket.close", "code": 1008})
            return
        await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Measured, under an id of its own: the one that it brought, or that of its trace."""
        path = _path(scope)
        if self._is_twitchs(path):
            await self._answer(scope, receive, send, path, secrets.token_hex(8))
            return
        headers, status, started = Headers(scope=scope), _UNANSWERED, time.monotonic()
        given = headers.get("x-request-id", "")
        # Who is no proxy of ours does not say which trace it is.
        told = headers if self._outside.trusted_proxy_hops else {}

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with tracing.asked(scope["method"], told, given if _ID.fullmatch(given) else "", _new_id) as (
            request_id,
            span,
        ):
            try:
                await self._answer(scope, receive, counted, path, request_id)
            except Exception:
                # The server says so.
                status = 500 if status == _UNANSWERED else status
                raise
            finally:
                span.update_name(measured(scope, path, status, time.monotonic() - started))
                span.set_attribute("http.response.status_code", status)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, path: str, request_id: str) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] in _TO_THE_SAME:
                    _without_host(MutableHeaders(scope=message))
                there = {name.lower() for name, _ in message["headers"]} | {_REQUEST_ID}
                closing = (one for one in self._headers.of(path, message["status"]) if one[0] not in there)
                own = (one for one in message["headers"] if one[0].lower() != _REQUEST_ID)
                message = {**message, "headers": [*own, (_REQUEST_ID, request_id.encode()), *closing]}
            await send(message)

        refusal = self._refusal(scope)
        try:
            if refusal is None:
                receive = await body.whole(scope, receive, most=self._most_bytes(path))
        except body.TooLarge:
            refusal = _TOO_LARGE
        except body.TooSlow:
            refusal = _TOO_SLOW
        except body.Gone:
            return
        if refusal is None:
            await self._app(scope, receive, sent)
            return
        answer = refusal.answer(path)
        if refusal is _TOO_SLOW:
            answer.headers["Connection"] = "close"
        await answer(scope, receive, sent)

    def _refusal(self, scope: Scope) -> _Refusal | None:
        if not self._host_is_ours(scope):
            return _WRONG_HOST
        return _NOT_FOUND if _closed(_path(scope)) else None

    def _host_is_ours(self, scope: Scope) -> bool:
        """In the sandbox no cookie protects: a page of another site that lends its own name to this machine (DNS
        rebinding) would be let in by it. An address is no name that could be lent."""
        if not self._outside.simulator_path:
            return True
        name = host_name(Headers(scope=scope).get("host", "").lower())
        return name == self._outside.host or is_this_machine(name) or is_ip_address(name)

    def _socket_may_open(self, scope: Scope) -> bool:
        """Browsers always say whose page opens a socket, and it has to be one of ours; who says nothing is no browser,
        and carries nobody's cookies but their own. The simulated Twitch, like the real one, knows its callers by their
        tokens."""
        if not self._host_is_ours(scope):
            return False
        path = _path(scope)
        if self._is_twitchs(path):
            return True
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        here = origin_of(f"{self._outside.scheme}://{headers.get('host', '')}")
        ours = {self._outside.public_url, here} - {""}
        return path in (SOCKET_PATH, f"{SOCKET_PATH}/") and (origin is None or origin_of(origin) in ours)

    def _most_bytes(self, path: str) -> int:
        return MOST_BYTES_FOR_SIMULATOR if self._is_twitchs(path) else body.MOST_BYTES

    def _is_twitchs(self, path: str) -> bool:
        """Below the sandbox's Twitch: there it is another program that answers."""
        simulator = self._outside.simulator_path
        return bool(simulator) and path.startswith(f"{simulator}/")


def _new_id() -> str:
    return secrets.token_hex(16)


def _without_host(headers: MutableHeaders) -> None:
    if "location" in headers:
        parts = urlsplit(headers["location"])
        headers["Location"] = urlunsplit(("", "", "/" + parts.path.lstrip("/"), parts.query, parts.fragment))


def _path(scope: Scope) -> str:
    """Below where the whole program is mounted, if it is."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _closed(path: str) -> bool:
    """Reflex's own routes: all that begin with an underscore (health, uploads, and its socket's other transport, which
    is HTTP), and the two that do not. And what is no address of anything: Starlette's own look ends at a line's end."""
    return path.startswith("/_") or path in ("/ping", "/auth-codespace") or "\n" in path
