"""Where one is signed in, and how to end that: for everybody who is, whatever they may do in a channel."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import reflex as rx

from vip_manager.domain.terms import InvalidInput
from vip_manager.services.access import Person, SignedIn
from vip_manager.services.container import running
from vip_manager.services.written import millis
from vip_manager.ui import guard, typed
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.browser import Moment
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.rule import rule
from vip_manager.ui.language import message, rich, t

GONE = message("That browser is signed out already.")


@dataclass(frozen=True)
class Row:
    """Times in milliseconds. `system` is what the browser runs on, where that is known."""

    handle: str
    browser: str
    system: str
    since: int
    seen_at: int
    here: bool

    @classmethod
    def of(cls, one: SignedIn) -> "Row":
        browser, _, system = one.browser.partition(" on ")
        return cls(one.handle, browser or _NAMELESS, system, millis(one.since), millis(one.seen_at), one.here)


_NAMELESS = message("A browser")
_SYSTEMS = (message("an iPhone"), message("an iPad"), message("a Mac"))
"""Those that are no names."""


class SignIns(Site):
    """`now` is the server's, in milliseconds."""

    rows: list[Row] = []  # noqa: RUF012  (Reflex gives each state its own copy)
    now: int = 0

    def _forget(self) -> None:
        super()._forget()
        self.rows = []

    async def _look(self, person: Person) -> None:
        self.now = millis(running().clock.real())
        self.rows = [Row.of(one) for one in await running().access.signed_in(person)]

    @rx.event
    @guard.person
    async def end(self, person: Person, handle: str) -> AsyncIterator[None]:
        self._clear()
        handle = typed.record_id(handle)
        self.busy = f"end:{handle}"
        yield
        ended = await running().access.sign_out_one(person, handle)
        await self._look(person)
        if not ended:
            raise InvalidInput("handle", GONE)
        self._say("That browser is signed out.")

    @rx.event
    @guard.person
    async def end_all(self, person: Person) -> AsyncIterator[None]:
        self._clear()
        self.busy = "end-all"
        yield
        await running().access.sign_out_everywhere(person.id)


def sign_ins() -> rx.Component:
    return rule(
        t("Where you are signed in"),
        t("A browser that is not used for a week is signed out by itself; each one signs in again after thirty days."),
        rx.el.ul(
            rx.foreach(SignIns.rows, _row),
            class_name="grid divide-y divide-line",
            aria_label=t("Where you are signed in"),
        ),
        rx.el.div(
            button(
                t("Sign out everywhere"),
                kind="danger",
                icon_name="log_out",
                on_click=SignIns.end_all,
                busy=Site.busy == "end-all",
                disabled=Site.busy != "",
            ),
            rx.el.p(t("In this browser too. You can sign in again at any time."), class_name="text-xs text-soft"),
            class_name="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line pt-4",
        ),
        section=True,
    )


def _row(row: Any) -> rx.Component:
    browser = rx.cond(
        row.system != "", t("{browser} on {system}", browser=t(row.browser), system=t(row.system)), t(row.browser)
    )
    return rx.el.li(
        rx.el.span(icon("monitor"), class_name="text-soft"),
        rx.el.div(
            rx.el.p(
                rx.el.span(browser, class_name="font-medium"),
                rx.cond(row.here, rx.el.span(t("this browser"), class_name="text-xs text-green")),
                class_name="flex flex-wrap items-baseline gap-x-2",
            ),
            rx.el.p(
                rich(
                    "signed in {when}, last used {last}",
                    when=Moment.create(at=row.since, now=SignIns.now),
                    last=Moment.create(at=row.seen_at, now=SignIns.now),
                ),
                class_name="text-xs text-soft",
            ),
            class_name="min-w-0 flex-1",
        ),
        rx.cond(
            ~row.here,
            button(
                t("Sign out"),
                small=True,
                on_click=SignIns.end(row.handle),
                busy=Site.busy == "end:" + row.handle,
                disabled=Site.busy != "",
                aria_label=t("Sign out {browser}", browser=browser),
            ),
        ),
        class_name="flex items-center gap-3 py-3 first:pt-0 last:pb-0",
        key=row.handle,
    )
