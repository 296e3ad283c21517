"""The page of the team: whom the owner named, what each may do, and how one comes and goes."""

from typing import Any

import reflex as rx

from vip_manager.domain.team import Role
from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_frame import (
    channel_frame,
    connection_trouble,
    headline,
    is_owner,
    page_error,
    way_to_one,
)
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.banner import banner
from vip_manager.ui.components.browser import Moment
from vip_manager.ui.components.button import button, icon, sign_in
from vip_manager.ui.components.card import card, heading
from vip_manager.ui.components.dialog import question
from vip_manager.ui.components.vip import name_link
from vip_manager.ui.language import message, rich, t
from vip_manager.ui.pages.team import naming, permissions
from vip_manager.ui.pages.team.state import Team
from vip_manager.ui.team_words import TITLES

GONE = message("They are off the team already.")


def team() -> rx.Component:
    """Also where nothing can be done on Twitch: whoever is on a team can leave it, and be taken off."""
    return channel_frame(
        "team",
        _team(connection_trouble(), rx.cond(Team.may.team, naming.naming())),
        _off(),
        _leaving(),
        enter=Team.enter,
        unconnected=rx.cond(Team.picture.login != "", _team(_unconnected()), way_to_one()),
    )


def _team(trouble: Any, *more: Any) -> rx.Component:
    return rx.el.div(
        headline(t("Team")),
        trouble,
        page_error((Team.error_at == "name") & (Site.error.template != "")),
        rx.cond(is_owner(), rx.fragment(), _your_part()),
        _members(),
        *more,
        permissions.permissions(),
        class_name="grid grid-cols-1 gap-4",
    )


def _unconnected() -> rx.Component:
    """Nobody can be named here: that takes a look at Twitch."""
    picture = Team.picture
    return rx.cond(
        picture.leaving.left_at > 0,
        banner(
            "door_open",
            t("You left VIP Manager"),
            t(
                "Nobody of the team sees anything of the channel. When you connect it again, whoever is still on the "
                "team may do what they could before; take off whom you don't want back."
            ),
            sign_in(t("Connect again"), connect=True, after="/dashboard/team"),
            role="status",
        ),
        rx.cond(
            picture.leaving.since > 0,
            connection_trouble(),
            rx.cond(
                is_owner(),
                banner(
                    "plug",
                    t("Your channel is not connected"),
                    t("Connect it to add somebody. Until then nothing happens on the channel."),
                    sign_in(t("Connect with Twitch"), connect=True, after="/dashboard/team"),
                    role="status",
                ),
                banner(
                    "plug",
                    t("{owner} has to connect the channel", owner=picture.username),
                    t("Until then nothing happens on it, and there is nothing to help with."),
                    role="status",
                ),
            ),
        ),
    )


def _your_part() -> rx.Component:
    picture = Team.picture
    return card(
        rx.el.div(
            rx.el.h2(
                t("You are a {role} of {channel}", role=t(Team.role), channel=picture.username),
                class_name="text-base font-semibold [overflow-wrap:anywhere]",
            ),
            rx.el.p(
                t(
                    "{owner} named you, and can change that. What you do here is written down with your name.",
                    owner=picture.username,
                ),
                class_name="mt-1 text-soft",
            ),
            class_name="min-w-0",
        ),
        button(
            t("Leave this team…"), icon_name="log_out", disabled=Site.busy != "", on_click=Team.show_dialog("leave")
        ),
        class_name="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 p-5",
    )


def _members() -> rx.Component:
    every = Team.picture.team
    return card(
        rx.el.div(
            heading(t("Members"), count=every.length() + 1, landing=True), class_name="border-b border-line px-5 py-3"
        ),
        rx.el.ul(
            _owner(),
            rx.foreach(every, _member),
            class_name="divide-y divide-line",
            aria_label=t("Members"),
        ),
        rx.cond(
            every.length() > 0,
            rx.fragment(),
            rx.el.p(
                rx.cond(
                    Team.may.team & Team.picture.connected,
                    t("Nobody else yet. Add somebody below, and they can help while you stream."),
                    t("Nobody else yet."),
                ),
                class_name="border-t border-line px-5 py-4 text-soft",
            ),
        ),
        class_name="",
    )


