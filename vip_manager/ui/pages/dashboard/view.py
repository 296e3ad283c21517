"""The streamer's page: first the way to a working reward, then who is VIP and what needs a decision."""

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_frame import at_work, channel_frame, connection_trouble, page_error
from vip_manager.ui.components.browser import CopyAddress, plain_link
from vip_manager.ui.components.button import icon, look
from vip_manager.ui.components.card import card, counter, heading
from vip_manager.ui.language import t
from vip_manager.ui.pages.dashboard import held, permanents, reward, sandbox, vips, waiting
from vip_manager.ui.pages.dashboard.first_run import first_run
from vip_manager.ui.pages.dashboard.state import Dashboard


def dashboard() -> rx.Component:
    return channel_frame(
        "now",
        _channel(),
        vips.give(),
        vips.more(),
        vips.end(),
        vips.permanent(),
        waiting.give_back(),
        permanents.which(),
        permanents.sure(),
        reward.edit(),
        reward.retire(),
        enter=Dashboard.enter,
    )


def _channel() -> rx.Component:
    picture = Dashboard.picture
    return rx.el.div(
        rx.el.h1(t("Now"), class_name="sr-only"),
        connection_trouble(),
        page_error((Dashboard.error_at == "new") & (picture.reward.id == "")),
        rx.cond(picture.connected, reward.differences()),
        first_run(),
        rx.cond(
            at_work(),
            rx.el.div(
                _counters(),
                rx.el.div(
                    rx.el.div(
                        held.held(), waiting.waiting(), vips.vip_list(), class_name="grid content-start gap-4 min-w-0"
                    ),
                    rx.el.div(
                        rx.cond(Site.sandbox, sandbox.simulate()),
                        rx.cond(picture.reward.id != "", reward.reward_card()),
                        _board_link(),
                        class_name="grid content-start gap-4 min-w-0 lg:col-start-2 lg:row-start-1 lg:row-span-2",
                    ),
                    rx.el.div(vips.activity(), class_name="min-w-0"),
                    class_name="grid gap-4 lg:grid-cols-[minmax(0,1fr)_22rem] lg:grid-rows-[auto_1fr]",
                ),
                class_name="grid gap-4",
            ),
            vips.activity(),
        ),
        class_name="grid gap-4",
    )


def _counters() -> rx.Component:
    picture = Dashboard.picture
    return rx.el.dl(
        counter("VIPs now", picture.vips_now),
        counter(
            "Seats free",
            rx.cond(picture.seats_free >= 0, picture.seats_free.to(str), "–"),
            rx.cond(
                picture.seats == 0,
                "of how many, Twitch does not tell",
                rx.fragment("of ", rx.el.span(picture.seats, class_name="numbers")),
            ),
        ),
        counter("Redeemed (24 h)", picture.today),
        counter("Refunds (24 h)", picture.refunds_today),
        counter(
            "Permanent VIPs",
            rx.cond(picture.permanent >= 0, picture.permanent.to(str), "–"),
            rx.cond(
                picture.permanent >= 0,
                rx.fragment(
                    "never touched ",
                    rx.cond((picture.permanent > 0) & Dashboard.may.end, permanents.opener()),
                ),
                "not known yet",
            ),
        ),
        class_name="grid grid-cols-2 max-lg:[&>div:last-child]:col-span-2 lg:grid-cols-5 gap-px overflow-hidden "
        "rounded-lg border border-line bg-line",
    )


def _board_link() -> rx.Component:
    path = "/board/" + Dashboard.picture.login
    return card(
        heading("Public board"),
        rx.el.p("Who is VIP, for everybody to see. The link is for the channel's page.", class_name="mt-1 text-soft"),
        rx.el.div(
            plain_link(
                "Open",
                icon("arrow_up_right"),
                href=path,
                target="_blank",
                rel="noopener",
                class_name=look("quiet", small=True),
            ),
            CopyAddress.create(icon("link"), path=path, class_name=look("quiet", small=True)),
            class_name="mt-3 flex flex-wrap gap-2",
        ),
    )
