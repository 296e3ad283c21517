"""`GET /api/channels/{id}/history.csv`: what happened in a channel, as a spreadsheet, to those who may see it."""

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from vip_manager.domain.team import May
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import StoreError, TwitchError
from vip_manager.services import rates
from vip_manager.services.access import NotAllowed, NotSignedIn
from vip_manager.services.container import running
from vip_manager.services.history import Asked
from vip_manager.web.answers import error
from vip_manager.web.turnstile import turned_away

log = structlog.get_logger(__name__)


async def history_file(request: Request) -> Response:
    """Changes nothing, and no other site can read its answer."""
    channel_id = request.path_params["channel_id"]
    asked = request.query_params
    services = running()
    try:
        visit = await services.access.require(request.headers.get("cookie", ""), channel_id, May.SEE)
        wait = await services.rates.hit(rates.DOWNLOADS, visit.person.id)
        if wait is not None:
            return turned_away(wait)
        wanted = await services.history.wanted(
            visit.channel_id, Asked(*(asked.get(name, "") for name in ("kind", "who", "from", "to", "zone")))
        )
    except NotSignedIn:
        return error(401, "signed_out", "You are signed out. Sign in to go on.")
    except NotAllowed:
        return error(403, "not_yours", "Only who is on the channel's team can see its history.")
    except InvalidInput as refused:
        return error(400, "bad_request", str(refused.sentence))
    except StoreError:
        return error(503, "store_unavailable", "What is stored can't be read right now. Try again in a moment.")
    except TwitchError:
        return error(503, "twitch_unavailable", "Who that is, Twitch does not say right now. Try again in a minute.")
    log.info("history downloaded", channel_id=visit.channel_id, by=visit.person.id)
    return StreamingResponse(
        services.history.file(visit.channel_id, wanted),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="vip-manager-history.csv"',
            "Cache-Control": "no-store",
        },
    )
