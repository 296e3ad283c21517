"""The stream overlay: who is VIP, over a game. Nothing else is on its page, whatever happens."""

from collections.abc import AsyncIterator
from dataclasses import replace

import reflex as rx
from reflex_components_core.core.banner import connection_errors_count  # type: ignore[import-untyped]

from vip_manager.domain.terms import InvalidInput, parse_login
from vip_manager.services.container import running
from vip_manager.services.pictures import PublicPicture
from vip_manager.ui import guard, live, rooms
from vip_manager.ui.auth_state import Site


class Overlay(rx.Component):
    """All of the page; how it looks stands in its address (`assets/overlay_plan.jsx`)."""

    library = "$/public/overlay.jsx"
    tag = "Overlay"
    picture: rx.Var[PublicPicture | None]
    errors: rx.Var[int]


class OverlayPage(Site):
    """Nobody in particular looks at it: whoever is signed in there sees what everybody sees. `picture` is None until it
    was read."""

    picture: PublicPicture | None = None

    def _outdated(self) -> None:
        """Whoever was shown then may be hidden by now, and the link may have ended. What the page shows stays there
        until it has been told anew."""
        self.picture = None

    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[None]:
        """The page was opened, or its connection came back: as the board's."""
        self._outdated()
        channel_id = await _channel_id(self.login)
        if channel_id is None:
            await live.leave(self)
            self.picture = PublicPicture(known=False)
            return
        key = self._query("key")
        room = await live.join_overlay(self, channel_id, key)
        by_key = replace(room, read=lambda channel_id: running().overlays.shown(channel_id, key))
        async for picture in live.settled(by_key, channel_id):
            self.picture = picture
            yield


rooms.KEYED.shown_by(OverlayPage)
rooms.OVERLAY.shown_by(OverlayPage)


async def _channel_id(login: object) -> str | None:
    try:
        return await running().board.channel_id(parse_login(login))
    except InvalidInput:
        return None


def overlay() -> rx.Component:
    return Overlay.create(
        picture=OverlayPage.picture,
        errors=connection_errors_count,
        class_name="fixed inset-0",
    )
