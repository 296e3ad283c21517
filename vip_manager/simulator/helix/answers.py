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

_REASONS = {
    **{status.value: status.phrase for status in HTTPStatus},
    # Names that differ between versions of Python.
    422: "Unprocessable Entity",
    425: "Too Early",
}


class HelixError(Exception):
    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.more = more


def error_answer(status: int, message: str, more: Mapping[str, Any] | None = None) -> JSONResponse:
    reason = _REASONS.get(status, "Unknown")
    return JSONResponse({"error": reason, "status": status, "message": message, **(more or {})}, status)


def data(items: Sequence[Any], **more: Any) -> JSONResponse:
    return JSONResponse({"data": list(items), **more})


def no_content() -> Response:
    return Response(status_code=204)


def page(
    items: Sequence[Item],
    key: Callable[[Item], Key],
    first: int,
    after: str | None,
    *,
    before: str | None = None,
    descending: bool = False,
) -> tuple[list[Item], dict[str, str]]:
    """One page of `items` by ascending (or descending) `key`, and its pagination object: `{}` on the last page.

    The cursor holds the keys of the page's first and last item, not their places, so that items which leave the list
    meanwhile shift nothing. With `before` it is the page that ends where that one began.
    """
    ordered = sorted(items, key=key, reverse=descending)
    if after and before:
        raise HelixError(400, "Only one of after and before may be given.")
    if before:
        began, _ = _read(before, "before")
        shown = [item for item in ordered if _beyond(began, key(item), descending)][-first:]
        return shown, _pagination(shown, key, more=bool(shown))
    if after:
        _, ended = _read(after, "after")
        ordered = [item for item in ordered if _beyond(key(item), ended, descending)]
    shown = ordered[:first]
    return shown, _pagination(shown, key, more=len(ordered) > first)


def _pagination(shown: Sequence[Item], key: Callable[[Item], Key], *, more: bool) -> dict[str, str]:
    if not more:
        return {}
    ends = json.dumps([key(shown[0]), key(shown[-1])])
    return {"cursor": base64.urlsafe_b64encode(ends.encode()).decode()}


def _read(cursor: str, name: str) -> tuple[Key, Key]:
    try:
        began, ended = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return tuple(began), tuple(ended)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise HelixError(400, f"The cursor in {name} is not valid.") from error


def _beyond(key: Key, other: Key, descending: bool) -> bool:
    try:
        return key < other if descending else key > other
    except TypeError as error:
        raise HelixError(400, "The cursor is not valid.") from error
