"""Handing the board on: its link, and a code for whoever holds a phone at the screen."""

import reflex as rx

from vip_manager.ui.components.button import icon, look
from vip_manager.ui.language import t
from vip_manager.ui.pages.board.browser import Share
from vip_manager.ui.pages.board.state import BoardPage

_QR = "qr-code"


def sharing() -> rx.Component:
    login = BoardPage.picture.login
    path = "/board/" + login
    code = f"/api{path}/qr.svg"
    return rx.el.div(
        Share.create(
            icon("share_2", 16),
            path=path,
            title=t("VIPs of {streamer} right now", streamer=BoardPage.picture.username),
            class_name=look(),
        ),
        rx.el.button(
            icon("qr_code", 16),
            t("QR code"),
            type="button",
            custom_attrs={"popovertarget": _QR},
            class_name=look(),
        ),
        rx.el.div(
            # Only where it is looked at.
            rx.el.img(src=code, alt=t("QR code of this board"), loading="lazy", class_name="size-72 max-w-full"),
            rx.el.a(t("Download"), href=code, download="vip-board.svg", class_name="mt-3 block text-center underline"),
            id=_QR,
            custom_attrs={"popover": "auto"},
            class_name="m-auto rounded-lg border border-line bg-surface p-4 text-ink shadow-lg",
        ),
        class_name="mt-8 flex flex-wrap items-center gap-2",
    )
