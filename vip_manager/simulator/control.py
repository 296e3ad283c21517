"""The world from behind the curtain: what viewers, streamers and Twitch itself do, without any token.

For the sandbox's pages, the `redeem` command and tests; mounted only where Twitch is not real.

Besides what people do, Twitch can be made to misbehave: `faults` (rules that meet requests, faults.py), `drop-sockets`,
and `lag` ({"channel": login, "seconds": 0 to 3600}: its Get VIPs answers as it was then, lag.py).
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vip_manager.simulator import control_actions as act
from vip_manager.simulator.audit import audit
from vip_manager.simulator.picture import picture
from vip_manager.simulator.refusal import Refused
from vip_manager.simulator.simulation import Simulation, simulation
from vip_manager.simulator.wish import Wish

Action = Callable[[Simulation, Wish], dict[str, Any]]


async def _world(request: Request) -> Response:
    sim = simulation(request)
    return JSONResponse(picture(sim, sim.base_url(request)), headers={"Cache-Control": "no-store"})


async def _audit(request: Request) -> Response:
    return JSONResponse(audit(simulation(request)), headers={"Cache-Control": "no-store"})


async def _journal(request: Request) -> Response:
    limit = request.query_params.get("limit", "200")
    lines = simulation(request).journal.lines(int(limit) if limit.isdecimal() else 200)
    return JSONResponse({"journal": lines}, headers={"Cache-Control": "no-store"})


async def _faults(request: Request) -> Response:
    faults = simulation(request).faults
    if request.method != "GET":
        try:
            wish = await _wish(request)
            if request.method == "DELETE":
                return JSONResponse({"deleted": faults.remove(request.query_params.get("id"))})
            return JSONResponse(faults.add(wish).shown())
        except Refused as refusal:
            return _refused(refusal)
    return JSONResponse({"faults": faults.shown()}, headers={"Cache-Control": "no-store"})


def _post(action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(action(simulation(request), await _wish(request)))
        except Refused as refusal:
            return _refused(refusal)

    return endpoint


async def _wish(request: Request) -> Wish:
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refused("wrong_origin", "Another site's page may not move this world.", 403)
    body = await request.body()
    if not body:
        return Wish()
    # A page of another site can post a form here, but not JSON without being asked first.
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused("bad_request", "The body must be JSON, sent as application/json.", 415)
    try:
        wish = await request.json()
    except ValueError as error:
        raise Refused("bad_request", "The body is not valid JSON.") from error
    if not isinstance(wish, dict):
        raise Refused("bad_request", "The body must be a JSON object.")
    return Wish(wish)


def _refused(refusal: Refused) -> JSONResponse:
    return JSONResponse({"error": {"code": refusal.code, "message": refusal.message}}, refusal.status)


ROUTES = [
    Route("/control/world", _world),
    Route("/control/audit", _audit),
    Route("/control/journal", _journal),
    Route("/control/faults", _faults, methods=["GET", "POST", "DELETE"]),
    *(
        Route(f"/control/{name}", _post(action), methods=["POST"])
        for name, action in {
            "redeem": act.redeem,
            "jump": act.jump,
            "vip": act.vip,
            "moderator": act.moderator,
            "ban": act.ban,
            "channel": act.channel,
            "reward": act.reward,
            "settle": act.settle,
            "disconnect": act.disconnect,
            "expire-tokens": act.expire_tokens,
            "viewer": act.viewer,
            "drop-sockets": act.drop_sockets,
            "lag": act.lag,
        }.items()
    ),
]
