"""The page of what is said in chat."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from vip_manager.domain.chat import parse_line, parse_soon
from vip_manager.domain.notice import Event
from vip_manager.domain.team import May
from vip_manager.services.access import Visit
from vip_manager.services.container import running
from vip_manager.ui import guard, live, rooms
from vip_manager.ui.channel_page import ChannelPage


class ChatPage(ChannelPage):
    """`error_at` is "lines", "answers" or "chat"."""

    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[Any]:
        """The page was opened, or its connection came back."""
        async for step in self._enter():
            yield step

    async def _refresh(self, channel_id: str) -> AsyncIterator[None]:
        """The picture at once: what was just saved must not count as unsaved for a moment."""
        async for picture in live.settled(rooms.STAFF, channel_id):
            self.picture = picture
            yield

    @rx.event
    @guard.staff(May.BOARD)
    async def turn_chat(self, visit: Visit, on: bool) -> AsyncIterator[None]:
        """Whether anything is said at all."""
        self._clear()
        self.error_at = "chat"
        self.busy = "chat"
        yield
        await running().chat.turn(visit.person, visit.channel_id, on)
        async for _ in self._refresh(visit.channel_id):
            yield
        self._say("Chat is on." if on else "Chat is off. Nothing is said there any more.")

    @rx.event
    @guard.staff(May.BOARD)
    async def turn_answers(self, visit: Visit, on: bool) -> AsyncIterator[None]:
        """Whether !vip is answered."""
        self._clear()
        self.error_at = "answers"
        self.busy = "answers"
        yield
        await running().chat.turn_answers(visit.person, visit.channel_id, on)
        async for _ in self._refresh(visit.channel_id):
            yield
        self._say("Who writes !vip is answered." if on else "Nobody is answered any more.")

    @rx.event
    @guard.staff(May.BOARD)
    async def save_lines(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        """All messages at once."""
        self._clear()
        self.error_at = "lines"
        lines = [parse_line(event, bool(form.get(f"{event}.on")), form.get(event, "")) for event in Event]
        soon = parse_soon(form.get("soon_minutes", ""))
        self.busy = "lines"
        yield
        await running().chat.save(visit.person, visit.channel_id, lines, soon)
        async for _ in self._refresh(visit.channel_id):
            yield
        self._say("The messages were saved. They count from now on.")

    @rx.event
    @guard.staff(May.BOARD)
    async def send_test(self, visit: Visit) -> AsyncIterator[None]:
        """Says something in chat now."""
        self._clear()
        self.error_at = "chat"
        self.busy = "test"
        yield
        await running().chat.test(visit.channel_id)
        self._say("The test message is in your chat.")
