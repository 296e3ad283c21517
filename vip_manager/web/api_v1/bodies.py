"""Reads what a program sends, strictly: of the type that it is to be, and nothing beside it."""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from starlette.requests import Request

from vip_manager.domain.terms import LONGEST_HOURS
from vip_manager.web.api_v1.problems import BadRequest, WrongType

LEAST_HOURS = 0.0001
"""Hours are kept to so much (domain/terms.py)."""
USER_ID = r"^[0-9]{1,20}$"
USER_LOGIN = r"^@?[A-Za-z0-9_]{1,25}$"

Body = Mapping[str, Any]


async def json_object(request: Request, *known: str) -> Body:
    """The body: a JSON object (RFC 8259) with none but these fields. Raises WrongType, BadRequest."""
    media, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.lower().replace(" ", "").replace('"', "")
    if media.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        raise WrongType
    try:
        body = json.loads(
            (await request.body()).decode(), parse_constant=_no_number, object_pairs_hook=_each_field_once
        )
    except (ValueError, RecursionError):
        raise BadRequest("The body is not JSON, or names a field twice.") from None
    if not isinstance(body, dict):
        raise BadRequest("The body has to be a JSON object.")
    for name in body:
        if name not in known:
            raise BadRequest(f"{_shown(name)}: there is no such field. There are: {', '.join(known)}.")
    return body


def hours(body: Body, name: str) -> float:
    """Raises BadRequest."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not LEAST_HOURS <= value <= LONGEST_HOURS:
        raise BadRequest(f"{name}: a number of hours is needed, from {LEAST_HOURS} to {LONGEST_HOURS}.")
    return float(value)


def viewer(body: Body) -> tuple[str, str]:
    """Their id or their login; the other one is empty. Raises BadRequest."""
    if ("user_id" in body) == ("user_login" in body):
        raise BadRequest("user_id, user_login: exactly one of them is needed.")
    if "user_id" in body:
        return _text(body, "user_id", USER_ID, "Twitch's number of a person, as a text of digits"), ""
    return "", _text(body, "user_login", USER_LOGIN, "a name on Twitch")


def _text(body: Body, name: str, pattern: str, what: str) -> str:
    value = body[name]
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise BadRequest(f"{name}: {what} is needed.")
    return value


def _each_field_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _shown(name: str) -> str:
    plain = "".join(one if one.isprintable() else "?" for one in name[:40])
    return plain.encode("ascii", "replace").decode()
