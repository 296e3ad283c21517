"""`Idempotency-Key` (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/)."""

import json
import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from vip_manager.services.api_calls import Answer, Attempt
from vip_manager.services.api_tokens import TokenVisit
from vip_manager.services.container import running
from vip_manager.web.api_v1.bodies import Body
from vip_manager.web.api_v1.problems import BadRequest, answer_to

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_CHARACTERS = "[A-Za-z0-9._:/+=-]{1,255}"
KEY = rf'^({_CHARACTERS}|"{_CHARACTERS}")$'
"""As the draft has it in quotation marks, or, as many programs send it, without."""


async def once(
    request: Request, visit: TokenVisit, body: Body, work: Callable[[Attempt], Awaitable[Answer]]
) -> Response:
    """Does it, or answers as before. Raises BadRequest, OtherRequest, StillRunning, StoreError."""
    asked = json.dumps([request.method, request.url.path.lower(), body], sort_keys=True)
    headers: dict[str, str] = {}

    async def answered(attempt: Attempt) -> Answer:
        try:
            return await work(attempt)
        except Exception as problem:
            said = answer_to(problem)
            headers.update({name: said.headers[name] for name in ("Retry-After",) if name in said.headers})
            return Answer(said.status_code, bytes(said.body).decode())

    answer, again = await running().personal.calls.once(visit, _key(request), asked, answered)
    headers |= {REPLAYED: "true"} if again else {}
    return Response(answer.body or None, answer.status, headers, media_type="application/json" if answer.body else None)


def _key(request: Request) -> str:
    """Empty where there is none. Raises BadRequest."""
    given = request.headers.getlist(HEADER)
    if not given:
        return ""
    if len(given) > 1 or not re.fullmatch(KEY, given[0]):
        raise BadRequest(f"{HEADER}: 1 to 255 letters, digits and ._:/+=- are needed, in quotation marks or without.")
    return given[0].strip('"')
