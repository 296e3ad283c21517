"""What the pages of a channel's staff have in common: the picture, which dialog is open, and why there is nothing to
see."""

import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlencode

import reflex as rx

from vip_manager.domain.sentence import Sentence
from vip_manager.domain.team import ALLOWED, May, Role
from vip_manager.domain.unchanging import Unchanging
from vip_manager.ports import StoreError
from vip_manager.services.access import NotAllowed, Visit
from vip_manager.services.container import NotRunning, running
from vip_manager.services.pictures import StaffPicture
from vip_manager.ui import guard, live, rooms, team_words, typed, words
from vip_manager.ui.auth_state import Site, below

FORMS = frozenset({"give", "reward", "permanents", "new", "leave", "forget", "link", "webhook"})
"""Dialogs that are about nobody in particular."""
QUESTIONS = frozenset(
    {"give", "reward", "more", "end", "permanent", "giveback", "retire", "clock", "permanents", "new", "tier", "delete"}
    | {"off", "token", "hook-events", "hook-secret", "hook-removed"}
)


@dataclass(frozen=True)
class Mays(Unchanging):
    """What the person in front of the page may do in its channel: each is a domain.team.May. It shows or hides, and
    proves nothing."""

    decide: bool = False
    give: bool = False
    end: bool = False
    rewards: bool = False
    rules: bool = False
    board: bool = False
    team: bool = False
    hooks: bool = False
    data: bool = False

    @classmethod
    def of(cls, role: Role) -> "Mays":
        return cls(**{one.name: May(one.name) in ALLOWED[role] for one in fields(cls)})


@dataclass(frozen=True)
class Served:
    """A channel that the person has a part in: `role` says which, a domain.team.Role."""

    id: str
    username: str
    avatar_url: str
    role: str


