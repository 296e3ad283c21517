"""Get Users."""

from typing import Any

from starlette.responses import Response

from vip_manager.simulator.helix.answers import HelixError, data
from vip_manager.simulator.helix.call import Call, check_id
from vip_manager.simulator.records import User


async def get(call: Call) -> Response:
    """Unknown ones are simply missing. Nothing asked means the token's own user."""
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
    found = [user for user in call.world.users.values() if user.id in ids or user.login in wanted]
    return data([_shape(call, user) for user in found])


def _shape(call: Call, user: User) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "id": user.id,
        "login": user.login,
        "display_name": user.display_name,
        "type": "",
        "broadcaster_type": user.broadcaster_type,
        "description": "",
        "profile_image_url": call.sim.avatar_url(call.request, user.id),
        "offline_image_url": "",
        "view_count": 0,
        "created_at": user.created_at,
    }
    if user.id == call.token.user_id and "user:read:email" in call.token.scopes:
        shape["email"] = f"{user.login}@sandbox.invalid"
    return shape
