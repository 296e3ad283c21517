"""`POST /api/eventsub`: what Twitch tells by webhook (https://dev.twitch.tv/docs/eventsub/handling-webhook-events/).

Anybody can post here. Until the signature is found good over the bytes of the body, nothing is read of it, and no more
bytes are taken than Twitch would send.
"""

import asyncio

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from vip_manager.ports import Forged, Malformed, Stale, StoreError
from vip_manager.services.container import running
from vip_manager.web.answers import error

log = structlog.get_logger(__name__)

MOST_BYTES = 64 * 1024
LONGEST_WAIT = 5.0
"""Seconds for the body to come: whoever holds a connection without a word keeps others from it."""


class _TooLong(Exception):
    pass


async def deliver(request: Request) -> Response:
    """204 for what was taken, now or before; 503 for what is to be sent again."""
    deliveries = running().deliveries
    if deliveries is None:
        return error(404, "not_found", "Events do not come by webhook here.")
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            body = await _body(request)
    except TimeoutError:
        return error(408, "too_slow", f"The request was not complete within {LONGEST_WAIT:g} s.")
    except _TooLong:
        return error(413, "too_large", f"At most {MOST_BYTES} bytes.")
    except ClientDisconnect:
        return error(400, "incomplete", "The request ended before it was complete.")
    try:
        answer = await deliveries.receive(request.headers, body)
    except Forged as refused:
        # Whoever likes can have this line written, so it is for those who look closely.
        log.debug("delivery refused", error=str(refused))
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
    # After the answer this process may sleep.
    await running().changes.told()
    return Response(status_code=204) if answer is None else PlainTextResponse(answer)


async def _body(request: Request) -> bytes:
    """Raises _TooLong as soon as that is known, ClientDisconnect."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > len(str(MOST_BYTES)) or int(length) > MOST_BYTES):
        raise _TooLong
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise _TooLong
    return bytes(body)
