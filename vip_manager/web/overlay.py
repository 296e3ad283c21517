"""`GET /api/overlay/{login}`: what a stream overlay shows, for one whose socket can't be had."""

import hashlib
import json
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response

from vip_manager.domain.terms import InvalidInput, parse_login
from vip_manager.ports import StoreError
from vip_manager.services.container import running
from vip_manager.services.pictures import PublicPicture
from vip_manager.web.answers import error

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
    headers = {"ETag": _tag(picture), "Cache-Control": "private, no-cache"}
    if headers["ETag"] in (one.strip() for one in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    return Response(_text(asdict(picture)), media_type="application/json", headers=headers)


def _nothing() -> Response:
    return error(404, "no_overlay", _NOTHING)


def _tag(picture: PublicPicture) -> str:
    """The same for as long as nothing but the time is another."""
    told = asdict(picture) | {"now": 0}
    return f'"{hashlib.sha256(_text(told).encode()).hexdigest()[:32]}"'


def _text(told: dict[str, object]) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
