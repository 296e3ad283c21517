"""What every call of the personal API passes: whose token it is, what that may do, how often, and that nothing counts
twice.

Idempotency follows https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/: the same key with the
same request gets the first answer again.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vip_manager.domain.api_token import ApiCall
from vip_manager.domain.team import May
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Conflict, RateLimited, StoreError, TwitchError, Unauthorized
from vip_manager.services import rates
from vip_manager.services.access import NotAllowed, NotSignedIn
from vip_manager.services.api_tokens import Caller
from vip_manager.services.container import running
from vip_manager.services.journal import new_id
from vip_manager.services.refused import Refused
from vip_manager.web.answers import error
from vip_manager.web.turnstile import turned_away
from vip_manager.web.v1.reasons import WORDS

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(hours=24)
"""An Idempotency-Key stands for its first answer so long."""
RUNS_FOR = timedelta(seconds=60)
"""Longer than any call takes: one that has no answer by then was cut off."""
LONGEST_KEY = 200

Handler = Callable[[Request, Caller], Awaitable[Response]]
Work = Callable[[str, ApiCall | None], Awaitable[Response]]
"""Does it, with the id of the gift that it makes; and, where it may have been done before, the call that did."""


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
            caller = await running().api_tokens.caller(_bearer(request))
            wait = await running().rates.hit(rates.API_TOKEN, caller.token.id)
            if wait is not None:
                return turned_away(wait)
            await _check_channel(request, caller)
            caller.check(act)
            return await handler(request, caller)
        except Exception as problem:
            answer = _answer(problem)
            if answer is None:
                raise
            return answer

    return route


async def once(request: Request, caller: Caller, work: Work) -> Response:
    """Does it, or answers as it was answered before. Without an Idempotency-Key each call counts."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return await work(new_id(), None)
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise BadRequest(f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters.")
    store, now = running().store, running().clock.real()
    asked = _hash(request.method, request.url.path, (await request.body()).decode("utf-8", "replace"))
    call_id = _hash(caller.token.id, key)
    known = await store.api_calls.get(call_id)
    if known is not None and known.expires_at <= now:
        await store.delete(known)
        known = None
    if known is not None:
        if known.request != asked:
            raise BadRequest("That Idempotency-Key was used for another request.", 422, "idempotency_key_reused")
        if known.status:
            return _again(known)
        if now - known.made_at < RUNS_FOR:
            raise _Running
    mine = known or ApiCall(call_id, caller.visit.channel_id, asked, now, now + KEPT_FOR)
    try:
        mine = await store.commit(replace(mine, made_at=now))
    except Conflict:
        raise _Running from None
    try:
        answer = await work(f"api:{call_id[:32]}", known)
    except Exception as problem:
        refusal = _answer(problem)
        if refusal is None:
            await _forget(mine)
            raise
        answer = refusal
    if answer.status_code >= 500 or answer.status_code == 429:
        # It may be tried again with the same key, at once. A call that was cut off stands: it may have been done.
        await _forget(mine)
    else:
        await store.commit(replace(mine, status=answer.status_code, body=bytes(answer.body).decode()))
    return answer


async def body(request: Request, **fields: type | tuple[type, ...]) -> dict[str, Any]:
    """The JSON object that was sent, of these fields and no others. Raises BadRequest."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BadRequest("Send the body as application/json.", 415, "unsupported_media_type")
    try:
        sent = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise BadRequest("The body is no JSON.") from None
    if not isinstance(sent, dict):
        raise BadRequest("The body must be a JSON object.")
    for name, value in sent.items():
        if name not in fields:
            raise BadRequest(f"“{name[:50]}” is not one of {', '.join(fields)}.")
        if isinstance(value, bool) or not isinstance(value, fields[name]):
            raise BadRequest(f"“{name}” is of the wrong type.")
    return sent


def page(request: Request, most: int) -> tuple[int, str]:
    """`limit` and `cursor` of the query. Raises BadRequest."""
    asked = request.query_params
    for name in asked:
        if name not in ("limit", "cursor"):
            raise BadRequest(f"“{name[:50]}” is not one of limit, cursor.")
    text = asked.get("limit", str(most))
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= most:
        raise BadRequest(f"“limit” is a whole number from 1 to {most}.")
    return int(text), asked.get("cursor", "")


class _Running(Exception):
    """The first call with that key has no answer yet."""


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _check_channel(request: Request, caller: Caller) -> None:
    channel = await running().store.channels.get(caller.visit.channel_id)
    if channel is None or channel.login.lower() != request.path_params["login"].lower():
        raise BadRequest("No such channel, or this token is not for it.", 404, "not_found")


def _answer(problem: Exception) -> Response | None:
    """None for what is a fault of ours."""
    match problem:
        case BadRequest():
            return error(problem.status, problem.code, str(problem))
        case _Running():
            answer = error(409, "in_progress", "The first call with that Idempotency-Key has no answer yet.")
            answer.headers["Retry-After"] = "1"
        case NotSignedIn():
            answer = error(401, "unauthorized", "No such token, or it does not open anything any more.")
            answer.headers["WWW-Authenticate"] = "Bearer"
        case NotAllowed():
            answer = error(403, "not_allowed", "This token, or its maker, may not do that in this channel.")
        case InvalidInput():
            answer = error(400, "bad_request", f"{problem.field}: {problem.sentence}")
        case Refused():
            answer = error(409, problem.refusal.value, WORDS[problem.refusal])
        case Unauthorized():
            answer = error(409, "reconnect", "The streamer has to sign in with Twitch again.")
        case TwitchError():
            answer = error(503, "twitch_unavailable", "Twitch does not do it right now. Nothing was done; try again.")
            wait = problem.wait.total_seconds() if isinstance(problem, RateLimited) else 5
            answer.headers["Retry-After"] = str(max(1, round(wait)))
        case Conflict():
            answer = error(503, "busy", "It is changing at this moment. Try again.")
            answer.headers["Retry-After"] = "1"
        case StoreError():
            answer = error(503, "store_unavailable", "What is stored is out of reach. Try again in a moment.")
            answer.headers["Retry-After"] = "5"
        case _:
            return None
    return answer


def _again(call: ApiCall) -> Response:
    headers = {"Idempotency-Replayed": "true"}
    if not call.body:
        return Response(status_code=call.status, headers=headers)
    return JSONResponse(json.loads(call.body), status_code=call.status, headers=headers)


async def _forget(call: ApiCall) -> None:
    try:
        await running().store.delete(call)
    except StoreError as problem:
        log.info("api call not forgotten", error=str(problem))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
