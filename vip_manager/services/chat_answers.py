"""Answers viewers who ask in chat what is left of their VIP."""

import hashlib
from datetime import datetime, timedelta

import structlog

from vip_manager.domain.api_token import ApiCall
from vip_manager.domain.channel import Channel
from vip_manager.domain.chat import may_say, sayable, span
from vip_manager.domain.rules import VipClock
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import ChatCommand, Clock, Conflict, Rate, RateLimits, Store, StoreError, Twitch, TwitchError
from vip_manager.services.chat_pace import ChatPace
from vip_manager.services.connections import Connections

log = structlog.get_logger(__name__)

OF_VIEWER = Rate("chat-answers-of-viewer", 1, 30)
OF_CHANNEL = Rate("chat-answers-of-channel", 5, 15)
SOON_ENOUGH = 3.0
"""Seconds after which nobody waits for an answer any more."""
OLDEST = timedelta(minutes=1)
"""A question that was so long on its way has an answer elsewhere by now."""
KEPT_FOR = timedelta(hours=1)
"""So long it is known that it was answered: Twitch sends again what was posted for some minutes."""

# Twitch puts the viewer's name in front of a reply.
LEFT = "Your VIP lasts {left} more."
UNTIL_STREAM_ENDS = "You are VIP until the stream ends."
STANDS = "You have {left} of VIP left. It counts only while the stream is live."
KEPT = "You are without VIP right now. {left} of it are left."
ENDS = "Your VIP is ending right now."
COMING = "You are VIP as soon as Twitch says so."
OTHERWISE = "You are VIP, and no clock of ours runs."
WITHOUT = "You are not VIP through points right now."
OFFER = "You are not VIP through points right now. “{reward}” costs {points} points."


class ChatAnswers:
    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        connections: Connections,
        rates: RateLimits,
        pace: ChatPace,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._connections = connections
        self._rates = rates
        self._pace = pace

    async def answer(self, asked: ChatCommand) -> None:
        """At most once, by whichever instance, and not to who asks again and again. What fails is left. Never raises a
        StoreError or a TwitchError: nobody needs an answer as much as that."""
        there = self._clock.real() + (self._twitch.skew() or timedelta())
        if asked.sent_at is not None and there - asked.sent_at > OLDEST:
            return
        if await self._rates.hit(OF_VIEWER, f"{asked.channel_id}:{asked.user_id}") is not None:
            return
        if await self._rates.hit(OF_CHANNEL, asked.channel_id) is not None:
            return
        try:
            channel = await self._store.channels.get(asked.channel_id)
            # Of who asked not to be shown nothing is said in public, also not to themselves.
            if channel is None or channel.leaving is not None or not channel.chat.answering:
                return
            if channel.hides(asked.user_id) or not may_say(await self._store.accounts.get(channel.id)):
                return
            if not await self._first(asked):
                return
            session = await self._store.sessions.live_of(channel.id, asked.user_id)
            vip_ids = (await self._connections.current(channel.id)).vip_ids or frozenset()
            text = said(asked, channel, session, asked.user_id in vip_ids, self._clock.now())
            if await self._pace.turn(channel.id, SOON_ENOUGH):
                await self._twitch.say(channel.id, text, asked.message_id)
        except (StoreError, TwitchError) as error:
            log.info("not answered in chat", channel_id=asked.channel_id, error=str(error))

    async def _first(self, asked: ChatCommand) -> bool:
        """Whether nobody has begun to answer it, here or in another process. Raises StoreError."""
        now = self._clock.real()
        call_id = hashlib.sha256(f"chat:{asked.channel_id}:{asked.message_id}".encode()).hexdigest()
        try:
            await self._store.commit(ApiCall(call_id, asked.channel_id, "!vip", now, now + KEPT_FOR))
        except Conflict:
            return False
        return True


def said(asked: ChatCommand, channel: Channel, session: VipSession | None, vip: bool, now: datetime) -> str:
    """`vip`: Twitch showed them as one. Without a session of ours that is somebody else's doing."""
    template, left = _answer(session, now) or (OTHERWISE if vip else _offer(channel), 0.0)
    first = channel.tier(channel.channel_point_reward_id)
    return sayable(
        template.format(
            left=span(timedelta(hours=left)),
            reward=first.title if first else "",
            points=f"{first.cost:,}" if first else "",
        )
    )


def _answer(session: VipSession | None, now: datetime) -> tuple[str, float] | None:
    """And the hours that are left. None where no time of ours is to be spoken of."""
    if session is None:
        return None
    left = session.hours_left(now)
    match session.state:
        case SessionState.GRANTING:
            return COMING, left
        case SessionState.ACTIVE if session.standing:
            return STANDS, left
        case SessionState.ACTIVE if session.clock is VipClock.STREAM and session.expires_at is None:
            return UNTIL_STREAM_ENDS, left
        case SessionState.ACTIVE:
            return (LEFT if left > 0 else ENDS), left
        case SessionState.ENDING if not session.seatless:
            return ENDS, left
        case _:
            return (KEPT, left) if left > 0 else None


def _offer(channel: Channel) -> str:
    first = channel.tier(channel.channel_point_reward_id)
    return OFFER if first and channel.takes_redemptions and not first.paused else WITHOUT
