"""`POST /api/eventsub`: what Twitch tells by webhook (https://dev.twitch.tv/docs/eventsub/handling-webhook-events/).

Anybody can post here. Until the signature is found good over the bytes of the body, nothing is read of it. How
many bytes may come, and for how long, the edge decides (web/body.py).
"""

from collections.abc import Mapping

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from vip_manager import measures
from vip_manager.ports import Forged, Malformed, Stale, StoreError
from vip_manager.services.container import running
from vip_manager.web.answers import error

PATH = "/api/eventsub"

log = structlog.get_logger(__name__)


async def deliver(request: Request) -> Response:
    return await answer_to(request.headers, await request.body())


async def answer_to(headers: Mapping[str, str], body: bytes) -> Response:
    """204 for what was taken, now or before; 503 for what is to be sent again."""
    deliveries = running().deliveries
    if deliveries is None:
        return error(404, "not_found", "Events do not come by webhook here.")
    try:
        answer = await deliveries.receive(headers, body)
    except Forged as refused:
        # Whoever likes can have this line written, so it is for those who look closely.
        log.debug("delivery refused", error=str(refused))
        measures.auth_failures.add(1, {"door": "eventsub"})
        return error(403, "forged", "The signature is missing or wrong.")
    except Stale as refused:
        log.warning("delivery refused", error=str(refused))
        return error(403, "stale", "The message was not sent within the last ten minutes.")
    except Malformed as refused:
        log.warning("delivery refused", error=str(refused))
        return error(400, "malformed", "The message can't be read.")
    except StoreError as refused:
        log.error("delivery not taken", error=str(refused))
        return error(503, "store_unavailable", "The store is out of reach. Send it again.")
    if answer.idle:
        return Response(status_code=204)
    # After the answer this process may sleep.
    await running().changes.told()
    await running().herald.settled()
    return PlainTextResponse(answer.challenge) if answer.challenge else Response(status_code=204)
