"""`GET /api/board/{login}`: the public board, for pages without a socket and for anybody else."""

import io
import time
from collections.abc import Callable

import segno
from starlette.requests import Request
from starlette.responses import Response

from vip_manager.domain.terms import InvalidInput, parse_login
from vip_manager.ports import StoreError
from vip_manager.services.container import running
from vip_manager.services.pictures import PublicPicture
from vip_manager.web.answers import error
from vip_manager.web.picture import Pictures

CACHE = "public, max-age=1"
"""A change is seen within 2 s; a cache in front carries all that ask within one of them."""
_NAMED_FOR = 10.0
"""Seconds for which it is remembered whose board a name leads to: it changes with a new name on Twitch."""
_MOST_NAMES = 2000


class BoardRoute:
    """`public_url`: where people find us."""

    def __init__(self, public_url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._public_url = public_url
        self._pictures = Pictures()
        self._names: dict[str, tuple[float, str | None]] = {}
        self._monotonic = monotonic

    async def answer(self, request: Request) -> Response:
        """404 where the streamer has turned it off, and where there is none."""
        try:
            channel_id, picture = await self._shown(request.path_params["login"])
        except InvalidInput:
            return _opened(error(404, "not_found", "No such channel uses VIP Manager."))
        except StoreError:
            return _opened(error(503, "store_unavailable", "What is stored can't be read right now. Try again soon."))
        if picture is None or not picture.known:
            return _opened(error(404, "not_found", "No such channel uses VIP Manager."))
        if picture.off:
            return _opened(error(404, "board_off", "The streamer does not show who is VIP at the moment."))
        ahead = running().clock_ahead
        return _opened(self._pictures.answer(request, channel_id, picture, ahead=ahead, cache=CACHE))

    async def code(self, request: Request) -> Response:
        """`…/qr.svg`: its address, to be scanned from a screen. The same for every name: whether there is such a board
        says the board."""
        try:
            address = f"{self._public_url}/board/{parse_login(request.path_params['login'])}"
        except InvalidInput:
            return _opened(error(404, "not_found", "No such channel uses VIP Manager."))
        drawn = io.BytesIO()
        segno.make(address, error="m").save(drawn, kind="svg", scale=8, border=4, dark="#000", light="#fff")
        headers = {"Cache-Control": "public, max-age=86400"}
        return _opened(Response(drawn.getvalue(), media_type="image/svg+xml", headers=headers))

    async def _shown(self, login: str) -> tuple[str, PublicPicture | None]:
        """Raises InvalidInput, StoreError."""
        name, now = parse_login(login), self._monotonic()
        until, channel_id = self._names.get(name, (0.0, None))
        if until <= now:
            channel_id = await running().board.channel_id(name)
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            self._names[name] = (now + _NAMED_FOR, channel_id)
        return channel_id or "", await running().board.public(channel_id) if channel_id else None


def _opened(answer: Response) -> Response:
    """Any page may read it: it is public, and nobody's cookie has a say in it."""
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers.setdefault("Cache-Control", CACHE)
    return answer
