"""`GET /api/v1/channels/{login}/redemptions`: what was redeemed, the newest first."""

import re
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vip_manager.domain.redemption import RedemptionState
from vip_manager.services.api_tokens import TokenVisit
from vip_manager.services.api_vips import Place
from vip_manager.services.container import running
from vip_manager.web.api_v1 import shapes
from vip_manager.web.api_v1.problems import BadRequest

MOST = 100
USUAL = 50
CURSOR = r"^[0-9]{16}\.[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


async def look(request: Request, visit: TokenVisit) -> Response:
    found, more = await running().personal.vips.redemptions(
        visit.channel_id, _limit(_asked(request, "limit")), _state(_asked(request, "state")), _place(request)
    )
    return JSONResponse({"data": [shapes.redemption(one) for one in found], "next_cursor": _cursor(more)})


def _asked(request: Request, name: str) -> str | None:
    given = request.query_params.getlist(name)
    if len(given) > 1:
        raise BadRequest(f"{name}: once is enough.")
    return given[0] if given else None


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if not re.fullmatch("[0-9]{1,4}", text, re.ASCII) or not 1 <= int(text) <= MOST:
        raise BadRequest(f"limit: a whole number from 1 to {MOST} is needed.")
    return int(text)


def _state(text: str | None) -> RedemptionState | None:
    if text is None:
        return None
    found = next((one for one in RedemptionState if one == text), None)
    if found is None:
        raise BadRequest(f"state: one of these is needed: {', '.join(RedemptionState)}.")
    return found


def _place(request: Request) -> Place | None:
    text = _asked(request, "cursor")
    if text is None:
        return None
    if not re.fullmatch(CURSOR, text, re.ASCII):
        raise BadRequest("cursor: the next_cursor of an earlier answer is needed.")
    microseconds, _, redemption_id = text.partition(".")
    return Place(_BEGINNING + timedelta(microseconds=int(microseconds)), redemption_id)


def _cursor(place: Place | None) -> str | None:
    if place is None:
        return None
    return f"{(place.at - _BEGINNING) // timedelta(microseconds=1):016}.{place.id}"
