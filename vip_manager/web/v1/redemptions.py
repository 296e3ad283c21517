"""`…/redemptions`: what was redeemed, and what became of it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.services.api_tokens import Caller
from vip_manager.services.container import running
from vip_manager.web.v1.calls import BadRequest, page
from vip_manager.web.v1.vips import moment

MOST = 100
USUAL = 50


async def listed(request: Request, caller: Caller) -> Response:
    """The newest first; `cursor` is the id of the last one that was seen."""
    limit, cursor = page(request, MOST, "state", usual=USUAL)
    state = _state(request.query_params.get("state"))
    store, channel_id = running().store, caller.visit.channel_id
    if cursor:
        last = await store.redemptions.get(cursor)
        if last is None or last.channel_id != channel_id:
            raise BadRequest("“cursor” is none of ours.", 404, "not_found")
    found = await store.redemptions.page(channel_id, limit + 1, cursor, state)
    shown = found[:limit]
    return JSONResponse(
        {
            "data": [_redemption(one) for one in shown],
            "next_cursor": shown[-1].id if len(found) > limit else None,
        }
    )


def _state(text: str | None) -> RedemptionState | None:
    """Raises BadRequest."""
    if text is None:
        return None
    try:
        return RedemptionState(text)
    except ValueError:
        raise BadRequest(f"“state” is one of {', '.join(sorted(RedemptionState))}.") from None


def _redemption(one: Redemption) -> dict[str, Any]:
    return {
        "id": one.id,
        "user_id": one.user_id,
        "user_login": one.login,
        "user_name": one.username,
        "reward_id": one.reward_id,
        "reward_title": one.reward_title,
        "cost": one.cost,
        "state": one.state.value,
        "refusal": one.refusal.value if one.refusal else None,
        "hours": one.hours,
        "redeemed_at": moment(one.redeemed_at),
        "settled_at": moment(one.settled_at),
    }
