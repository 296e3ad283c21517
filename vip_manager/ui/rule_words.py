"""What a channel's rules will do, in words: one sentence or two a section, with the numbers that are chosen now."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vip_manager.domain.rule_terms import parse_rules
from vip_manager.domain.rules import Rules, VipClock, WhenFull, WhenVip
from vip_manager.domain.sentence import Sentence
from vip_manager.domain.stream import GRACE
from vip_manager.domain.terms import InvalidInput
from vip_manager.domain.unchanging import Unchanging

LEFT = 3.0
"""Hours that somebody in an example has left."""

SECTIONS: dict[str, str] = {
    "when_vip": "when_vip",
    "most_hours_ahead": "when_vip",
    "when_full": "when_full",
    "wait_hours": "when_full",
    "protected_hours": "when_full",
    "seats": "seats",
    "seats_kept_free": "seats",
    "close_when_full": "seats",
    "clock": "clock",
    "approval": "approval",
    "approval_hours": "approval",
    "pause_hours": "pause",
}
"""Each field of the form, and the sentence that tells what it does."""

LABELS: dict[str, str] = {
    "when_vip": "When somebody who is VIP redeems again",
    "most_hours_ahead": "Nobody gets further ahead than",
    "when_full": "When all VIP seats are taken",
    "wait_hours": "On the waiting list for at most",
    "protected_hours": "Protected for the first",
    "seats": "VIP seats",
    "seats_kept_free": "Kept free",
    "clock": "What the hours are",
    "approval_hours": "Your yes within",
    "pause_hours": "At least between two",
}
"""How a field is called, on the page and where it is wrong."""


@dataclass(frozen=True, slots=True)
class RuleWords(Unchanging):
    """`wrong` are the sections whose sentence says what can't be used instead."""

    when_vip: list[Sentence] = field(default_factory=list)
    when_full: list[Sentence] = field(default_factory=list)
    seats: list[Sentence] = field(default_factory=list)
    clock: list[Sentence] = field(default_factory=list)
    approval: list[Sentence] = field(default_factory=list)
    pause: list[Sentence] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def told(form: Mapping[str, str], saved: Mapping[str, str], hours: float) -> RuleWords:
    """Of a form as it is being filled in. What can't be used stands for what is `saved`, which can; `hours` are the
    reward's."""
    usable, wrong = dict(form), {}
    for _ in SECTIONS:
        try:
            rules = parse_rules(usable)
            break
        except InvalidInput as error:
            wrong[SECTIONS[error.field]] = [error.sentence]
            usable[error.field] = saved.get(error.field, "")
    else:
        rules = parse_rules(saved)
    sentences = {
        "when_vip": when_vip(rules, hours),
        "when_full": when_full(rules),
        "seats": seats(rules),
        "clock": clock(rules, hours),
        "approval": approval(rules),
        "pause": pause(rules),
    }
    return RuleWords(**(sentences | wrong), wrong=sorted(wrong))


def when_vip(rules: Rules, hours: float) -> list[Sentence]:
    if rules.clock is VipClock.STREAM:
        return _said("VIP lasts until the stream ends, so more hours change nothing: who is VIP gets the points back.")
    if rules.when_vip is WhenVip.REFUSE:
        return _said("Somebody who is VIP gets the points back, and can redeem again when their time is over.")
    if rules.when_vip is WhenVip.ADD_TIME:
        example = "Somebody with {left, number} h left redeems {hours, number} h: they have {sum, number} h then."
    elif hours <= LEFT:
        example = (
            "Somebody with {left, number} h left redeems {hours, number} h: they get the points back. Starting over "
            "never makes anybody's time shorter."
        )
    else:
        example = (
            "Somebody with {left, number} h left redeems {hours, number} h: they have {hours, number} h from that "
            "moment. Who has more than that left gets the points back."
        )
    said = _said(example, left=LEFT, hours=hours, sum=LEFT + hours)
    if rules.most_hours_ahead:
        said += _said(
            "Who would have more than {hours, number} h ahead of them gets the points back.",
            hours=rules.most_hours_ahead,
        )
    return said


def when_full(rules: Rules) -> list[Sentence]:
    match rules.when_full:
        case WhenFull.GIVE_BACK:
            return _said("Who redeems while no seat is free gets the points back at once.")
        case WhenFull.WAIT:
            return _said(
                "Who redeems while no seat is free waits in line; the first that becomes free is for the first in "
                "line. Who has waited for {hours, number} h gets the points back.",
                hours=rules.wait_hours,
            )
        case WhenFull.TAKE_SEAT:
            taken = _said(
                "Who redeems while no seat is free gets the seat of the temporary VIP with the least time left. That "
                "VIP's clock runs on, and they are VIP again when a seat is free before it ends."
            )
            safe = (
                _said(
                    "Seats are safe for their first {hours, number} h, those of permanent VIPs always.",
                    hours=rules.protected_hours,
                )
                if rules.protected_hours
                else _said("Seats of permanent VIPs are safe.")
            )
            return taken + safe + _said("Where no seat can be taken, the points go back.")


def seats(rules: Rules) -> list[Sentence]:
    if rules.seats:
        said = _said("{seats, number} seats are counted on, until Twitch says that it has fewer.", seats=rules.seats)
    else:
        said = _said("How many there are is learned when Twitch refuses one; until then it is asked each time.")
    kept = rules.seats_kept_free
    if kept and rules.seats:
        said += _said(
            "Redemptions can have {seats, number} of them, less your permanent VIPs.", seats=rules.seats - kept
        )
    elif kept:
        said += _said(
            "From then on {kept, plural, one {# of them is} other {# of them are}} not given to redemptions.",
            kept=kept,
        )
    if rules.close_when_full:
        said += _said("While none is free, nobody can redeem.")
    return said


def clock(rules: Rules, hours: float) -> list[Sentence]:
    match rules.clock:
        case VipClock.WALL:
            return _said(
                "{hours, number} h are over {hours, number} h later, whether you are live or not.", hours=hours
            )
        case VipClock.STREAM:
            return _said(
                "VIP ends when the stream does, whatever hours the reward names. Where the stream breaks off and is "
                "back within {minutes, number} minutes, VIP goes on. Who redeems while you are not live gets the "
                "points back.",
                minutes=round(GRACE.total_seconds() / 60),
            )
        case VipClock.LIVE:
            return _said(
                "{hours, number} h are {hours, number} h of your streams. While you are not live the clock stands "
                "still.",
                hours=hours,
            )


def approval(rules: Rules) -> list[Sentence]:
    if not rules.approval:
        return _said("Who redeems is VIP at once, if they can be.")
    return _said(
        "Each redemption waits on your dashboard for a yes. Where nobody has said yes within {hours, number} h, the "
        "points go back.",
        hours=rules.approval_hours,
    )


def pause(rules: Rules) -> list[Sentence]:
    if not rules.pause_hours:
        return _said("Viewers may redeem as often as they like.")
    return _said("Who redeems again within {hours, number} h gets the points back.", hours=rules.pause_hours)


def _said(template: str, **given: float) -> list[Sentence]:
    return [Sentence(template, {name: _number(value) for name, value in given.items()})]


def _number(value: float) -> int | float:
    """Without a nought that nobody typed."""
    return int(value) if value == int(value) else value
