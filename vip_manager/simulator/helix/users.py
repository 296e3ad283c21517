"""Get Users, and what users have allowed the application (API reference, Get Users, Get Authorization By User)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from vip_manager.simulator.helix.answers import HelixError, data
from vip_manager.simulator.helix.call import Call, check_id
from vip_manager.simulator.records import User
from vip_manager.simulator.shapes import person
from vip_manager.simulator.simulation import Simulation


async def get(call: Call) -> Response:
    """Unknown and deleted ones are simply missing. Nothing asked means the token's own user."""
    ids, logins = call.many("id", 100), call.many("login", 100)
    if len(ids) + len(logins) > 100:
        raise HelixError(400, "At most 100 IDs and logins together may be given")
    for user_id in ids:
        check_id("id", user_id)
    if not ids and not logins:
        if call.token.user_id is None:
            raise HelixError(400, "Must provide an ID, Login or OAuth Token")
        ids = [call.token.user_id]
    wanted = {login.lower() for login in logins}
    found = [
        user for user in call.world.users.values() if not user.deleted and (user.id in ids or user.login in wanted)
    ]
    return data([_shape(call, user) for user in found])


async def authorizations(call: Call) -> Response:
    """In the order asked; those whom nobody knows are left out."""
    ids = call.many("user_id", 10)
    if not ids:
        raise HelixError(400, 'Missing required parameter "user_id"')
    for user_id in ids:
        check_id("user_id", user_id)
    found = [user for user in map(call.world.living_user, ids) if user is not None]
    return data([_authorization(call, user) for user in found])


def user_shape(sim: Simulation, request: Request, user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "login": user.login,
        "display_name": user.display_name,
        "type": "",
        "broadcaster_type": user.broadcaster_type,
        "description": "",
        "profile_image_url": sim.avatar_url(request, user.id),
        "offline_image_url": "",
        "view_count": 0,
        "created_at": user.created_at,
    }


def _shape(call: Call, user: User) -> dict[str, Any]:
    shape = user_shape(call.sim, call.request, user)
    if user.id == call.token.user_id and "user:read:email" in call.token.scopes:
        shape["email"] = f"{user.login}@sandbox.invalid"
    return shape


def _authorization(call: Call, user: User) -> dict[str, Any]:
    grant = call.world.grant(call.token.client_id, user.id)
    return {**person(user), "scopes": list(grant.scopes) if grant else [], "has_authorized": grant is not None}
