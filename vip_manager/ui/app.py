"""What the app is made of: its options, and its pages. The app itself is created elsewhere."""

from collections.abc import Callable
from typing import Any, NamedTuple

import reflex as rx
import structlog
from reflex_base.utils.format import sanitize_client_log_value
from reflex_base.utils.imports import ImportVar
from reflex_base.vars import VarData

from vip_manager.ui import gate, live
from vip_manager.ui.components.banner import broken, connection_lost
from vip_manager.ui.components.browser import BarColor
from vip_manager.ui.guard import Newcomer
from vip_manager.ui.language import FIRST, Worded, message, t
from vip_manager.ui.pages import landing, lost, overlay
from vip_manager.ui.pages.board.state import BoardPage
from vip_manager.ui.pages.board.view import board
from vip_manager.ui.pages.chat.state import ChatPage
from vip_manager.ui.pages.chat.view import chat
from vip_manager.ui.pages.components.state import Components
from vip_manager.ui.pages.components.view import components
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.dashboard.view import dashboard
from vip_manager.ui.pages.health.state import Health
from vip_manager.ui.pages.health.view import health
from vip_manager.ui.pages.history.state import History
from vip_manager.ui.pages.history.view import history
from vip_manager.ui.pages.insights.state import Insights
from vip_manager.ui.pages.insights.view import insights
from vip_manager.ui.pages.overlay_setup.state import OverlaySetup
from vip_manager.ui.pages.overlay_setup.view import overlay_setup
from vip_manager.ui.pages.rewards.state import Rewards
from vip_manager.ui.pages.rewards.view import rewards
from vip_manager.ui.pages.sandbox.state import Stage
from vip_manager.ui.pages.sandbox.view import sandbox
from vip_manager.ui.pages.settings.state import Settings
from vip_manager.ui.pages.settings.view import settings
from vip_manager.ui.pages.team.state import Team
from vip_manager.ui.pages.team.view import team

log = structlog.get_logger(__name__)

DESCRIPTION = "Viewers buy VIP on your Twitch channel with channel points. It is given at once and taken back on time."

_FONT: rx.Var[str] = rx.Var(
    "font", _var_data=VarData(imports={"$/styles/inter-english.woff2?url": ImportVar(tag="font", is_default=True)})
)
"""Where the file is of which every page needs letters (`vip_manager.page_font`)."""


class Page(NamedTuple):
    """`route` as Reflex has it; `description` is for search engines, which read English."""

    component: Callable[[], rx.Component]
    route: str
    title: str
    description: str
    on_load: Any


PAGES = (
    Page(landing.landing, "/", message("VIP Manager: VIP for channel points"), DESCRIPTION, landing.Landing.enter),
    Page(dashboard, "/dashboard", message("Dashboard"), "Who is VIP, for how long, and why.", Dashboard.enter),
    Page(
        rewards,
        "/dashboard/rewards",
        message("Rewards"),
        "What VIP costs, how long it lasts, and what happens when it can't be.",
        Rewards.enter,
    ),
    Page(team, "/dashboard/team", message("Team"), "Who may do what in the channel.", Team.enter),
    Page(
        settings,
        "/dashboard/settings",
        message("Settings"),
        "What the public sees, who is signed in, and how to leave.",
        Settings.enter,
    ),
    Page(
        history,
        "/dashboard/history",
        message("History"),
        "Everything that happened in the channel: who, what, when, and why.",
        History.enter,
    ),
    Page(
        insights,
        "/dashboard/insights",
        message("Insights"),
        "What the rewards brought: redemptions, points, hours, and who comes back.",
        Insights.enter,
    ),
    Page(
        overlay_setup,
        "/dashboard/overlay",
        message("Overlay"),
        "Who is VIP, on the stream: how it looks, and its address for OBS.",
        OverlaySetup.enter,
    ),
    Page(
        chat,
        "/dashboard/chat",
        message("Chat"),
        "What is said in the channel's chat when VIP starts, ends, or can't be given.",
        ChatPage.enter,
    ),
    Page(
        health,
        "/dashboard/health",
        message("Health"),
        "Whether all of it works, and what to do where it does not.",
        Health.enter,
    ),
    Page(
        board,
        "/board/[login]",
        message("VIPs right now"),
        "Who is VIP on this channel right now, and for how long.",
        BoardPage.enter,
    ),
    Page(
        overlay.overlay,
        "/overlay/[login]",
        message("Overlay"),
        "Who is VIP, to be laid over a stream.",
        overlay.OverlayPage.enter,
    ),
    Page(
        sandbox,
        "/sandbox",
        message("Sandbox"),
        "A stand-in for Twitch to play with: viewers redeem, Twitch breaks, time runs ahead.",
        Stage.enter,
    ),
    Page(
        components,
        "/sandbox/components",
        message("Components"),
        "All that the pages are built of, to be looked at.",
        Components.enter,
    ),
    Page(lost.lost, "/404", message("Nothing here"), "There is no such page.", lost.Lost.enter),
)


def app_options() -> dict[str, Any]:
    """Arguments for `rx.App`."""
    return {
        "html_lang": "en",
        "stylesheets": ["/theme.css"],
        "reset_style": False,  # Tailwind's own reset does the same.
        "toaster": None,  # Its toasts would need eval; our notices are a part of the page.
        "extra_app_wraps": {
            (55, "ErrorBoundary"): lambda stateful: broken(),
            (5, "Overlay"): _overlay,
            (4, "Words"): _words,
        },
        "head_components": [
            rx.el.meta(name="color-scheme", content="dark light"),
            rx.el.meta(name="theme-color", content="#0b0d12"),
            rx.el.script(FIRST),
            rx.el.link(
                rel="preload", href=_FONT, custom_attrs={"as": "font"}, type="font/woff2", cross_origin="anonymous"
            ),
            rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
            rx.el.link(rel="apple-touch-icon", href="/apple-touch-icon.png"),
            rx.el.link(rel="manifest", href="/site.webmanifest"),
        ],
        "backend_exception_handler": _failed,
        "frontend_exception_handler": _page_failed,
    }


def add_pages(app: rx.App) -> None:
    """Registers every page, and makes the app known to the live rooms. Called once, before the app is served."""
    live.attach(app)
    gate.close(app)
    app.add_middleware(Newcomer())
    for one in PAGES:
        title = t(one.title) if one.title.startswith("VIP Manager") else t(one.title) + " · VIP Manager"
        app.add_page(one.component, route=one.route, title=title, description=one.description, on_load=one.on_load)


def _overlay(stateful: bool) -> rx.Component | None:
    """A fragment: Reflex hangs the rest of the page into what a wrap returns."""
    return rx.fragment(connection_lost(), BarColor.create()) if stateful else None


def _words(stateful: bool) -> rx.Component:
    return Worded.create()


def _failed(exception: Exception) -> None:
    """An event failed outside of a guarded handler. The page is told nothing: Reflex's toast would need eval."""
    log.error("page_event_failed", error=type(exception).__name__, exc_info=exception)


def _page_failed(exception: Exception) -> None:
    """Something failed in a browser, or so it says: whoever opens a socket can have anything written here."""
    log.warning("page_error", said=sanitize_client_log_value(str(exception)))
