"""The streamer's page: first the way to a working reward, then what needs a decision and who is VIP."""

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_frame import at_work, channel_frame, connection_trouble, page_error
from vip_manager.ui.components.browser import CopyAddress, plain_link
from vip_manager.ui.components.button import icon, look
from vip_manager.ui.components.card import card, heading
from vip_manager.ui.language import t
from vip_manager.ui.pages.dashboard import counters, happened, held, permanents, reward, sandbox, vips, waiting
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
        undo=Dashboard.again(Site.undo),
    )


def _channel() -> rx.Component:
    picture = Dashboard.picture
    return rx.el.div(
        rx.el.h1(t("Now"), class_name="sr-only"),
        connection_trouble(),
        page_error((Dashboard.error_at == "new") & (picture.reward.id == "")),
        rx.cond(picture.connected, reward.differences()),
        first_run(),
        rx.cond(at_work(), _at_work(), happened.activity()),
        class_name="grid grid-cols-1 gap-4",
    )


def _at_work() -> rx.Component:
    return rx.el.div(
        waiting.waiting(),
        held.needs_your_yes(),
        counters.counters(),
        rx.el.div(
            rx.el.div(
                held.waits_for_seat(), vips.vip_list(), class_name="grid grid-cols-1 content-start gap-4 min-w-0"
            ),
            rx.el.div(
                happened.activity(),
                rx.cond(Site.sandbox, sandbox.simulate()),
                rx.cond(Dashboard.picture.reward.id != "", reward.reward_card()),
                _board_link(),
                class_name="grid grid-cols-1 content-start gap-4 min-w-0",
            ),
            class_name="grid grid-cols-1 gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]",
        ),
        class_name="grid grid-cols-1 gap-4",
    )


def _board_link() -> rx.Component:
    path = "/board/" + Dashboard.picture.login
    return card(
        heading(t("Public board")),
        rx.el.p(
            t("Who is VIP, for everybody to see. The link is for the channel's page."), class_name="mt-1 text-soft"
        ),
        rx.el.div(
            plain_link(
                t("Open"),
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
