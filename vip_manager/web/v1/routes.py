"""The personal API's routes, and what each asks of its caller (domain/team.py)."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vip_manager.domain.team import May
from vip_manager.web.v1 import redemptions, vips
from vip_manager.web.v1.calls import Handler, called

VIPS = "/v1/channels/{login}/vips"
ONE = f"{VIPS}/{{user_id}}"
REDEMPTIONS = "/v1/channels/{login}/redemptions"


def routes() -> list[Route]:
    return [
        _route(VIPS, {"GET": (May.SEE, vips.listed), "POST": (May.GIVE, vips.give)}),
        _route(ONE, {"PATCH": (May.GIVE, vips.extend), "DELETE": (May.END, vips.end)}),
        _route(REDEMPTIONS, {"GET": (May.SEE, redemptions.listed)}),
    ]


def _route(path: str, methods: Mapping[str, tuple[May, Handler]]) -> Route:
    """One for all its methods: of several, only the first would say what it allows."""
    handlers = {method: called(act, handler) for method, (act, handler) in methods.items()}

    async def route(request: Request) -> Response:
        return await handlers["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, route, methods=list(methods))
