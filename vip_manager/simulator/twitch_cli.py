"""What only twitch-cli's mock has: user tokens without a page, and its units (twitch-cli, docs/mock-api.md).

Other than there, a minted token comes with a refresh token that works and lives four hours, and may have any scope.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vip_manager.simulator import grants, oauth
from vip_manager.simulator.helix.users import user_shape
from vip_manager.simulator.records import AccessToken
from vip_manager.simulator.simulation import Simulation, simulation

_NEEDED = ("client_id", "client_secret", "user_id")


@oauth.refusing
async def authorize(request: Request) -> Response:
    """POST with grant_type=user_token mints a token; anything else is the page as on Twitch."""
    if request.method == "POST":
        given = await oauth.parameters(request)
        if given.get("grant_type") == "user_token":
            sim = simulation(request)
            return oauth.issued(sim, _minted(sim, given))
    return await oauth.authorize(request)


async def clients(request: Request) -> Response:
    found = [
        {"ID": one.id, "Secret": one.secret, "Name": one.name, "IsExtension": False}
        for one in simulation(request).world.clients.values()
    ]
    return _unit(found)


async def users(request: Request) -> Response:
    sim = simulation(request)
    return _unit([user_shape(sim, request, one) for one in sim.world.users.values() if not one.deleted])


def _minted(sim: Simulation, given: Mapping[str, str]) -> AccessToken:
    if not all(given.get(name) for name in _NEEDED):
        raise oauth.AuthError(400, "missing required parameter")
    client = oauth.known_client(sim, given)
    user = sim.world.living_user(given["user_id"])
    if user is None:
        raise oauth.AuthError(400, "User ID invalid")
    scopes = list(dict.fromkeys(given.get("scope", "").split()))
    return grants.spend_code(sim, grants.allow(sim, client.id, user, "", scopes))


def _unit(found: Sequence[Mapping[str, Any]]) -> Response:
    return JSONResponse({"cursor": "", "total": len(found), "data": found})
