"""Webhooks: which addresses are told what happens, how each does, and its signing secret, shown once."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from vip_manager.domain.hook import MOST_HOOKS, Hook, HookForm
from vip_manager.domain.notice import Event
from vip_manager.domain.sentence import Sentence
from vip_manager.domain.team import May
from vip_manager.services.access import Visit
from vip_manager.services.container import running
from vip_manager.ui import guard, typed
from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.field import switch
from vip_manager.ui.components.rule import rule
from vip_manager.ui.hook_words import NOT_DELIVERED
from vip_manager.ui.language import rich, t
from vip_manager.ui.pages.settings.shown_once import shown_once
from vip_manager.ui.pages.settings.webhook_standing import called, standing, told_of


class Webhooks(ChannelPage):
    """`secret` is what the posts of the one that is called `secret_of` are signed with. It is told to the page that
    asked for it, once: the server forgets it at once, so that nothing that is sent later, as after a lost connection,
    has it again. `error_at` is "hook" in the forms, and a webhook's id where something went wrong with that one."""

    secret: str = ""
    secret_of: str = ""

    def _leave(self) -> None:
        super()._leave()
        self._stow()

    def _stow(self) -> None:
        self.secret = self.secret_of = ""

    def _events(self, form: dict[str, Any]) -> list[str]:
        return [event.value for event in Event if form.get(event.value, "")]

    @rx.event
    @guard.staff(May.HOOKS)
    async def add_hook(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        if self.dialog != "webhook":
            return
        self._clear()
        self.error_at = "hook"
        url, name = typed.fields(form, "url", "name")
        self.busy = "hook"
        yield
        hook, secret = await running().hooks.add(visit.person, visit.channel_id, url, self._events(form), name)
        self._close()
        self._say("{who} is told from now on.", who=_said(hook))
        async for _ in self._told_once(secret, _said(hook)):
            yield

    @rx.event
    @guard.staff(May.HOOKS)
    async def choose_events(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        if self.dialog != "hook-events" or not self.subject:
            return
        self._clear()
        self.error_at = "hook"
        [name] = typed.fields(form, "name")
        self.busy = "hook"
        yield
        await running().hooks.choose(visit.person, visit.channel_id, self.subject, self._events(form), name)
        self._close()
        self._say("The webhook was changed. It counts from now on.")

    @rx.event
    @guard.staff(May.HOOKS)
    async def turn_hook(self, visit: Visit, hook_id: str, on: bool) -> AsyncIterator[None]:
        self._clear()
        self.error_at = hook_id = typed.record_id(hook_id)
        self.busy = f"turn:{hook_id}"
        yield
        hook = await running().hooks.turn(visit.person, visit.channel_id, hook_id, on)
        self._say(
            "{who} is told again, of what happens from now on." if on else "{who} is told nothing any more.",
            who=_said(hook),
        )

    @rx.event
    @guard.staff(May.HOOKS)
    async def try_hook(self, visit: Visit, hook_id: str) -> AsyncIterator[None]:
        """Sends a sample there now."""
        self._clear()
        self.error_at = hook_id = typed.record_id(hook_id)
        self.busy = f"try:{hook_id}"
        yield
        why = await running().hooks.try_out(visit.person, visit.channel_id, hook_id)
        if why is None:
            self._say("The test arrived.")
        else:
            self._fail(Sentence("The test did not arrive. {why}", {"why": Sentence(NOT_DELIVERED[why])}))

    @rx.event
    @guard.staff(May.HOOKS)
    async def new_secret(self, visit: Visit) -> AsyncIterator[None]:
        if self.dialog != "hook-secret" or not self.subject:
            return
        self._clear()
        self.busy = "secret"
        yield
        hook, secret = await running().hooks.new_secret(visit.person, visit.channel_id, self.subject)
        self._close()
        async for _ in self._told_once(secret, _said(hook)):
            yield

    @rx.event
    @guard.staff(May.HOOKS)
    async def remove_hook(self, visit: Visit) -> AsyncIterator[None]:
        if self.dialog != "hook-removed" or not self.subject:
            return
        self._clear()
        self.busy = "remove"
        yield
        await running().hooks.remove(visit.person, visit.channel_id, self.subject)
        self._close()
        self._stow()
        self._say("The webhook is gone. Nothing goes there any more.")

    async def _told_once(self, secret: str, of: str) -> AsyncIterator[None]:
        self.secret, self.secret_of = secret, of if secret else ""
        self.busy = ""
        yield
        # Without telling the page, which goes on to show it.
        self.__dict__["secret"] = ""

    @rx.event
    @guard.public
    def stow_secret(self) -> None:
        """It has been copied."""
        self._stow()


def _said(hook: Hook) -> str:
    return hook.name or hook.host


def webhooks() -> rx.Component:
    hooks = ChannelPage.picture.hooks
    return rule(
        t("Webhooks"),
        t(
            "Discord, or a program of yours, is told when somebody becomes VIP, or is not any more. Nothing is sent "
            "until you add an address here."
        ),
        rx.cond(Webhooks.secret != "", _secret()),
        rx.cond(
            hooks.length() > 0,
            rx.el.ul(
                rx.foreach(hooks, _row),
                class_name="grid divide-y divide-line",
                aria_label=t("Webhooks"),
            ),
            rx.el.p(t("There is no webhook yet."), class_name="text-soft"),
        ),
        rx.cond(ChannelPage.may.hooks, _add(hooks), _only_theirs()),
        rx.el.p(
            rich(
                "{page} says what is sent, and how a program checks that it comes from here.",
                page=rx.el.code("docs/webhooks.md", class_name="rounded bg-raised px-1.5 py-0.5 text-xs"),
            ),
            class_name="text-xs text-soft",
        ),
        section=True,
        id="webhooks",
    )


def _add(hooks: Any) -> rx.Component:
    return rx.cond(
        hooks.length() < MOST_HOOKS,
        button(
            t("Add a webhook…"),
            icon_name="plus",
            disabled=Site.busy != "",
            on_click=Webhooks.show_dialog("webhook"),
            class_name="justify-self-start",
        ),
        rx.el.p(
            icon("info"),
            t("{most, number} webhooks are as many as there can be. Remove one to add another.", most=MOST_HOOKS),
            class_name="flex items-center gap-2 text-soft",
        ),
    )


def _only_theirs() -> rx.Component:
    return rx.el.p(
        t("Only {owner} can add and change them.", owner=ChannelPage.picture.username), class_name="text-xs text-soft"
    )


def _secret() -> rx.Component:
    told = rich(
        "Copy the signing secret for {who} now. It is shown this once. With it the other side can check "
        "that what arrives comes from here.",
        who=rx.el.b(Webhooks.secret_of, class_name="font-semibold [overflow-wrap:anywhere]"),
    )
    return shown_once(told, Webhooks.secret, Webhooks.stow_secret)


def _row(hook: Any) -> rx.Component:
    named = called(hook)
    discord = hook.form == HookForm.DISCORD.value
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.h3(named, class_name="font-medium [overflow-wrap:anywhere]"),
                rx.cond(
                    (hook.name != "") & (hook.host != ""),
                    rx.el.span(hook.host, class_name="text-xs text-soft [overflow-wrap:anywhere]"),
                ),
                rx.el.span(
                    rx.cond(discord, t("a message in Discord"), t("JSON, signed")), class_name="text-xs text-soft"
                ),
                class_name="flex min-w-0 flex-wrap items-baseline gap-x-2",
            ),
            rx.cond(
                ChannelPage.may.hooks,
                switch(
                    t("Tell {who}", who=named),
                    hook.on,
                    disabled=(Site.busy != "") | (hook.host == ""),
                    on_click=Webhooks.turn_hook(hook.id, ~hook.on),
                ),
            ),
            class_name="flex items-start justify-between gap-4",
        ),
        standing(hook),
        rx.el.ul(
            rx.foreach(hook.events.to(list[str]), told_of),
            class_name="flex flex-wrap gap-1.5",
            aria_label=t("What it is told of"),
        ),
        rx.cond(ChannelPage.may.hooks, _acts(hook, named, discord)),
        error_line(here=(Webhooks.error_at == hook.id) & (Webhooks.dialog == "")),
        class_name="grid gap-2.5 py-4 first:pt-0 last:pb-0",
        key=hook.id,
        custom_attrs={"data-hook": hook.host},
    )


