"""What the page of health shows, and what one can do there."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from vip_manager.domain.team import May
from vip_manager.services.access import Visit
from vip_manager.services.container import running
from vip_manager.ui import guard
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.pages.health.trial import Trial


class Health(ChannelPage):
    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[Any]:
        """The page was opened, or its connection came back."""
        (await self.get_state(Trial))._anew()
        async for step in self._enter():
            yield step

    @rx.event
    @guard.staff(May.SEE)
    async def look_again(self, visit: Visit) -> AsyncIterator[None]:
        self._clear()
        self.busy = "look"
        yield
        await running().health.look(visit.channel_id)
        self._say("Twitch was asked, and this is how it is now.")

    @rx.event
    @guard.staff(May.DECIDE)
    async def try_all(self, visit: Visit) -> AsyncIterator[None]:
        self._clear()
        self.busy = "all"
        yield
        left = await running().dead_letters.try_all(visit.person, visit.channel_id)
        if left:
            self._say(
                "All was tried again. {count, plural, one {# item does} other {# items do}} not work yet.", count=left
            )
        else:
            self._say("All was tried again, and nothing is left.")
