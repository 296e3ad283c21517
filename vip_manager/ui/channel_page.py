"""What the pages of a channel's staff have in common: the picture, which dialog is open, and why there is nothing to
see."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from urllib.parse import urlencode

import reflex as rx

from vip_manager.domain.team import ALLOWED, May, Role
from vip_manager.ports import StoreError
from vip_manager.services.access import NotAllowed
from vip_manager.services.container import NotRunning
from vip_manager.services.pictures import StaffPicture
from vip_manager.ui import guard, live, typed, words
from vip_manager.ui.auth_state import Site

FORMS = frozenset({"give", "reward", "permanents", "new", "forget"})
"""Dialogs that are about nobody in particular."""
QUESTIONS = frozenset(
    {"give", "reward", "more", "end", "permanent", "giveback", "retire", "clock", "permanents", "new", "tier", "delete"}
)


@dataclass(frozen=True)
class Mays:
    """What the person in front of the page may do in its channel: each is a domain.team.May. It shows or hides, and
    proves nothing."""

    decide: bool = False
    give: bool = False
    end: bool = False
    rewards: bool = False
    rules: bool = False
    board: bool = False
    team: bool = False
    data: bool = False

    @classmethod
    def of(cls, role: Role) -> "Mays":
        return cls(**{one.name: May(one.name) in ALLOWED[role] for one in fields(cls)})


class ChannelPage(Site):
    """Every page of the staff is below it, so that one delta to the room reaches whichever is open.

    `role` is the person's in the channel, a domain.team.Role, and `may` what it lets them do. `refused` and
    `broken` say in words why there is no picture. `error_at` names the form, of several on a page, that went wrong.
    `query` is what the address said of the channel, to be kept by links between these pages.
    """

    picture: StaffPicture = StaffPicture()
    role: str = ""
    may: Mays = Mays()
    loaded: bool = False
    refused: str = ""
    broken: str = ""
    query: str = ""
    dialog: str = ""
    subject: str = ""
    error_at: str = ""
    _submission: str = ""

    def _forget(self) -> None:
        super()._forget()
        self._leave()
        self._close()

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

    async def _enter(self) -> AsyncIterator[None]:
        """The page was opened, or its connection came back."""
        self._close()
        self.notice = ""
        self.refused = self.broken = ""
        asked = self._query("channel")
        self.query = "?" + urlencode({"channel": asked}) if asked else ""
        try:
            await self._greet()
            if not self.me.signed_in:
                await live.leave(self)
                return
            visit = await guard.visit(self, May.SEE)
            self.role, self.may = visit.role.value, Mays.of(visit.role)
            await live.join_staff(self, visit.channel_id, visit.person)
            async for picture in live.settled(live.STAFF, visit.channel_id):
                self.picture = picture
                self._met()
                self.loaded = True
                yield
        except NotAllowed as error:
            self._leave()
            self.refused = words.of_error(error)
        except (StoreError, NotRunning):
            self.ready = True
            self.broken = words.STORE_DOWN

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


live.STAFF.shown_by(ChannelPage)
