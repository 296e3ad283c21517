"""How Helix answers: errors, lists, and the pages of a list."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from starlette.responses import JSONResponse, Response

Item = TypeVar("Item")
Key = tuple[Any, ...]


class HelixError(Exception):
    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.more = more


def error_answer(status: int, message: str, more: Mapping[str, Any] | None = None) -> JSONResponse:
    reason = "Too Early" if status == 425 else HTTPStatus(status).phrase
    return JSONResponse({"error": reason, "status": status, "message": message, **(more or {})}, status)


def data(items: Sequence[Any], **more: Any) -> JSONResponse:
    return JSONResponse({"data": list(items), **more})


def no_content() -> Response:
    return Response(status_code=204)


def page(
    items: Sequence[Item], key: Callable[[Item], Key], first: int, after: str | None, *, descending: bool = False
) -> tuple[list[Item], dict[str, str]]:
    """One page of `items` by ascending (or descending) `key`, and its pagination object: `{}` on the last page.

    The cursor holds the last item's key, not its place, so that items which leave the list meanwhile shift nothing.
    """
    ordered = sorted(items, key=key, reverse=descending)
    if after:
        last = _read(after)
        ordered = [item for item in ordered if _beyond(key(item), last, descending)]
    shown = ordered[:first]
    if len(ordered) <= first:
        return shown, {}
    return shown, {"cursor": base64.urlsafe_b64encode(json.dumps(key(shown[-1])).encode()).decode()}


def _read(cursor: str) -> Key:
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, ValueError) as error:
        raise HelixError(400, "The cursor in after is not valid.") from error
    if not isinstance(key, list):
        raise HelixError(400, "The cursor in after is not valid.")
    return tuple(key)


def _beyond(key: Key, last: Key, descending: bool) -> bool:
    try:
        return key < last if descending else key > last
    except TypeError as error:
        raise HelixError(400, "The cursor in after is not valid.") from error
