"""What the app is made of: its options, and its pages. The app itself is created elsewhere."""

from typing import Any

import reflex as rx
import structlog
from reflex_base.utils.format import sanitize_client_log_value
from reflex_base.utils.imports import ImportVar
from reflex_base.vars import VarData

from vip_manager.ui import gate, live
from vip_manager.ui.components.banner import broken, connection_lost
from vip_manager.ui.guard import Newcomer
from vip_manager.ui.pages import board, landing, lost
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.dashboard.view import dashboard
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
    "font", _var_data=VarData(imports={"$/styles/geist-english.woff2?url": ImportVar(tag="font", is_default=True)})
)
"""Where the file is of which every page needs letters (`vip_manager.page_font`)."""


def app_options() -> dict[str, Any]:
    """Arguments for `rx.App`."""
    return {
        "html_lang": "en",
        "stylesheets": ["/theme.css"],
        "reset_style": False,  # Tailwind's own reset does the same.
        "toaster": None,  # Its toasts would need eval; our notices are a part of the page.
        "extra_app_wraps": {(5, "Overlay"): _overlay, (55, "ErrorBoundary"): lambda stateful: broken()},
        "head_components": [
            rx.el.meta(name="color-scheme", content="dark light"),
            rx.el.meta(name="theme-color", content="#0b0d12"),
            rx.el.link(
                rel="preload", href=_FONT, custom_attrs={"as": "font"}, type="font/woff2", cross_origin="anonymous"
            ),
            rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        ],
        "backend_exception_handler": _failed,
        "frontend_exception_handler": _page_failed,
    }


def add_pages(app: rx.App) -> None:
    """Registers every page, and makes the app known to the live rooms. Called once, before the app is served."""
    live.attach(app)
    gate.close(app)
    app.add_middleware(Newcomer())
    app.add_page(
        landing.landing,
        route="/",
        title="VIP Manager: VIP for channel points",
        description=DESCRIPTION,
        on_load=landing.Landing.enter,
    )
    app.add_page(
        dashboard,
        route="/dashboard",
        title="Dashboard · VIP Manager",
        description="Who is VIP, for how long, and why.",
        on_load=Dashboard.enter,
    )
    app.add_page(
        rewards,
        route="/dashboard/rewards",
        title="Rewards · VIP Manager",
        description="What VIP costs, how long it lasts, and what happens when it can't be.",
        on_load=Rewards.enter,
    )
    app.add_page(
        team,
        route="/dashboard/team",
        title="Team · VIP Manager",
        description="Who may do what in the channel.",
        on_load=Team.enter,
    )
    app.add_page(
        settings,
        route="/dashboard/settings",
        title="Settings · VIP Manager",
        description="What the public sees, who is signed in, and how to leave.",
        on_load=Settings.enter,
    )
    app.add_page(
        board.board,
        route="/board/[login]",
        title="VIPs right now · VIP Manager",
        description="Who is VIP on this channel right now, and for how long.",
        on_load=board.BoardPage.enter,
    )
    app.add_page(
        sandbox,
        route="/sandbox",
        title="Sandbox · VIP Manager",
        description="A stand-in for Twitch to play with: viewers redeem, Twitch breaks, time runs ahead.",
        on_load=Stage.enter,
    )
    app.add_page(
        lost.lost,
        route="/404",
        title="Nothing here · VIP Manager",
        description="There is no such page.",
        on_load=lost.Lost.enter,
    )


def _overlay(stateful: bool) -> rx.Component | None:
    """A fragment: Reflex hangs the rest of the page into what a wrap returns."""
    return rx.fragment(connection_lost()) if stateful else None


def _failed(exception: Exception) -> None:
    """An event failed outside of a guarded handler. The page is told nothing: Reflex's toast would need eval."""
    log.error("page_event_failed", error=type(exception).__name__, exc_info=exception)


def _page_failed(exception: Exception) -> None:
    """Something failed in a browser, or so it says: whoever opens a socket can have anything written here."""
    log.warning("page_error", said=sanitize_client_log_value(str(exception)))
