"""`/board/{login}` and its card: the page's shell, with the tags that other programs read who never run it.

What they show of a link is decided by Open Graph (https://ogp.me/) and X's cards
(https://developer.x.com/en/docs/x-for-websites/cards/overview/markup). The page itself is the same for every channel.
"""

import html
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from vip_manager.domain.terms import InvalidInput, parse_login
from vip_manager.ports import StoreError
from vip_manager.services.container import NotRunning, running
from vip_manager.services.pictures import PublicPicture

_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_NOBODY = PublicPicture(known=False)


class Card:
    """ASGI endpoint. `shell` is the built page; `public_url` where people find it."""

    def __init__(self, shell: Path, public_url: str) -> None:
        self._shell = shell.read_text()
        self._public_url = public_url

    async def answer(self, request: Request) -> Response:
        """404 where there is no such board; the page says so in words."""
        login = request.path_params["login"]
        try:
            name = parse_login(login)
            picture = await _shown(name)
        except InvalidInput:
            name, picture = "", _NOBODY
        except (StoreError, NotRunning):
            # The page says what is wrong, and whoever asks for a card asks again.
            return self._page("", PublicPicture(known=False), 200)
        return self._page(name, picture, 200 if picture.known else 404)

    def _page(self, name: str, picture: PublicPicture, status: int) -> Response:
        page = _TITLE.sub("", self._shell).replace("</head>", self._tags(name, picture) + "</head>", 1)
        return Response(page, status, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})

    def _tags(self, name: str, picture: PublicPicture) -> str:
        if not picture.known or picture.off:
            return "<title>VIP Manager</title>" + _meta("robots", "noindex")
        title = f"VIPs of {picture.username} right now"
        address = f"{self._public_url}/board/{name}"
        told = _told(picture)
        tags = [
            f"<title>{html.escape(title)} · VIP Manager</title>",
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
                    ("og:image", picture.avatar_url or f"{self._public_url}/apple-touch-icon.png"),
                    ("og:image:alt", picture.username),
                )
            ),
            _meta("twitter:card", "summary"),
        ]
        return "".join(tags)


async def _shown(login: str) -> PublicPicture:
    """Raises StoreError, NotRunning."""
    channel_id = await running().board.channel_id(login)
    return await running().board.public(channel_id) if channel_id else _NOBODY


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
