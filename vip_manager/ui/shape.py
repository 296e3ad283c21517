"""The shape of an event that a page sends: what is known of it and small enough is read, all else is left out.

Reflex logs an event that it does not like, with all that stands in it, and copies what it likes into a state.
"""

import re
from collections.abc import Callable
from typing import Any

from reflex_base.utils.form import FORM_DATA_ENTRIES_KEY

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""A tab's token, as Reflex makes them (UUIDs) or a test does."""
LONGEST_NAME = 300
LARGEST_NUMBER = 2**53
LONGEST_TEXT = 4096
LONGEST_REPORT = 2000
"""Characters of what a browser says went wrong in it; a stack may have many more."""
LONGEST_PATH = 500
"""Characters of a page's address, and of all of its query: no page of ours has half of it, and the state keeps it."""
MOST_PARTS = 500
DEEPEST = 4
DEEPEST_WITH_EVENT = 2 + DEEPEST
"""Of what a page sends as it connects: its first event stands in that."""

_ROOT = "reflex___state____state"
_ARGUMENT = re.compile(r"[a-z0-9_]{1,64}")
_HALF = re.compile("[\ud800-\udfff]")


def _nothing(payload: dict[str, Any]) -> bool:
    return not payload


def _boot(payload: dict[str, Any]) -> bool:
    """No var of ours lives in the browser's own storage, so there is none that could be set from there."""
    hashes = payload.get("hashes") or []
    return (
        payload.keys() <= {"vars", "hashes"}
        and not payload.get("vars")
        and isinstance(hashes, list)
        and all(isinstance(one, str) and len(one) <= 100 for one in hashes)
    )


def _no_vars(payload: dict[str, Any]) -> bool:
    return payload == {"vars": {}}


def _flag(payload: dict[str, Any]) -> bool:
    return payload.keys() == {"value"} and isinstance(payload["value"], bool)


def _report(payload: dict[str, Any]) -> bool:
    return payload.keys() == {"info", "component_stack"} and all(isinstance(one, str) for one in payload.values())


PAGE_ERROR = f"{_ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception"

INTERNAL: dict[str, Callable[[dict[str, Any]], bool]] = {
    f"{_ROOT}.hydrate": _nothing,
    f"{_ROOT}.hydrate_and_load": _boot,
    f"{_ROOT}.set_is_hydrated": _flag,
    f"{_ROOT}.reflex___state____on_load_internal_state.on_load_internal": _nothing,
    f"{_ROOT}.reflex___state____update_vars_internal_state.update_vars_internal": _no_vars,
    PAGE_ERROR: _report,
}
"""Reflex's own events that a page sends (Reflex 0.10.1), and what they take."""


def read(data: object) -> dict[str, Any] | None:
    """The event, made anew of what is known; None for what is none, or too much."""
    if not isinstance(data, dict):
        return None
    name, payload = data.get("name"), data.get("payload")
    payload = {} if payload is None else payload
    if not isinstance(name, str) or len(name) > LONGEST_NAME or not isinstance(payload, dict):
        return None
    if name == PAGE_ERROR:
        payload = {key: one[:LONGEST_REPORT] if isinstance(one, str) else one for key, one in payload.items()}
    router = _router(data.get("router_data"))
    if router is None or not all(_ARGUMENT.fullmatch(one) for one in payload) or not small(payload):
        return None
    if name in INTERNAL and not INTERNAL[name](payload):
        return None
    payload = {argument: _form(value) for argument, value in payload.items()}
    return {"name": name, "payload": payload, "router_data": router}


def _form(value: Any) -> Any:
    """A form comes as its fields in order. Of those that share a name the last counts, as for Reflex."""
    fields = value.get(FORM_DATA_ENTRIES_KEY) if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(fields, list):
        return value
    if not all(isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) for one in fields):
        return None
    return dict(fields)


def small(value: object, deepest: int = DEEPEST) -> bool:
    """Whether it holds not too much, not too deep, and nothing that can't be sent on."""
    left = MOST_PARTS
    level = [value]
    for depth in range(deepest + 1):
        inside: list[object] = []
        for one in level:
            if isinstance(one, dict):
                inside += one.keys()
                inside += one.values()
            elif isinstance(one, list):
                inside += one
            elif not _plain(one):
                return False
        left -= len(inside)
        if left < 0 or (inside and depth == deepest):
            return False
        if not inside:
            break
        level = inside
    return True


def _plain(value: object) -> bool:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int | float):
        # A browser's whole numbers end there; NaN is smaller than nothing.
        return abs(value) <= LARGEST_NUMBER
    return value is None


def text(value: object, longest: int = LONGEST_TEXT) -> bool:
    """Whether it is text that can be sent on: half a surrogate pair is a character to JSON, and to nobody else."""
    return isinstance(value, str) and len(value) <= longest and not _HALF.search(value)


def _router(data: object) -> dict[str, Any] | None:
    """Where the page is: its path, address and query. All else comes from the socket's handshake."""
    if data is None:
        return {}
    if not isinstance(data, dict):
        return None
    read: dict[str, Any] = {}
    for name in ("pathname", "asPath"):
        if data.get(name) is not None:
            if not text(data[name]):
                return None
            # With two slashes, what follows would be a host.
            read[name] = ("/" + data[name].lstrip("/\\"))[:LONGEST_PATH]
    query = data.get("query")
    if query is not None:
        if not isinstance(query, dict) or not small(query):
            return None
        # The parts of a path that leads nowhere come as a list, which no page of ours asks for.
        read["query"] = _query({name: one for name, one in query.items() if isinstance(one, str)})
    return read


def _query(given: dict[str, str]) -> dict[str, str]:
    """As much of it, from its beginning, as is kept."""
    left = LONGEST_PATH
    query: dict[str, str] = {}
    for name, one in given.items():
        left -= len(name) + len(one)
        if left < 0:
            break
        query[name] = one
    return query