def _acts(hook: Any, named: Any, discord: Any) -> rx.Component:
    readable = hook.host != ""
    free = {"small": True, "disabled": Site.busy != ""}
    return rx.el.div(
        rx.cond(
            readable,
            rx.fragment(
                button(
                    t("Send a test"),
                    icon_name="send",
                    small=True,
                    busy=Site.busy == "try:" + hook.id,
                    disabled=Site.busy != "",
                    on_click=Webhooks.try_hook(hook.id),
                    aria_label=t("Send a test to {who}", who=named),
                ),
                button(
                    t("Change…"),
                    icon_name="pencil",
                    on_click=Webhooks.ask("hook-events", hook.id),
                    aria_label=t("Change the webhook to {who}", who=named),
                    **free,
                ),
                rx.cond(
                    ~discord,
                    button(
                        t("New secret…"),
                        icon_name="key_round",
                        on_click=Webhooks.ask("hook-secret", hook.id),
                        aria_label=t("New signing secret for {who}", who=named),
                        **free,
                    ),
                ),
            ),
        ),
        button(
            t("Remove…"),
            icon_name="trash_2",
            kind="ghost",
            on_click=Webhooks.ask("hook-removed", hook.id),
            aria_label=t("Remove the webhook to {who}", who=named),
            **free,
        ),
        class_name="flex flex-wrap gap-2",
    )
