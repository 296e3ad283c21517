"""The app: pages, routes, lifespan. Reflex and the server load it; nothing imports it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import reflex as rx
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from vip_manager import page
from vip_manager.bootstrap.adapters import SIMULATOR_PATH
from vip_manager.bootstrap.program import running_program
from vip_manager.observability import logs
from vip_manager.observability.telemetry import TELEMETRY
from vip_manager.settings import Settings, load
from vip_manager.ui import live
from vip_manager.ui.app import add_pages, app_options
from vip_manager.ui.page_sockets import PageSockets
from vip_manager.web import content_policy, metrics
from vip_manager.web.card import Card
from vip_manager.web.edge import Edge
from vip_manager.web.event_door import EventDoor
from vip_manager.web.outside import Outside
from vip_manager.web.page_files import PageDocuments, PageFiles
from vip_manager.web.socket_door import SocketDoor
from vip_manager.web.turnstile import Turnstile


class Late:
    """A mount whose app is known only when the program has started: nothing is read or opened at import."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.app or PlainTextResponse("Not found", status_code=404))(scope, receive, send)


def _counted(inner: ASGIApp) -> ASGIApp:
    return Turnstile(inner, SIMULATOR_PATH)


class EdgedApp(rx.App):
    """With the edge around everything but the page's files, Reflex's own layers too; the built pages, the pages'
    sockets and Twitch's posts go past those. The edge is kept at hand, as it learns only at the start how people reach
    us."""

    edge: Edge | None = None

    def __call__(self) -> ASGIApp:
        doors = EventDoor(SocketDoor(super().__call__(), PageSockets(self)))
        self.edge = Edge(PageDocuments(doors, page.BUILT, _counted))
        return PageFiles(self.edge, page.BUILT, self.edge.closing)


_api = Late()
_simulator = Late()
_board = Late()
_figures = Late()

app = EdgedApp(
    api_transformer=[
        Starlette(
            routes=[
                Mount("/api", _api),
                Mount(SIMULATOR_PATH, _simulator),
                Route("/board/{login}", _board),
                Route("/board/{login}/", _board),
                Route(metrics.PATH, _figures),
            ]
        ),
        _counted,
    ],
    **app_options(),
)
# No check of its own: it knows nothing of https in front of us. The edge has refused every other origin.
app.sio.eio.cors_allowed_origins = []
add_pages(app)


def outside(settings: Settings) -> Outside:
    twitch = urlsplit(settings.twitch_api_url)
    return Outside(
        public_url=settings.public_url,
        simulator_path=SIMULATOR_PATH if settings.sandbox else "",
        trusted_proxy_hops=settings.trusted_proxy_hops,
        script_hashes=content_policy.script_hashes(page.BUILT),
        # A simulated Twitch elsewhere, whose pictures of people come without TLS.
        pictures_from=(f"http://{twitch.netloc}",) if twitch.scheme == "http" else (),
    )


def _figures_of(settings: Settings) -> metrics.Figures:
    if not settings.scraped:
        return metrics.Figures(None, bytes, "")
    from vip_manager.observability.metrics import FORM, text

    return metrics.Figures(settings.metrics_token, text, FORM)


@asynccontextmanager
async def program() -> AsyncIterator[None]:
    settings = load()
    logs.configure(
        settings.log_format,
        secrets=settings.secrets,
        project=settings.google_cloud_project,
        service=settings.cloud_run_service,
        revision=settings.cloud_run_revision,
    )
    TELEMETRY.turn_on(
        scraped=settings.scraped, cloud_run_service=settings.cloud_run_service, project=settings.google_cloud_project
    )
    if app.edge:
        app.edge.outside = outside(settings)
    async with running_program(settings, push=TELEMETRY.push) as running:
        _api.app, _simulator.app = running.api, running.simulator
        _figures.app = request_response(_figures_of(settings).answer)
        _board.app = request_response(Card(page.BUILT / "404.html", settings.public_url).answer)
        running.services.access.when_signed_out(lambda sign_in_id: live.expel(app, sign_in_id))
        async with live.broadcasting(app):
            yield


app.register_lifespan_task(program)
