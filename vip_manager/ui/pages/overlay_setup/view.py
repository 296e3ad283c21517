"""The page on which an overlay is set up: how it looks, and what to type into OBS."""

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, page_error
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.components.button import button, icon
from vip_manager.ui.components.card import card, empty
from vip_manager.ui.components.dialog import question
from vip_manager.ui.language import rich, t
from vip_manager.ui.pages.overlay_setup.browser import OverlayForm
from vip_manager.ui.pages.overlay_setup.state import OverlaySetup


def overlay_setup() -> rx.Component:
    return channel_frame("overlay", _content(), _ask_for_new(), enter=OverlaySetup.enter)


def _content() -> rx.Component:
    picture = ChannelPage.picture
    return rx.el.div(
        headline(
            t("Overlay"), about=t("Who is VIP, over your stream. Choose how it looks, then give OBS the address.")
        ),
        connection_trouble(),
        page_error((OverlaySetup.error_at != "link") & (Site.error.template != "")),
        rx.cond(
            ChannelPage.may.board,
            OverlayForm.create(
                _secret(),
                _in_obs(),
                login=picture.login,
                link_key=OverlaySetup.link_key,
                only_by_link=picture.board_off,
                reward=picture.reward,
            ),
            card(
                empty(
                    "picture_in_picture_2",
                    t("Managers set up the overlay"),
                    t("Its link can show who is VIP while the board is off, so it is for the owner and managers."),
                )
            ),
        ),
        class_name="grid grid-cols-1 gap-4",
    )


def _secret() -> rx.Component:
    """What there is to know and to do about the secret link."""
    other = (OverlaySetup.link_number >= 0) & (OverlaySetup.link_number != ChannelPage.picture.overlay_number)
    return rx.el.div(
        rx.cond(
            other,
            rx.el.div(
                rx.el.p(t("Somebody else has made a new secret link. The one on this page has ended."), role="status"),
                button(t("Use the new one"), small=True, on_click=OverlaySetup.read_link),
                class_name="flex flex-wrap items-center justify-between gap-3 rounded-lg border border-amber "
                "bg-amber-soft px-3 py-2 text-amber",
            ),
        ),
        rx.el.div(
            rx.el.p(
                t("Did somebody see the secret link who should not have? A new one ends it at once."),
                class_name="min-w-0 flex-1 text-xs text-soft",
            ),
            button(
                t("Make a new link"),
                small=True,
                icon_name="rotate_ccw_key",
                on_click=OverlaySetup.show_dialog("link"),
                disabled=Site.busy != "",
            ),
            class_name="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line pt-4",
        ),
        class_name="grid gap-4",
    )


def _in_obs() -> rx.Component:
    def strong(words: str) -> rx.Component:
        return rx.el.b(words, class_name="font-semibold")

    return card(
        rx.el.h2(t("In OBS"), class_name="text-base font-semibold"),
        rx.el.ol(
            rx.el.li(
                rich(
                    "Under {sources} press {plus} and choose {browser}.",
                    sources=rx.el.b(t("Sources"), class_name="font-semibold"),
                    plus=strong("+"),
                    browser=rx.el.b(t("Browser"), class_name="font-semibold"),
                )
            ),
            rx.el.li(
                rich(
                    "Paste the address as URL. Width {width}, height {height}: the overlay keeps to its corner by "
                    "itself. Where your canvas is smaller, type its size.",
                    width=strong("1920"),
                    height=strong("1080"),
                )
            ),
            rx.el.li(
                t(
                    "Leave “Shutdown source when not visible” and “Refresh browser when scene becomes active” off: it "
                    "then knows who has just become VIP when you change scenes."
                )
            ),
            class_name="mt-3 grid list-decimal gap-2 pl-5 ",
        ),
        rx.el.p(
            icon("plug_zap"),
            rx.el.span(
                t(
                    "It runs for hours without being looked after. Where the connection is lost it shows what it knew, "
                    "its clocks run on, and it comes back by itself. It takes OBS 31 or newer."
                ),
                class_name="min-w-0",
            ),
            class_name="mt-4 flex gap-2.5 text-soft [&>svg]:mt-0.5",
        ),
        class_name="p-5",
    )


def _ask_for_new() -> rx.Component:
    return question(
        t("Make a new link?"),
        rx.el.div(
            rx.el.p(
                rx.cond(
                    ChannelPage.picture.board_off,
                    t(
                        "The secret link that there is now ends at once. Every overlay with it shows nothing any more, "
                        "on any computer, until you give it the new address."
                    ),
                    t(
                        "The secret link that there is now ends at once. While the board is on, overlays with it go "
                        "on; when it is off they show nothing, until you give them the new address."
                    ),
                )
            ),
            class_name="text-base",
        ),
        gone="",
        label=t("Make a new link"),
        kind="danger",
        busy="link",
        act=OverlaySetup.new_link,
        is_open=OverlaySetup.dialog == "link",
        on_close=OverlaySetup.close,
    )
