"""`/board/{login}` and its card: the page's shell, with the tags that other programs read who never run it.

What they show of a link is decided by Open Graph (https://ogp.me/) and X's cards
(https://developer.x.com/en/docs/x-for-websites/cards/overview/markup). The page itself is the same for every channel.
"""

import gzip
import hashlib
import html
import re
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import brotli  # type: ignore[import-untyped]
from starlette.requests import Request
from starlette.responses import Response

from vip_manager.ports import StoreError
from vip_manager.services.container import NotRunning, running
from vip_manager.services.pictures import PublicPicture
from vip_manager.web.boards import Boards, NoBoard
from vip_manager.web.picture import known

_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_NOBODY = PublicPicture(known=False)
_MOST_KEPT = 500
_OURS = "data-card"
"""The page takes this title out once it has one of its own (`assets/board_feed.jsx`): the first one counts."""


@dataclass(frozen=True, slots=True)
class _Page:
    tag: str
    forms: dict[str, bytes]
    """By how it is encoded, the smallest first; empty is as it is."""


class Card:
    """ASGI endpoint. `shell` is the built page; `public_url` where people find it."""

    def __init__(self, shell: Path, public_url: str, boards: Boards | None = None) -> None:
        self._shell = _TITLE.sub("", shell.read_text("utf-8"))
        self._public_url = public_url
        # Pages are counted as it is.
        self._boards = boards or Boards(guesses=False)
        self._made: OrderedDict[str, _Page] = OrderedDict()

    async def answer(self, request: Request) -> Response:
        """404 where there is no such board; the page says so in words."""
        try:
            name, _, picture = await self._boards.at(request)
        except NoBoard:
            return self._page(request, "", _NOBODY, 404)
        except (StoreError, NotRunning):
            # The page says what is wrong, and whoever asks for a card asks again.
            return self._page(request, "", None, 200)
        return self._page(request, name, picture, 200)

    def _page(self, request: Request, name: str, picture: PublicPicture | None, status: int) -> Response:
        page = self._with(self._tags(name, picture))
        headers = {"Cache-Control": "no-cache", "ETag": page.tag, "Vary": "Accept-Encoding"}
        if status == 200 and known(request, page.tag):
            return Response(status_code=304, headers=headers)
        taken = request.headers.get("accept-encoding", "")
        encoding = next(one for one in page.forms if one in taken)
        if encoding:
            headers["Content-Encoding"] = encoding
        return Response(page.forms[encoding], status, media_type="text/html; charset=utf-8", headers=headers)

    def _with(self, tags: str) -> _Page:
        """Made once for all that are told the same."""
        page = self._made.get(tags)
        if page is None:
            text = self._shell.replace("</head>", tags + "</head>", 1).encode("utf-8", "replace")
            forms = {"br": brotli.compress(text, quality=9), "gzip": gzip.compress(text, mtime=0), "": text}
            page = self._made[tags] = _Page(f'W/"{hashlib.sha256(text).hexdigest()[:32]}"', forms)
            if len(self._made) > _MOST_KEPT:
                self._made.popitem(last=False)
        self._made.move_to_end(tags)
        return page

    def _tags(self, name: str, picture: PublicPicture | None) -> str:
        """`picture` is None where nobody knows whether there is a board: search engines keep what they had of it."""
        if picture is None:
            return f"<title {_OURS}>VIP Manager</title>" + _sandbox()
        if not picture.known or picture.off:
            return f"<title {_OURS}>VIP Manager</title>" + _meta("robots", "noindex") + _sandbox()
        title = f"VIPs of {picture.username} right now"
        address = f"{self._public_url}/board/{name}"
        told = _told(picture)
        face = picture.avatar_url if picture.avatar_url.startswith("https://") else ""
        tags = [
            f"<title {_OURS}>{html.escape(title)} · VIP Manager</title>",
            _meta("description", told),
            f'<link rel="canonical" href="{html.escape(address)}"/>',
            *(
                _meta(property_, content, kind="property")
                for property_, content in (
                    ("og:type", "website"),
                    ("og:site_name", "VIP Manager"),
                    ("og:title", title),
                    ("og:description", told),
                    ("og:url", address),
                    ("og:image", face or f"{self._public_url}/apple-touch-icon.png"),
                    ("og:image:alt", picture.username if face else "VIP Manager"),
                )
            ),
            _meta("twitter:card", "summary"),
            _sandbox(),
        ]
        return "".join(tags)


def _sandbox() -> str:
    """Which every page says of itself, one without a socket too."""
    try:
        return _meta("sandbox", "yes") if running().sandbox else ""
    except NotRunning:
        return ""


def _told(picture: PublicPicture) -> str:
    """What a link says beside its title, in English: nobody knows who will read it."""
    there = len(picture.vips) + picture.not_shown
    said = [f"{there} {'VIP' if there == 1 else 'VIPs'} right now" if there else "Nobody is VIP right now"]
    if picture.seats_free >= 0:
        said.append(f"{picture.seats_free} of {picture.seats} seats free" if picture.seats_free else "all seats taken")
    words = ", ".join(said) + "."
    if picture.reward.open:
        words += f" Redeem “{picture.reward.title}” for {picture.reward.cost:,} channel points."
    return words


def _meta(name: str, content: str, *, kind: str = "name") -> str:
    return f'<meta {kind}="{html.escape(name)}" content="{html.escape(content)}"/>'
