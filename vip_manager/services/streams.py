"""Knows whether a channel is live, and has the clocks that count by it run, stand or come to an end."""

import time
from collections.abc import Sequence
from datetime import datetime

import structlog

from vip_manager.domain.channel import Channel
from vip_manager.domain.session import RUNNING, VipSession
from vip_manager.domain.stream import Stream
from vip_manager.ports import Clock, Conflict, Store, StreamHint, Twitch
from vip_manager.services import clocks
from vip_manager.services.changes import Changes
from vip_manager.services.channels import ChannelService
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

_RACES = 5


class Streams:
    """Whatever is heard or seen, in any order and however often: what is known of the stream is written down first, and
    then every clock is brought up to it. A crash between the two is made up for by the next that is heard or seen.

    It takes no viewer's turn, for callers may hold one: the store's compare-and-set keeps sessions whole.
    """

    def __init__(
        self, store: Store, twitch: Twitch, clock: Clock, changes: Changes, channels: ChannelService, turns: Turns
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._channels = channels
        self._turns = turns
        self._asked: dict[str, float] = {}
        """When Twitch was last asked of a channel, by this process's own time."""

    async def heard(self, hint: StreamHint) -> None:
        """An event. Twitch's list lags behind it, so that a look now would show less."""
        if await self._store.channels.get(hint.channel_id) is None:
            return
        at = hint.at or clocks.by_twitch(self._twitch, self._clock.now())

        def known(stream: Stream) -> Stream:
            return stream.began(hint.live_since) if hint.live_since else stream.ended(at)

        await self._channels.streaming(hint.channel_id, known)
        await self.follow(hint.channel_id)

    async def look(self, channel_id: str) -> None:
        """Asks Twitch, once for all who want to know at this moment. Raises TwitchError."""
        await self._seen(channel_id)
        await self.follow(channel_id)

    async def look_of(self, channel: Channel, live: Sequence[VipSession]) -> Channel:
        """The same for who has just read the channel and its live sessions; says how it stands then. Raises
        TwitchError."""
        channel = await self._seen(channel.id, channel) or channel
        await self._bring_all(channel, live)
        return channel

    async def _seen(self, channel_id: str, known: Channel | None = None) -> Channel | None:
        """As the channel stands then, where that was found out."""
        wanted_at = time.monotonic()
        async with self._turns.here("stream", channel_id):
            if self._asked.get(channel_id, wanted_at) <= wanted_at:
                return await self._look(channel_id, known)
        # Somebody else has asked since, and written down what it was.
        return await self._store.channels.get(channel_id)

    async def _look(self, channel_id: str, known: Channel | None) -> Channel | None:
        asked_at = time.monotonic()
        since = await self._twitch.live_since(channel_id)
        now = self._clock.now()
        if not clocks.agree(self._twitch):
            # When it was seen would be wrong, and nothing ends by such a clock.
            return known
        channel = await self._channels.streaming(channel_id, lambda stream: stream.shown(since, now), known)
        self._asked[channel_id] = asked_at
        return channel

    async def follow(self, channel_id: str) -> None:
        """Brings every clock that runs by the stream up to what is known of it. Done again it changes nothing."""
        channel = await self._store.channels.get(channel_id)
        if channel is not None:
            await self._bring_all(channel, await self._store.sessions.live(channel_id))

    async def _bring_all(self, channel: Channel, live: Sequence[VipSession]) -> None:
        for session in live:
            if session.by_stream and session.state in RUNNING:
                await self._bring(session, channel)

    async def following(self, session: VipSession) -> VipSession:
        """That session, before it is written down, as its clock stands by what is known."""
        if not session.by_stream:
            return session
        channel = await self._store.channels.get(session.channel_id)
        return session.following(channel.stream) if channel else session

    async def _bring(self, session: VipSession, channel: Channel) -> None:
        current: VipSession | None = session
        for _ in range(_RACES):
            if current is None or (following := current.following(channel.stream)) == current:
                return
            try:
                await self._store.commit(following)
            except Conflict:
                current = await self._store.sessions.get(session.id)
                continue
            log.info("clock follows the stream", session_id=session.id, ends=_told(following.expires_at))
            self._changes.announce(session.channel_id)
            return
        log.info("session contended", session_id=session.id)


def _told(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
