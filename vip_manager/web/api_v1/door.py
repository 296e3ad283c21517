"""Whoever comes to the personal API shows a token, in the `Authorization` header and nowhere else. No cookie counts;
no other site's page can send that header, or read an answer: there is no CORS."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from vip_manager.domain.team import May
from vip_manager.services import rates
from vip_manager.services.access import NotSignedIn
from vip_manager.services.api_tokens import TokenVisit, require
from vip_manager.services.container import running
from vip_manager.web.api_v1.problems import NotThere, answer_to
from vip_manager.web.turnstile import turned_away

Handler = Callable[[Request, TokenVisit], Awaitable[Response]]
Answering = Callable[[Request], Awaitable[Response]]


def opened(act: May, handler: Handler) -> Answering:
    """The handler, for whoever may do that in the channel of the address."""

    async def route(request: Request) -> Response:
        try:
            answer = await _answer(request, act, handler)
        except Exception as problem:
            answer = answer_to(problem)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return route


async def _answer(request: Request, act: May, handler: Handler) -> Response:
    try:
        visit = await running().personal.tokens.visit(_bearer(request))
    except NotSignedIn:
        address = rates.network(request.client.host) if request.client else ""
        wait = await running().rates.hit(rates.API_REFUSED, address)
        if wait is None:
            raise
        return turned_away(wait)
    wait = await running().rates.hit(rates.API_TOKEN, visit.token.handle)
    if wait is not None:
        return turned_away(wait)
    if request.path_params["login"].lower() != visit.channel.login.lower():
        # Whether there is such a channel is nobody's business.
        raise NotThere
    require(visit, act)
    return await handler(request, visit)


def _bearer(request: Request) -> str:
    """Empty where there is none, or more than one."""
    given = request.headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" else ""
