"""What a channel's rules will do, in words: one sentence or two a section, with the numbers that are chosen now."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vip_manager.domain.rule_terms import parse_rules
from vip_manager.domain.rules import Rules, VipClock, WhenFull, WhenVip
from vip_manager.domain.stream import GRACE
from vip_manager.domain.terms import InvalidInput
from vip_manager.services.written import hours_text

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
class RuleWords:
    """`wrong` are the sections whose sentence says what can't be used instead."""

    when_vip: str = ""
    when_full: str = ""
    seats: str = ""
    clock: str = ""
    approval: str = ""
    pause: str = ""
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
            wrong[SECTIONS[error.field]] = error.message
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


def when_vip(rules: Rules, hours: float) -> str:
    if rules.clock is VipClock.STREAM:
        return "VIP lasts until the stream ends, so more hours change nothing: who is VIP gets the points back."
    example = f"Somebody with {_h(LEFT)} left redeems {_h(hours)}: "
    match rules.when_vip:
        case WhenVip.ADD_TIME:
            does = f"they have {_h(LEFT + hours)} then."
        case WhenVip.START_OVER if hours <= LEFT:
            does = "they get the points back. Starting over never makes anybody's time shorter."
        case WhenVip.START_OVER:
            does = f"they have {_h(hours)} from that moment. Who has more than that left gets the points back."
        case WhenVip.REFUSE:
            return "Somebody who is VIP gets the points back, and can redeem again when their time is over."
    most = rules.most_hours_ahead
    return (
        example + does + (f" Who would have more than {_h(most)} ahead of them gets the points back." if most else "")
    )


def when_full(rules: Rules) -> str:
    match rules.when_full:
        case WhenFull.GIVE_BACK:
            return "Who redeems while no seat is free gets the points back at once."
        case WhenFull.WAIT:
            return (
                "Who redeems while no seat is free waits in line; the first that becomes free is for the first in "
                f"line. Who has waited for {_h(rules.wait_hours)} gets the points back."
            )
        case WhenFull.TAKE_SEAT:
            first = f"for their first {_h(rules.protected_hours)}, those of permanent VIPs always"
            return (
                "Who redeems while no seat is free gets the seat of the temporary VIP with the least time left. That "
                "VIP's clock runs on, and they are VIP again when a seat is free before it ends. "
                + (f"Seats are safe {first}. " if rules.protected_hours else "Seats of permanent VIPs are safe. ")
                + "Where no seat can be taken, the points go back."
            )


def seats(rules: Rules) -> str:
    counted = (
        f"{rules.seats} seats are counted on, until Twitch says that it has fewer."
        if rules.seats
        else "How many there are is learned when Twitch refuses one; until then it is asked each time."
    )
    kept = rules.seats_kept_free
    if kept and rules.seats:
        counted += f" Redemptions can have {rules.seats - kept} of them, less your permanent VIPs."
    elif kept:
        counted += f" From then on {kept} of them {'are' if kept > 1 else 'is'} not given to redemptions."
    if rules.close_when_full:
        counted += " While none is free, nobody can redeem."
    return counted


def clock(rules: Rules, hours: float) -> str:
    match rules.clock:
        case VipClock.WALL:
            return f"{_h(hours)} are over {_h(hours)} later, whether you are live or not."
        case VipClock.STREAM:
            grace = round(GRACE.total_seconds() / 60)
            return (
                "VIP ends when the stream does, whatever hours the reward names. Where the stream breaks off and is "
                f"back within {grace} minutes, VIP goes on. Who redeems while you are not live gets the points back."
            )
        case VipClock.LIVE:
            return f"{_h(hours)} are {_h(hours)} of your streams. While you are not live the clock stands still."


def approval(rules: Rules) -> str:
    if not rules.approval:
        return "Who redeems is VIP at once, if they can be."
    return (
        "Each redemption waits on your dashboard for a yes. Where nobody has said yes within "
        f"{_h(rules.approval_hours)}, the points go back."
    )


def pause(rules: Rules) -> str:
    if not rules.pause_hours:
        return "Viewers may redeem as often as they like."
    return f"Who redeems again within {_h(rules.pause_hours)} gets the points back."


def _h(hours: float) -> str:
    return f"{hours_text(hours)} h"
