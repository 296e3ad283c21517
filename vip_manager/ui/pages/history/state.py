"""What the page of history shows, and what one can do there."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from vip_manager.ui import guard
from vip_manager.ui.channel_page import ChannelPage


class History(ChannelPage):
    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[Any]:
        """The page was opened, or its connection came back."""
        async for step in self._enter():
            yield step
