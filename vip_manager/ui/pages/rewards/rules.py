"""The rules as a form: each section says what it will do as it is filled in now, and all are saved at once."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.banner import banner, error_line
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.field import field
from vip_manager.ui.components.rule import choice, rule, tick
from vip_manager.ui.language import number, rich, t
from vip_manager.ui.pages.rewards.state import Rewards
from vip_manager.ui.rule_words import LABELS, SECTIONS

HERE = Rewards.error_at == "rules"
FORM = "rules-form"
"""The id of the form, for its button, which stands outside of it."""


def rules() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(t("Rules"), class_name="text-lg font-semibold"),
            rx.el.p(
                rx.cond(
                    Rewards.may.rules,
                    t("What happens when somebody redeems. They count from when you save them."),
                    t("What happens when somebody redeems. The channel's owner and its managers can change them."),
                ),
                class_name="text-soft",
            ),
            class_name="mt-4",
        ),
        rx.cond(_changed_elsewhere(), _elsewhere()),
        rx.el.form(
            rx.el.fieldset(
                _when_vip(),
                _when_full(),
                _seats(),
                _clock(),
                _approval(),
                _pause(),
                disabled=~Rewards.may.rules,
                class_name="grid gap-4 min-w-0",
                key=Rewards.edition.to(str),
                aria_label=t("Rules"),
            ),
            on_submit=Rewards.save,
            id=FORM,
            class_name="grid grid-cols-1 gap-4",
        ),
        class_name="grid grid-cols-1 gap-4",
    )


def _rule(title: Any, about: Any, section: str, *controls: Any) -> rx.Component:
    return rule(
        title,
        about,
        *controls,
        says=getattr(Rewards.says, section),
        wrong=Rewards.says.wrong.contains(section),
    )


def _one_of(name: str, *choices: tuple[Any, ...]) -> rx.Component:
    """Each choice: its value, its words, and the fields that go with it."""
    chosen = getattr(Rewards.draft, name)
    return rx.el.div(
        *(
            choice(name, value, label, chosen == value, Rewards.choose(name, value), *below)
            for value, label, *below in choices
        ),
        role="radiogroup",
    )


def _typed(name: str, *, hint: Any = "", unit: Any = None, mode: str = "decimal") -> rx.Component:
    return field(
        t(LABELS[name]),
        name,
        "rules",
        here=HERE,
        unit=t("hours") if unit is None else unit,
        hint=hint,
        default_value=getattr(Rewards.draft, name),
        input_mode=mode,
        max_length=20,
        on_change=lambda value: Rewards.choose(name, value).debounce(150),
    )


def _when_vip() -> rx.Component:
    return _rule(
        t(LABELS["when_vip"]),
        t("Their own time, never anybody else's."),
        "when_vip",
        _one_of(
            "when_vip",
            ("add_time", t("Add the time to what is left")),
            ("start_over", t("Start over, never shorter")),
            ("refuse", t("Give the points back")),
        ),
        rx.cond(
            (Rewards.draft.when_vip != "refuse") & (Rewards.draft.clock != "stream"),
            rx.el.div(
                _typed("most_hours_ahead", hint=t("Empty: no limit.")),
                class_name="sm:max-w-72",
            ),
        ),
    )


def _when_full() -> rx.Component:
    return _rule(
        t(LABELS["when_full"]),
        t("Twitch gives a channel so many VIP seats. Permanent VIPs and those by reward share them."),
        "when_full",
        _one_of(
            "when_full",
            ("give_back", t("Give the points back")),
            ("wait", t("A waiting list"), _typed("wait_hours")),
            (
                "take_seat",
                t("Take the seat of the temporary VIP with the least time left"),
                _typed("protected_hours", hint=t("0: not protected.")),
            ),
        ),
    )


def _seats() -> rx.Component:
    picture = Rewards.picture
    return _rule(
        t("How many seats there are"),
        t("Twitch tells no program how many VIP seats a channel has. Type it, or let it be learned."),
        "seats",
        rx.el.div(
            _typed("seats", unit=t("seats"), mode="numeric", hint=t("Empty: learned from Twitch.")),
            _typed("seats_kept_free", unit=t("seats"), mode="numeric", hint=t("For those you choose yourself.")),
            class_name="grid items-start gap-4 sm:grid-cols-2 sm:max-w-xl",
        ),
        rx.cond(
            (picture.seats > 0) & ~picture.seats_typed,
            rx.el.p(
                icon("info"),
                rx.el.span(
                    rich(
                        "Twitch refused one when {seats} were taken. So many are counted on until there turn out to be "
                        "more.",
                        seats=rx.el.b(number(picture.seats), class_name="numbers font-semibold"),
                    )
                ),
                class_name="flex gap-2 text-xs text-soft",
            ),
        ),
        tick(
            "close_when_full",
            t("Pause the rewards on Twitch while no seat is free"),
            Rewards.draft.close_when_full,
            lambda on: Rewards.tick("close_when_full", on),
        ),
    )


def _clock() -> rx.Component:
    return _rule(
        t(LABELS["clock"]),
        t("Counts for VIPs that begin from now on. Who is VIP keeps the clock they began with."),
        "clock",
        _one_of(
            "clock",
            ("wall", t("Hours as they pass")),
            ("stream", t("Until the stream ends")),
            ("live", t("Hours that only count while you are live")),
        ),
    )


def _approval() -> rx.Component:
    return _rule(
        t("Approval"),
        t("You decide about each one."),
        "approval",
        tick(
            "approval",
            t("Every redemption waits for your yes"),
            Rewards.draft.approval,
            lambda on: Rewards.tick("approval", on),
        ),
        rx.cond(
            Rewards.draft.approval,
            rx.el.div(_typed("approval_hours"), class_name="pl-8 sm:max-w-80"),
        ),
    )


def _pause() -> rx.Component:
    return _rule(
        t("Pause between two redemptions"),
        t("Of one and the same viewer, whichever reward it is."),
        "pause",
        rx.el.div(_typed("pause_hours", hint=t("Empty: no pause.")), class_name="sm:max-w-72"),
    )


def save() -> rx.Component:
    """Sticks to the window's edge while there is something to save, wherever on the page one is."""
    return rx.el.div(
        rx.el.div(error_line(here=HERE, id_="rules-error"), class_name="mb-3 has-[div:empty]:hidden"),
        rx.el.div(
            rx.el.p(
                rx.cond(
                    Rewards.unsaved,
                    rx.fragment(rx.el.span(icon("pencil", 14), class_name="max-sm:hidden"), t("Not saved yet")),
                    rx.fragment(icon("check", 14), t("All is saved")),
                ),
                role="status",
                class_name=rx.cond(
                    Rewards.unsaved,
                    "mr-auto flex items-center gap-2 font-medium",
                    "mr-auto flex items-center gap-2 text-soft",
                ),
            ),
            rx.el.div(
                rx.cond(
                    Rewards.unsaved,
                    button(t("Discard"), disabled=Site.busy != "", on_click=Rewards.discard),
                ),
                button(
                    t("Save the rules"),
                    kind="primary",
                    type="submit",
                    form=FORM,
                    busy=Site.busy == "rules",
                    disabled=~Rewards.unsaved | (Site.busy != ""),
                ),
                class_name="ml-auto flex gap-2",
            ),
            class_name="flex flex-wrap items-center gap-2",
        ),
        class_name=rx.cond(Rewards.unsaved, _STUCK, "py-1"),
    )


_STUCK = (
    "unsaved sticky top-2 bottom-4 max-lg:bottom-[calc(4.25rem+env(safe-area-inset-bottom))] z-20 rounded-lg border "
    "border-edge bg-raised px-3 py-3 shadow-lg sm:px-4"
)


def _changed_elsewhere() -> Any:
    """The rules are not any more what this form began with."""
    differs = rx.Var.create(False)
    for name in SECTIONS:
        differs = differs | (getattr(Rewards.picture.rules, name) != getattr(Rewards.saved, name))
    return differs & (Site.busy == "") & Rewards.may.rules


def _elsewhere() -> rx.Component:
    return banner(
        "refresh_cw",
        t("The rules were changed on another page"),
        t("What stands below is as it was before. Saving it would undo that."),
        button(t("Show them as they are"), small=True, on_click=Rewards.discard),
        role="status",
    )
