"""The files of the built page, from memory: Reflex asks the disk three times for each, in threads.

They are read when they are first asked for, in the forms in which the build left them, and each answer is put together
once.
"""

import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from mimetypes import guess_type
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vip_manager.web.route_name import measured

Headers = Sequence[tuple[bytes, bytes]]
Closing = Callable[[str, int], Headers]
"""What closes an answer, by its path and its status (`web/closing_headers`)."""

BELOW = "/assets/"
_FORMS = ((b"br", ".br"), (b"gzip", ".gz"), (b"", ""))
"""As a browser would have them, the smallest first."""

_DOCUMENT = re.compile(r"/(?:[a-z_]+/)*")
"""Addresses as the build names the pages' folders: nothing climbs out of it."""
_ASKED_ANEW = ((b"cache-control", b"no-cache"),)
"""What a document names may be gone with the next build."""


class _File:
    """`sent` and `kept` are what closes the answer with the file, and the one that who has it may keep it."""

    def __init__(self, path: Path, sent: Headers, kept: Headers) -> None:
        kind = "text/javascript" if path.suffix == ".js" else guess_type(path.name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        plain = path.read_bytes()
        # One for all forms, as they mean the same (RFC 9110, 8.8.1).
        self._tag = f'W/"{hashlib.sha256(plain).hexdigest()[:32]}"'.encode()
        told = ((b"etag", self._tag), (b"vary", b"Accept-Encoding"))
        self._kept = _answer(304, [*told, *kept], b"")
        self._forms: dict[bytes, tuple[Message, Message]] = {}
        for encoding, ending in _FORMS:
            form = path.with_name(path.name + ending)
            if not form.is_file():
                continue
            body = form.read_bytes()
            head = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *told]
            if encoding:
                head.append((b"content-encoding", encoding))
            self._forms[encoding] = _answer(200, [*head, *sent], body)

    def answer(self, asked: Mapping[bytes, bytes]) -> tuple[Message, Message]:
        """Whole, to a request with these headers."""
        if self._tag in asked.get(b"if-none-match", b""):
            return self._kept
        taken = asked.get(b"accept-encoding", b"")
        return next(form for encoding, form in self._forms.items() if encoding in taken)


class PageFiles:
    """What pages load. Pure ASGI, before all that every other request passes, the edge included: a page loads a dozen,
    they are the same for everybody, and nothing is asked of who asks.

    What is no file there, or is asked for in another way than browsers load parts of a page, passes on. `also`: paths
    of files beside those below `/assets/`.
    """

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
        start, body = file.answer(asked)
        await send(start)
        await send(body)
        measured(scope, scope["path"], start["status"], time.monotonic() - began)

    def _file(self, path: str) -> _File | None:
        file = self._known.get(path)
        if file is None and (path.startswith(BELOW) or path in self._also):
            there = self._built / path[1:]
            # One name below one folder: nothing climbs out of it.
            if path.count("/") == 1 + (path not in self._also) and "\\" not in path and _is_file(there):
                file = self._known[path] = _File(there, self._closing(path, 200), self._closing(path, 304))
        return file


class PageDocuments:
    """The pages themselves, those that are built as they are: past the layers of Reflex and Starlette. Pure ASGI,
    within the edge; what is none of them passes on. `counted` puts what turns away who comes too often before it."""

    def __init__(self, app: ASGIApp, built: Path, counted: Callable[[ASGIApp], ASGIApp]) -> None:
        self._app = app
        self._built = built
        self._counted = counted(self._send)
        self._known: dict[str, _File] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and self._is_one(scope["path"])
            and all(name != b"range" for name, _ in scope["headers"])
        ):
            await self._counted(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        for message in self._known[scope["path"]].answer(dict(scope["headers"])):
            await send(message)

    def _is_one(self, path: str) -> bool:
        if path not in self._known and _DOCUMENT.fullmatch(path):
            there = self._built / path[1:] / "index.html"
            if _is_file(there):
                self._known[path] = _File(there, _ASKED_ANEW, _ASKED_ANEW)
        return path in self._known


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        # Longer than any file's name may be.
        return False


def _answer(status: int, headers: Headers, body: bytes) -> tuple[Message, Message]:
    return (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )
