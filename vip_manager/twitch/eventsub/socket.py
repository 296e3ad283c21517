"""Listening to one channel for as long as somebody reads: connect, subscribe, tell, and again after every loss.

Source: https://dev.twitch.tv/docs/eventsub/handling-websocket-events/. Twitch replays nothing that was missed: every
Listening says that something may have been.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

import structlog

from vip_manager.domain.seen import Seen
from vip_manager.ports import (
    ChannelEvent,
    Deaf,
    Identity,
    Listening,
    Malformed,
    RateLimited,
    Revoked,
    Unauthorized,
    VipManagerError,
)
from vip_manager.twitch.eventsub.connection import Connection, Lost, Patience
from vip_manager.twitch.eventsub.messages import (
    Frame,
    about_chat,
    channel_of,
    parse_notification,
    parse_revocation,
    parse_session,
)

log = structlog.get_logger(__name__)

Subscribe = Callable[[str, str], Awaitable[None]]
Wanted = Callable[[str], Awaitable[bool]]
HearChat = Callable[[str, str], Awaitable[str | None]]
LeaveChat = Callable[[str, str], Awaitable[None]]
Validate = Callable[[str], Awaitable[Identity]]

CHAT_AGAIN = 60.0
"""Seconds after which it is tried again to hear what is said in chat, where Twitch was in trouble."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds between two attempts: at random from `shortest` to a bound that doubles up to `longest`."""

    shortest: float = 1.0
    longest: float = 30.0
    chance: Callable[[], float] = random.random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def pause(self, failures: int) -> float:
        """After so many failures in a row, from 1."""
        bound = min(self.longest, self.shortest * 2.0 ** min(failures, 20))
        return self.shortest + self.chance() * (bound - self.shortest)


@dataclass(frozen=True, slots=True)
class ChatHearing:
    """How what is said in a channel's chat comes to be heard on a socket that stands, and not any more."""

    wanted: Wanted
    hear: HearChat
    leave: LeaveChat


@dataclass(slots=True)
class _Line:
    """What one call of `listen` knows: its channel, the socket it reads, and what it has heard."""

    channel_id: str
    connection: Connection
    seen: Seen
    heard: bool = False
    moving: asyncio.Task[Connection] | None = field(default=None)
    leaving: Connection | None = None
    """The socket before the move, until it is read to its end."""
    gap: bool = False
    """It was gone before the new one stood: the subscriptions may have gone with it."""
    chat: str | None = None
    """The subscription to what is said in chat; empty where it could not be had, or not yet; None where it was not
    asked for."""
    chat_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    asking: set[asyncio.Task[None]] = field(default_factory=set)

    def moved(self, connection: Connection, *, gap: bool) -> None:
        self.leaving, self.connection, self.moving, self.gap = self.connection, connection, None, gap

    async def close(self) -> None:
        for asking in self.asking:
            asking.cancel()
        await asyncio.gather(*self.asking, return_exceptions=True)
        if self.leaving is not None:
            await self.leaving.close()
        if self.moving is not None:
            self.moving.cancel()
            result = (await asyncio.gather(self.moving, return_exceptions=True))[0]
            if isinstance(result, Connection):
                await result.close()
        await self.connection.close()


class EventSocket:
    def __init__(
        self,
        url: str,
        *,
        subscribe: Subscribe,
        validate: Validate,
        chat: ChatHearing | None = None,
        patience: Patience | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._url = url
        self._subscribe = subscribe
        self._validate = validate
        self._chat = chat
        self._lines: dict[str, _Line] = {}
        self._patience = patience or Patience()
        self._backoff = backoff or Backoff()

    async def listen(self, channel_id: str) -> AsyncGenerator[ChannelEvent, None]:
        """Raises Unauthorized where the user must sign in again. Closing it closes its socket."""
        seen = Seen()
        failures = 0
        while True:
            wait = 0.0
            line: _Line | None = None
            try:
                line = _Line(channel_id, await Connection.open(self._url, self._patience), seen)
                await self._subscribe(channel_id, line.connection.session.id)
                self._lines[channel_id] = line
                self._ask_for_chat(line)
                yield Listening(channel_id)
                async with aclosing(self._events(line)) as events:
                    async for event in events:
                        yield event
                error = "the connection ended"
            except Unauthorized:
                raise
            except RateLimited as limited:
                error, wait = str(limited), limited.wait.total_seconds()
            except (Lost, VipManagerError) as lost:
                error = str(lost)
            finally:
                if line is not None:
                    if self._lines.get(channel_id) is line:
                        del self._lines[channel_id]
                    await line.close()
            failures = 1 if line is not None and line.heard else failures + 1
            pause = max(wait, self._backoff.pause(failures))
            log.warning("eventsub_lost", channel_id=channel_id, error=error, pause_seconds=round(pause, 1))
            yield Deaf(channel_id, error)
            await self._backoff.sleep(pause)

    def hear_chat(self, channel_id: str) -> None:
        """Whether what is said in chat is among what `listen` tells is looked at again, beside the reading."""
        if line := self._lines.get(channel_id):
            self._ask_for_chat(line)

    def _ask_for_chat(self, line: _Line) -> None:
        """Nothing of chat holds up the reading."""

        async def asked() -> None:
            try:
                while await self._look_at_chat(line):
                    await self._backoff.sleep(CHAT_AGAIN)
                    line.chat = line.chat or None
            except VipManagerError as error:
                log.warning("chat_not_heard", channel_id=line.channel_id, error=str(error))

        if self._chat is not None:
            task = asyncio.create_task(asked())
            line.asking.add(task)
            task.add_done_callback(line.asking.discard)

    async def _look_at_chat(self, line: _Line) -> bool:
        """Once for each time that it is turned on, or allowed: what Twitch refuses is not asked for again and again.
        True: Twitch could not say."""
        if self._chat is None:
            return False
        async with line.chat_turn:
            if not await self._chat.wanted(line.channel_id):
                gone, line.chat = line.chat, None
                if gone:
                    await self._chat.leave(line.channel_id, gone)
            elif line.chat is None:
                line.chat = ""
                heard = await self._chat.hear(line.channel_id, line.connection.session.id)
                line.chat = heard or ""
                return heard is None
        return False

    async def _events(self, line: _Line) -> AsyncGenerator[ChannelEvent, None]:
        """Until the line is lost: raises Lost."""
        while True:
            try:
                frame = await self._next(line)
                if frame is None:
                    if line.gap and line.leaving is None:
                        line.gap = False
                        await self._subscribe(line.channel_id, line.connection.session.id)
                        line.chat = None
                        self._ask_for_chat(line)
                        yield Listening(line.channel_id)
                    continue
                line.heard = True
                event = self._read(line, frame)
            except Malformed as error:
                line.heard = True
                log.warning("eventsub_message_skipped", channel_id=line.channel_id, error=str(error))
                continue
            if event is None:
                continue
            yield event
            if isinstance(event, Revoked):
                # One lost subscription is as bad as all: find out whether the token lives, then start anew. Not
                # ever faster where it is taken back again and again: this counts as nothing heard.
                line.heard = False
                await self._validate(line.channel_id)
                raise Lost(f"Twitch ended a subscription: {event.status}")

    def _read(self, line: _Line, frame: Frame) -> ChannelEvent | None:
        match frame.type:
            case "session_reconnect" if line.moving is None:
                url = parse_session(frame.payload).reconnect_url
                if not url:
                    raise Lost("Twitch asked to move to another server and did not say where")
                line.moving = asyncio.create_task(Connection.open(url, self._patience))
                return None
            case "notification":
                event = parse_notification(frame.payload, frame.sent_at)
            case "revocation":
                event = _revoked(frame)
                if event is None:
                    line.chat = ""
            case _:
                return None
        if event is None or frame.id in line.seen:
            return None
        line.seen.add(frame.id)
        if channel_of(event) != line.channel_id:
            log.warning("eventsub_message_of_another_channel", channel_id=line.channel_id)
            return None
        return event

    async def _next(self, line: _Line) -> Frame | None:
        """The next message; None where there is another socket to read by now.

        While the line moves to another server the old socket is read on, and then to its end, so that nothing is
        missed; the subscriptions move with it.
        """
        if line.leaving is not None:
            frame = await line.leaving.last()
            if frame is None:
                line.leaving = None
            return frame
        if line.moving is None:
            return await line.connection.next()
        reading = asyncio.ensure_future(line.connection.next())
        try:
            await asyncio.wait({reading, line.moving}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done() and not _lost(reading):
                return reading.result()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        if not reading.cancelled() and not _lost(reading):
            return reading.result()
        gone = _lost(reading)
        if gone:
            # The welcome may be on its way. Beyond that nobody listens, and that must not go untold.
            await asyncio.wait({line.moving}, timeout=self._patience.goodbye)
            if not line.moving.done():
                return reading.result()
        line.moved(line.moving.result(), gap=gone)
        return None


def _revoked(frame: Frame) -> Revoked | None:
    """None for that of what is said in chat, without which all goes on."""
    try:
        return None if about_chat(frame.payload) else parse_revocation(frame.payload)
    except Malformed as error:
        raise Lost(f"Twitch ended a subscription: {error}") from error


def _lost(reading: "asyncio.Future[Frame]") -> bool:
    return reading.done() and not reading.cancelled() and isinstance(reading.exception(), Lost)
