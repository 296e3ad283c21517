"""What happened in a channel, by whichever transport it was heard: facts are written down, hints are looked into."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import structlog

from vip_manager import measures, tracing
from vip_manager.domain.reasons import Trouble
from vip_manager.ports import (
    ChannelEvent,
    ChatCommand,
    Deaf,
    Listening,
    RedemptionEvent,
    Revoked,
    StoreError,
    StreamHint,
    TwitchError,
    VipHint,
)
from vip_manager.services.chat_answers import ChatAnswers
from vip_manager.services.connections import Connections, Hearing
from vip_manager.services.grant import Grant
from vip_manager.services.intake import Intake
from vip_manager.services.reconcile import Reconcile
from vip_manager.services.streams import Streams
from vip_manager.services.vitals import Vitals
from vip_manager.services.waiting import Waiting

log = structlog.get_logger(__name__)

T = TypeVar("T")

FollowUp = Callable[[Coroutine[Any, Any, bool]], object]
"""Has that done beside what else there is to do; it never raises. False where it was not done, and is not due for a
sweep either."""


class Events:
    def __init__(
        self,
        connections: Connections,
        intake: Intake,
        grant: Grant,
        reconcile: Reconcile,
        streams: Streams,
        waiting: Waiting,
        vitals: Vitals,
        answers: ChatAnswers,
    ) -> None:
        self._connections = connections
        self._intake = intake
        self._grant = grant
        self._reconcile = reconcile
        self._streams = streams
        self._waiting = waiting
        self._vitals = vitals
        self._answers = answers

    async def heard(self, event: ChannelEvent, follow_up: FollowUp) -> bool:
        """Writes down what is a fact before it returns; what takes time follows. Raises StoreError where a fact could
        not be written down. False where a hint was lost: nobody could look, and no sweep is due to."""
        with tracing.step(f"event {type(event).__name__}"):
            return await self._heard(event, follow_up)

    async def _heard(self, event: ChannelEvent, follow_up: FollowUp) -> bool:
        match event:
            case RedemptionEvent(redemption):
                self._vitals.heard(redemption.channel_id)
            case VipHint(channel_id) | StreamHint(channel_id):
                self._vitals.heard(channel_id)
        match event:
            case Listening(channel_id):
                self._connections.heard(channel_id, Hearing.LIVE)
                follow_up(self.heal(channel_id))
            case Deaf(channel_id, error):
                log.warning("no events from Twitch", channel_id=channel_id, error=error)
                self._connections.heard(channel_id, Hearing.CONNECTING, Trouble.UNAVAILABLE)
            case RedemptionEvent(redemption, added=True):
                if arrived := await self._intake.receive(redemption):
                    follow_up(_due_anyway(self._grant.arrived, arrived))
            case RedemptionEvent(redemption):
                follow_up(_guarded(self._reconcile.settled_elsewhere, redemption))
            case VipHint(channel_id):
                follow_up(self._look(event))
            case StreamHint():
                return await self._stream(event)
            case ChatCommand():
                follow_up(_due_anyway(self._answers.answer, event))
            case Revoked(channel_id, status):
                log.warning("subscription revoked", channel_id=channel_id, status=status)
                measures.revocations.add(1, {"status": status if status in measures.REVOKED else "another"})
        return True

    async def heal(self, channel_id: str) -> bool:
        """Catches up with a channel, as when it begins to be heard. Never raises; False where that failed."""
        return await _guarded(self._reconcile.heal, channel_id)

    async def _stream(self, hint: StreamHint) -> bool:
        """Before the next event is read: a redemption may depend on it."""
        try:
            await self._streams.heard(hint)
        except Exception:
            log.exception("left to the next look", channel_id=hint.channel_id)
            return await _guarded(self._reconcile.recheck, hint.channel_id)
        return True

    async def _look(self, hint: VipHint) -> bool:
        channel_id = hint.channel_id
        try:
            await self._reconcile.look(channel_id, hint.user_id, hint.removed_at)
            await self._waiting.advance(channel_id)
        except (TwitchError, StoreError) as error:
            log.info("look put off", error=str(error))
            return await _guarded(self._reconcile.recheck, channel_id)
        return True


async def _due_anyway(work: Callable[[T], Awaitable[object]], what: T) -> bool:
    """What was written down stays due, whatever becomes of the work on it."""
    await _guarded(work, what)
    return True


async def _guarded(work: Callable[[T], Awaitable[object]], what: T) -> bool:
    """Whether it was done. What fails here the next sweep, or the next catch-up, takes up."""
    try:
        await work(what)
    except (TwitchError, StoreError) as error:
        log.info("left to the next sweep", error=str(error))
        return False
    except Exception:
        log.exception("left to the next sweep")
        return False
    return True
