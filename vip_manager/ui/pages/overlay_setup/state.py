"""The page on which an overlay is set up: its secret link. How it looks is chosen in the browser alone."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from vip_manager.domain.team import ALLOWED, May
from vip_manager.services.access import Visit
from vip_manager.services.container import running
from vip_manager.ui import guard
from vip_manager.ui.channel_page import ChannelPage


class OverlaySetup(ChannelPage):
    """`link_key` is for those alone who may say what the public sees; `link_number` is the link's, -1 where none was
    read: where the picture has another, somebody else has made a new one."""

    link_key: str = ""
    link_number: int = -1

    def _leave(self) -> None:
        super()._leave()
        self.link_key, self.link_number = "", -1

    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[Any]:
        """The page was opened, or its connection came back."""
        self.link_key, self.link_number = "", -1
        async for step in self._enter():
            yield step
        if self.loaded and self.may.board:
            visit = await guard.visit(self, May.SEE)
            if May.BOARD in ALLOWED[visit.role]:
                await self._read_link(visit)

    async def _read_link(self, visit: Visit) -> None:
        self.link_key, self.link_number = await running().overlays.link(visit.channel_id)

    @rx.event
    @guard.staff(May.BOARD)
    async def read_link(self, visit: Visit) -> None:
        """Somebody else has made a new one."""
        self._clear()
        await self._read_link(visit)

    @rx.event
    @guard.staff(May.BOARD)
    async def new_link(self, visit: Visit) -> AsyncIterator[None]:
        """Ends the one that there is."""
        self._clear()
        self.error_at = "link"
        self.busy = "link"
        yield
        await running().overlays.renew(visit.person, visit.channel_id)
        await self._read_link(visit)
        self._close()
        self._say("There is a new secret link. The old one has ended.")
