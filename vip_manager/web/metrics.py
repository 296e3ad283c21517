"""`GET /metrics`: the figures, in Prometheus' form, for whoever runs the program."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from vip_manager import measures
from vip_manager.web.answers import error, unauthorized
from vip_manager.web.bearer import bears

PATH = "/metrics"


class Figures:
    """`text` makes them, `form` is their content type. With a token it is asked for; None is nobody's: no such page."""

    def __init__(self, token: str | None, text: Callable[[], bytes], form: str) -> None:
        self._token = token
        self._text = text
        self._form = form

    async def answer(self, request: Request) -> Response:
        if self._token is None:
            return error(404, "not_found", "Not Found.")
        if self._token and not bears(request, self._token):
            measures.auth_failures.add(1, {"door": "metrics"})
            return unauthorized("METRICS_TOKEN is the bearer that is asked for here.")
        return Response(self._text(), media_type=self._form, headers={"Cache-Control": "no-store"})
