"""All that is below `/api`, by its addresses."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.routing import Route

from vip_manager.web import cron, eventsub, health, openapi
from vip_manager.web.answers import HANDLERS
from vip_manager.web.auth import AuthRoutes
from vip_manager.web.board import BoardRoute
from vip_manager.web.boards import Boards
from vip_manager.web.data import DataRoutes
from vip_manager.web.google_identity import GoogleIdentity
from vip_manager.web.history import history_file
from vip_manager.web.overlay import OverlayRoute
from vip_manager.web.v1 import routes as v1


def api(
    *,
    public_url: str,
    secure: bool,
    session_cookie: str,
    cron_secret: str,
    invoker: GoogleIdentity | None,
    push: Callable[[], Awaitable[None]] | None = None,
) -> Starlette:
    """`secure`: people come by https. With neither `cron_secret` nor `invoker` there is no scheduler's route; `push` is
    awaited before it answers."""
    described = openapi.document(public_url=public_url, session_cookie=session_cookie)
    boards = Boards()
    board = BoardRoute(public_url, boards)
    return Starlette(
        routes=[
            *AuthRoutes(secure=secure, origin=public_url).routes(),
            *DataRoutes(secure=secure, origin=public_url).routes(),
            Route("/channels/{channel_id}/history.csv", history_file),
            Route("/board/{login}", board.answer),
            Route("/board/{login}/qr.svg", board.code),
            Route("/overlay/{login}", OverlayRoute(boards).answer),
            Route("/cron/expire", cron.expire(cron_secret, invoker, push), methods=["POST"]),
            Route("/eventsub", eventsub.deliver, methods=["POST"]),
            *v1.routes(),
            Route("/health", health.health),
            Route("/ready", health.Ready().answer),
            Route("/openapi.json", openapi.describe(described)),
        ],
        exception_handlers=HANDLERS,
    )
