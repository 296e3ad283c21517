"""`/api/v1/channels/{login}/vips`: who is VIP; give it, give more of it, end it."""

import json
import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vip_manager.domain.session import SessionState, VipSession
from vip_manager.services.api_calls import Answer, Attempt
from vip_manager.services.api_tokens import TokenVisit
from vip_manager.services.api_vips import NoSuchVip, began, over
from vip_manager.services.container import running
from vip_manager.web.api_v1 import bodies, shapes
from vip_manager.web.api_v1.idempotency import once


async def look(_: Request, visit: TokenVisit) -> Response:
    vips = running().personal.vips
    now = vips.now()
    data = [shapes.vip(one, visit.channel, now) for one in await vips.live(visit.channel_id)]
    return JSONResponse({"data": data, "next_cursor": None})


async def give(request: Request, visit: TokenVisit) -> Response:
    body = await bodies.json_object(request, "user_id", "user_login", "hours")
    user_id, login = bodies.viewer(body)
    hours = bodies.hours(body, "hours")

    async def work(attempt: Attempt) -> Answer:
        session = await running().personal.vips.give(visit, hours, attempt, user_id=user_id, login=login)
        return _answer(session, visit, 201 if began(session, attempt) else 200)

    return await once(request, visit, body, work)


async def extend(request: Request, visit: TokenVisit) -> Response:
    user_id = _user_id(request)
    body = await bodies.json_object(request, "add_hours")
    hours = bodies.hours(body, "add_hours")

    async def work(attempt: Attempt) -> Answer:
        return _answer(await running().personal.vips.extend(visit, user_id, hours, attempt), visit, 200)

    return await once(request, visit, body, work)


async def end(request: Request, visit: TokenVisit) -> Response:
    session = await running().personal.vips.end(visit, _user_id(request))
    if over(session):
        return Response(status_code=204)
    answer = _answer(session, visit, 202)
    return Response(answer.body, answer.status, media_type="application/json")


def _answer(session: VipSession, visit: TokenVisit, status: int) -> Answer:
    """202 where Twitch has not answered, and is asked again."""
    status = 202 if session.state is SessionState.GRANTING else status
    return Answer(status, json.dumps(shapes.vip(session, visit.channel, running().personal.vips.now())))


def _user_id(request: Request) -> str:
    """Raises NoSuchVip: nobody has an id of another form."""
    user_id: str = request.path_params["user_id"]
    if not re.fullmatch(bodies.USER_ID, user_id) or not user_id.isascii():
        raise NoSuchVip
    return user_id
