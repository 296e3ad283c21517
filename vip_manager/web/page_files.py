"""The files of the built page, from memory: Reflex asks the disk three times for each, in threads.

A page has a dozen of them, and they are the same for everybody: nothing is asked of who asks, so they come before all
that every other request passes, the edge included. They are read when they are first asked for, in the forms in which
the build left them, and each answer is put together once.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from mimetypes import guess_type
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vip_manager import measures
from vip_manager.web.route_name import route_name

Headers = Sequence[tuple[bytes, bytes]]
Closing = Callable[[str, int], Headers]
"""What closes an answer, by its path and its status (`web/closing_headers`)."""

BELOW = "/assets/"
_FORMS = ((b"br", ".br"), (b"gzip", ".gz"), (b"", ""))
"""As a browser would have them, the smallest first."""


class _File:
    """`forms`: by how it is encoded, the whole answer; `same`: that who has it may keep it."""

    __slots__ = ("forms", "measured", "measured_same", "same", "tag")

    def __init__(self, file: Path, path: str, closing: Closing) -> None:
        kind = "text/javascript" if file.suffix == ".js" else guess_type(file.name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        plain = file.read_bytes()
        # One for all forms, as they mean the same (RFC 9110, 8.8.1).
        self.tag = f'W/"{hashlib.sha256(plain).hexdigest()[:32]}"'.encode()
        told = ((b"etag", self.tag), (b"vary", b"Accept-Encoding"))
        self.same = _answer(304, [*told, *closing(path, 304)], b"")
        self.forms: dict[bytes, tuple[Message, Message]] = {}
        for encoding, ending in _FORMS:
            form = file.with_name(file.name + ending)
            if not form.is_file():
                continue
            body = form.read_bytes()
            head = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *told]
            if encoding:
                head.append((b"content-encoding", encoding))
            self.forms[encoding] = _answer(200, [*head, *closing(path, 200)], body)
        asked = {"http_request_method": "GET", "http_route": route_name({}, path)}
        self.measured: dict[str, str | int] = {**asked, "http_response_status_code": 200}
        self.measured_same: dict[str, str | int] = {**asked, "http_response_status_code": 304}


class PageFiles:
    """Pure ASGI. What is no file there, or is asked for in another way than browsers load parts of a page, passes on.
    `also`: paths of files beside those below `/assets/`."""

    def __init__(
        self,
        app: ASGIApp,
        built: Path,
        closing: Closing = lambda path, status: (),
        also: Sequence[str] = ("/favicon.svg",),
    ) -> None:
        self._app = app
        self._built = built
        self._closing = closing
        self._also = frozenset(also)
        self._known: dict[str, _File] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        file = self._file(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        asked: dict[bytes, bytes] = dict(scope["headers"]) if file else {}
        if file is None or b"range" in asked:
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        if file.tag in asked.get(b"if-none-match", b""):
            (start, body), measured = file.same, file.measured_same
        else:
            taken = asked.get(b"accept-encoding", b"")
            start, body = next(form for encoding, form in file.forms.items() if encoding in taken)
            measured = file.measured
        await send(start)
        await send(body)
        measures.http_duration.record(time.monotonic() - began, measured)

    def _file(self, path: str) -> _File | None:
        file = self._known.get(path)
        if file is None and (path.startswith(BELOW) or path in self._also):
            there = self._built / path[1:]
            # One name below one folder: nothing climbs out of it.
            if path.count("/") == 1 + (path not in self._also) and "\\" not in path and there.is_file():
                file = self._known[path] = _File(there, path, self._closing)
        return file


def _answer(status: int, headers: Headers, body: bytes) -> tuple[Message, Message]:
    return (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )
