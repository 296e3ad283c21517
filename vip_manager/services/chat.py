"""The channel's chat as a way to the outside, and what the streamer chooses of it.

Whatever Twitch makes of a message, nothing but the message comes of it: no VIP, no points, and no sign-in.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import timedelta

import structlog

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.chat import CHAT, ChatLine, ChatSettings, fill, may_say, worth_saying
from vip_manager.domain.notice import Event, Notice
from vip_manager.domain.outbox import Why
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import VipSession
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import (
    ChatNotAllowed,
    Clock,
    Conflict,
    NothingDone,
    RateLimited,
    RateLimits,
    Store,
    StoreError,
    Twitch,
    TwitchError,
    TwitchUnavailable,
    Unauthorized,
    Undelivered,
    Unwanted,
)
from vip_manager.services.access import Person
from vip_manager.services.changes import Changes
from vip_manager.services.channels import ChannelService
from vip_manager.services.chat_pace import LONGEST_WAIT, ChatPace
from vip_manager.services.journal import line
from vip_manager.services.rates import CHAT_TESTS
from vip_manager.services.subscriptions import Subscriptions

log = structlog.get_logger(__name__)

LASTS = timedelta(minutes=2)

TEST = "VIP Manager can write here. This is only a test."


class ChatOutlet:
    """Implements `services.herald.Outlet`."""

    def __init__(self, store: Store, twitch: Twitch, pace: ChatPace) -> None:
        self._store = store
        self._twitch = twitch
        self._pace = pace

    @property
    def lasts(self) -> timedelta:
        return LASTS

    @property
    def twice(self) -> bool:
        return False

    def targets(self, channel: Channel) -> Mapping[str, Set[Event]]:
        told = channel.chat.told
        return {CHAT: told} if told else {}

    async def deliver(self, channel: Channel, target: str, notice: Notice) -> None:
        """Raises Undelivered, and Unwanted where it is not wanted, or not so, any more by the time that it may go."""
        if not await self._pace.turn(channel.id):
            raise Undelivered(Why.TOO_MANY, temporary=True, wait=timedelta(seconds=LONGEST_WAIT))
        try:
            current = await self._store.channels.get(channel.id)
            if current is None or current.leaving is not None:
                raise Unwanted
            if notice.event not in current.chat.told or current.hides(notice.user_id):
                raise Unwanted
            session = await self._session(notice)
            if not worth_saying(notice, session):
                raise Unwanted
            template, kept = current.chat.line(notice.event).template, await self._kept(notice)
            text = fill(template, notice, current.username, session, kept=kept)
            if not text:
                raise Unwanted
            if not may_say(await self._store.accounts.get(channel.id)):
                raise Undelivered(Why.NO_PERMISSION)
            await self._twitch.say(channel.id, text)
        except TwitchError as error:
            log.info("chat message not sent", channel_id=channel.id, event_of=notice.event, error=str(error))
            raise undelivered(error) from error
        except StoreError as error:
            raise Undelivered(Why.BROKEN, temporary=True) from error

    async def _session(self, notice: Notice) -> VipSession | None:
        if notice.event is Event.ENDED:
            return await self._store.sessions.live_of(notice.channel_id, notice.user_id)
        return await self._store.sessions.get(notice.session_id) if notice.session_id else None

    async def _kept(self, notice: Notice) -> bool:
        """Whether Twitch has kept the points."""
        if notice.event is not Event.REFUSED or not notice.redemption_id:
            return False
        redemption = await self._store.redemptions.get(notice.redemption_id)
        return redemption is not None and redemption.state is RedemptionState.KEPT


def undelivered(error: TwitchError) -> Undelivered:
    """What is said in chat is of use for a moment only: it is tried again where it can't have been said yet. That
    Twitch does not allow what it has allowed counts as refused: to ask for it again would not help."""
    match error:
        case Unauthorized():
            return Undelivered(Why.NO_PERMISSION)
        case RateLimited():
            return Undelivered(Why.TOO_MANY, temporary=True, wait=error.wait)
        case NothingDone():
            return Undelivered(Why.UNREACHABLE, temporary=True)
        case TwitchUnavailable():
            return Undelivered(Why.UNREACHABLE, temporary=True, arrived=True)
        case _:
            return Undelivered(Why.REFUSED)


class ChatService:
    """What the streamer chooses. `subscriptions`: where events come by webhook."""

    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        channels: ChannelService,
        rates: RateLimits,
        pace: ChatPace,
        changes: Changes,
        subscriptions: Subscriptions | None,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._channels = channels
        self._rates = rates
        self._pace = pace
        self._changes = changes
        self._subscriptions = subscriptions

    async def turn(self, person: Person, channel_id: str, on: bool) -> None:
        """Whether anything is said in chat at all. Raises InvalidInput, StoreError."""
        await self._change(person, channel_id, lambda chat: replace(chat, on=on))
        await self._hear(channel_id)

    async def turn_answers(self, person: Person, channel_id: str, on: bool) -> None:
        """Whether whoever writes !vip is answered. Raises InvalidInput, StoreError."""
        await self._change(person, channel_id, lambda chat: replace(chat, answers=on))
        await self._hear(channel_id)

    async def save(self, person: Person, channel_id: str, lines: Sequence[ChatLine], soon_minutes: int) -> None:
        """What is said of each event. Raises InvalidInput, StoreError."""
        await self._change(
            person, channel_id, lambda chat: replace(chat, lines=tuple(lines), soon_minutes=soon_minutes)
        )

    async def test(self, channel_id: str) -> None:
        """Says in chat that it can. Raises InvalidInput, whose sentence says what was in the way; StoreError."""
        channel = await self._channels.get(channel_id)
        if not channel.chat.on:
            raise InvalidInput("test", "Chat is off. Turn it on first.")
        if await self._rates.hit(CHAT_TESTS, channel_id) is not None or not await self._pace.turn(channel_id):
            raise InvalidInput("test", "There were several messages just now. Wait a minute, then try again.")
        try:
            await self._twitch.say(channel_id, TEST)
        except TwitchError as error:
            log.info("chat message not sent", channel_id=channel_id, error=str(error))
            why = Why.NO_PERMISSION if isinstance(error, ChatNotAllowed) else undelivered(error).why
            raise InvalidInput("test", _IN_THE_WAY.get(why, _NOT_SHOWN)) from error
        await self._works(channel_id)

    async def _works(self, channel_id: str) -> None:
        """What was in the way of the last message is there no more. Raises StoreError."""
        while (outbox := await self._store.outboxes.get(channel_id)) is not None:
            try:
                await self._store.commit(outbox.heard_by(CHAT, self._clock.now()))
            except Conflict:
                continue
            self._changes.announce_here(channel_id)
            return

    async def _change(self, person: Person, channel_id: str, change: Callable[[ChatSettings], ChatSettings]) -> None:
        def told(before: Channel, after: Channel) -> list[AuditEntry]:
            changed = _changed(before.chat, after.chat)
            return [line(channel_id, self._clock.now(), Action.CHAT_CHANGED, person, changed=changed)]

        await self._channels.change(channel_id, lambda channel: replace(channel, chat=change(channel.chat)), told)
        log.info("chat settings changed", channel_id=channel_id, by=person.id)

    async def _hear(self, channel_id: str) -> None:
        """What viewers write is to be heard from now on, or not any more. What of it fails a later look finds."""
        self._twitch.hear_chat(channel_id)
        if self._subscriptions is not None and await self._subscriptions.wanted(channel_id):
            try:
                await self._subscriptions.ensure(channel_id)
            except TwitchError as error:
                log.info("chat not heard yet", channel_id=channel_id, error=str(error))


_NOT_SHOWN = "Twitch took the message and did not show it. Look whether the chat's own settings hold it back."
_IN_THE_WAY: Mapping[Why, str] = {
    Why.NO_PERMISSION: "Twitch does not let VIP Manager write in your chat yet. Allow it first.",
    Why.UNREACHABLE: "Twitch does not answer right now. Try again in a moment.",
    Why.TOO_MANY: "Twitch asks for a pause between messages. Wait a minute, then try again.",
}


def _changed(before: ChatSettings, after: ChatSettings) -> dict[str, object]:
    """Setting -> its new value; of what is said only that it is something else now."""
    found: dict[str, object] = {
        name: getattr(after, name)
        for name in ("on", "answers", "soon_minutes")
        if getattr(before, name) != getattr(after, name)
    }
    for event in Event:
        old, new = before.line(event), after.line(event)
        if old.on != new.on:
            found[event.value] = new.on
        elif old != new:
            found[event.value] = "text"
    return found
