"""The files of the built page, from memory: Reflex asks the disk three times for each, in threads.

They are read when they are first asked for, in the forms in which the build left them.
"""

import hashlib
from collections.abc import Sequence
from mimetypes import guess_type
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

Headers = Sequence[tuple[bytes, bytes]]

BELOW = "/assets/"
_FORMS = ((b"br", ".br"), (b"gzip", ".gz"), (b"", ""))
"""As a browser would have them, the smallest first."""


class _File:
    """`forms`: by how it is encoded, what begins the answer, and the file."""

    __slots__ = ("forms", "same", "tag")

    def __init__(self, path: Path) -> None:
        kind = "text/javascript" if path.suffix == ".js" else guess_type(path.name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        plain = path.read_bytes()
        # One for all forms, as they mean the same (RFC 9110, 8.8.1).
        self.tag = f'W/"{hashlib.sha256(plain).hexdigest()[:32]}"'.encode()
        self.same: Headers = ((b"etag", self.tag), (b"vary", b"Accept-Encoding"))
        self.forms: dict[bytes, tuple[Headers, bytes]] = {}
        for encoding, ending in _FORMS:
            form = path.with_name(path.name + ending)
            if not form.is_file():
                continue
            body = form.read_bytes()
            head = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *self.same]
            self.forms[encoding] = ([*head, (b"content-encoding", encoding)] if encoding else head, body)


class PageFiles:
    """Pure ASGI. What is no file there, or is asked for in another way than browsers load parts of a page, passes on.
    `also`: paths of files beside those below `/assets/`."""

    def __init__(self, app: ASGIApp, built: Path, also: Sequence[str] = ("/favicon.svg",)) -> None:
        self._app = app
        self._built = built
        self._also = frozenset(also)
        self._known: dict[str, _File] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        file = self._file(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        asked: dict[bytes, bytes] = dict(scope["headers"]) if file else {}
        if file is None or b"range" in asked:
            await self._app(scope, receive, send)
            return
        if file.tag in asked.get(b"if-none-match", b""):
            await send({"type": "http.response.start", "status": 304, "headers": list(file.same)})
            await send({"type": "http.response.body"})
            return
        taken = asked.get(b"accept-encoding", b"")
        head, body = next(form for encoding, form in file.forms.items() if encoding in taken)
        await send({"type": "http.response.start", "status": 200, "headers": list(head)})
        await send({"type": "http.response.body", "body": body})

    def _file(self, path: str) -> _File | None:
        file = self._known.get(path)
        if file is None and (path.startswith(BELOW) or path in self._also):
            there = self._built / path[1:]
            # One name below one folder: nothing climbs out of it.
            if path.count("/") == 1 + (path not in self._also) and "\\" not in path and there.is_file():
                file = self._known[path] = _File(there)
        return file
