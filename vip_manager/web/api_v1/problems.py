"""What a program is told where it went wrong: a status, a code that stays the same, and a sentence."""

import math
from collections.abc import Mapping

import structlog
from starlette.responses import JSONResponse

from vip_manager.domain.reasons import Refusal
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import (
    Conflict,
    RateLimited,
    Rejected,
    StoreError,
    Taken,
    TwitchError,
    Unauthorized,
)
from vip_manager.services.access import NotAllowed, NotSignedIn
from vip_manager.services.api_calls import OtherRequest, StillRunning
from vip_manager.services.api_tokens import NotInScope
from vip_manager.services.api_vips import NoSuchVip
from vip_manager.services.container import NotRunning
from vip_manager.services.refused import Refused
from vip_manager.web.answers import error

log = structlog.get_logger(__name__)

_LEAVING = "channel"
"""The field that `services.channels.stays` names."""

REFUSALS: dict[Refusal, str] = {
    Refusal.ALREADY_VIP: "They are VIP already, not through VIP Manager.",
    Refusal.MODERATOR: "They are a moderator of the channel, and Twitch lets nobody be both.",
    Refusal.BROADCASTER: "It is their own channel.",
    Refusal.FULL: "The VIP seats on Twitch are full.",
    Refusal.NO_VIP_FEATURE: "Twitch has not opened VIPs for the channel yet.",
    Refusal.BLOCKED: "They are banned or blocked in the channel.",
    Refusal.USER_NOT_FOUND: "Twitch knows nobody of that id or name.",
    Refusal.DECLINED: "Twitch said no, or somebody ended it before it was given.",
    Refusal.STILL_VIP: "They are VIP already.",
    Refusal.UNTIL_STREAM_ENDS: "They are VIP until the stream ends, and more hours change nothing.",
    Refusal.GIVEN_BACK: "It was taken back by hand before it was given.",
}
"""Those that a gift can meet."""


class BadRequest(Exception):
    """What was sent can't be used; the message says which part of it."""


class WrongType(Exception):
    """The body is of another media type."""


class NotThere(Exception):
    """The address leads nowhere that this token opens."""


def answer_to(problem: Exception) -> JSONResponse:
    """What nobody has foreseen is raised again."""
    match problem:
        case BadRequest():
            return error(400, "bad_request", str(problem))
        case InvalidInput(field=field) if field == _LEAVING:
            return error(409, "leaving", str(problem.sentence))
        case InvalidInput():
            return error(400, "bad_request", f"{problem.field}: {problem.sentence}")
        case NotSignedIn():
            return _with(
                error(401, "unauthorized", "The token is missing, wrong, or opens nothing any more."),
                {"WWW-Authenticate": 'Bearer realm="VIP Manager"'},
            )
        case NotInScope():
            return _with(
                error(403, "not_allowed", "This token is to read only."),
                {"WWW-Authenticate": 'Bearer realm="VIP Manager", error="insufficient_scope"'},
            )
        case NotAllowed():
            return error(403, "not_allowed", "Whoever made this token may not do that in the channel.")
        case NotThere():
            return error(404, "not_found", "This token opens no channel of that name.")
        case NoSuchVip():
            return error(404, "not_found", "That viewer is not VIP through VIP Manager.")
        case WrongType():
            return error(415, "unsupported_media_type", "Send the body as application/json.")
        case OtherRequest():
            return error(422, "idempotency_key_reused", "That Idempotency-Key came with another request before.")
        case StillRunning():
            return _soon(error(409, "idempotency_in_progress", "The same call is being answered at this moment."))
        case Refused():
            words = REFUSALS.get(problem.refusal, "That can't be done for this viewer now.")
            return error(409, problem.refusal.value, words)
    return _away(problem)


def _away(problem: Exception) -> JSONResponse:
    """Twitch or the store are in the way."""
    match problem:
        case Unauthorized():
            return error(503, "reconnect", "Twitch needs the channel's owner to sign in again.")
        case RateLimited():
            wait = max(1, math.ceil(problem.wait.total_seconds()))
            answer = error(503, "twitch_unavailable", "Twitch asks us to slow down. Try again in a minute.")
            return _with(answer, {"Retry-After": str(wait)})
        case Rejected():
            return error(409, Refusal.DECLINED.value, "Twitch said no to this.")
        case TwitchError():
            return error(503, "twitch_unavailable", "Twitch does not answer right now. Try again in a minute.")
        case Conflict() | Taken():
            return _soon(error(503, "busy", "That is changing at this moment. Try again."))
        case StoreError() | NotRunning():
            return error(503, "store_unavailable", "What is stored is out of reach. Try again in a moment.")
    raise problem


def _soon(answer: JSONResponse) -> JSONResponse:
    return _with(answer, {"Retry-After": "1"})


def _with(answer: JSONResponse, headers: Mapping[str, str]) -> JSONResponse:
    answer.headers.update(headers)
    return answer
