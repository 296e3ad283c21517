"""The left of the stage: the channel as viewers see it on Twitch, and the hands that move it."""

from typing import Any

import reflex as rx

from vip_manager.services.mishaps import Mishap
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.browser import Moment
from vip_manager.ui.components.button import button, icon, icon_button, look, unless
from vip_manager.ui.components.field import switch
from vip_manager.ui.components.reward_card import gem, points
from vip_manager.ui.pages.sandbox.panel import chip, panel, part
from vip_manager.ui.pages.sandbox.state import Stage


def twitch_side() -> rx.Component:
    return panel(
        "tv",
        "Twitch",
        _channel(),
        _viewers(),
        _queue(),
        what="as viewers see it",
        aside=rx.cond(
            Stage.picture.sockets > 0,
            chip("radio_tower", "VIP Manager listens"),
            chip("unplug", "nobody listens", "text-amber"),
        ),
    )


def _channel() -> rx.Component:
    picture = Stage.picture
    return rx.el.div(
        rx.el.div(
            avatar(picture.avatar_url, picture.username, "size-9"),
            rx.el.p(
                rx.el.span(picture.username, class_name="block truncate font-semibold leading-5"),
                rx.cond(
                    picture.live,
                    chip("circle_dot", "live", "text-red font-semibold"),
                    chip("circle", "offline"),
                ),
                class_name="min-w-0",
            ),
            class_name="flex items-center gap-2.5 min-w-0 max-sm:w-full",
        ),
        _toggle("Live", picture.live, Stage.go_live(~picture.live)),
        _toggle("Affiliate", picture.affiliate, Stage.affiliate(~picture.affiliate)),
        _seats(),
        class_name="flex flex-wrap items-center gap-x-6 gap-y-3 border-b border-line px-4 py-3",
    )


def _toggle(label: str, on: Any, act: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(label, custom_attrs={"aria-hidden": True}, class_name="text-soft"),
        switch(label, on, on_click=act),
        class_name="flex items-center gap-2",
    )


def _seats() -> rx.Component:
    picture = Stage.picture
    return rx.el.div(
        icon_button("minus", "One seat less", **unless(picture.seats <= 0, Stage.seats(picture.seats - 1))),
        rx.el.p(
            rx.el.span(picture.taken, class_name="font-semibold text-ink"),
            " of ",
            rx.el.span(picture.seats, class_name="font-semibold text-ink"),
            " VIP seats",
            rx.cond(
                (picture.taken >= picture.seats) | picture.mishaps.contains(Mishap.FULL.value),
                rx.el.span(", full", class_name="text-amber"),
            ),
            class_name="numbers text-soft whitespace-nowrap",
        ),
        icon_button("plus", "One seat more", on_click=Stage.seats(picture.seats + 1)),
        class_name="flex items-center gap-1 max-sm:-ml-2.5 sm:ml-auto",
    )


def _viewers() -> rx.Component:
    here = Stage.error_at == "viewers"
    wrong = here & (Site.error_field == "login")
    return part(
        "Viewers",
        rx.el.ul(
            rx.foreach(Stage.picture.viewers, _viewer),
            class_name="mt-1 grid gap-x-4 sm:grid-cols-2 min-[87rem]:grid-cols-3 max-h-96 lg:max-h-[26rem] "
            "overflow-y-auto",
            tab_index=0,
            aria_label="Viewers",
        ),
        rx.cond(
            here,
            rx.el.div(
                error_line(id_="viewers-error", on_dismiss=Stage.dismiss),
                class_name="mt-3 has-[div:empty]:hidden",
            ),
        ),
        rx.el.form(
            rx.el.label("Add a viewer", html_for="new-viewer", class_name="sr-only"),
            rx.el.input(
                id="new-viewer",
                name="login",
                placeholder="a new viewer's name",
                max_length=26,
                auto_complete="off",
                aria_invalid=wrong,
                aria_describedby=rx.cond(wrong, "viewers-error", ""),
                custom_attrs={"autoCapitalize": "off", "spellCheck": False},
                class_name="field min-w-0 max-w-64 flex-1",
            ),
            button("Add", icon_name="user_plus", type="submit"),
            on_submit=Stage.arrive,
            reset_on_submit=True,
            class_name="mt-3 flex gap-2",
        ),
        aside=_rewards(),
        class_name="border-b border-line",
    )


