"""Limits of what a streamer may type."""

import re
from dataclasses import dataclass

from vip_manager.domain.sentence import Sentence

LONGEST_HOURS = 24 * 365
LARGEST_COST = 2_000_000_000
LONGEST_TITLE = 45
"""Twitch's limit (https://dev.twitch.tv/docs/api/reference/#create-custom-rewards)."""

_THOUSANDS = re.compile(r"[,. \u00a0\u202f](?=\d{3}(?:\D|$))")
"""What people put between groups of three digits."""


class InvalidInput(Exception):
    """What was typed can't be used. `field` names it, the sentence says what would be right: a template and its values
    (domain/sentence.py), or one that was made before."""

    def __init__(self, field: str, says: str | Sentence, **values: object) -> None:
        self.field = field
        self.sentence = says if isinstance(says, Sentence) else Sentence(says, values)
        super().__init__(str(self.sentence))


def parse_hours(value: object) -> float:
    """Hours of VIP, more than nothing and at most a year."""
    try:
        hours = round(float(str(value).strip().replace(",", ".")), 4)
    except ValueError:
        raise InvalidInput("hours", "Type the hours as a number, for example 24.") from None
    if not 0 < hours <= LONGEST_HOURS:
        raise InvalidInput(
            "hours", "Hours must be more than 0 and at most {most, number} (a year).", most=LONGEST_HOURS
        )
    return hours


def parse_login(value: object) -> str:
    """A Twitch login as people type it: with or without @, in any case."""
    login = str(value).strip().removeprefix("@").lower()
    if not re.fullmatch(r"[a-z0-9_]{1,25}", login):
        raise InvalidInput("login", "A Twitch name has letters, digits and _ only, at most 25 of them.")
    return login


@dataclass(frozen=True, slots=True)
class RewardTerms:
    """What a viewer sees and pays: title, cost in points; and the hours they get. `refund_after` as the channel's; None
    leaves it as it is."""

    title: str
    cost: int
    hours: float
    refund_after: float | None = None


def parse_refund_after(value: object) -> float:
    """Hours after which a redemption is given back instead of granted; 0 or nothing typed: never."""
    typed = str(value).strip()
    if not typed.strip("0.,"):
        return 0.0
    try:
        return parse_hours(typed)
    except InvalidInput as error:
        raise InvalidInput("refund_after", error.sentence) from None


def parse_terms(title: object, cost: object, hours: object, refund_after: object = None) -> RewardTerms:
    """The terms of a reward from a form's fields. Raises InvalidInput."""
    name = " ".join(str(title).split())
    if not 1 <= len(name) <= LONGEST_TITLE:
        raise InvalidInput("title", "The reward's name needs 1 to {most, number} characters.", most=LONGEST_TITLE)
    try:
        points = int(_THOUSANDS.sub("", str(cost).strip()))
    except ValueError:
        raise InvalidInput("cost", "Type the cost as a whole number of points, for example 5000.") from None
    if not 1 <= points <= LARGEST_COST:
        raise InvalidInput("cost", "The cost must be from 1 to {most, number} points.", most=LARGEST_COST)
    after = None if refund_after is None else parse_refund_after(refund_after)
    return RewardTerms(name, points, parse_hours(hours), after)
