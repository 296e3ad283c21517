"""Headers that close what a browser would leave open, by where an answer comes from."""

import re
from collections.abc import Mapping, Sequence

from vip_manager.web import content_policy
from vip_manager.web.outside import Outside

_YEAR = 31_536_000
"""Seconds."""

_OVERLAY = re.compile(r"/overlay/[A-Za-z0-9_]{1,25}/?")
"""What a streamer shows within other programs; nothing that only begins like it."""

_ICON = "/favicon.svg"

_PART_OF_PAGE = re.compile(r"/assets/[A-Za-z0-9_.-]+\.(?:js|css|woff2)")
"""What pages load and no browser runs by itself. The build names each by what is in it. An SVG is not among them:
opened by its address it is a document, with scripts."""

_ITSELF = (200, 206, 304)
"""The file, a part of it, or that the one that was kept will do. Anything else, such as the page that says that there
is no such file, is closed like a page."""

_EVERY_FILE = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}

_EVERYWHERE = {
    **_EVERY_FILE,
    # Not no-referrer: with that, browsers hide where the page's own forms come from.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
}


Raw = Sequence[tuple[bytes, bytes]]
"""As a server takes them; the names are in small letters."""


class ClosingHeaders:
    """Worked out once; `of` says them for an answer. Its own headers come before these."""

    def __init__(self, outside: Outside) -> None:
        only_https = {"Strict-Transport-Security": f"max-age={_YEAR}"} if outside.scheme == "https" else {}
        everywhere = {**_EVERYWHERE, **only_https}
        page = content_policy.of_page(outside.script_hashes, outside.pictures_from)
        framed = content_policy.of_page(outside.script_hashes, outside.pictures_from, framed=True)
        unframed = {**everywhere, "X-Frame-Options": "DENY"}
        data = {**unframed, "Content-Security-Policy": content_policy.CLOSED}
        self._page = _raw({**unframed, "Content-Security-Policy": page})
        self._framed_page = _raw({**everywhere, "Content-Security-Policy": framed})
        self._data = _raw(data)
        self._api = _raw({**data, "Cache-Control": "no-store"})
        # A page loads a dozen or two of these: policies that are about documents would weigh more than some of them do.
        part = {**_EVERY_FILE, **only_https, "Cache-Control": f"public, max-age={_YEAR}, immutable"}
        self._part_of_page = _raw(part)
        self._simulator_path = outside.simulator_path

    def of(self, path: str, status: int) -> Raw:
        # By path and not by type: an answer that says "not modified" has no type, and its policy replaces the page's.
        if _below(path, "/api"):
            return self._api
        if status in _ITSELF and _PART_OF_PAGE.fullmatch(path):
            return self._part_of_page
        if path == _ICON or _below(path, "/assets") or (self._simulator_path and _below(path, self._simulator_path)):
            return self._data
        return self._framed_page if _OVERLAY.fullmatch(path) else self._page


def _raw(headers: Mapping[str, str]) -> Raw:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")
