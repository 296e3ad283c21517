"""What happened in a channel, by whichever transport it was heard: facts are written down, hints are looked into."""

from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from vip_manager.domain.reasons import Trouble
from vip_manager.ports import (
    ChannelEvent,
    Deaf,
    Listening,
    RedemptionEvent,
    Revoked,
    StoreError,
    StreamHint,
    TwitchError,
    VipHint,
)
from vip_manager.services.connections import Connections, Hearing
from vip_manager.services.grant import Grant
from vip_manager.services.intake import Intake
from vip_manager.services.reconcile import Reconcile
from vip_manager.services.streams import Streams
from vip_manager.services.waiting import Waiting

log = structlog.get_logger(__name__)

FollowUp = Callable[[Coroutine[Any, Any, None]], object]
"""Has that done beside what else there is to do; it never raises."""


class Events:
    def __init__(
        self,
        connections: Connections,
        intake: Intake,
        grant: Grant,
        reconcile: Reconcile,
        streams: Streams,
        waiting: Waiting,
    ) -> None:
        self._connections = connections
        self._intake = intake
        self._grant = grant
        self._reconcile = reconcile
        self._streams = streams
        self._waiting = waiting

    async def heard(self, event: ChannelEvent, follow_up: FollowUp) -> None:
        """Writes down what is a fact before it returns; what takes time follows. Raises StoreError where a fact could
        not be written down."""
        match event:
            case Listening(channel_id):
                self._connections.heard(channel_id, Hearing.LIVE)
                follow_up(_guarded(self._reconcile.heal(channel_id)))
            case Deaf(channel_id, error):
                log.warning("no events from Twitch", channel_id=channel_id, error=error)
                self._connections.heard(channel_id, Hearing.CONNECTING, Trouble.UNAVAILABLE)
            case RedemptionEvent(redemption, added=True):
                if await self._intake.receive(redemption):
                    follow_up(_guarded(self._grant.redemption(redemption.id)))
            case RedemptionEvent(redemption):
                follow_up(_guarded(self._reconcile.settled_elsewhere(redemption)))
            case VipHint(channel_id):
                follow_up(self._look(event))
            case StreamHint():
                await self._stream(event)
            case Revoked(channel_id, status):
                log.warning("subscription revoked", channel_id=channel_id, status=status)

    async def _stream(self, hint: StreamHint) -> None:
        """Before the next event is read: a redemption may depend on it."""
        try:
            await self._streams.heard(hint)
        except Exception:
            log.exception("left to the next look", channel_id=hint.channel_id)
            await _guarded(self._reconcile.recheck(hint.channel_id))

    async def _look(self, hint: VipHint) -> None:
        channel_id = hint.channel_id
        try:
            await self._reconcile.look(channel_id, hint.user_id, hint.removed_at)
            await self._waiting.advance(channel_id)
        except (TwitchError, StoreError) as error:
            log.info("look put off", error=str(error))
            await _guarded(self._reconcile.recheck(channel_id))


async def _guarded(work: Coroutine[Any, Any, Any]) -> None:
    """What fails here stays due: the next sweep takes it up."""
    try:
        await work
    except (TwitchError, StoreError) as error:
        log.info("left to the next sweep", error=str(error))
    except Exception:
        log.exception("left to the next sweep")
