"""Who is signed in, whether this is the sandbox, and what the page has to say: the state all pages share."""

from collections.abc import Iterator
from dataclasses import dataclass

import reflex as rx

from vip_manager.domain.sentence import Sentence
from vip_manager.domain.unchanging import Unchanging
from vip_manager.services.access import Person
from vip_manager.services.container import running
from vip_manager.ui import live


@dataclass(frozen=True)
class Me(Unchanging):
    """The person in front of the page, as far as the page needs to know."""

    signed_in: bool = False
    username: str = ""
    avatar_url: str = ""
    connected: bool = False
    reconnect: bool = False


class Site(rx.State):
    """Nothing in here proves anything: every handler asks for the session cookie again (see `guard`).

    `_seen` is whom this tab's states were filled for: all of its pages, not this one alone. `_socket` is the socket
    that was last found to be theirs. `_back` is set where the page is the one that was there before, and its socket
    alone is new. `undo` is the session whose end the notice offers to undo.
    """

    ready: bool = False
    sandbox: bool = False
    me: Me = Me()
    form_token: str = ""
    notice: Sentence = Sentence()
    notice_number: int = 0
    undo: str = ""
    error: Sentence = Sentence()
    error_field: str = ""
    busy: str = ""
    _seen: str = ""
    _socket: str = ""
    _back: bool = False

    def _say(self, says: str | Sentence, **values: object) -> None:
        self.notice = says if isinstance(says, Sentence) else Sentence(says, values)
        self.notice_number += 1
        self.undo = ""

    def _fail(self, says: str | Sentence, field: str = "") -> None:
        self.error = says if isinstance(says, Sentence) else Sentence(says)
        self.error_field = field

    def _clear(self) -> None:
        self.error = Sentence()
        self.error_field = ""
        self.busy = ""

    def _forget(self) -> None:
        """Drops what was for that person's eyes. Pages that hold more than the public may see add to this; to be called
        by `_part` alone, as one page that forgets leaves the others as they are."""
        self.me = Me()
        self.form_token = ""

    async def _part(self) -> None:
        """Whoever looked is not there any more: no page of this tab keeps what they saw."""
        for page in below(Site):
            (await self.get_state(page))._forget()
        self._seen = ""

    async def _signed_out(self) -> None:
        """Elsewhere: this page was open at the time."""
        await self._part()
        self._say("You are signed out.")

    async def _show(self, person: Person | None) -> None:
        self.ready = True
        if self._seen and self._seen != (person.id if person else ""):
            await self._part()
        if person:
            self._seen = person.id
            self.me = Me(True, person.username, person.avatar_url, person.connected, person.reconnect)
            self.form_token = running().form_tokens.of(person.sign_in_id)

    async def _greet(self) -> None:
        """Looks who is there. Raises StoreError."""
        self._back = False
        self.sandbox = running().sandbox is not None
        person = await running().access.person(str(self.router.headers.cookie or ""))
        await self._show(person)
        live.stands_behind(self, person)

    def _query(self, name: str) -> str:
        value = self.router.url.query_parameters.get(name, "")
        return value if isinstance(value, str) else ""


def below(state: type[rx.State]) -> Iterator[type[rx.State]]:
    for page in state.get_substates():
        yield page
        yield from below(page)
