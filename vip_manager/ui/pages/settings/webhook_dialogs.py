"""What is asked about a webhook: where it goes, what it is told of, and whether it may be removed."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from vip_manager.domain.hook import LONGEST_NAME
from vip_manager.domain.notice import Event
from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.dialog import dialog, question
from vip_manager.ui.components.field import field
from vip_manager.ui.hook_words import EVENTS
from vip_manager.ui.language import message, rich, t
from vip_manager.ui.pages.settings.webhook_standing import called
from vip_manager.ui.pages.settings.webhooks import Webhooks

_GONE = message("That webhook is gone already.")
_AT_FIRST = frozenset(Event) - {Event.ENDS_SOON}


def webhook_dialogs() -> rx.Component:
    return rx.fragment(_add(), _change(), _new_secret(), _remove())


def _of_subject(body: Callable[[Any], rx.Component]) -> rx.Component:
    """Of the one that the open dialog is about; nothing where it is gone."""
    return rx.foreach(
        ChannelPage.picture.hooks, lambda hook: rx.cond(hook.id == Webhooks.subject, body(hook), rx.fragment())
    )


def _add() -> rx.Component:
    return dialog(
        t("Add a webhook"),
        rx.el.form(
            rx.el.div(
                field(
                    t("Address"),
                    "url",
                    "hook",
                    hint=t(
                        "A Discord webhook gets a message that people can read, any other address gets signed JSON. "
                        "The address is stored encrypted and not shown again, because whoever has it may post there."
                    ),
                    first=True,
                    placeholder=t("https://discord.com/api/webhooks/…"),
                    input_mode="url",
                    required=True,
                ),
                error_line(here=Site.error_field != "events", id_="hook-error"),
                class_name="grid gap-3",
            ),
            _name("hook"),
            _events("hook", lambda event: event in _AT_FIRST),
            _discord(),
            _end(t("Add it")),
            on_submit=Webhooks.add_hook,
            class_name="grid gap-4",
        ),
        is_open=Webhooks.dialog == "webhook",
        on_close=Webhooks.close,
    )


def _change() -> rx.Component:
    def body(hook: Any) -> rx.Component:
        return rx.el.form(
            rx.el.p(
                rich("It goes to {host}. To tell another address, add that one.", host=rx.el.b(hook.host)),
                class_name="[overflow-wrap:anywhere] [&_b]:font-semibold",
            ),
            _name("hook-events", default_value=hook.name, first=True),
            _events("hook-events", lambda event: hook.events.contains(event.value)),
            error_line(here=Site.error_field != "events", id_="hook-events-error"),
            _end(t("Save")),
            on_submit=Webhooks.choose_events,
            class_name="grid gap-4",
        )

    return dialog(
        t("Change a webhook"),
        rx.el.div(_of_subject(body), class_name="peer"),
        rx.el.p(t(_GONE), class_name="hidden peer-empty:block text-base"),
        is_open=Webhooks.dialog == "hook-events",
        on_close=Webhooks.close,
    )


def _events(form: str, ticked: Callable[[Event], Any]) -> rx.Component:
    wrong = Site.error_field == "events"
    error = f"{form}-none-error"
    return rx.el.fieldset(
        rx.el.legend(t("What it is told of"), class_name="mb-1 text-sm font-medium"),
        *(
            rx.el.label(
                rx.el.input(
                    type="checkbox",
                    id=f"{form}-{event.name.lower()}",
                    name=event.value,
                    value="on",
                    default_checked=ticked(event),
                    class_name="tick",
                ),
                rx.el.span(t(said), class_name="min-w-0"),
                html_for=f"{form}-{event.name.lower()}",
                class_name="flex cursor-pointer gap-3 py-1.5",
            )
            for event, (said, _) in EVENTS.items()
        ),
        rx.el.div(error_line(here=wrong, id_=error), class_name="mt-2 has-[div:empty]:hidden"),
        aria_describedby=rx.cond(wrong, error, ""),
        class_name="min-w-0",
    )


def _name(form: str, **props: Any) -> rx.Component:
    return field(
        t("Name"),
        "name",
        form,
        hint=t("As you wish, to tell it from others. It may stay empty."),
        max_length=LONGEST_NAME,
        **props,
    )


def _discord() -> rx.Component:
    return rx.el.details(
        rx.el.summary(
            rx.el.span(icon("chevron_down"), class_name="inline-grid transition-transform group-open:rotate-180"),
            rx.el.span(t("How to get an address in Discord")),
            class_name="flex min-h-10 w-fit items-center gap-2 rounded text-soft hover:text-ink",
        ),
        rx.el.ol(
            rx.el.li(t("In Discord, open the settings of the channel where it is to be said.")),
            rx.el.li(t("Choose “Integrations”, then “Webhooks”, then “New Webhook”.")),
            rx.el.li(t("Press “Copy Webhook URL”, and paste it above.")),
            class_name="mt-1 grid list-decimal gap-1 pl-5 text-soft",
        ),
        class_name="group",
    )


def _end(label: Any) -> rx.Component:
    return rx.el.div(
        button(t("Cancel"), on_click=Webhooks.close),
        button(label, kind="primary", type="submit", busy=Site.busy == "hook", disabled=Site.busy != ""),
        class_name="flex justify-end gap-2",
    )


def _new_secret() -> rx.Component:
    return question(
        t("Make a new signing secret?"),
        _of_subject(
            lambda hook: rx.el.p(
                rich(
                    "What goes to {who} is signed with the new one at once. Until the other side knows it, it will "
                    "take nothing from here.",
                    who=rx.el.b(called(hook)),
                ),
                class_name="text-base [overflow-wrap:anywhere] [&_b]:font-semibold",
            )
        ),
        gone=t(_GONE),
        label=t("Make a new one"),
        kind="primary",
        busy="secret",
        act=Webhooks.new_secret,
        is_open=Webhooks.dialog == "hook-secret",
        on_close=Webhooks.close,
    )


def _remove() -> rx.Component:
    return question(
        t("Remove this webhook?"),
        _of_subject(
            lambda hook: rx.el.p(
                rx.cond(
                    hook.host != "",
                    rich(
                        "Nothing goes to {who} any more, and what is still on its way there is dropped. The address "
                        "is deleted here.",
                        who=rx.el.b(called(hook)),
                    ),
                    t("What is left of it here is deleted."),
                ),
                class_name="text-base [overflow-wrap:anywhere] [&_b]:font-semibold",
            )
        ),
        gone=t(_GONE),
        label=t("Remove it"),
        kind="danger",
        busy="remove",
        act=Webhooks.remove_hook,
        is_open=Webhooks.dialog == "hook-removed",
        on_close=Webhooks.close,
    )
