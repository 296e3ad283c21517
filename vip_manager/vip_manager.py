"""The app: pages, routes, lifespan. Reflex and the server load it; nothing imports it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import reflex as rx
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from vip_manager import bootstrap
from vip_manager.observability import logs
from vip_manager.settings import load
from vip_manager.ui import live
from vip_manager.ui.app import add_pages, app_options
from vip_manager.web.edge import Edge


class Late:
    """A mount whose app is known only when the program has started: nothing is read or opened at import."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.app or PlainTextResponse("Not found", status_code=404))(scope, receive, send)


class Front:
    """The edge around everything; kept at hand, as it learns only at the start how people reach us."""

    edge: Edge | None = None

    def __call__(self, inner: ASGIApp) -> ASGIApp:
        self.edge = Edge(inner)
        return self.edge


_front = Front()
_api = Late()
_simulator = Late()

app = rx.App(
    api_transformer=[
        Starlette(routes=[Mount("/api", _api), Mount(bootstrap.SIMULATOR_PATH, _simulator)]),
        _front,
    ],
    **app_options(),
)
# Same origin only: engine.io then compares Origin with the request's own scheme and host.
app.sio.eio.cors_allowed_origins = None
add_pages(app)


@asynccontextmanager
async def program() -> AsyncIterator[None]:
    settings = load()
    logs.configure(settings.log_format, secrets=settings.secrets)
    if _front.edge:
        _front.edge.scheme = urlsplit(settings.public_url).scheme
    async with bootstrap.program(settings) as running:
        _api.app, _simulator.app = running.api, running.simulator
        running.services.access.when_signed_out(lambda sign_in_id: live.expel(app, sign_in_id))
        async with live.broadcasting(app):
            yield


app.register_lifespan_task(program)
