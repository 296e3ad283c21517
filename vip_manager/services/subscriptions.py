"""Sees to it that Twitch posts us what happens in a channel, where events come by webhook."""

import time
from collections import Counter
from datetime import timedelta

import structlog

from vip_manager.ports import Challenge, Clock, Store, TwitchError, Unauthorized, WebhookSubscriptions
from vip_manager.services.channels import ChannelService
from vip_manager.services.connections import Connections, Hearing
from vip_manager.services.postpone import trouble_of

log = structlog.get_logger(__name__)

LOOKS_AGAIN = (timedelta(seconds=15), timedelta(seconds=30), timedelta(seconds=60))
"""The pauses after looks in a row at subscriptions that did not all stand. By then Twitch has verified them, or
something is wrong, and the usual catch-up is soon enough."""

ANSWER_COUNTS = timedelta(seconds=10)
"""For so long an answered challenge counts for more than Twitch's list, which may still show it as open."""


class Subscriptions:
    """What is remembered here is only about the wait between asking for a subscription and Twitch's challenge, which
    another instance may be sent: then the next look tells."""

    def __init__(
        self,
        webhooks: WebhookSubscriptions,
        store: Store,
        clock: Clock,
        connections: Connections,
        channels: ChannelService,
    ) -> None:
        self._webhooks = webhooks
        self._store = store
        self._clock = clock
        self._connections = connections
        self._channels = channels
        self._waiting: dict[str, set[str]] = {}
        """Of each channel, the subscriptions that wait for their challenge."""
        self._answered: dict[str, float] = {}
        """When a subscription's challenge was answered, by this process's own time: that may be before we are told of
        what we made."""
        self._looks: Counter[str] = Counter()
        """In a row, after which not all stood."""

    async def ensure(self, channel_id: str) -> None:
        """Has all of a channel's subscriptions made, and says in Connections whether they stand.

        A catch-up calls this; it makes the next one due where it could not be done, or is not done yet. Raises
        Unauthorized where the streamer does not allow it any more, StoreError.
        """
        try:
            pending = await self._webhooks.subscribe(channel_id)
        except Unauthorized:
            self._waiting.pop(channel_id, None)
            self._connections.heard(channel_id, Hearing.RECONNECT)
            raise
        except TwitchError as error:
            log.warning("subscriptions not looked at", channel_id=channel_id, error=str(error))
            self._connections.not_yet(channel_id, trouble_of(error))
            await self._look_again(channel_id)
            return
        waiting = pending - self._just_answered()
        if waiting:
            self._waiting[channel_id] = set(waiting)
            self._connections.heard(channel_id, Hearing.CONNECTING)
        else:
            self._live(channel_id)
        if pending:
            # Also of what was answered: whether Twitch has taken the answer, and what went by unheard until then.
            await self._look_again(channel_id)
        else:
            self._looks.pop(channel_id, None)

    async def end(self, channel_id: str) -> None:
        """The channel is left: nothing of it is to be posted any more. Raises TwitchError."""
        self._waiting.pop(channel_id, None)
        self._looks.pop(channel_id, None)
        await self._webhooks.unsubscribe_all(channel_id)

    def challenged(self, challenge: Challenge) -> None:
        """Twitch has asked whether that subscription is wanted, and is told that it is."""
        channel_id = challenge.channel_id
        self._just_answered()
        self._answered[challenge.subscription_id] = time.monotonic()
        waiting = self._waiting.get(channel_id)
        if waiting is not None:
            waiting.discard(challenge.subscription_id)
            if not waiting:
                self._live(channel_id)

    async def clean_up(self) -> None:
        """Deletes what an older address of ours has left behind, and what is of channels that we don't know or may not
        act for. Once an hour will do. Raises TwitchError, StoreError."""
        deleted = await self._webhooks.clean_up(self.wanted)
        if deleted:
            log.info("subscriptions deleted", count=deleted)

    async def known(self, channel_id: str) -> bool:
        """Whether that channel is one of ours, be it that we may not act for it at the moment. Raises StoreError."""
        return await self._store.channels.get(channel_id) is not None

    async def wanted(self, channel_id: str) -> bool:
        """Whether that channel's events can come. Raises StoreError."""
        account = await self._store.accounts.get(channel_id)
        return account is not None and account.may_manage and await self._store.channels.get(channel_id) is not None

    def _just_answered(self) -> set[str]:
        now = time.monotonic()
        self._answered = {one: at for one, at in self._answered.items() if now - at < ANSWER_COUNTS.total_seconds()}
        return set(self._answered)

    def _live(self, channel_id: str) -> None:
        self._waiting.pop(channel_id, None)
        self._connections.heard(channel_id, Hearing.LIVE)

    async def _look_again(self, channel_id: str) -> None:
        looks = self._looks[channel_id]
        self._looks[channel_id] += 1
        if looks < len(LOOKS_AGAIN):
            await self._channels.due(channel_id, self._clock.now() + LOOKS_AGAIN[looks])
