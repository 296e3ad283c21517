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
from vip_manager.ui.language import number, rich, t
from vip_manager.ui.pages.sandbox.chat import chat
from vip_manager.ui.pages.sandbox.panel import chip, panel, part
from vip_manager.ui.pages.sandbox.state import Stage


def twitch_side() -> rx.Component:
    return panel(
        "tv",
        "Twitch",
        _channel(),
        _viewers(),
        _queue(),
        chat(),
        what=t("as viewers see it"),
        aside=rx.cond(
            Stage.picture.sockets > 0,
            chip("radio_tower", t("VIP Manager listens")),
            chip("unplug", t("nobody listens"), "text-amber"),
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
                    chip("circle_dot", t("live"), "text-red font-semibold"),
                    chip("circle", t("offline")),
                ),
                class_name="min-w-0",
            ),
            class_name="flex items-center gap-2.5 min-w-0 max-sm:w-full",
        ),
        _toggle(t("Live"), picture.live, Stage.go_live(~picture.live)),
        _toggle(t("Affiliate"), picture.affiliate, Stage.affiliate(~picture.affiliate)),
        _seats(),
        class_name="flex flex-wrap items-center gap-x-6 gap-y-3 border-b border-line px-4 py-3",
    )


def _toggle(label: Any, on: Any, act: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(label, custom_attrs={"aria-hidden": True}, class_name="text-soft"),
        switch(label, on, on_click=act),
        class_name="flex items-center gap-2",
    )


def _seats() -> rx.Component:
    picture = Stage.picture
    return rx.el.div(
        icon_button("minus", t("One seat less"), disabled=picture.seats <= 0, on_click=Stage.seats(picture.seats - 1)),
        rx.el.p(
            rich(
                "{taken} of {seats} VIP seats",
                taken=rx.el.span(number(picture.taken), class_name="font-semibold text-ink"),
                seats=rx.el.span(number(picture.seats), class_name="font-semibold text-ink"),
            ),
            rx.cond(
                (picture.taken >= picture.seats) | picture.mishaps.contains(Mishap.FULL.value),
                chip("circle_slash", t("full"), "ml-2 text-amber"),
            ),
            class_name="numbers text-soft whitespace-nowrap",
        ),
        icon_button("plus", t("One seat more"), on_click=Stage.seats(picture.seats + 1)),
        class_name="flex items-center gap-1 max-sm:-ml-2.5 sm:ml-auto",
    )


def _viewers() -> rx.Component:
    here = Stage.error_at == "viewers"
    wrong = here & (Site.error_field == "login")
    return part(
        t("Viewers"),
        rx.el.ul(
            rx.foreach(Stage.picture.viewers, _viewer),
            class_name="mt-1 grid gap-x-4 sm:grid-cols-2 min-[87rem]:grid-cols-3 max-h-96 lg:max-h-[26rem] "
            "overflow-y-auto",
            tab_index=0,
            aria_label=t("Viewers"),
        ),
        rx.cond(
            here,
            rx.el.div(
                error_line(id_="viewers-error", on_dismiss=Stage.dismiss),
                class_name="mt-3 has-[div:empty]:hidden",
            ),
        ),
        rx.el.form(
            rx.el.label(t("Add a viewer"), html_for="new-viewer", class_name="sr-only"),
            rx.el.input(
                id="new-viewer",
                name="login",
                placeholder=t("a new viewer's name"),
                max_length=26,
                auto_complete="off",
                aria_invalid=wrong,
                aria_describedby=rx.cond(wrong, "viewers-error", ""),
                custom_attrs={"autoCapitalize": "off", "spellCheck": False},
                class_name="field min-w-0 max-w-64 flex-1 basis-56",
            ),
            button(t("Add"), icon_name="user_plus", type="submit"),
            on_submit=Stage.arrive,
            reset_on_submit=True,
            class_name="mt-3 flex flex-wrap gap-2",
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
            t("They redeem"),
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
            chip("circle_slash", t("no reward yet"), "text-amber"),
        ),
    )


def _reward(one: Any) -> rx.Component:
    return rx.el.span(
        rx.el.span(t("“{reward}”", reward=one.title), class_name="text-ink"),
        rx.el.span(t("{points, number} points", points=one.cost), class_name="numbers"),
        rx.cond(one.open, chip("check", t("open")), chip("pause", t("off"), "text-amber")),
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
                        rx.el.span(rx.cond(viewer.vip == "hand", t("VIP by hand"), t("VIP")), class_name="sr-only"),
                        class_name="pop flex flex-none gap-1 text-gem-text",
                        title=rx.cond(viewer.vip == "hand", t("VIP, made by hand"), t("VIP, made by VIP Manager")),
                    ),
                ),
                rx.cond(viewer.moderator, _badge("shield", t("moderator"), "text-green")),
                rx.cond(viewer.banned, _badge("ban", t("banned"), "text-red")),
                class_name="numbers flex items-center gap-1.5 text-xs text-faint",
            ),
            class_name="min-w-0",
        ),
        rx.el.button(
            t("Redeem"),
            type="button",
            on_click=Stage.redeem(viewer.login),
            **unless(Stage.picture.rewards.length() == 0),
            aria_label=t("Redeem as {who}", who=viewer.username),
            class_name=look("quiet", small=True) + " !px-2 !min-h-8 max-sm:!min-h-10",
        ),
        icon_button(
            "ellipsis",
            t("More about {who}", who=viewer.username),
            on_click=Stage.ask(viewer.login),
            class_name="!h-8 !w-7 max-sm:!size-10",
        ),
        class_name="row-in grid grid-cols-[auto_minmax(0,1fr)_auto_auto] items-center gap-x-2 py-1.5",
        key=viewer.id,
    )


def _badge(name: str, word: Any, tone: str) -> rx.Component:
    return rx.el.span(icon(name, 13), rx.el.span(word, class_name="sr-only"), title=word, class_name=tone)


def _queue() -> rx.Component:
    queue = Stage.picture.queue
    return part(
        t("Redemption queue"),
        rx.cond(
            queue.length() > 0,
            rx.el.ol(
                rx.foreach(queue, _queued),
                class_name="mt-1 max-h-56 lg:max-h-[34rem] overflow-y-auto pr-1",
                tab_index=0,
                aria_label=t("Redemption queue, newest first"),
            ),
            rx.el.p(t("Nobody has redeemed anything yet."), class_name="mt-1 text-soft"),
        ),
    )


def _queued(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(Moment.create(at=one.at, now=Stage.picture.now), class_name="text-xs text-faint"),
        rx.el.p(
            rx.el.span(one.username, class_name="font-medium"),
            " ",
            rx.el.span(t("“{reward}”", reward=one.reward), class_name="text-soft"),
            class_name="min-w-0 truncate",
        ),
        rx.match(
            one.status,
            ("FULFILLED", chip("check", t("done"))),
            ("CANCELED", chip("undo_2", t("points back"), "text-amber")),
            rx.el.span(
                chip("hourglass", t("waiting")),
                _settle("check", t("Accept the redemption of {who}", who=one.username), True, one),
                _settle("x", t("Refuse the redemption of {who}", who=one.username), False, one),
                class_name="inline-flex items-center gap-1",
            ),
        ),
        class_name="row-in grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 min-h-8",
        key=one.id,
    )


def _settle(icon_name: str, label: Any, accept: bool, one: Any) -> rx.Component:
    return icon_button(
        icon_name,
        label,
        on_click=Stage.settle(one.id, accept),
        class_name="!size-8",
    )
