"""What the page of history shows, and what one can do there. Its address says what is wanted, so that a link, and the
page loaded anew, show the same."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import reflex as rx

from vip_manager.domain.days import zone_of
from vip_manager.domain.history import parse_days, parse_topic
from vip_manager.domain.sentence import Sentence
from vip_manager.domain.team import May
from vip_manager.domain.terms import InvalidInput, parse_login
from vip_manager.ports import StoreError, TwitchError
from vip_manager.services.access import Visit
from vip_manager.services.container import running
from vip_manager.services.history import Asked, HistoryPage
from vip_manager.services.pictures import ActivityLine
from vip_manager.ui import guard, typed, words
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.typed import record_id

PATH = "/dashboard/history"
FOUND = "found"
"""Id of the heading to which the focus goes when something was looked for."""
_NAMES = {"kind": "kind", "who": "who", "first": "from", "last": "to", "zone": "zone"}


class History(ChannelPage):
    """`kind`, `who`, `first` and `last` are what the address asks for, `narrowed` whether that is anything; `rows` what
    was found, once it was `looked`; `unknown`: nobody has the name that was asked for. `older`, `newer`, `top` and
    `file` are addresses; empty: there is none. `seen`: all that happened until then is on the page, if it is the
    first. `away`: why there are no rows."""

    rows: list[ActivityLine] = []  # noqa: RUF012  (Reflex gives each state its own copy)
    looked: bool = False
    unknown: bool = False
    kind: str = ""
    who: str = ""
    first: str = ""
    last: str = ""
    narrowed: bool = False
    older: str = ""
    newer: str = ""
    top: str = ""
    file: str = ""
    seen: int = 0
    away: Sentence = Sentence()
    _searched: bool = False

    def _leave(self) -> None:
        super()._leave()
        self._show_page(HistoryPage())
        self.looked, self.seen, self.file, self.away = False, 0, "", Sentence()

    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[Any]:
        """The page was opened, or its connection came back, or its address is another one."""
        asked = self._asked()
        self.kind, self.who, self.first, self.last = asked.kind, asked.who, asked.first, asked.last
        self.narrowed = any((asked.kind, asked.who, asked.first, asked.last))
        async for step in self._enter():
            yield step
        if self.loaded and not self.refused and not self.broken:
            visit = await guard.visit(self, May.SEE)
            await self._look(visit.channel_id)
            if self._searched:
                self._searched = False
                yield rx.set_focus(FOUND)

    @rx.event
    @guard.staff(May.SEE)
    async def read_again(self, visit: Visit) -> AsyncIterator[Any]:
        """Something new happened, or the store was away."""
        self._clear()
        self.busy = "again"
        yield
        await self._look(visit.channel_id)

    @rx.event
    @guard.staff(May.SEE)
    async def narrow(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[Any]:
        """What is asked for becomes the page's address."""
        self._clear()
        asked = Asked(*(one.strip() for one in typed.fields(form, "kind", "who", "first", "last", "zone")))
        parse_topic(asked.kind)
        parse_days(asked.first, asked.last, zone_of(asked.zone))
        if asked.who:
            parse_login(asked.who)
        if self._address(asked) == self._address(self._asked()):
            self.busy = "narrow"
            yield
            await self._look(visit.channel_id)
            yield rx.set_focus(FOUND)
            return
        self._searched = True
        yield rx.redirect(self._address(asked))

    async def _look(self, channel_id: str) -> None:
        asked = self._asked()
        places = {"older_than": self._query("older"), "newer_than": self._query("newer")}
        places = {name: record_id(value) for name, value in places.items() if value}
        self.away = Sentence()
        try:
            page = await running().history.page(channel_id, asked, **places)
        except StoreError:
            self.away = Sentence(words.STORE_DOWN)
            return
        except TwitchError as error:
            self.away = words.of_error(error)
            return
        except InvalidInput as error:
            # By an address that somebody wrote: of the page's own forms it is said before.
            page = HistoryPage()
            self._fail(error.sentence, error.field)
        self._show_page(page)
        self.looked = True
        # What the picture has told by now was there to be found.
        self.seen = max((line.at for line in (*page.lines[:1], *self.picture.activity[:1])), default=0)

    def _show_page(self, page: HistoryPage) -> None:
        asked = self._asked()
        self.rows, self.unknown = page.lines, page.unknown
        self.older = self._address(asked, older=page.older) if page.older else ""
        self.newer = self._address(asked, newer=page.newer) if page.newer else ""
        self.top = self._address(asked)
        query = _query(asked)
        self.file = f"/api/channels/{self.picture.channel_id}/history.csv" + (f"?{query}" if query else "")

    def _asked(self) -> Asked:
        return Asked(**{field: self._query(name) for field, name in _NAMES.items()})

    def _address(self, asked: Asked, **place: str) -> str:
        channel = {"channel": self._query("channel")} if self._query("channel") else {}
        query = _query(asked, **channel, **place)
        return f"{PATH}?{query}" if query else PATH


def _query(asked: Asked, **more: str) -> str:
    said = {name: getattr(asked, field) for field, name in _NAMES.items()}
    if not (asked.first or asked.last):
        # Without days it says nothing.
        del said["zone"]
    return urlencode({**{name: value for name, value in said.items() if value}, **more})
