"""`GET /api/overlay/{login}`: what a stream overlay shows, for one whose socket can't be had."""

from starlette.requests import Request
from starlette.responses import Response

from vip_manager.domain.terms import InvalidInput, parse_login
from vip_manager.ports import StoreError
from vip_manager.services.container import running
from vip_manager.web.answers import error
from vip_manager.web.picture import Pictures

_PICTURES = Pictures()
_NOTHING = "There is no overlay of that channel, or its link has ended."


async def overlay_picture(request: Request) -> Response:
    """A wrong key is answered as a channel is that nobody has heard of."""
    services = running()
    try:
        channel_id = await services.board.channel_id(parse_login(request.path_params["login"]))
        if channel_id is None:
            return _nothing()
        picture = await services.overlays.shown(channel_id, request.query_params.get("key", ""))
    except InvalidInput:
        return _nothing()
    except StoreError:
        return error(503, "store_unavailable", "What is stored can't be read right now. Try again in a moment.")
    if picture.off or not picture.known:
        return _nothing()
    return _PICTURES.answer(request, channel_id, picture, ahead=services.clock_ahead, cache="private, no-cache")


def _nothing() -> Response:
    return error(404, "no_overlay", _NOTHING)
