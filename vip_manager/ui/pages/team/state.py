"""The team's page: who may do what in the channel."""

from collections.abc import AsyncIterator

import reflex as rx

from vip_manager.ui import guard
from vip_manager.ui.channel_page import ChannelPage


class Team(ChannelPage):
    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[None]:
        """The page was opened, or its connection came back."""
        async for _ in self._enter():
            yield
