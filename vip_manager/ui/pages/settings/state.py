"""The settings' page. Each of its sections is a module of its own beside this one, with its State."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from vip_manager.domain.team import May
from vip_manager.services.container import running
from vip_manager.ui import guard
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.pages.settings.api_tokens import ApiTokens
from vip_manager.ui.pages.settings.sign_ins import SignIns
from vip_manager.ui.pages.settings.webhooks import Webhooks


class Settings(ChannelPage):
    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[Any]:
        """The page was opened, or its connection came back."""
        async for step in self._enter():
            yield step
        # What was shown once is not shown again.
        (await self.get_state(Webhooks))._stow()
        if self.me.signed_in and not self.broken:
            await self._look_where()
            await self._look_at_tokens()

    async def _look_where(self) -> None:
        """Where this person is signed in, whatever part they have in the channel."""
        person = await running().access.person(guard.cookie(self))
        if person is not None:
            await (await self.get_state(SignIns))._look(person)

    async def _look_at_tokens(self) -> None:
        """Of this person in the channel, if they have a part in it."""
        if self.role:
            visit = await guard.visit(self, May.SEE)
            await (await self.get_state(ApiTokens))._look(visit, self.picture.tokens_mark)
