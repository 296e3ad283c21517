"""What stands above the dashboard until the reward works: the steps to it, or how there comes to be one again."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.browser import Confetti
from vip_manager.ui.components.button import button
from vip_manager.ui.first_run import three_steps
from vip_manager.ui.language import t
from vip_manager.ui.pages.dashboard import reward
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.health import trial
from vip_manager.ui.pages.health.trial import Trial


def first_run() -> rx.Component:
    picture = Dashboard.picture
    new = ~picture.welcomed | (Trial.outcome != "")
    return rx.fragment(
        _shown(new),
        Confetti.create(stamp=Trial.cheer),
    )


def _shown(new: Any) -> rx.Component:
    picture = Dashboard.picture
    return rx.cond(
        picture.connected,
        rx.cond(
            new & Dashboard.may.rewards & (picture.leaving.since == 0),
            _path(),
            rx.cond(picture.reward.id == "", rx.cond(Dashboard.may.rewards, reward.create(), reward.none_yet())),
        ),
    )


def _path() -> rx.Component:
    step = rx.cond(Dashboard.picture.reward.id == "", 2, rx.cond(Trial.outcome == "passed", 4, 3))
    return three_steps(step, _aside(), reward=reward.making(), test=_test())


def _aside() -> rx.Component:
    """The way past the test, or away from what came of it."""
    return rx.cond(
        Dashboard.picture.welcomed,
        rx.cond(
            Trial.outcome != "running",
            button(t("Close"), icon_name="x", kind="ghost", small=True, on_click=Trial.close_test),
        ),
        rx.cond(
            Dashboard.picture.reward.id != "",
            button(
                t("Skip the test"),
                kind="ghost",
                small=True,
                busy=Site.busy == "skip",
                disabled=Site.busy != "",
                on_click=Trial.skip_test,
            ),
        ),
    )


def _test() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            t("Six checks, one after the other. Nothing is redeemed, and nobody becomes VIP."),
            class_name="mb-4 text-soft",
        ),
        trial.steps("gap-x-6 sm:grid-cols-2"),
        rx.cond(
            Trial.outcome != "passed",
            trial.start(t("Test the reward"), kind="primary", class_name="mt-5 min-h-11"),
        ),
    )
