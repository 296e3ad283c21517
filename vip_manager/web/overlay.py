"""`GET /api/overlay/{login}`: what a stream overlay shows, for one whose socket can't be had."""

from starlette.requests import Request
from starlette.responses import Response

from vip_manager.ports import StoreError
from vip_manager.services.container import running
from vip_manager.web.answers import error
from vip_manager.web.boards import Boards, NoBoard, TooManyGuesses
from vip_manager.web.picture import Pictures
from vip_manager.web.turnstile import turned_away


class OverlayRoute:
    def __init__(self, boards: Boards | None = None) -> None:
        self._boards = boards or Boards()
        self._pictures = Pictures()

    async def answer(self, request: Request) -> Response:
        """A wrong key is answered as a channel is that nobody has heard of."""
        services = running()
        key = request.query_params.get("key", "")
        try:
            _, channel_id, picture = await self._boards.at(request)
            if picture.off and key:
                picture = await services.overlays.shown(channel_id, key)
        except NoBoard:
            return _nothing()
        except TooManyGuesses as guesses:
            return turned_away(guesses.wait)
        except StoreError:
            return error(503, "store_unavailable", "What is stored can't be read right now. Try again in a moment.")
        if picture.off or not picture.known:
            return _nothing()
        return self._pictures.answer(
            request, channel_id, picture, ahead=services.clock_ahead, cache="private, no-cache"
        )


def _nothing() -> Response:
    return error(404, "no_overlay", "There is no overlay of that channel, or its link has ended.")
