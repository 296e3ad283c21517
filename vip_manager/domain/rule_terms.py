"""The rules of a channel, from what a streamer typed."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from vip_manager.domain.rules import Rules, VipClock, WhenFull, WhenVip
from vip_manager.domain.terms import LONGEST_HOURS, InvalidInput, parse_hours

MOST_SEATS = 1000

_Choice = TypeVar("_Choice", bound=StrEnum)


def parse_rules(form: Mapping[str, str]) -> Rules:
    """Rules from a form's fields, each named like the rule; nobody is blocked by them. A box that is not ticked is not
    there. Raises InvalidInput, with the field's name."""
    seats = _seats(form, "seats")
    kept_free = _seats(form, "seats_kept_free")
    if kept_free and not seats:
        raise InvalidInput("seats_kept_free", "Type how many VIP seats there are, so that some can be kept free.")
    if seats and kept_free >= seats:
        raise InvalidInput(
            "seats_kept_free",
            "Of {seats, number} seats at most {most, number} can be kept free.",
            seats=seats,
            most=seats - 1,
        )
    return Rules(
        when_vip=_choice(form, "when_vip", WhenVip),
        most_hours_ahead=_hours(form, "most_hours_ahead", or_none=True),
        when_full=_choice(form, "when_full", WhenFull),
        seats=seats,
        seats_kept_free=kept_free,
        wait_hours=_hours(form, "wait_hours"),
        protected_hours=_hours(form, "protected_hours", or_none=True),
        close_when_full=_ticked(form, "close_when_full"),
        clock=_choice(form, "clock", VipClock),
        approval=_ticked(form, "approval"),
        approval_hours=_hours(form, "approval_hours"),
        pause_hours=_hours(form, "pause_hours", or_none=True),
    )


def _choice(form: Mapping[str, str], name: str, choices: type[_Choice]) -> _Choice:
    try:
        return choices(form.get(name, ""))
    except ValueError:
        raise InvalidInput(name, "Choose one of these.") from None


def _hours(form: Mapping[str, str], name: str, *, or_none: bool = False) -> float:
    """`or_none`: nothing typed, or 0, is no hours at all."""
    typed = form.get(name, "").strip()
    if or_none and not typed.strip("0.,"):
        return 0.0
    try:
        return parse_hours(typed)
    except InvalidInput:
        if or_none:
            raise InvalidInput(
                name, "Type the hours as a number, from 0 to {most, number} (a year).", most=LONGEST_HOURS
            ) from None
        raise InvalidInput(
            name, "Type the hours as a number, more than 0 and at most {most, number} (a year).", most=LONGEST_HOURS
        ) from None


def _seats(form: Mapping[str, str], name: str) -> int:
    typed = form.get(name, "").strip()
    if not typed:
        return 0
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 9 and int(typed) <= MOST_SEATS):
        raise InvalidInput(name, "Type a whole number of seats, from 0 to {most, number}.", most=MOST_SEATS)
    return int(typed)


def _ticked(form: Mapping[str, str], name: str) -> bool:
    return bool(form.get(name, ""))
