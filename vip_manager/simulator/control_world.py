"""The world as a whole, from behind the curtain: looked at, taken away as a file, replaced by one, begun anew."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vip_manager.simulator.picture import picture
from vip_manager.simulator.refusal import Refused
from vip_manager.simulator.simulation import Simulation, simulation
from vip_manager.simulator.wish import Action, Wish
from vip_manager.simulator.world_form import BadWorld

_INTERNAL_ERROR = 4000
_FRESH = {"Cache-Control": "no-store"}


async def look(request: Request) -> Response:
    sim = simulation(request)
    return JSONResponse(picture(sim, sim.base_url(request)), headers=_FRESH)


async def file(request: Request) -> Response:
    return Response(simulation(request).world.shown(), media_type="application/json", headers=_FRESH)


def replace(sim: Simulation, wish: Wish) -> dict[str, Any]:
    """By a written world (world_reading.py). Says what there is now."""
    before = list(sim.world.channels)
    try:
        sim.world.replace(wish)
    except BadWorld as error:
        raise Refused("bad_world", str(error)) from error
    return _another(sim, before, "world replaced")


def reset(sim: Simulation, wish: Wish) -> dict[str, Any]:
    """The first world, but that time only goes forward. Who was signed in no longer is."""
    if wish:
        raise Refused("bad_request", "There is nothing to say about the first world.")
    before = list(sim.world.channels)
    sim.world.reset()
    return _another(sim, before, "world reset")


def _another(sim: Simulation, channels_before: list[str], what: str) -> dict[str, Any]:
    for channel_id in channels_before:
        evening = sim.evenings.of(channel_id)
        if evening is not None and evening.running:
            sim.evenings.stop(channel_id)
    sim.lag.forget()
    sim.hub.world_replaced()
    sim.changed(what)
    sim.hub.drop(_INTERNAL_ERROR)
    users = {user.login: user.id for user in sim.world.users.values()}
    return {"users": users, "channels": len(sim.world.channels), "redemptions": len(sim.world.redemptions)}


ACTIONS: dict[str, Action] = {"reset": reset}