def _rewards() -> rx.Component:
    """What can be redeemed, and at which price."""
    rewards = Stage.picture.rewards
    return rx.cond(
        rewards.length() > 1,
        rx.el.label(
            "They redeem ",
            rx.el.select(
                rx.foreach(rewards, lambda one: rx.el.option(one.title, value=one.title)),
                value=rx.cond(Stage.reward != "", Stage.reward, rewards[0].title),
                on_change=Stage.choose,
                class_name="field !min-h-8 !w-auto max-w-56 !py-1 !text-sm",
            ),
            class_name="flex items-center gap-2",
        ),
        rx.cond(
            rewards.length() > 0,
            rx.fragment(rx.foreach(rewards, _reward)),
            chip("circle_slash", "no reward yet", "text-amber"),
        ),
    )


def _reward(one: Any) -> rx.Component:
    return rx.el.span(
        rx.el.span("“", one.title, "”", class_name="text-ink"),
        rx.el.span(points(one.cost), " points", class_name="numbers"),
        rx.cond(one.open, chip("check", "open"), chip("pause", "off", "text-amber")),
        class_name="inline-flex flex-wrap items-center justify-end gap-x-2",
        key=one.id,
    )


def _viewer(viewer: Any) -> rx.Component:
    return rx.el.li(
        avatar(viewer.avatar_url, viewer.username, "size-8"),
        rx.el.div(
            rx.el.p(viewer.username, class_name="truncate font-medium leading-5"),
            rx.el.p(
                points(viewer.points),
                rx.cond(
                    viewer.vip != "",
                    rx.el.span(
                        gem(13),
                        rx.cond(viewer.vip == "hand", icon("infinity", 13)),
                        rx.el.span("VIP", rx.cond(viewer.vip == "hand", " by hand", ""), class_name="sr-only"),
                        class_name="pop flex flex-none gap-1 text-gem-text",
                        title=rx.cond(viewer.vip == "hand", "VIP, made by hand", "VIP, made by VIP Manager"),
                    ),
                ),
                rx.cond(viewer.moderator, _badge("shield", "moderator", "text-green")),
                rx.cond(viewer.banned, _badge("ban", "banned", "text-red")),
                class_name="numbers flex items-center gap-1.5 text-xs text-faint",
            ),
            class_name="min-w-0",
        ),
        rx.el.button(
            "Redeem",
            type="button",
            on_click=Stage.redeem(viewer.login),
            disabled=Stage.picture.rewards.length() == 0,
            aria_label="Redeem as " + viewer.username,
            class_name=look("quiet", small=True) + " !px-2 !min-h-8 max-sm:!min-h-10",
        ),
        icon_button(
            "ellipsis",
            "More about " + viewer.username,
            on_click=Stage.ask(viewer.login),
            class_name="!h-8 !w-7 max-sm:!size-10",
        ),
        class_name="row-in grid grid-cols-[auto_minmax(0,1fr)_auto_auto] items-center gap-x-2 py-1.5",
        key=viewer.id,
    )


def _badge(name: str, word: str, tone: str) -> rx.Component:
    return rx.el.span(icon(name, 13), rx.el.span(word, class_name="sr-only"), title=word, class_name=tone)


def _queue() -> rx.Component:
    queue = Stage.picture.queue
    return part(
        "Redemption queue",
        rx.cond(
            queue.length() > 0,
            rx.el.ol(
                rx.foreach(queue, _queued),
                class_name="mt-1 max-h-56 lg:max-h-[34rem] overflow-y-auto pr-1",
                tab_index=0,
                aria_label="Redemption queue, newest first",
            ),
            rx.el.p("Nobody has redeemed anything yet.", class_name="mt-1 text-soft"),
        ),
    )


def _queued(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(Moment.create(at=one.at, now=Stage.picture.now), class_name="text-xs text-faint"),
        rx.el.p(
            rx.el.span(one.username, class_name="font-medium"),
            rx.el.span(" “", one.reward, "”", class_name="text-soft"),
            class_name="min-w-0 truncate",
        ),
        rx.match(
            one.status,
            ("FULFILLED", chip("check", "done")),
            ("CANCELED", chip("undo_2", "points back", "text-amber")),
            rx.el.span(
                chip("hourglass", "open"),
                _settle("check", "Accept", True, one),
                _settle("x", "Refuse", False, one),
                class_name="inline-flex items-center gap-1",
            ),
        ),
        class_name="row-in grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 min-h-8",
        key=one.id,
    )


def _settle(icon_name: str, label: str, accept: bool, one: Any) -> rx.Component:
    return icon_button(
        icon_name,
        label + " the redemption of " + one.username,
        on_click=Stage.settle(one.id, accept),
        class_name="!size-8",
    )
