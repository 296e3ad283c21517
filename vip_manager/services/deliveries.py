"""Takes what Twitch posts to our webhook: written down before it is answered.

Where a process sleeps between requests nothing goes on after the answer: there what follows an event is waited for too,
for a moment, as Twitch sends again what was not answered with a 2xx within some seconds. Where the process lives on, a
redemption that is written down is answered for, and its grant follows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from vip_manager.domain.reasons import Trouble
from vip_manager.domain.seen import Seen
from vip_manager.ports import (
    Challenge,
    ChannelEvent,
    Delivery,
    RedemptionEvent,
    Revoked,
    StoreError,
    Twitch,
    TwitchError,
    Unauthorized,
    WebhookReceiver,
    WebhookSubscriptions,
)
from vip_manager.services.connections import Connections
from vip_manager.services.events import Events
from vip_manager.services.reconcile import Reconcile
from vip_manager.services.subscriptions import Subscriptions

log = structlog.get_logger(__name__)

PATIENCE = timedelta(seconds=3)
"""What follows an event may keep Twitch waiting for so long, of real time."""

MOST_BEHIND = 500
"""So many grants may be on their way while more is taken. Beyond that what is written down is left to the next sweep:
for whatever is behind there is room on the disk, and not in memory."""

CONSENT_GONE = frozenset({"authorization_revoked", "user_removed"})
"""Why subscriptions end of which no new ones can be made, unless the streamer signs in again
(https://dev.twitch.tv/docs/eventsub/handling-webhook-events/#revoking-your-subscription)."""


@dataclass(frozen=True, slots=True)
class Received:
    """`challenge` is to be sent back where it is not empty. `idle`: nothing has come of it that the answer would have
    to wait for."""

    challenge: str = ""
    idle: bool = False


class Deliveries:
    """`lost` is awaited with a user's id where Twitch no longer takes their tokens. `lives`: this process goes on after
    it has answered."""

    def __init__(
        self,
        receiver: WebhookReceiver,
        webhooks: WebhookSubscriptions,
        twitch: Twitch,
        connections: Connections,
        events: Events,
        reconcile: Reconcile,
        subscriptions: Subscriptions,
        *,
        lost: Callable[[str], Awaitable[None]],
        lives: bool = False,
    ) -> None:
        self._receiver = receiver
        self._webhooks = webhooks
        self._twitch = twitch
        self._connections = connections
        self._events = events
        self._reconcile = reconcile
        self._subscriptions = subscriptions
        self._lost = lost
        self._lives = lives
        self._taken = Seen()
        self._works: set[asyncio.Task[bool]] = set()

    async def aclose(self) -> None:
        """What is still being done ends here; a sweep finds where it stood."""
        for work in self._works:
            work.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)

    async def receive(self, headers: Mapping[str, str], body: bytes) -> Received:
        """What to answer. Of what viewers write in chat hardly anything is for us, and each message is posted: of that
        nothing is read, remembered or waited for.

        Raises Forged, Stale and Malformed, which change nothing, and StoreError: to be sent again, for it was not
        taken, or not wholly.
        """
        said = self._receiver.read(headers, body)
        if isinstance(said, Challenge):
            self._subscriptions.challenged(said)
            return Received(said.text)
        if said.event is None:
            return Received(idle=True)
        if said.message_id not in self._taken:
            await self._take(said)
            # Only now: one that was not taken must not be mistaken for a duplicate when it is sent again.
            self._taken.add(said.message_id)
        return Received(idle=self._lives)

    async def connected(self, channel_id: str) -> None:
        """A channel has just connected: subscribed to at once, for it may be a while until somebody sweeps."""
        await self._done([self._begin(self._events.heal(channel_id))])

    async def _take(self, delivery: Delivery) -> None:
        event = delivery.event
        assert event is not None
        if isinstance(event, RedemptionEvent) and event.added:
            await self._redeemed(event, delivery)
        elif not await self._subscriptions.known(delivery.channel_id):
            await self._not_served(delivery)
        elif isinstance(event, Revoked):
            await self._revoked(event)
        else:
            await self._hinted(event, delivery.channel_id)

    async def _redeemed(self, event: RedemptionEvent, delivery: Delivery) -> None:
        begun: list[asyncio.Task[bool] | None] = []
        await self._events.heard(event, lambda work: begun.append(self._begin_or_leave(work)))
        if not begun and not await self._subscriptions.known(delivery.channel_id):
            await self._not_served(delivery)
        if not self._lives:
            await self._done([one for one in begun if one])

    async def _hinted(self, event: ChannelEvent, channel_id: str) -> None:
        works: list[asyncio.Task[bool]] = []
        kept = await self._events.heard(event, lambda work: works.append(self._begin(work)))
        if not (await self._done(works) and kept):
            # Nobody has followed it, or not to its end.
            await self._reconcile.recheck(channel_id)

    async def _not_served(self, delivery: Delivery) -> None:
        log.info("event of a channel that is not served", channel_id=delivery.channel_id)
        await self._done([self._begin(self._unsubscribe(delivery.subscription_id))])

    async def _revoked(self, event: Revoked) -> None:
        """The next catch-up subscribes again, if it may."""
        channel_id = event.channel_id
        self._connections.silent(channel_id, Trouble.UNAVAILABLE)
        await self._events.heard(event, self._begin)
        await self._reconcile.recheck(channel_id)
        if event.status in CONSENT_GONE:
            await self._done([self._begin(self._still_allowed(channel_id))])

    async def _still_allowed(self, channel_id: str) -> bool:
        """Twitch's word for the token: where it is dead, the account is marked, and its channel shows it."""
        try:
            await self._twitch.validate(channel_id)
        except Unauthorized:
            await self._lost(channel_id)
        except (TwitchError, StoreError) as error:
            log.info("token not validated", user_id=channel_id, error=str(error))
        return True

    async def _unsubscribe(self, subscription_id: str) -> bool:
        try:
            await self._webhooks.unsubscribe(subscription_id)
        except TwitchError as error:
            log.info("subscription not deleted", subscription_id=subscription_id, error=str(error))
        return True

    def _begin(self, work: Coroutine[Any, Any, bool]) -> asyncio.Task[bool]:
        """On its own, so that it goes on when whoever waits for it does not any more."""
        task = asyncio.create_task(work)
        self._works.add(task)
        task.add_done_callback(self._ended)
        return task

    def _begin_or_leave(self, work: Coroutine[Any, Any, bool]) -> asyncio.Task[bool] | None:
        """Of what is written down, and so due whatever becomes of it."""
        if len(self._works) < MOST_BEHIND:
            return self._begin(work)
        work.close()
        return None

    def _ended(self, work: asyncio.Task[bool]) -> None:
        self._works.discard(work)
        if not work.cancelled() and (error := work.exception()):
            log.error("what followed an event failed", exc_info=error)

    async def _done(self, works: Sequence[asyncio.Task[bool]]) -> bool:
        """Whether all were done in time, and well."""
        if not works:
            return True
        _, late = await asyncio.wait(works, timeout=PATIENCE.total_seconds())
        if late:
            log.info("goes on after the answer", count=len(late))
        return not late and all(not work.cancelled() and not work.exception() and work.result() for work in works)
