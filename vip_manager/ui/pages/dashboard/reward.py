"""The reward: making it, its card, and changing it."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.banner import banner, error_line
from vip_manager.ui.components.button import button, icon, look
from vip_manager.ui.components.card import card, empty, heading
from vip_manager.ui.components.dialog import dialog, question
from vip_manager.ui.components.field import field
from vip_manager.ui.components.reward_card import lasts, points, viewer_card
from vip_manager.ui.language import NO_NUMBER, rich, t, typed_cost, typed_hours
from vip_manager.ui.pages.dashboard.state import Dashboard


def create() -> rx.Component:
    """Where there was one, and is none any more."""
    return card(
        rx.el.h2(t("Create the VIP reward"), class_name="text-lg font-semibold"),
        rx.el.div(making(), class_name="mt-2"),
        class_name="p-6 sm:p-8",
    )


def making() -> rx.Component:
    """The form of a new one, beside what a viewer will see."""
    return rx.el.div(
        rx.el.div(
            rx.el.p(
                t("It appears among the channel-point rewards under the chat. You can change all of it later."),
                class_name="text-soft",
            ),
            rx.el.form(
                _draft(t("Name"), "title", _title(), max_length=45),
                rx.el.div(
                    _draft(t("Cost"), "cost", Dashboard.draft_cost, unit=t("points"), input_mode="numeric"),
                    _draft(t("VIP for"), "hours", Dashboard.draft_hours, unit=t("hours"), input_mode="decimal"),
                    class_name="grid grid-cols-[repeat(auto-fit,minmax(min(100%,9.5rem),1fr))] gap-4",
                ),
                rx.cond(
                    Dashboard.error_at == "new",
                    error_line(id_="new-error", on_dismiss=Dashboard.dismiss),
                ),
                button(
                    t("Create the reward"),
                    kind="primary",
                    icon_name="gem",
                    type="submit",
                    busy=Site.busy == "reward",
                    disabled=Site.busy != "",
                    class_name="justify-self-start min-h-11",
                ),
                on_submit=Dashboard.create_reward,
                class_name="mt-5 grid gap-4",
            ),
            class_name="min-w-0",
        ),
        rx.el.figure(
            rx.el.figcaption(t("What a viewer sees"), class_name="text-xs text-soft"),
            viewer_card(_title(), typed_cost(Dashboard.draft_cost)),
            rx.cond(
                typed_hours(Dashboard.draft_hours) != NO_NUMBER,
                rx.el.p(
                    rich(
                        "VIP for {hours}, from the moment Twitch says yes.",
                        hours=rx.el.b(t("{hours} h", hours=typed_hours(Dashboard.draft_hours)), class_name="numbers"),
                    ),
                    class_name="max-w-44 text-center text-xs text-soft",
                ),
            ),
            class_name="flex flex-col items-center justify-center gap-4 rounded-lg border border-line bg-ground p-5 "
            "max-md:order-first",
        ),
        class_name="grid grid-cols-1 gap-6 md:grid-cols-[minmax(0,1fr)_13rem]",
    )


def _title() -> rx.Var[str]:
    return rx.cond(Dashboard.draft_title != "", Dashboard.draft_title, t("VIP for a day"))


def _draft(label: Any, name: str, value: Any, **props: Any) -> rx.Component:
    return field(
        label,
        name,
        "new",
        here=Dashboard.error_at == "new",
        default_value=value,
        required=True,
        # Not put off: Reflex keeps one call of a handler, and the next field's would be the one.
        on_change=lambda typed: Dashboard.draft(name, typed),
        **props,
    )


def none_yet() -> rx.Component:
    """For whoever may not make it."""
    return card(
        empty(
            "ticket",
            t("No reward yet"),
            t(
                "Viewers become VIP by a channel-point reward. {owner} or a manager makes it.",
                owner=Dashboard.picture.username,
            ),
        )
    )


def differences() -> rx.Component:
    """Where Twitch has it otherwise than here, and what one can do about it."""
    picture = Dashboard.picture
    return rx.fragment(
        rx.cond(
            picture.closed_for_full,
            banner(
                "circle_pause",
                t("No VIP seat is free"),
                t("The rewards are paused on Twitch, as the rules say, and open by themselves when there is one."),
                tone="plain",
                role="status",
            ),
        ),
        rx.cond(
            picture.reward.closed_on_twitch & ~picture.closed_for_full,
            banner(
                "circle_pause",
                t("The reward is paused on Twitch"),
                t("Nobody can redeem it until it is opened again."),
                rx.cond(
                    Dashboard.may.rewards,
                    button(
                        t("Open it again"),
                        small=True,
                        busy=Site.busy == "turn",
                        disabled=Site.busy != "",
                        on_click=Dashboard.turn(True),
                    ),
                ),
                role="status",
            ),
        ),
        rx.cond(Dashboard.may.rewards, rx.foreach(picture.spare_rewards, _spare)),
    )


def _spare(spare: Any) -> rx.Component:
    """An earlier installation's reward: used again where there is none, else done away with."""
    return rx.cond(
        Dashboard.picture.reward.id == "",
        banner(
            "gem",
            t("The channel has a VIP reward already"),
            t(
                "“{reward}”, {cost, number} points. VIP Manager made it before. It gives VIP for {hours, number} h "
                "when you use it, to those too who wait in its queue.",
                reward=spare.title,
                cost=spare.cost,
                hours=spare.hours,
            ),
            button(
                t("Use it"),
                small=True,
                busy=Site.busy == "adopt:" + spare.id,
                disabled=Site.busy != "",
                on_click=Dashboard.adopt(spare.id),
                aria_label=t("Use the reward {reward}", reward=spare.title),
            ),
            tone="plain",
        ),
        banner(
            "circle_help",
            t("A second reward of VIP Manager is on the channel"),
            t(
                "“{reward}”, {cost, number} points. Whoever redeems it gets nothing here. Used too, it gives VIP for "
                "{hours, number} h.",
                reward=spare.title,
                cost=spare.cost,
                hours=spare.hours,
            ),
            rx.el.div(
                button(
                    t("Use it too"),
                    small=True,
                    busy=Site.busy == "adopt:" + spare.id,
                    disabled=Site.busy != "",
                    on_click=Dashboard.adopt(spare.id),
                    aria_label=t("Use the reward {reward} too", reward=spare.title),
                ),
                button(
                    t("Give back and delete…"),
                    small=True,
                    disabled=Site.busy != "",
                    on_click=Dashboard.ask("retire", spare.id),
                    aria_label=t("Give back what is open of {reward} and delete it", reward=spare.title),
                ),
                class_name="flex flex-wrap gap-2",
            ),
        ),
    )


