"""Asks the domain what it decides, and writes the answers into `docs/rules.md`: `python -m tests.rules_page`."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.domain.records import CHANNEL, NOW, granting, redemption
from vip_manager.domain.decision import RULES, Decision, Extend, Hold, Later, Refuse, Situation, Start, decide
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.rules import Blocked, Held, Rules, VipClock, WhenFull, WhenVip
from vip_manager.domain.seats import Seats, TakeSeat, seated
from vip_manager.domain.session import VipSession
from vip_manager.domain.stream import Stream
from vip_manager.services.written import hours_text
from vip_manager.ui.happened_words import REFUSALS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "rules.md"
BEGIN, END = "<!-- decisions: drawn -->", "<!-- decisions: end -->"

Change = Callable[[Situation], Situation]
ONE: Redemption = redemption(RedemptionState.RECEIVED)
NOT_VIP = Situation(ONE, CHANNEL, None, NOW)
"""A viewer who is not VIP redeems 24 hours, now, and the streamer has touched nothing."""


def drawn(text: str) -> str:
    """The page with the tables between its marks made anew."""
    part = "\n\n".join([BEGIN, *tables(), END])
    text, found = re.subn(f"{BEGIN}.*?{END}", lambda _: part, text, flags=re.DOTALL)
    if found != 1:
        raise ValueError(f"{BEGIN} … {END} stands {found} times in the page")
    return text


def tables() -> Iterable[str]:
    yield (
        "These tables are made by asking the part of the program that decides (`domain/decision.py`, "
        "`domain/seats.py`), for a reward of 24 hours. The first row that is so decides."
    )
    yield _table(["", "a viewer redeems, and", "then"], _in_order())
    yield "Where they are VIP, or were a moment ago:"
    choices = ["add the time", "start over", "give the points back"]
    yield _table(["they have", *choices], ([name, *_when_vip(change)] for name, change in _HAVING.items()))
    yield "Where VIP begins, it needs a seat:"
    fulls = ["give the points back", "waiting list", "take a seat"]
    yield _table(["seats", *fulls], _when_full())


def _in_order() -> Iterable[Sequence[str]]:
    said = {rule.when: _IN_ORDER.get(rule.when) for rule in RULES}
    for number, (when, change) in enumerate(said.items(), 1):
        yield [str(number), when, _said(decide(change(NOT_VIP))) if change else "see below"]


def _when_vip(change: Change) -> Iterable[str]:
    for when in WhenVip:
        yield _said(decide(_ruled(change(NOT_VIP), when_vip=when)))


def _when_full() -> Iterable[Sequence[str]]:
    others = [_vip(hours) for hours in (2.0, 10.0)]
    for name, (seats, rules, live, settled) in _SEATS.items():
        those = others if live else []
        yield [
            name,
            *(
                _said(seated(Start(24), replace(rules, when_full=full), seats, those, NOW, settled=settled))
                for full in WhenFull
            ),
        ]


def _said(decision: Decision | TakeSeat) -> str:
    match decision:
        case Start(_, VipClock.STREAM):
            return "VIP until the stream ends"
        case Start(hours, VipClock.LIVE):
            return f"VIP for {hours_text(hours)} h of live time"
        case Start(hours):
            return f"VIP for {hours_text(hours)} h"
        case Extend(hours):
            return f"{hours_text(hours)} h more"
        case Hold(Held.APPROVAL, hours):
            return f"waits for your yes, for {hours_text(hours)} h at most"
        case Hold(_, hours):
            return f"waits for a seat, for {hours_text(hours)} h at most"
        case Later():
            return "decided when that has ended"
        case TakeSeat(start, of):
            return f"{_said(start)}, on the seat of who has {hours_text(of.hours_left(NOW))} h left"
        case Refuse(refusal):
            return f"points back: {REFUSALS[refusal]}"


def _ruled(it: Situation, **rules: object) -> Situation:
    changed = replace(it.channel.rules, **rules)  # type: ignore[arg-type]
    return replace(it, channel=replace(it.channel, rules=changed))


def _vip(hours: float, clock: VipClock = VipClock.WALL) -> VipSession:
    """For two hours already, with so many left."""
    since = NOW - timedelta(hours=2)
    session = replace(granting(), clock=clock, owed=hours + 2).asking(since).active(since)
    return session.following(Stream(since)) if clock is not VipClock.WALL else session


def _having(hours: float, clock: VipClock = VipClock.WALL) -> Change:
    return lambda it: replace(it, live=_vip(hours, clock))


def _seatless() -> VipSession:
    return _vip(10).giving_seat("another", NOW).vacated(NOW)


_IN_ORDER: dict[str, Change] = {
    "it is their own channel": lambda it: replace(it, redemption=replace(ONE, user_id=CHANNEL.id)),
    "VIP by reward is off": lambda it: replace(it, channel=replace(it.channel, enabled=False)),
    "they are on the block list": lambda it: _ruled(it, blocked=(Blocked(ONE.user_id, "", ""),)),
    "it is older than the streamer allows": lambda it: replace(it, late=True),
    "they redeemed another too short a while ago": lambda it: replace(
        _ruled(it, pause_hours=72.0), around=NOW - timedelta(hours=71)
    ),
    "somebody else has their seat, and their clock runs on": lambda it: replace(it, live=_seatless()),
    "they were VIP until the end of the stream, and it is over": lambda it: replace(
        it, live=_vip(0, VipClock.STREAM).following(Stream(off_at=NOW - timedelta(minutes=11)))
    ),
    "they are VIP until the stream ends": _having(0, VipClock.STREAM),
    "VIP lasts until the stream ends, and there is none": lambda it: _ruled(it, clock=VipClock.STREAM),
    "the streamer wants to say yes first": lambda it: _ruled(it, approval=True),
    "nothing of this is so": lambda it: it,
}
"""A situation for each rule that one situation shows."""

_HAVING: dict[str, Change] = {
    "10 h left": _having(10),
    "30 h left": _having(30),
    "30 h left, and nobody gets more than 48 h ahead": lambda it: _ruled(_having(30)(it), most_hours_ahead=48.0),
    "10 h of live time left": _having(10, VipClock.LIVE),
    "10 h left, and you want to say yes first": lambda it: _ruled(_having(10)(it), approval=True),
    "10 h left, as a moderator, whose clock runs on": lambda it: replace(
        it, live=_vip(10).set_aside(NOW).of_moderator(NOW)
    ),
    "nothing left: their VIP is ending at this moment": lambda it: replace(it, live=_vip(-1)),
}

_SEATS: dict[str, tuple[Seats, Rules, bool, bool]] = {
    "nobody knows how many there are": (Seats(), Rules(), True, False),
    "one is free": (Seats(20, 19), Rules(), True, False),
    "one is free, and others wait for one": (Seats(20, 19, in_line=True), Rules(), True, False),
    "one is free, and is kept so": (Seats(20, 19), Rules(seats_kept_free=1), True, False),
    "all are taken": (Seats(20, 20), Rules(), True, False),
    "all are taken, by permanent VIPs": (Seats(20, 20), Rules(), False, False),
    "all are taken, by who is still protected": (Seats(20, 20), Rules(protected_hours=3.0), True, False),
    "all are taken, and somebody accepted it on Twitch": (Seats(20, 20), Rules(), True, True),
}
"""What is known of the seats; other rules; whether there are temporary VIPs; whether the points can't go back."""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
