"""What the public sees of a channel's board: whether there is one, and who is not shown on it."""

from collections.abc import Callable
from dataclasses import replace

import structlog

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel, Hidden
from vip_manager.domain.terms import InvalidInput, parse_login
from vip_manager.ports import Clock, Store, Twitch
from vip_manager.services.access import Person
from vip_manager.services.by_name import by_name
from vip_manager.services.channels import ChannelService
from vip_manager.services.journal import about_person, line

log = structlog.get_logger(__name__)

MOST_HIDDEN = 2000
"""Names that a channel keeps for whoever asks. Beyond that only those who are VIP there, or were, have a reason to."""
MOST_OF_ALL = 5000
"""With these a channel's document stays well below the one MiB that Firestore takes."""


class Visibility:
    def __init__(self, store: Store, twitch: Twitch, clock: Clock, channels: ChannelService) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._channels = channels

    async def hides(self, channel_id: str, user_id: str) -> bool:
        """Whether that viewer is not shown on the channel's board."""
        channel = await self._store.channels.get(channel_id)
        return channel is not None and channel.hides(user_id)

    async def hide_me(self, person: Person, channel_id: str) -> None:
        """A second time does nothing. Whom the staff hid is from now on hidden by their own wish. Raises
        InvalidInput."""
        await self._hide(person, channel_id, Hidden(person.id, person.login, person.username, person.id))

    async def show_me(self, person: Person, channel_id: str) -> None:
        """A second time does nothing. Raises InvalidInput."""
        await self._show(person, channel_id, lambda one: one.id == person.id)

    async def hide(self, person: Person, channel_id: str, login: str) -> Hidden:
        """The staff hides the viewer of that name. Raises InvalidInput, Refused, TwitchError."""
        found = await by_name(self._twitch, channel_id, login)
        viewer = Hidden(found.id, found.login, found.username, person.id)
        await self._hide(person, channel_id, viewer)
        return viewer

    async def show(self, person: Person, channel_id: str, user_id: str) -> None:
        """The staff shows that viewer again, whom the staff hid. Somebody who is not hidden is no error. Raises
        InvalidInput."""
        await self._show(person, channel_id, lambda one: one.id == user_id)

    async def show_named(self, person: Person, channel_id: str, login: str) -> None:
        """The same by the name that they had when they were hidden. Raises InvalidInput where nobody of it is."""
        wanted = parse_login(login)
        channel = await self._channels.get(channel_id)
        if not any(one.login.lower() == wanted for one in channel.hidden):
            raise InvalidInput("login", "Nobody of that name is hidden.")
        await self._show(person, channel_id, lambda one: one.login.lower() == wanted)

    async def turn_board(self, person: Person, channel_id: str, on: bool) -> None:
        """Whether the public sees the board at all. Raises InvalidInput."""

        def told(before: Channel, after: Channel) -> list[AuditEntry]:
            action = Action.BOARD_ON if on else Action.BOARD_OFF
            return [line(channel_id, self._clock.now(), action, person)]

        await self._channels.change(channel_id, lambda channel: replace(channel, board_off=not on), told)
        log.info("board turned", channel_id=channel_id, on=on, by=person.id)

    async def _hide(self, person: Person, channel_id: str, viewer: Hidden) -> None:
        known_there = await self._was_vip(channel_id, viewer.id)

        def hidden(channel: Channel) -> Channel:
            there = next((one for one in channel.hidden if one.id == viewer.id), None)
            if there is not None and (there.own_wish or not viewer.own_wish):
                return channel
            if there is not None:
                return replace(channel, hidden=tuple(viewer if one is there else one for one in channel.hidden))
            count = len(channel.hidden)
            if count >= MOST_OF_ALL or (count >= MOST_HIDDEN and not known_there):
                raise InvalidInput("login", _full(viewer, person), who=viewer.username)
            return replace(channel, hidden=(*channel.hidden, viewer))

        await self._channels.change(channel_id, hidden, lambda *_: [self._line(person, channel_id, viewer, True)])

    async def _show(self, person: Person, channel_id: str, meant: Callable[[Hidden], bool]) -> None:
        def shown(channel: Channel) -> Channel:
            theirs = next((one for one in channel.hidden if meant(one) and one.own_wish and one.id != person.id), None)
            if theirs is not None:
                raise InvalidInput(
                    "login", "{who} asked not to be shown. Only they can change that.", who=theirs.username
                )
            return replace(channel, hidden=tuple(one for one in channel.hidden if not meant(one)))

        def told(before: Channel, _: Channel) -> list[AuditEntry]:
            return [self._line(person, channel_id, one, False) for one in before.hidden if meant(one)]

        await self._channels.change(channel_id, shown, told)

    async def _was_vip(self, channel_id: str, user_id: str) -> bool:
        sessions = self._store.sessions
        return bool(await sessions.live_of(channel_id, user_id) or await sessions.last_ended(channel_id, user_id))

    def _line(self, person: Person, channel_id: str, viewer: Hidden, hidden: bool) -> AuditEntry:
        action = Action.HIDDEN if hidden else Action.SHOWN
        entry = about_person(channel_id, viewer, self._clock.now(), action, person)
        # Whoever asks for themselves need not be named twice.
        return replace(entry, actor_name="") if person.id == viewer.id else entry


def _full(viewer: Hidden, person: Person) -> str:
    if viewer.id == person.id:
        return "So many people are hidden here that only who is VIP on this channel, or was, can be added."
    return "The list is so long that only who is VIP here, or was, can be added, and {who} was not yet."
