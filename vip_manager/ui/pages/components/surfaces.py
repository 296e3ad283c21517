"""Cards, counters, what is said across a page, and what there is where there is nothing."""

import reflex as rx

from vip_manager.ui.components.banner import banner, out_of_reach
from vip_manager.ui.components.button import button
from vip_manager.ui.components.card import card, centre, counter, empty, heading, skeleton
from vip_manager.ui.components.step_card import step_card
from vip_manager.ui.language import message, number, rich, t
from vip_manager.ui.pages.components.basics import KINDS
from vip_manager.ui.pages.components.shelf import shelf

TONES = (("plain", "circle_pause"), ("amber", "clock_alert"), ("red", "unplug"))


def counters() -> rx.Component:
    counted = rx.el.dl(
        counter(t("VIPs now"), number(7)),
        counter(t("Seats free"), number(3), hint=t("of {seats, number}", seats=20)),
        counter(t("Waiting"), number(2)),
        counter(t("Redeemed today"), number(1204)),
        class_name="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line",
    )
    return shelf(t("Counters"), counted)


def steps() -> rx.Component:
    def step(place: int, title: str, state: str) -> rx.Component:
        line = rx.el.p(t("It says why."))
        return step_card(place, t(title), state, line, done=[line], later=[line], first=False)

    return shelf(
        t("Steps"),
        rx.el.ol(
            step(1, message("Connect your channel"), "done"),
            step(2, message("Create the reward"), "now"),
            step(3, message("Test the reward"), "later"),
            class_name="mt-2 grid w-full gap-4",
        ),
    )


def banners() -> rx.Component:
    plain, amber, red = TONES
    return shelf(
        t("Said across a page"),
        banner(
            plain[1],
            t("No VIP seat is free"),
            t("The rewards are paused on Twitch, as the rules say, and open by themselves when there is one."),
            tone=plain[0],
        ),
        banner(
            amber[1],
            t("The reward is paused on Twitch"),
            t("Nobody can redeem it until it is opened again."),
            button(t("Open it again"), small=True),
            tone=amber[0],
        ),
        banner(
            red[1],
            t("Twitch needs you to sign in again"),
            t("Until then nobody becomes VIP here. Redemptions are kept, and done after."),
            tone=red[0],
        ),
        out_of_reach(),
        look="mt-5 grid gap-3",
    )


def cards() -> rx.Component:
    return shelf(
        t("Cards"),
        card(
            heading(t("A card"), button(t(KINDS[1][1]), small=True), count=3),
            rx.el.p(
                t("A section with its title, how many there are, and what one can do."), class_name="mt-2 text-soft"
            ),
        ),
        card(
            empty(
                "gem",
                t("Nobody is VIP through VIP Manager right now"),
                t("As soon as somebody redeems, they stand here with their clock."),
            ),
            class_name="",
        ),
        centre(
            "plug",
            t("One thing to say or do"),
            rx.el.p(
                rich("Alone on the page, with its {one} next step.", one=rx.el.b(t("one"))), class_name="mt-2 text-soft"
            ),
            rx.el.div(button(t("Go on"), kind="primary"), class_name="mt-6"),
            level=2,
        ),
    )


def loading() -> rx.Component:
    return shelf(
        t("While it loads"),
        skeleton("size-9 rounded-full flex-none"),
        rx.el.div(skeleton("h-4 w-32"), skeleton("h-3 w-24"), class_name="grid gap-2"),
        skeleton("h-9 flex-1"),
        look="mt-5 flex items-center gap-3",
    )
