"""The dialog about one viewer: what the streamer, or Twitch, can do to them by hand."""

from typing import Any

import reflex as rx

from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.button import button
from vip_manager.ui.components.dialog import dialog
from vip_manager.ui.components.field import field, switch
from vip_manager.ui.language import t
from vip_manager.ui.pages.sandbox.state import Stage


def viewer_dialog() -> rx.Component:
    return dialog(
        t("On Twitch, by hand"),
        rx.foreach(
            Stage.picture.viewers,
            lambda one: rx.cond(one.login == Stage.subject, _about(one), rx.fragment()),
        ),
        is_open=Stage.subject != "",
        on_close=Stage.close,
    )


def _about(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            avatar(one.avatar_url, one.username, "size-12", "text-base"),
            rx.el.div(
                rx.el.p(one.username, class_name="truncate text-base font-semibold"),
                rx.el.p(t("{points, number} points", points=one.points), class_name="numbers text-soft"),
                class_name="min-w-0",
            ),
            class_name="flex items-center gap-3",
        ),
        rx.el.div(
            _hand(
                t("VIP"),
                rx.match(
                    one.vip,
                    ("hand", t("Made by hand. VIP Manager must never touch it.")),
                    ("api", t("Made by VIP Manager. Taken by hand, it stays taken.")),
                    t("Given by hand, it must be left alone for good."),
                ),
                one.vip != "",
                Stage.vip(one.vip == ""),
            ),
            _hand(
                t("Moderator"),
                t("Twitch lets nobody be moderator and VIP at once."),
                one.moderator,
                Stage.moderator(~one.moderator),
            ),
            _hand(t("Banned"), t("Who is banned can't be VIP."), one.banned, Stage.ban(~one.banned)),
            class_name="divide-y divide-line border-y border-line",
        ),
        rx.el.form(
            field(
                t("Points from now on"),
                "points",
                "viewer",
                default_value=one.points.to(str),
                input_mode="numeric",
                required=True,
            ),
            button(t("Set"), type="submit"),
            on_submit=Stage.give_points,
            class_name="grid grid-cols-[1fr_auto] items-end gap-2",
        ),
        error_line(id_="viewer-error"),
        class_name="grid gap-4",
    )


def _hand(label: Any, sentence: Any, on: Any, act: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.p(label, class_name="font-medium"),
            rx.el.p(sentence, class_name="text-xs text-soft"),
            class_name="min-w-0",
        ),
        switch(label, on, on_click=act),
        class_name="flex items-center justify-between gap-4 py-3",
    )