class ChannelPage(Site):
    """Every page of the staff is below it, so that one delta to the room reaches whichever is open.

    `role` is the person's in the channel, a domain.team.Role, and `may` what it lets them do. `channels` are those that
    they may go to, their own first, where somebody named them; `choosing`: the address names none of several.
    `refused` and `broken` say in words why there is no picture. `error_at` names the form, of several on a page, that
    went wrong. `query` is what the address said of the channel, to be kept by links between these pages.
    """

    picture: StaffPicture = StaffPicture()
    role: str = ""
    may: Mays = Mays()
    channels: list[Served] = []  # noqa: RUF012  (Reflex gives each state its own copy)
    choosing: bool = False
    loaded: bool = False
    refused: Sentence = Sentence()
    broken: Sentence = Sentence()
    query: str = ""
    dialog: str = ""
    subject: str = ""
    error_at: str = ""
    _submission: str = ""
    _at: str = ""

    def _forget(self) -> None:
        super()._forget()
        self._leave()
        self._close()
        self.channels, self.choosing = [], False

    def _leave(self) -> None:
        """Another page is open, on which this person may not see that channel's picture."""
        self.picture = StaffPicture()
        self.role, self.may = "", Mays()
        self.loaded = False

    def _clear(self) -> None:
        super()._clear()
        self.error_at = ""

    def _close(self) -> None:
        self.dialog = ""
        self.subject = ""
        self._clear()

    def _open(self, dialog: str, subject: str = "") -> None:
        """Each opening is one submission: however often its button is pressed, it counts once."""
        self._clear()
        self._submission = secrets.token_hex(8)
        self.subject = subject
        self.dialog = dialog

    async def _enter(self) -> AsyncIterator[Any]:
        """The page was opened, or its connection came back. Yields what is to be told to the browser."""
        asked = self._query("channel")
        at = f"{self._path()} {asked}"
        if not self._back or self._at != at:
            self._close()
            self.notice, self.undo = Sentence(), ""
        # Else a dialog, and what is being typed in it, stays: sockets are cut now and then, and nobody is to see it.
        self._at = at
        self.refused = self.broken = Sentence()
        self.choosing = False
        self.query = "?" + urlencode({"channel": asked}) if asked else ""
        try:
            await self._greet()
            if not self.me.signed_in:
                await live.leave(self)
                return
            await self._meet_channels()
            if not asked and self.channels and not any(one.role == Role.OWNER for one in self.channels):
                await live.leave(self)
                self._leave()
                self.choosing = len(self.channels) > 1
                if not self.choosing:
                    yield rx.redirect(f"{self._path()}?{urlencode({'channel': self.channels[0].id})}", replace=True)
                return
            visit = await guard.visit(self, May.SEE)
            self._is(await live.join_staff(self, visit.channel_id, visit.person, role=visit.role))
            async for picture in live.settled(rooms.STAFF, visit.channel_id):
                self.picture = picture
                self._met()
                self.loaded = True
                yield
        except NotAllowed as error:
            await live.leave(self)
            self._leave()
            self._close()
            self.refused = words.of_error(error)
        except (StoreError, NotRunning):
            self.ready = True
            self.broken = Sentence(words.STORE_DOWN)

    async def _meet_channels(self) -> None:
        every = await running().roster.channels_of(self._seen)
        self.channels = [
            Served(one.id, one.username, one.avatar_url, role)
            for one in every
            if (role := one.role_of(self._seen)) is not None
        ]

    def _path(self) -> str:
        """Of the page, as far as it is one of ours: a browser says it."""
        path = self.router.url.path.rstrip("/")
        return path if re.fullmatch(r"/dashboard(/[a-z]+)?", path) else "/dashboard"

    def _is(self, role: Role) -> None:
        self.role, self.may = role.value, Mays.of(role)

    async def _has_part(self, channel_id: str, role: str) -> None:
        """The owner has changed what this person is in that channel; an empty role is nothing any more."""
        if self.picture.channel_id != channel_id:
            return
        channel = self.picture.username
        if role:
            self._is(Role(role))
            self._say(team_words.now_a(Role(role), channel))
            return
        await self._out_of(channel_id, team_words.off_team(channel))

    async def _has_left(self, channel_id: str) -> None:
        """The channel has left, and has no team any more."""
        if self.picture.channel_id == channel_id:
            await self._out_of(channel_id, team_words.has_left(self.picture.username))

    async def _out_of(self, channel_id: str, why: Sentence) -> None:
        """No page of this tab keeps what it showed of the channel."""
        for page in (ChannelPage, *below(ChannelPage)):
            (await self.get_state(page))._leave()
        self._close()
        self.channels = [one for one in self.channels if one.id != channel_id]
        self.refused = why
        self._say(why)

    def _met(self) -> None:
        """The picture has just been read. A page that keeps something beside it does so here."""

    @rx.event
    @guard.public
    def show_dialog(self, name: str) -> None:
        if name in FORMS:
            self._open(name)

    @rx.event
    @guard.public
    def ask(self, name: str, subject: str) -> None:
        """Opens a dialog about one VIP, redemption or reward. It shows only what the page has been told already."""
        if name in QUESTIONS:
            self._open(name, typed.record_id(subject))

    @rx.event
    @guard.public
    def close(self) -> None:
        self._close()

    @rx.event
    @guard.public
    def dismiss(self) -> None:
        """What went wrong has been read."""
        self._clear()

    @rx.event
    @guard.staff(May.REWARDS)
    async def turn(self, visit: Visit, on: bool) -> AsyncIterator[None]:
        """Whether the rewards can be redeemed; each page has the switch."""
        self._clear()
        self.busy = "turn"
        yield
        channel = await running().channels.turn(visit.person, visit.channel_id, on)
        if not channel.channel_point_reward_id:
            self._fail(words.REWARD_LOST)
        else:
            self._say("The reward is on." if on else "The reward is off. Who is VIP now stays it to the end.")


rooms.STAFF.shown_by(ChannelPage)
