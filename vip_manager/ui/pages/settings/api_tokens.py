"""Tokens for other programs, as a Stream Deck or a chat bot: made, shown once, revoked."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import reflex as rx

from vip_manager.domain.api_token import TokenScope
from vip_manager.domain.team import May
from vip_manager.services.access import Visit
from vip_manager.services.api_tokens import LONGEST_NAME, Listed
from vip_manager.services.container import running
from vip_manager.services.written import millis
from vip_manager.ui import guard, typed
from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.browser import Moment, plain_link
from vip_manager.ui.components.button import button, icon, look
from vip_manager.ui.components.dialog import question
from vip_manager.ui.components.field import field
from vip_manager.ui.components.rule import rule
from vip_manager.ui.language import message, rich, t
from vip_manager.ui.pages.settings.shown_once import shown_once

READS, WRITES = TokenScope.READ.value, TokenScope.WRITE.value
_LOOKS_ONLY = message("It looks, and changes nothing.")
_GIVES_TOO = message("It looks, gives VIP and ends it, as far as you may yourself.")


@dataclass(frozen=True)
class Row:
    """Times in milliseconds, 0 for never. `scope` is an api_token.TokenScope."""

    handle: str
    name: str
    scope: str
    made_at: int
    used_at: int
    by: str
    mine: bool
    works: bool

    @classmethod
    def of(cls, one: Listed) -> "Row":
        used = millis(one.used_at)
        return cls(one.handle, one.name, one.scope.value, millis(one.made_at), used, one.by, one.mine, one.works)


class ApiTokens(ChannelPage):
    """`secret` is the token that was just made, `secret_name` its name. It is told to the page that made it, once: the
    server forgets it at once, so that nothing that is sent later, as after a lost connection, has it again. `mark` is
    the picture's `tokens_mark` that `rows` are of; `now` the server's, in milliseconds. `error_at` is "token" where
    making one went wrong."""

    rows: list[Row] = []  # noqa: RUF012  (Reflex gives each state its own copy)
    now: int = 0
    mark: str = ""
    secret: str = ""
    secret_name: str = ""

    def _leave(self) -> None:
        super()._leave()
        self.rows = []
        self.secret = self.secret_name = ""

    async def _look(self, visit: Visit, mark: str) -> None:
        """The page was opened: nothing is shown again."""
        self.secret = self.secret_name = ""
        await self._list(visit)
        self.mark = mark

    async def _list(self, visit: Visit) -> None:
        self.now = millis(running().clock.real())
        self.rows = [Row.of(one) for one in await running().api_tokens.listed(visit)]

    @rx.event
    @guard.staff(May.SEE)
    async def look_at_tokens(self, visit: Visit, mark: str) -> None:
        """They are others than those that are shown, made here or elsewhere."""
        self.mark = mark
        await self._list(visit)

    @rx.event
    @guard.staff(May.SEE)
    async def make_token(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        self._clear()
        self.error_at = "token"
        name, scope = typed.fields(form, "name", "scope")
        self.busy = "token"
        yield
        made = await running().api_tokens.make(visit.person, visit.channel_id, name, scope)
        await self._list(visit)
        self.secret, self.secret_name = made.secret, made.token.name
        self.busy = ""
        yield
        # Without telling the page, which goes on to show it.
        self.__dict__["secret"] = ""

    @rx.event
    @guard.staff(May.SEE)
    async def revoke_token(self, visit: Visit) -> AsyncIterator[None]:
        if self.dialog != "token" or not self.subject:
            return
        self._clear()
        self.busy = "revoke"
        yield
        name = await running().api_tokens.revoke(visit.person, visit.channel_id, self.subject)
        await self._list(visit)
        self._close()
        self.secret = self.secret_name = ""
        self._say("The token “{name}” opens nothing any more.", name=name)

    @rx.event
    @guard.public
    def stow_token(self) -> None:
        """It has been copied."""
        self.secret = self.secret_name = ""


def api_tokens() -> rx.Component:
    picture = ChannelPage.picture
    return rule(
        t("For other programs"),
        t(
            "A Stream Deck, Streamer.bot or a chat bot of yours can see who is VIP, give it and end it. It comes with "
            "a token that you make here, and acts as you: the activity says so."
        ),
        # Somebody's tokens are others by now: made or revoked in another browser, or by a command.
        rx.cond(
            picture.tokens_mark != ApiTokens.mark,
            rx.el.span(on_mount=ApiTokens.look_at_tokens(picture.tokens_mark), key=picture.tokens_mark, hidden=True),
        ),
        rx.cond(ApiTokens.secret != "", _just_made(), _making()),
        rx.cond(
            ApiTokens.rows.length() > 0,
            rx.el.ul(
                rx.foreach(ApiTokens.rows, _row),
                class_name="grid divide-y divide-line border-t border-line pt-1",
                aria_label=t("Tokens for other programs"),
            ),
        ),
        _how(),
        section=True,
    )


def _making() -> rx.Component:
    here = ApiTokens.error_at == "token"
    return rx.fragment(
        rx.el.form(
            field(
                t("What it is for"),
                "name",
                "token",
                here=here,
                placeholder=t("Stream Deck"),
                max_length=LONGEST_NAME,
            ),
            rx.el.fieldset(
                rx.el.legend(t("What it may do"), class_name="mb-1 text-sm font-medium"),
                _scope(READS, t("Look only"), t(_LOOKS_ONLY)),
                _scope(WRITES, t("Look, and give and end VIP"), t(_GIVES_TOO)),
                class_name="min-w-0",
            ),
            button(
                t("Make a token"),
                icon_name="key_round",
                type="submit",
                busy=Site.busy == "token",
                disabled=Site.busy != "",
                class_name="justify-self-start",
            ),
            on_submit=ApiTokens.make_token,
            reset_on_submit=True,
            class_name="grid grid-cols-1 gap-4 sm:max-w-md",
        ),
        error_line(here=here, id_="token-error"),
    )


def _scope(value: str, label: Any, about: Any) -> rx.Component:
    id_ = f"token-scope-{value}"
    return rx.el.label(
        rx.el.input(type="radio", id=id_, name="scope", value=value, default_checked=value == READS, class_name="tick"),
        rx.el.span(
            rx.el.span(label, class_name="block font-medium"),
            rx.el.span(about, class_name="block text-soft"),
            class_name="min-w-0",
        ),
        html_for=id_,
        class_name="flex cursor-pointer gap-3 py-1.5",
    )


def _just_made() -> rx.Component:
    told = rich(
        "Copy the token “{name}” now. It is shown this once, and stored nowhere: whoever has it can do what it may.",
        name=ApiTokens.secret_name,
    )
    return shown_once(told, ApiTokens.secret, ApiTokens.stow_token)


def _row(row: Any) -> rx.Component:
    made = Moment.create(at=row.made_at, now=ApiTokens.now)
    used = Moment.create(at=row.used_at, now=ApiTokens.now)
    return rx.el.li(
        rx.el.span(icon("key_round"), class_name="text-soft"),
        rx.el.div(
            rx.el.p(
                rx.el.span(row.name, class_name="font-medium [overflow-wrap:anywhere]"),
                rx.el.span(
                    rx.cond(row.scope == READS, t("looks only"), t("looks, gives and ends VIP")),
                    class_name="text-xs text-soft",
                ),
                class_name="flex flex-wrap items-baseline gap-x-2",
            ),
            rx.el.p(
                rx.cond(
                    row.mine,
                    rx.cond(
                        row.used_at > 0,
                        rich("made {when}, last used {last}", when=made, last=used),
                        rich("made {when}, not used yet", when=made),
                    ),
                    rx.cond(
                        row.used_at > 0,
                        rich("made by {who} {when}, last used {last}", who=row.by, when=made, last=used),
                        rich("made by {who} {when}, not used yet", who=row.by, when=made),
                    ),
                ),
                class_name="text-xs text-soft",
            ),
            rx.cond(
                ~row.works,
                rx.el.p(
                    icon("circle_alert", 14),
                    rx.el.span(t("{who} is not on the team any more, so it opens nothing now.", who=row.by)),
                    class_name="mt-1 flex gap-1.5 text-xs text-amber [&>svg]:mt-0.5",
                ),
            ),
            class_name="min-w-0 flex-1",
        ),
        button(
            t("Revoke…"),
            small=True,
            disabled=Site.busy != "",
            on_click=ApiTokens.ask("token", row.handle),
            aria_label=t("Revoke the token {name}", name=row.name),
        ),
        class_name="flex items-center gap-3 py-3 last:pb-0",
        key=row.handle,
    )


def _how() -> rx.Component:
    base = "/api/v1/channels/" + ChannelPage.picture.login
    return rx.el.details(
        rx.el.summary(
            rx.el.span(icon("chevron_down"), class_name="inline-grid transition-transform group-open:rotate-180"),
            rx.el.span(t("How a program uses it")),
            class_name="flex min-h-10 w-fit items-center gap-2 rounded text-soft hover:text-ink",
        ),
        rx.el.div(
            rx.el.p(
                rich("Each call has the header {header}.", header=_code("Authorization: Bearer vip_…")),
                class_name="text-soft",
            ),
            rx.el.dl(
                _call(t("Who is VIP"), f"GET {base}/vips"),
                _call(t("Give VIP for a day"), f"POST {base}/vips", '{"user_login": "viewer1", "hours": 24}'),
                _call(t("Give an hour more"), f"PATCH {base}/vips/3001", '{"add_hours": 1}'),
                _call(t("End VIP"), f"DELETE {base}/vips/3001"),
                _call(t("What was redeemed"), f"GET {base}/redemptions"),
                class_name="grid gap-3",
            ),
            rx.el.p(
                rich(
                    "{page} goes through it step by step, for a Stream Deck and for Streamer.bot.",
                    page=_code("docs/api.md"),
                ),
                class_name="text-soft",
            ),
            plain_link(
                icon("external_link"),
                t("All of it, for programs (OpenAPI)"),
                href="/api/openapi.json",
                target="_blank",
                rel="noreferrer",
                class_name=look(small=True) + " justify-self-start",
            ),
            class_name="mt-2 grid gap-4",
        ),
        class_name="group border-t border-line pt-2",
    )


def _call(what: Any, *lines: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(what, class_name="text-sm"),
        rx.el.dd(*(_code(one) for one in lines), class_name="mt-1 grid justify-items-start gap-1"),
    )


def _code(text: Any) -> rx.Component:
    return rx.el.code(text, class_name="rounded bg-raised px-1.5 py-0.5 text-xs [overflow-wrap:anywhere]")


def revoke_dialog() -> rx.Component:
    return question(
        t("Revoke this token?"),
        rx.foreach(
            ApiTokens.rows,
            lambda row: rx.cond(
                row.handle == ApiTokens.subject,
                rx.el.p(
                    rich(
                        "Whatever program has {name} can see and change nothing in this channel any more, at once. "
                        "What it did stays as it is. To let it in again, make another token.",
                        name=rx.el.b(row.name),
                    ),
                    class_name="text-base [overflow-wrap:anywhere] [&_b]:font-semibold",
                ),
                rx.fragment(),
            ),
        ),
        gone=t("It is revoked already."),
        label=t("Revoke it"),
        kind="danger",
        busy="revoke",
        act=ApiTokens.revoke_token,
        is_open=ApiTokens.dialog == "token",
        on_close=ApiTokens.close,
    )
