"""The board's state: the picture that everybody is shown, and what concerns whoever looks."""

from collections.abc import AsyncIterator

import reflex as rx

from vip_manager.domain.terms import InvalidInput, parse_login
from vip_manager.services.access import Person
from vip_manager.services.container import running
from vip_manager.services.pictures import PublicPicture
from vip_manager.ui import guard, live, rooms
from vip_manager.ui.auth_state import Site


class BoardPage(Site):
    """`i_am_hidden`: whoever is signed in here is not shown on this board, which the picture, the same for everybody,
    does not say. `viewer`: whose time the address asks for."""

    picture: PublicPicture = PublicPicture()
    viewer: str = ""
    loaded: bool = False
    i_am_hidden: bool = False

    def _forget(self) -> None:
        super()._forget()
        self.i_am_hidden = False

    def _outdated(self) -> None:
        """Whoever was shown then may be hidden by now."""
        self.picture = PublicPicture()
        self.loaded = False

    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[None]:
        """Reads until what was read is what was shown: a change in between goes out to the room at once."""
        self._clear()
        self.loaded = False
        self.viewer = _named(self._query("viewer"))
        await self._greet()
        channel_id = await _channel_id(self.login)
        if channel_id is None:
            await live.leave(self)
            self.picture = PublicPicture(known=False, login=str(self.login)[:25])
            self.loaded = True
            return
        person = await running().access.person(guard.cookie(self))
        self.i_am_hidden = person is not None and await running().visibility.hides(channel_id, person.id)
        await live.join_board(self, channel_id)
        async for picture in live.settled(rooms.BOARD, channel_id):
            self.picture = picture
            self.loaded = True
            yield

    @rx.event
    @guard.person
    async def hide_me(self, person: Person) -> AsyncIterator[None]:
        """On the board of the page's address, whoever is signed in."""
        self._clear()
        self.busy = "hide"
        yield
        await running().visibility.hide_me(person, await _this_channel(self.login))
        self.i_am_hidden = True
        self._say("You are not shown on this board any more: it counts you, and says nothing else of you.")

    @rx.event
    @guard.person
    async def show_me(self, person: Person) -> AsyncIterator[None]:
        self._clear()
        self.busy = "hide"
        yield
        await running().visibility.show_me(person, await _this_channel(self.login))
        self.i_am_hidden = False
        self._say("You are shown here again, whenever you are VIP.")


rooms.BOARD.shown_by(BoardPage)


def _named(login: str) -> str:
    """Nobody, where that can be nobody's name."""
    try:
        return parse_login(login)
    except InvalidInput:
        return ""


async def _this_channel(login: object) -> str:
    """Raises InvalidInput where it is none of ours."""
    channel_id = await _channel_id(login)
    if channel_id is None:
        raise InvalidInput("channel", "No such channel uses VIP Manager.")
    return channel_id


async def _channel_id(login: object) -> str | None:
    try:
        return await running().board.channel_id(parse_login(login))
    except InvalidInput:
        return None
