"""Get Streams: offline channels are absent."""

from typing import Any

from starlette.responses import Response

from vip_manager.simulator.helix.answers import data, page
from vip_manager.simulator.helix.call import Call
from vip_manager.simulator.records import Channel
from vip_manager.simulator.shapes import person


async def get(call: Call) -> Response:
    ids = call.many("user_id", 100)
    logins = {login.lower() for login in call.many("user_login", 100)}
    live = [
        channel
        for channel in call.world.channels.values()
        if channel.live_since is not None
        and (not (ids or logins) or channel.id in ids or call.world.users[channel.id].login in logins)
    ]
    shown, pagination = page(live, lambda channel: (int(channel.id),), call.first(), call.param("after"))
    return data([_shape(call, channel) for channel in shown], pagination=pagination)


def _shape(call: Call, channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.stream_id,
        **person(call.world.users[channel.id]),
        "game_id": "509658",
        "game_name": "Just Chatting",
        "type": "live",
        "title": "A stream in the sandbox",
        "tags": [],
        "viewer_count": 9,
        "started_at": channel.live_since,
        "language": "en",
        "thumbnail_url": "",
        "tag_ids": [],
        "is_mature": False,
    }
