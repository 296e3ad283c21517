"""Days and moments of the past (`assets/days.jsx`): in the reader's own time zone, as they write them."""

from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar
from reflex.vars import VarData
from reflex.vars.function import FunctionStringVar

LIBRARY = "$/public/days.jsx"


class _Days(rx.Component):
    library = LIBRARY


class Day(_Days):
    """A day that is told as 2026-03-29, with its name."""

    tag = "Day"
    day: rx.Var[str]


class Exact(_Days):
    """A moment, in milliseconds, to the second."""

    tag = "Exact"
    at: rx.Var[int]


class ZoneField(_Days):
    """The reader's IANA time zone as a form's field."""

    tag = "ZoneField"
    name: rx.Var[str]


class Zone(_Days):
    """Tells the reader's IANA time zone, unless it is the one that is `known`."""

    tag = "Zone"
    known: rx.Var[str]
    on_tell: rx.EventHandler[rx.event.passthrough_event_spec(str)]  # type: ignore[type-arg, valid-type]


def formatter(name: str) -> Any:
    """A function of `assets/days.jsx`, for who formats in the browser."""
    return FunctionStringVar.create(name, _var_data=VarData(imports={LIBRARY: [ImportVar(tag=name)]}))
