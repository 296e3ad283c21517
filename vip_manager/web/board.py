"""`GET /api/board/{login}`: the public board, for pages without a socket and for anybody else; and its QR code."""

import io
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

from vip_manager.ports import StoreError
from vip_manager.services.container import running
from vip_manager.services.pictures import PublicPicture
from vip_manager.web.answers import error
from vip_manager.web.boards import Boards, NoBoard, TooManyGuesses
from vip_manager.web.picture import Pictures
from vip_manager.web.turnstile import turned_away

CACHE = "public, max-age=1"
"""A cache in front carries all that ask within one second. Nothing is served beyond it: pages that find themselves
behind a cache ask often enough to be true within 2 s (`assets/board_feed.jsx`)."""
_CODE_CACHE = "public, max-age=3600"


class BoardRoute:
    """`public_url`: where people find us."""

    def __init__(self, public_url: str, boards: Boards | None = None) -> None:
        self._public_url = public_url
        self._boards = boards or Boards()
        self._pictures = Pictures()

    async def answer(self, request: Request) -> Response:
        """404 where the streamer has turned it off, and where there is none."""
        shown = await self._shown(request)
        if isinstance(shown, Response):
            return _opened(shown)
        _, channel_id, picture = shown
        ahead = running().clock_ahead
        return _opened(self._pictures.answer(request, channel_id, picture, ahead=ahead, cache=CACHE))

    async def code(self, request: Request) -> Response:
        """`…/qr.svg`: its address, to be scanned from a screen; 404 as the board itself."""
        shown = await self._shown(request)
        if isinstance(shown, Response):
            return _opened(shown)
        drawn = _drawn(f"{self._public_url}/board/{shown[0]}")
        return _opened(Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": _CODE_CACHE}))

    async def _shown(self, request: Request) -> tuple[str, str, PublicPicture] | Response:
        try:
            shown = await self._boards.at(request)
        except NoBoard:
            return error(404, "not_found", "No such channel uses VIP Manager.")
        except TooManyGuesses as guesses:
            return turned_away(guesses.wait)
        except StoreError:
            away = error(503, "store_unavailable", "What is stored can't be read right now. Try again in a moment.")
            away.headers["Cache-Control"] = "no-store"
            return away
        if shown[2].off:
            return error(404, "board_off", "The streamer does not show who is VIP at the moment.")
        return shown


@lru_cache(maxsize=512)
def _drawn(address: str) -> bytes:
    """As large as it is shown. Drawing one takes milliseconds."""
    # Few boards are asked for one, and their server has no other use for it.
    import segno

    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    return drawn.getvalue()


def _opened(answer: Response) -> Response:
    """Any page may read it: it is public, and nobody's cookie has a say in it."""
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers.setdefault("Cache-Control", CACHE)
    return answer
