"""Naming somebody: by their name on Twitch, or out of the channel's moderators."""

from typing import Any

import reflex as rx

from vip_manager.domain.team import NAMED, Role
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.button import button
from vip_manager.ui.components.card import card
from vip_manager.ui.components.field import field
from vip_manager.ui.language import t
from vip_manager.ui.pages.team.state import Team
from vip_manager.ui.team_words import ROLES, TITLES


def naming() -> rx.Component:
    here = Team.error_at == "name"
    return card(
        rx.el.div(
            rx.el.h2(t("Add somebody"), class_name="text-base font-semibold"),
            rx.el.p(
                t("They sign in here with Twitch, which asks them for nothing but their name. It counts at once."),
                class_name="mt-1 text-soft",
            ),
            class_name="min-w-0",
        ),
        rx.el.div(
            rx.el.form(
                field(t("Twitch name"), "login", "name", here=here, placeholder="mira", max_length=26, required=True),
                rx.el.fieldset(
                    rx.el.legend(t("What they are to be"), class_name="mb-1 text-sm font-medium"),
                    *(_role(role) for role in reversed(NAMED)),
                    class_name="min-w-0",
                ),
                button(
                    t("Add to the team"),
                    icon_name="user_plus",
                    type="submit",
                    busy=Site.busy == "name",
                    disabled=Site.busy != "",
                    class_name="justify-self-start",
                ),
                on_submit=Team.name,
                reset_on_submit=True,
                class_name="grid grid-cols-1 gap-4 sm:max-w-md",
            ),
            error_line(here=here, id_="name-error"),
            _moderators(),
            class_name="grid min-w-0 grid-cols-1 gap-4",
        ),
        class_name="grid grid-cols-1 gap-x-8 gap-y-4 p-5 lg:grid-cols-[18rem_minmax(0,1fr)]",
    )


def _role(role: Role) -> rx.Component:
    id_ = f"name-role-{role}"
    return rx.el.label(
        rx.el.input(
            type="radio", id=id_, name="role", value=role.value, default_checked=role is Role.HELPER, class_name="tick"
        ),
        rx.el.span(
            rx.el.span(t(TITLES[role]), class_name="block font-medium"),
            rx.el.span(t(ROLES[role]), class_name="block text-soft"),
            class_name="min-w-0",
        ),
        html_for=id_,
        class_name="flex cursor-pointer gap-3 py-1.5",
    )


def _moderators() -> rx.Component:
    return rx.el.div(
        rx.cond(
            Team.looked_up,
            rx.cond(
                Team.suggested.length() > 0,
                rx.fragment(
                    rx.el.p(t("Your moderators on Twitch. One tap makes them a helper:"), class_name="text-soft"),
                    rx.el.ul(
                        rx.foreach(Team.suggested, _moderator),
                        class_name="mt-2 flex max-h-64 flex-wrap gap-2 overflow-y-auto",
                        aria_label=t("Your moderators"),
                    ),
                ),
                rx.el.p(t("You have no moderators on Twitch who are not on the team."), class_name="text-soft"),
            ),
            button(
                t("Choose from your moderators"),
                icon_name="shield",
                busy=Site.busy == "suggest",
                disabled=Site.busy != "",
                on_click=Team.suggest,
            ),
        ),
        role="status",
        class_name="border-t border-line pt-4",
    )


def _moderator(one: Any) -> rx.Component:
    return rx.el.li(
        button(
            one.username,
            icon_name="plus",
            small=True,
            busy=Site.busy == "name:" + one.login,
            disabled=Site.busy != "",
            on_click=Team.name_moderator(one.login),
            aria_label=t("Make {who} a helper", who=one.username),
        ),
        key=one.user_id,
    )
