"""`GET /api/channels/{id}/data`: all that is stored of a channel, to its owner. `POST /api/account/delete`: whoever is
signed in, and has no channel, takes their account away.

The first changes nothing, and no other site can read its answer; the second is taken from our own pages only.
"""

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from vip_manager.domain.team import May
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import StoreError
from vip_manager.services import rates
from vip_manager.services.access import NotAllowed, NotSignedIn
from vip_manager.services.container import running
from vip_manager.web import forms
from vip_manager.web.answers import error
from vip_manager.web.turnstile import turned_away

log = structlog.get_logger(__name__)


class DataRoutes:
    """As AuthRoutes."""

    def __init__(self, *, secure: bool, origin: str) -> None:
        self._secure = secure
        self._origin = origin

    def routes(self) -> list[Route]:
        return [
            Route("/channels/{channel_id}/data", self.download),
            Route("/account/delete", self.delete_account, methods=["POST"]),
        ]

    async def download(self, request: Request) -> Response:
        channel_id = request.path_params["channel_id"]
        services = running()
        try:
            visit = await services.access.require(request.headers.get("cookie", ""), channel_id, May.DATA)
        except NotSignedIn:
            return error(401, "signed_out", "You are signed out. Sign in to go on.")
        except NotAllowed:
            return error(403, "not_yours", "Only the owner of a channel can download its data.")
        except StoreError:
            return error(503, "store_unavailable", "What is stored can't be read right now. Try again in a moment.")
        wait = await services.rates.hit(rates.DOWNLOADS, visit.person.id)
        if wait is not None:
            return turned_away(wait)
        log.info("data downloaded", channel_id=visit.channel_id, by=visit.person.id)
        return StreamingResponse(
            services.download.lines(visit.channel_id),
            media_type="application/x-ndjson",
            headers={
                "Content-Disposition": f'attachment; filename="vip-manager-{visit.person.login}.jsonl"',
                "Cache-Control": "no-store",
            },
        )

    async def delete_account(self, request: Request) -> Response:
        services = running()
        try:
            person = await forms.sender(request, self._origin)
            if person is None:
                return forms.refused(request, 401, "signed_out", "You are signed out. Sign in to go on.")
            await services.forget.person(person.id)
        except forms.NotOurForm as refusal:
            return forms.refused(request, 403, refusal.code, str(refusal))
        except InvalidInput as refused:
            return forms.refused(request, 409, "has_channel", str(refused.sentence))
        except StoreError as problem:
            log.error("account not deleted", error=str(problem))
            words = "Not everything could be deleted. Sign in and do it once more."
            return forms.refused(request, 503, "store_unavailable", words)
        response = RedirectResponse("/", status_code=303, headers={"Cache-Control": "no-store"})
        response.delete_cookie(services.access.cookie_name, httponly=True, secure=self._secure, samesite="lax")
        return response
