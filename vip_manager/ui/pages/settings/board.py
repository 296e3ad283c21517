"""What the public sees: whether there is a board, its address, and who is not shown on it."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from vip_manager.domain.team import May
from vip_manager.domain.terms import parse_login
from vip_manager.services.access import Visit
from vip_manager.services.container import running
from vip_manager.ui import guard, typed
from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.browser import CopyAddress, plain_link
from vip_manager.ui.components.button import button, icon, icon_button, look
from vip_manager.ui.components.field import field, switch
from vip_manager.ui.components.rule import rule
from vip_manager.ui.components.vip import name_link
from vip_manager.ui.language import t


class BoardSettings(ChannelPage):
    """`error_at` is "board", "hide" or "show"."""

    @rx.event
    @guard.staff(May.BOARD)
    async def turn_board(self, visit: Visit, on: bool) -> AsyncIterator[None]:
        self._clear()
        self.error_at = "board"
        on = on is True
        self.busy = "board"
        yield
        await running().visibility.turn_board(visit.person, visit.channel_id, on)
        self._say("The board is on." if on else "The board is off. Whoever looks at it sees only that.")

    @rx.event
    @guard.staff(May.BOARD)
    async def hide(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        self._clear()
        self.error_at = "hide"
        login = parse_login(typed.fields(form, "login")[0])
        self.busy = "hide"
        yield
        hidden = await running().visibility.hide(visit.person, visit.channel_id, login)
        self._say("@{who} is not shown on the board any more.", who=hidden.username)

    @rx.event
    @guard.staff(May.BOARD)
    async def show(self, visit: Visit, user_id: str) -> AsyncIterator[None]:
        self._clear()
        self.error_at = "hide"
        user_id = typed.record_id(user_id)
        self.busy = f"show:{user_id}"
        yield
        await running().visibility.show(visit.person, visit.channel_id, user_id)

    @rx.event
    @guard.staff(May.BOARD)
    async def show_named(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        self._clear()
        self.error_at = "show"
        login = parse_login(typed.fields(form, "login")[0])
        self.busy = "show"
        yield
        await running().visibility.show_named(visit.person, visit.channel_id, login)
        self._say("@{who} is shown on the board again.", who=login)


def board() -> rx.Component:
    return rx.fragment(_switch(), _hidden())


def _switch() -> rx.Component:
    picture = ChannelPage.picture
    path = "/board/" + picture.login
    return rule(
        t("Public board"),
        t("Anybody who has the address sees who is VIP, and how to become it."),
        rx.el.div(
            switch(
                t("Public board"),
                ~picture.board_off,
                disabled=Site.busy != "",
                on_click=BoardSettings.turn_board(picture.board_off),
            ),
            rx.el.p(
                rx.cond(
                    picture.board_off,
                    t("Off: whoever looks sees only that this board is off."),
                    t("On: anybody may look."),
                ),
            ),
            class_name="flex items-center gap-3",
        ),
        error_line(here=BoardSettings.error_at == "board", id_="board-error"),
        rx.el.div(
            rx.el.code(path, class_name="min-w-0 [overflow-wrap:anywhere] rounded-lg bg-raised px-3 py-2"),
            CopyAddress.create(icon("link"), path=path, class_name=look()),
            plain_link(
                icon("external_link"), t("Open it"), href=path, target="_blank", rel="noreferrer", class_name=look()
            ),
            class_name="flex flex-wrap items-center gap-2",
        ),
        section=True,
    )


def _hidden() -> rx.Component:
    picture = ChannelPage.picture
    return rule(
        t("Not shown on the board"),
        t(
            "Viewers can ask for it on the board itself, and you can do it for them. They are VIP like everybody; the "
            "board counts them, and shows nothing else of them. Whoever asked for it themselves is shown again when "
            "they say so themselves."
        ),
        _named("hide", t("Hide"), "eye_off", BoardSettings.hide),
        rx.cond(
            picture.hidden_count > 0,
            rx.el.ul(
                rx.foreach(picture.hidden, _one),
                class_name="flex max-h-80 flex-wrap gap-2 overflow-y-auto",
                aria_label=t("Not shown on the board"),
            ),
            rx.el.p(t("Everybody is shown."), class_name="text-soft"),
        ),
        rx.cond(
            picture.hidden_count > picture.hidden.length(),
            rx.el.div(
                rx.el.p(
                    t(
                        "These are the latest of {count, number}. Anybody else is found by name.",
                        count=picture.hidden_count,
                    ),
                    class_name="text-soft",
                ),
                _named("show", t("Show again"), "eye", BoardSettings.show_named),
                class_name="grid gap-3",
            ),
        ),
        section=True,
    )


def _named(form: str, label: Any, mark: str, act: Any) -> rx.Component:
    here = BoardSettings.error_at == form
    return rx.fragment(
        rx.el.form(
            rx.el.div(
                field(t("Twitch name"), "login", form, here=here, placeholder="mira", max_length=26, required=True),
                button(label, icon_name=mark, type="submit", busy=Site.busy == form, disabled=Site.busy != ""),
                class_name="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-2 sm:max-w-md",
            ),
            on_submit=act,
            reset_on_submit=True,
        ),
        error_line(here=here, id_=f"{form}-error"),
    )


def _one(viewer: Any) -> rx.Component:
    return rx.el.li(
        name_link(viewer.login, viewer.username),
        rx.cond(
            viewer.own_wish,
            rx.el.span(t("their own wish"), class_name="pr-2 text-xs text-soft"),
            icon_button(
                "eye",
                t("Show {who} again", who=viewer.username),
                disabled=Site.busy != "",
                on_click=BoardSettings.show(viewer.user_id),
                class_name="size-8",
            ),
        ),
        class_name="flex items-center gap-2 rounded-lg border border-line bg-ground pl-3 pr-1 min-h-10",
        key=viewer.user_id,
    )