def retire() -> rx.Component:
    return question(
        t("Delete this reward on Twitch?"),
        rx.foreach(
            Dashboard.picture.spare_rewards,
            lambda spare: rx.cond(
                spare.id == Dashboard.subject,
                rx.el.p(
                    rich(
                        "Everybody whose redemption of “{reward}” is still open gets the points back. Then it is "
                        "deleted.",
                        reward=rx.el.b(spare.title),
                    ),
                    class_name="text-base [&_b]:font-semibold",
                ),
                rx.fragment(),
            ),
        ),
        gone=t("That reward is gone already."),
        label=t("Give back and delete"),
        kind="danger",
        busy="retire",
        act=Dashboard.retire,
        is_open=Dashboard.dialog == "retire",
        on_close=Dashboard.close,
    )


def reward_card() -> rx.Component:
    reward = Dashboard.picture.reward
    return card(
        heading(
            t("Reward"),
            rx.cond(
                Dashboard.may.rewards,
                button(t("Edit"), icon_name="pencil", small=True, on_click=Dashboard.show_dialog("reward")),
            ),
        ),
        rx.el.div(
            viewer_card(reward.title, points(reward.cost), muted=~Dashboard.picture.enabled),
            rx.el.div(
                rx.el.p(
                    rich(
                        "VIP {lasts} at {cost} points.",
                        lasts=lasts(reward),
                        cost=rx.el.b(points(reward.cost), class_name="numbers"),
                    ),
                ),
                rx.el.p(
                    rx.cond(
                        Dashboard.picture.enabled,
                        _second(),
                        t("Off: nobody can redeem it. Who is VIP now stays it to the end."),
                    ),
                    class_name="mt-1 text-xs text-soft",
                ),
                class_name="min-w-0",
            ),
            class_name="mt-3 flex items-center gap-4",
        ),
        rx.el.a(
            icon("ticket"),
            rx.el.span(t("All rewards and rules")),
            href="/dashboard/rewards" + Dashboard.query,
            class_name=look("quiet", small=True) + " mt-4",
        ),
    )


def _second() -> rx.Component:
    """What it does for somebody who is VIP already."""
    rules = Dashboard.picture.rules
    return rx.cond(
        rules.clock == "stream",
        t("VIP ends with the stream, whatever the hours."),
        rx.match(
            rules.when_vip,
            ("start_over", t("A second redemption starts the hours over.")),
            ("refuse", t("Who is VIP already gets the points back.")),
            t("A second redemption adds its hours."),
        ),
    )


def edit() -> rx.Component:
    reward = Dashboard.picture.reward
    return dialog(
        t("Edit the reward"),
        rx.el.form(
            field(t("Name"), "title", "edit", first=True, default_value=reward.title, max_length=45, required=True),
            rx.el.div(
                field(
                    t("Cost"),
                    "cost",
                    "edit",
                    unit=t("points"),
                    default_value=reward.cost.to(str),
                    input_mode="numeric",
                    required=True,
                ),
                field(
                    t("VIP for"),
                    "hours",
                    "edit",
                    unit=t("hours"),
                    default_value=reward.hours,
                    input_mode="decimal",
                    required=True,
                ),
                class_name="grid grid-cols-2 gap-4",
            ),
            field(
                t("Give the points back instead, if older than"),
                "refund_after",
                "edit",
                unit=t("hours"),
                default_value=reward.refund_after,
                input_mode="decimal",
                hint=t("For redemptions that were found late, after the program or Twitch was away. 0: never."),
            ),
            rx.el.p(
                icon("info"),
                rx.el.span(t("It counts for redemptions from now on. Hours already given stay as they are.")),
                class_name="flex gap-2 text-xs text-soft",
            ),
            error_line(id_="edit-error"),
            rx.el.div(
                button(t("Cancel"), on_click=Dashboard.close),
                button(
                    t("Save"),
                    kind="primary",
                    type="submit",
                    busy=Site.busy == "reward",
                    disabled=Site.busy != "",
                ),
                class_name="flex justify-end gap-2",
            ),
            on_submit=Dashboard.change_reward,
            class_name="grid gap-4",
        ),
        is_open=Dashboard.dialog == "reward",
        on_close=Dashboard.close,
    )
