"""How fast is spoken in chat: far below what Twitch takes, of a channel and of all channels together."""

import asyncio
import time
from collections.abc import Awaitable, Callable

EVERY = 1.5
"""Seconds between two messages in one channel: 20 in 30 s, a fifth of what Twitch takes of a broadcaster
(https://dev.twitch.tv/docs/chat/#rate-limits). So several instances may speak at once."""
OF_ALL_EVERY = 0.1
"""Seconds between two messages of this process, in whichever channels: 600 in a minute, where Twitch takes 800 calls of
a program (https://dev.twitch.tv/docs/api/guide/#twitch-rate-limits)."""
LONGEST_WAIT = 6.0


class ChatPace:
    """Of this process; `monotonic` counts seconds, from whenever."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._free: dict[str, float] = {}
        """When the next one may go, of channels that spoke a moment ago."""
        self._all_free = float("-inf")

    async def turn(self, channel_id: str, longest: float = LONGEST_WAIT) -> bool:
        """Returns when it may go. False, at once, where the channel's own turn would take longer: then it is nobody's
        turn."""
        now = self._monotonic()
        self._free = {one: at for one, at in self._free.items() if at > now}
        at = self._free.get(channel_id, now)
        if at - now > longest:
            return False
        self._free[channel_id] = at + EVERY
        if at > now:
            await self._sleep(at - now)
        now = self._monotonic()
        at = max(self._all_free, now)
        self._all_free = at + OF_ALL_EVERY
        if at > now:
            await self._sleep(at - now)
        return True
