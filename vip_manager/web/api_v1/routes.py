"""The personal API's addresses below `/api`, and what each needs."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vip_manager.domain.team import May
from vip_manager.web.api_v1 import redemptions, vips
from vip_manager.web.api_v1.door import Answering, Handler, opened

CHANNEL = "/v1/channels/{login}"

TABLE: tuple[tuple[str, str, May, Handler], ...] = (
    ("GET", f"{CHANNEL}/vips", May.SEE, vips.look),
    ("POST", f"{CHANNEL}/vips", May.GIVE, vips.give),
    ("PATCH", f"{CHANNEL}/vips/{{user_id}}", May.GIVE, vips.extend),
    ("DELETE", f"{CHANNEL}/vips/{{user_id}}", May.END, vips.end),
    ("GET", f"{CHANNEL}/redemptions", May.SEE, redemptions.look),
)
"""Method, address, what whoever made the token has to be allowed (domain/team.py), and the handler."""


def routes() -> list[Route]:
    """One for each address, so that it can say which methods it has."""
    paths: dict[str, dict[str, Answering]] = {}
    for method, path, act, handler in TABLE:
        paths.setdefault(path, {})[method] = opened(act, handler)
    return [Route(path, _by_method(methods), methods=list(methods)) for path, methods in paths.items()]


def _by_method(methods: Mapping[str, Answering]) -> Answering:
    async def route(request: Request) -> Response:
        return await methods["GET" if request.method == "HEAD" else request.method](request)

    return route
