"""The page of health: whether all works, and what to do where it does not."""

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, page_error
from vip_manager.ui.components.browser import Confetti, Moment
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.card import card, heading
from vip_manager.ui.language import message, rich, t
from vip_manager.ui.pages.health import trial
from vip_manager.ui.pages.health.failed import failed
from vip_manager.ui.pages.health.parts import parts
from vip_manager.ui.pages.health.state import Health


def health() -> rx.Component:
    return channel_frame("health", _health(), enter=Health.enter)


def _health() -> rx.Component:
    return rx.el.div(
        headline(
            message("Health"),
            button(
                t("Look again"),
                icon_name="rotate_cw",
                busy=Site.busy == "look",
                disabled=Site.busy != "",
                on_click=Health.look_again,
            ),
            about=_in_short(),
        ),
        rx.cond(Health.picture.leaving.since > 0, connection_trouble()),
        page_error(False),
        rx.el.div(
            rx.el.div(failed(), parts(), class_name="grid grid-cols-1 content-start gap-4 min-w-0"),
            _test(),
            class_name="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]",
        ),
        class_name="grid grid-cols-1 gap-4",
    )


def _in_short() -> rx.Component:
    picture = Health.picture
    troubles = picture.health.troubles + rx.cond(picture.out_of_reach, 1, 0)
    return rx.el.span(
        rx.cond(
            troubles == 0,
            rx.cond(
                (picture.health.failed > 0)
                | (picture.health.events == "connecting")
                | (picture.health.sweep == "restored"),
                rx.el.span(
                    icon("hourglass"),
                    t("Not all is done yet. It goes on by itself."),
                    class_name="flex items-center gap-1.5 text-amber",
                ),
                rx.cond(
                    picture.health.seating == "full",
                    rx.el.span(
                        icon("hourglass"),
                        t("All works, but no VIP seat is free."),
                        class_name="flex items-center gap-1.5 text-amber",
                    ),
                    _works(),
                ),
            ),
            rx.el.span(
                icon("circle_alert"),
                t("{count, plural, one {# thing does not work.} other {# things do not work.}}", count=troubles),
                class_name="flex items-center gap-1.5 font-medium text-red",
            ),
        ),
        rx.el.span(rich("As of {at}", at=Moment.create(at=picture.now, now=picture.now)), class_name="text-soft"),
        class_name="flex flex-wrap items-center gap-x-3",
    )


def _works() -> rx.Component:
    return rx.cond(
        Health.picture.health.reward == "none",
        rx.el.span(
            icon("circle_dashed"),
            t("There is no reward yet. All else works."),
            class_name="flex items-center gap-1.5 text-soft",
        ),
        rx.el.span(icon("circle_check"), t("All works."), class_name="flex items-center gap-1.5 text-green"),
    )


def _test() -> rx.Component:
    return card(
        heading(t("Test the reward")),
        rx.el.p(
            t("Six checks, one after the other. Nothing is redeemed, and nobody becomes VIP."),
            class_name="mt-1 mb-4 text-soft",
        ),
        trial.steps(),
        Confetti.create(stamp=trial.Trial.cheer),
        rx.cond(
            Health.may.rewards,
            trial.start(t("Start the test"), class_name="mt-5"),
            rx.el.p(
                t("The channel's owner, or a manager, can start it."),
                class_name="mt-4 text-xs text-soft",
            ),
        ),
        aria_label=t("Test the reward"),
    )
