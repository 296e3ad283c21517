"""What the page of health shows, and what one can do there."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from vip_manager.domain.team import May
from vip_manager.services.access import Visit
from vip_manager.services.container import running
from vip_manager.services.dead_letters import CutShort
from vip_manager.ui import guard
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.language import message
from vip_manager.ui.pages.health.trial import Trial

TRIED: dict[CutShort | None, str] = {
    None: message("All was tried again. {count, plural, one {# item does} other {# items do}} not work yet."),
    CutShort.AWAY: message(
        "Twitch takes nothing right now, so the rest was not tried. "
        "{count, plural, one {# item is} other {# items are}} left, and tried again by "
        "{count, plural, one {itself} other {themselves}}."
    ),
    CutShort.TIME: message(
        "That takes its time, and not all was tried yet. {count, plural, one {# item is} other {# items are}} left. "
        "Press “Try all again” to go on."
    ),
}
NOTHING_LEFT = message("All was tried again, and nothing is left.")


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
        tried = await running().dead_letters.try_all(visit.person, visit.channel_id)
        self._say(TRIED[tried.cut_short] if tried.left else NOTHING_LEFT, count=tried.left)
