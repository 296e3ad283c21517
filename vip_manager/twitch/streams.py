"""Whether a channel is live. Needs no scope.

Source: https://dev.twitch.tv/docs/api/reference/#get-streams.
"""

from datetime import datetime

from vip_manager.twitch.helix import Endpoint, Helix

STREAMS = Endpoint("GET", "/streams")


class Streams:
    def __init__(self, helix: Helix) -> None:
        self._helix = helix

    async def live_since(self, channel_id: str) -> datetime | None:
        """When the channel's stream began; None where it is not live. Raises Malformed where that can't be read."""
        reply = await self._helix.call(STREAMS, channel_id, [("user_id", channel_id)])
        streams = reply.json().objects("data")
        return streams[0].time("started_at") if streams else None
