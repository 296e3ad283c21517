"""Get Streams: offline channels are absent. In order of channels' ids, for here everybody has as many viewers."""

from typing import Any

from starlette.responses import Response

from vip_manager.simulator.helix.answers import HelixError, data, page
from vip_manager.simulator.helix.call import Call, check_id
from vip_manager.simulator.moments import rfc3339_seconds
from vip_manager.simulator.records import Channel
from vip_manager.simulator.shapes import person

_GAME = {"game_id": "509658", "game_name": "Just Chatting"}
_LANGUAGE = "en"


async def get(call: Call) -> Response:
    ids = call.many("user_id", 100)
    for user_id in ids:
        check_id("user_id", user_id)
    logins = {login.lower() for login in call.many("user_login", 100)}
    games, languages = call.many("game_id", 100), call.many("language", 100)
    if call.param("type") not in (None, "all", "live"):
        raise HelixError(400, "The type must be all or live.")
    live = [
        channel
        for channel in call.world.channels.values()
        if channel.live_since is not None and call.world.living_user(channel.id) is not None
    ]
    if ids or logins:
        live = [one for one in live if one.id in ids or call.world.users[one.id].login in logins]
    if (games and _GAME["game_id"] not in games) or (languages and _LANGUAGE not in languages):
        live = []
    shown, pagination = page(
        live, lambda channel: (int(channel.id),), call.first(), call.param("after"), before=call.param("before")
    )
    return data([_shape(call, channel) for channel in shown], pagination=pagination)


def _shape(call: Call, channel: Channel) -> dict[str, Any]:
    assert channel.live_since
    return {
        "id": channel.stream_id,
        **person(call.world.users[channel.id]),
        **_GAME,
        "type": "live",
        "title": "A stream in the sandbox",
        "tags": [],
        "viewer_count": 9,
        "started_at": rfc3339_seconds(channel.live_since),
        "language": _LANGUAGE,
        "thumbnail_url": "",
        "tag_ids": [],
        "is_mature": False,
    }
