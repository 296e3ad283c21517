"""Who may not redeem. It is changed at once, apart from the form of the rules."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.button import button, icon_button
from vip_manager.ui.components.field import field
from vip_manager.ui.components.rule import rule
from vip_manager.ui.components.vip import name_link
from vip_manager.ui.language import t
from vip_manager.ui.pages.rewards.state import Rewards


def block_list() -> rx.Component:
    blocked = Rewards.picture.rules.blocked
    here = Rewards.error_at == "block"
    return rule(
        t("Block list"),
        t("Who is on it gets the points back. Who is VIP stays it. This counts at once."),
        rx.cond(Rewards.may.rules, _blocking(here)),
        rx.el.div(error_line(here=here, id_="block-error"), class_name="has-[div:empty]:hidden"),
        rx.cond(
            blocked.length() > 0,
            rx.el.ul(
                rx.foreach(blocked, _blocked),
                class_name="flex max-h-80 flex-wrap gap-2 overflow-y-auto",
                aria_label=t("Block list"),
            ),
            rx.el.p(t("Nobody is on it."), class_name="text-soft"),
        ),
    )


def _blocking(here: Any) -> rx.Component:
    return rx.el.form(
        rx.el.div(
            field(
                t("Twitch name"),
                "login",
                "block",
                here=here,
                placeholder=t("a viewer's name"),
                max_length=26,
                required=True,
            ),
            button(
                t("Block"),
                icon_name="ban",
                type="submit",
                busy=Site.busy == "block",
                disabled=Site.busy != "",
            ),
            class_name="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-2 sm:max-w-md",
        ),
        on_submit=Rewards.block,
        reset_on_submit=True,
    )


def _blocked(one: Any) -> rx.Component:
    return rx.el.li(
        name_link(one.login, one.username),
        rx.cond(
            Rewards.may.rules,
            icon_button(
                "x",
                t("Take {who} off the block list", who=one.username),
                disabled=Site.busy != "",
                on_click=Rewards.unblock(one.user_id),
                class_name="size-8",
            ),
            rx.el.span(class_name="w-2"),
        ),
        class_name="flex items-center gap-1 rounded-lg border border-line bg-ground pl-3 pr-1 min-h-10",
        key=one.user_id,
    )
