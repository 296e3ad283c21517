"""`POST /api/cron/expire`: the scheduler's knock, with its bearer secret or as its service account."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vip_manager import measures
from vip_manager.ports import StoreError
from vip_manager.services.container import running
from vip_manager.web.answers import error, unauthorized
from vip_manager.web.bearer import bears
from vip_manager.web.google_certificates import CertificatesUnavailable
from vip_manager.web.google_identity import GoogleIdentity, NotThem

log = structlog.get_logger(__name__)

PATH = "/api/cron/expire"


def expire(
    cron_secret: str, invoker: GoogleIdentity | None = None, push: Callable[[], Awaitable[None]] | None = None
) -> Callable[[Request], Awaitable[Response]]:
    """The route; without a credential that it could know it is closed to everybody. `push` sends the figures out."""

    async def route(request: Request) -> Response:
        if not cron_secret and invoker is None:
            return error(
                503, "not_configured", "Neither CRON_SECRET nor CRON_INVOKER is set, so no scheduler can call this."
            )
        sent = request.headers.get("authorization", "")
        if not cron_secret or not bears(request, cron_secret):
            refused = await _refused(invoker, sent)
            if refused is not None:
                return refused
        try:
            report = await running().sweep.run()
            # After the answer this process may sleep.
            await running().changes.told()
            await running().herald.settled()
            if push is not None:
                await push()
            return JSONResponse(asdict(report))
        except StoreError:
            return error(503, "store_unavailable", "The store is out of reach. Nothing was lost; call again.")

    return route


async def _refused(invoker: GoogleIdentity | None, sent: str) -> Response | None:
    """None where it is the scheduler's service account."""
    if invoker is not None and sent.startswith("Bearer "):
        try:
            await invoker.check(sent.removeprefix("Bearer "))
            return None
        except NotThem as reason:
            # Whoever sets up a scheduler reads here which part of the token is not as it should be.
            log.info("scheduler refused", reason=str(reason))
        except CertificatesUnavailable as problem:
            log.warning("google certificates out of reach", error=str(problem))
            return error(503, "google_unavailable", "Google's certificates are out of reach. Call again.")
    measures.auth_failures.add(1, {"door": "cron"})
    return unauthorized("The scheduler's credential is missing or wrong.")