def _row(picture: Any, login: Any, name: Any, user_id: Any, below: Any, *right: Any) -> rx.Component:
    return rx.fragment(
        avatar(picture, name),
        rx.el.div(
            rx.el.p(
                name_link(login, name),
                rx.cond(user_id == Team.you, rx.el.span(t("(you)"), class_name="ml-2 text-soft")),
                class_name="truncate leading-6",
            ),
            rx.el.p(below, class_name="text-xs text-soft"),
            class_name="min-w-0 flex-1",
        ),
        rx.el.div(
            *right,
            class_name=rx.cond(
                Team.may.team & (user_id != Team.picture.channel_id),
                "flex flex-none flex-wrap items-center gap-1.5 max-sm:w-full max-sm:justify-end",
                "flex flex-none items-center gap-1.5",
            ),
        ),
    )


_ROW = "flex items-center gap-x-3 gap-y-2 px-5 py-3 max-sm:flex-wrap"


def _badge(role: Role, mark: str) -> rx.Component:
    return rx.el.span(
        icon(mark, 14),
        t(TITLES[role]),
        class_name="inline-flex min-h-7 items-center justify-center gap-1.5 rounded-full bg-raised px-3 text-xs "
        "font-medium sm:min-w-28",
    )


def _owner() -> rx.Component:
    picture = Team.picture
    return rx.el.li(
        _row(
            picture.avatar_url,
            picture.login,
            picture.username,
            picture.channel_id,
            t("Whose channel it is"),
            _badge(Role.OWNER, "crown"),
        ),
        class_name=_ROW,
    )


def _member(one: Any) -> rx.Component:
    helps = one.role == Role.HELPER.value
    other = rx.cond(helps, Role.MANAGER.value, Role.HELPER.value)
    return rx.el.li(
        _row(
            one.avatar_url,
            one.login,
            one.username,
            one.user_id,
            rich("Since {when}", when=Moment.create(at=one.since, now=Team.picture.now)),
            rx.cond(helps, _badge(Role.HELPER, "life_buoy"), _badge(Role.MANAGER, "shield_check")),
            rx.cond(
                Team.may.team,
                rx.fragment(
                    button(
                        rx.cond(helps, t("Make manager"), t("Make helper")),
                        class_name="sm:min-w-32",
                        small=True,
                        busy=Site.busy == "role:" + one.user_id,
                        disabled=Site.busy != "",
                        on_click=Team.change_role(one.user_id, other),
                        aria_label=rx.cond(
                            helps,
                            t("Make {who} a manager", who=one.username),
                            t("Make {who} a helper", who=one.username),
                        ),
                    ),
                    button(
                        t("Take off…"),
                        kind="ghost",
                        small=True,
                        disabled=Site.busy != "",
                        on_click=Team.ask("off", one.user_id),
                        aria_label=t("Take {who} off the team", who=one.username),
                    ),
                ),
            ),
        ),
        class_name=f"row-in {_ROW}",
        key=one.user_id,
    )


def _off() -> rx.Component:
    return question(
        t("Take them off the team?"),
        rx.foreach(
            Team.picture.team,
            lambda one: rx.cond(
                one.user_id == Team.subject,
                rx.el.p(
                    rich(
                        "{who} sees nothing of this channel any more and can do nothing in it, at once and on every "
                        "page that they have open. What they have done stays as it is. You can name them again at any "
                        "time.",
                        who=rx.el.b("@" + one.username),
                    ),
                    class_name="text-base [overflow-wrap:anywhere] [&_b]:font-semibold",
                ),
                rx.fragment(),
            ),
        ),
        gone=t(GONE),
        label=t("Take off the team"),
        kind="danger",
        busy="off",
        act=Team.take_off,
        is_open=Team.dialog == "off",
        on_close=Team.close,
    )


def _leaving() -> rx.Component:
    return question(
        t("Leave this team?"),
        rx.el.p(
            rich(
                "You see nothing of the channel of {owner} any more and can do nothing in it, at once. Only they can "
                "name you again.",
                owner=rx.el.b(Team.picture.username),
            ),
            class_name="text-base [overflow-wrap:anywhere] [&_b]:font-semibold",
        ),
        gone="",
        label=t("Leave the team"),
        kind="danger",
        busy="leave",
        act=Team.quit,
        is_open=Team.dialog == "leave",
        on_close=Team.close,
    )
