"""What every call of the personal API passes: whose token it is, what that may do, how often, and that nothing counts
twice (services/api_calls.py)."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from vip_manager import measures
from vip_manager.domain.team import May
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Conflict, RateLimited, StoreError, Taken, TwitchError, Unauthorized
from vip_manager.services import rates
from vip_manager.services.access import NotAllowed, NotSignedIn
from vip_manager.services.api_calls import Answer, Attempt, OtherRequest, StillRunning
from vip_manager.services.api_tokens import Caller
from vip_manager.services.container import NotRunning, running
from vip_manager.services.refused import Refused
from vip_manager.web.answers import error, unauthorized
from vip_manager.web.turnstile import turned_away
from vip_manager.web.v1.reasons import WORDS

LONGEST_KEY = 200

Handler = Callable[[Request, Caller], Awaitable[Response]]
Work = Callable[[Attempt], Awaitable[Response]]


class BadRequest(Exception):
    """The message says to a person what is wrong."""

    def __init__(self, message: str, status: int = 400, code: str = "bad_request") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def called(act: May, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The route: the handler is called only for whoever may do that in the channel of the address."""

    async def route(request: Request) -> Response:
        try:
            answer = await _admitted(request, act, handler)
        except Exception as problem:
            refusal = _answer(problem)
            if refusal is None:
                raise
            answer = refusal
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return route


async def once(request: Request, caller: Caller, work: Work) -> Response:
    """Does it, or answers as it was answered before. Without an Idempotency-Key each call counts."""
    given = request.headers.getlist("idempotency-key")
    key = given[0] if given else ""
    if given and (len(given) > 1 or not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable()):
        raise BadRequest(f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters.")
    asked = json.dumps([request.method, request.url.path, (await request.body()).decode("utf-8", "replace")])
    headers: dict[str, str] = {}

    async def answered(attempt: Attempt) -> Answer:
        try:
            answer = await work(attempt)
        except Exception as problem:
            refusal = _answer(problem)
            if refusal is None:
                raise
            answer = refusal
            headers.update({name: answer.headers[name] for name in ("Retry-After",) if name in answer.headers})
        return Answer(answer.status_code, bytes(answer.body).decode())

    answer, again = await running().api_tokens.calls.once(caller.token, key, asked, answered)
    if again:
        headers["Idempotency-Replayed"] = "true"
    return Response(answer.body, answer.status, headers, media_type="application/json")


async def body(request: Request, **fields: type | tuple[type, ...]) -> dict[str, Any]:
    """The JSON object that was sent, of these fields and no others. Raises BadRequest."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BadRequest("Send the body as application/json.", 415, "unsupported_media_type")
    try:
        sent = json.loads(await request.body(), object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        raise BadRequest("The body is no JSON, or has a field twice.") from None
    if not isinstance(sent, dict):
        raise BadRequest("The body must be a JSON object.")
    for name, value in sent.items():
        if name not in fields:
            raise BadRequest(f"“{name[:50]}” is not one of {', '.join(fields)}.")
        if isinstance(value, bool) or not isinstance(value, fields[name]):
            raise BadRequest(f"“{name}” is of the wrong type.")
    return sent


def page(request: Request, most: int, *more: str, usual: int = 0) -> tuple[int, str]:
    """`limit` and `cursor` of the query, which has `more` beside them. Raises BadRequest."""
    asked = request.query_params
    known = ("limit", "cursor", *more)
    for name in asked:
        if name not in known:
            raise BadRequest(f"“{name[:50]}” is not one of {', '.join(known)}.")
        if len(asked.getlist(name)) > 1:
            raise BadRequest(f"“{name}” is there more than once.")
    text = asked.get("limit", str(usual or most))
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= most:
        raise BadRequest(f"“limit” is a whole number from 1 to {most}.")
    return int(text), asked.get("cursor", "")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field twice")
    return found


def _bearer(request: Request) -> str:
    given = request.headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _admitted(request: Request, act: May, handler: Handler) -> Response:
    try:
        caller = await running().api_tokens.caller(_bearer(request))
    except NotSignedIn:
        measures.auth_failures.add(1, {"door": "api"})
        address = rates.network(request.client.host) if request.client else ""
        wait = await running().rates.hit(rates.API_REFUSED, address)
        if wait is None:
            raise
        return turned_away(wait)
    wait = await running().rates.hit(rates.API_TOKEN, caller.token.id)
    if wait is not None:
        return turned_away(wait)
    if caller.channel.login.lower() != request.path_params["login"].lower():
        raise BadRequest("No such channel, or this token is not for it.", 404, "not_found")
    caller.check(act)
    return await handler(request, caller)


def _answer(problem: Exception) -> Response | None:
    """None for what is a fault of ours."""
    match problem:
        case BadRequest():
            return error(problem.status, problem.code, str(problem))
        case OtherRequest():
            answer = error(422, "idempotency_key_reused", "That Idempotency-Key was used for another request.")
        case StillRunning():
            answer = error(409, "in_progress", "The first call with that Idempotency-Key has no answer yet.")
            answer.headers["Retry-After"] = "1"
        case NotSignedIn():
            return unauthorized("No such token, or it does not open anything any more.")
        case NotAllowed():
            answer = error(403, "not_allowed", "This token, or its maker, may not do that in this channel.")
        case InvalidInput(field="channel"):
            answer = error(409, "leaving", str(problem.sentence))
        case InvalidInput():
            answer = error(400, "bad_request", f"{problem.field}: {problem.sentence}")
        case Refused():
            answer = error(409, problem.refusal.value, WORDS[problem.refusal])
        case Unauthorized():
            answer = error(503, "reconnect", "The streamer has to sign in with Twitch again.")
        case TwitchError():
            answer = error(503, "twitch_unavailable", "Twitch does not do it right now. Nothing was done; try again.")
            wait = problem.wait.total_seconds() if isinstance(problem, RateLimited) else 5
            answer.headers["Retry-After"] = str(max(1, round(wait)))
        case Conflict() | Taken():
            answer = error(503, "busy", "It is changing at this moment. Try again.")
            answer.headers["Retry-After"] = "1"
        case StoreError() | NotRunning():
            answer = error(503, "store_unavailable", "What is stored is out of reach. Try again in a moment.")
            answer.headers["Retry-After"] = "5"
        case _:
            return None
    return answer
