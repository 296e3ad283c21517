"""The world from behind the curtain: what viewers, streamers and Twitch itself do, without any token.

For the sandbox's pages, the `redeem` command and tests; mounted only where Twitch is not real, and behind a gate of its
own (control_gate.py).

| control/…     | does                                                                                                |
|---------------|-----------------------------------------------------------------------------------------------------|
| `world`       | GET: a picture of it. PUT: another world, written as in world_reading.py                            |
| `world/file`  | GET: all of it, as its file has it, but for secrets; PUT to `world` takes it back                   |
| `audit`       | GET: whether the promises were kept (audit.py)                                                      |
| `journal`     | GET: `limit` lines (200), newest first, or `after` a number, oldest first; `kind` once or more often |
| `faults`      | GET, POST, DELETE (one by `?id=`, or all): rules by which Twitch misbehaves (faults.py)             |
| `stage`       | GET: a `channel` as a page shows it (stage.py)                                                      |
| …             | POST: the actions, each in the module of its ACTIONS                                                |
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vip_manager.simulator import (
    control_actions,
    control_chat,
    control_evening,
    control_eventsub,
    control_world,
    journal,
)
from vip_manager.simulator.audit import audit
from vip_manager.simulator.control_people import named
from vip_manager.simulator.fault_wish import rule_of
from vip_manager.simulator.refusal import Refused
from vip_manager.simulator.simulation import simulation
from vip_manager.simulator.stage import stage
from vip_manager.simulator.wish import Action, Wish

ACTIONS: dict[str, Action] = {
    **control_actions.ACTIONS,
    **control_chat.ACTIONS,
    **control_world.ACTIONS,
    **control_eventsub.ACTIONS,
    **control_evening.ACTIONS,
}
_LINES = 200

Endpoint = Callable[[Request], Awaitable[Response]]


def _in_words(endpoint: Callable[[Request], Awaitable[dict[str, Any]]]) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await endpoint(request), headers={"Cache-Control": "no-store"})
        except Refused as refusal:
            said = {"code": refusal.code, "message": refusal.message}
            return JSONResponse({"error": said}, refusal.status)

    return answer


def _action(action: Action) -> Endpoint:
    async def endpoint(request: Request) -> dict[str, Any]:
        return action(simulation(request), await _wish(request))

    return _in_words(endpoint)


async def _audit(request: Request) -> dict[str, Any]:
    return audit(simulation(request))


async def _stage(request: Request) -> dict[str, Any]:
    sim = simulation(request)
    streamer = named(sim, request.query_params.get("channel", ""), "channel")
    return stage(sim, streamer, sim.base_url(request))


async def _journal(request: Request) -> dict[str, Any]:
    kept = simulation(request).journal
    limit = _number(request, "limit", _LINES)
    kinds = request.query_params.getlist("kind") or journal.KINDS
    if not set(kinds) <= set(journal.KINDS):
        raise Refused("bad_request", f"“kind” must be one of {', '.join(journal.KINDS)}.")
    if "after" in request.query_params:
        lines = kept.lines_after(_number(request, "after", 0), limit, kinds)
    else:
        lines = kept.lines(limit, kinds)
    return {"journal": lines, "newest": kept.newest}


async def _faults(request: Request) -> dict[str, Any]:
    faults = simulation(request).faults
    if request.method == "GET":
        return {"faults": faults.shown()}
    wish = await _wish(request)
    if request.method == "DELETE":
        return {"deleted": faults.remove(request.query_params.get("id"))}
    return faults.add(rule_of(wish)).shown()


def _number(request: Request, name: str, usual: int) -> int:
    given = request.query_params.get(name)
    if given is None:
        return usual
    if not (given.isascii() and given.isdecimal() and len(given) < 16):
        raise Refused("bad_request", f"“{name}” must be a whole number.")
    return int(given)


async def _wish(request: Request) -> Wish:
    body = await request.body()
    if not body:
        return Wish()
    # A page of another site can post a form here, but not JSON without being asked first.
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused("bad_request", "The body must be JSON, sent as application/json.", 415)
    try:
        wish = await request.json()
    except (ValueError, RecursionError) as error:
        raise Refused("bad_request", "The body is not valid JSON.") from error
    if not isinstance(wish, dict):
        raise Refused("bad_request", "The body must be a JSON object.")
    return Wish(wish)


ROUTES = [
    Route("/control/world", control_world.look),
    Route("/control/world", _action(control_world.replace), methods=["PUT"]),
    Route("/control/world/file", control_world.file),
    Route("/control/audit", _in_words(_audit)),
    Route("/control/stage", _in_words(_stage)),
    Route("/control/journal", _in_words(_journal)),
    Route("/control/faults", _in_words(_faults), methods=["GET", "POST", "DELETE"]),
    *(Route(f"/control/{name}", _action(action), methods=["POST"]) for name, action in ACTIONS.items()),
]
