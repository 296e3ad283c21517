"""People and lines that the components are shown with. Nothing of it is anybody's."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.rules import Held, VipClock
from vip_manager.domain.session import SessionState
from vip_manager.domain.terms import InvalidInput
from vip_manager.services.pictures import ActivityLine, JustOver, StaffTier, StaffVip
from vip_manager.services.written import millis

NAMES = ("Mira", "Jonas", "Kai", "Lena", "Tariq", "Noor", "Ines", "Bo")
DAY = timedelta(hours=24)


def clocks(now: datetime) -> list[StaffVip]:
    """One in each stage of a clock, the farthest end first."""

    def vip(number: int, ends_in: timedelta, **about: Any) -> StaffVip:
        name = NAMES[number]
        return StaffVip(
            session_id=f"sample{number}",
            user_id=f"sample{number}",
            login=name.lower(),
            username=name,
            avatar_url="",
            granted_at=millis(now + ends_in - DAY),
            expires_at=0 if about.get("endless") else millis(now + ends_in),
            **{
                "state": SessionState.ACTIVE,
                "source": "reward",
                "reward_title": "VIP for a day",
                "given_by": "",
                **{name: value for name, value in about.items() if name != "endless"},
            },
        )

    return [
        vip(0, timedelta(hours=17, minutes=20)),
        vip(1, timedelta(minutes=24), source="manual", given_by="Anna"),
        vip(2, timedelta(seconds=50), hidden=True),
        vip(3, timedelta(), state=SessionState.ENDING, error=Trouble.UNAVAILABLE),
        vip(4, timedelta(), state=SessionState.GRANTING, endless=True),
        vip(5, timedelta(), endless=True, clock=VipClock.LIVE, left="6.5", source="api"),
        vip(6, timedelta(), endless=True, clock=VipClock.STREAM),
        vip(7, timedelta(hours=5), state=SessionState.ASIDE, seat_taken=True, source="import"),
    ]


def over(now: datetime) -> list[JustOver]:
    """Somebody whose end is so near that it can be undone for minutes: it is to be looked at."""
    return [JustOver("over", "sam", "Sam", millis(now + timedelta(minutes=10)))]


def lines(now: datetime) -> list[ActivityLine]:
    def line(number: int, action: Action, **about: Any) -> ActivityLine:
        name = NAMES[number % len(NAMES)]
        given = {
            "actor": "",
            "hours": "",
            "until": 0,
            "reason": "",
            "reward_title": "VIP for a day",
            "cost": 5000,
            "error": "",
        }
        at = millis(now - timedelta(minutes=7 * number))
        return ActivityLine(
            id=f"sample{number}", at=at, action=action, login=name.lower(), username=name, **(given | about)
        )

    return [
        line(0, Action.GRANTED, hours="24"),
        line(1, Action.EXTENDED, hours="1", actor="Anna"),
        line(2, Action.HELD, held_for=Held.APPROVAL),
        line(3, Action.REFUSED, reason=Refusal.FULL),
        line(4, Action.REFUNDED),
        line(5, Action.SEAT_TAKEN, taker="Mira"),
        line(6, Action.PUT_OFF, error=Trouble.UNAVAILABLE),
        line(7, Action.ENDED, reason=EndReason.EXPIRED),
        line(8, Action.REWARD_LOST),
    ]


def rewards() -> list[StaffTier]:
    """One by each clock; the last can't be redeemed."""
    return [
        StaffTier("sample1", "VIP for a day", 5000, "24", True, False, True),
        StaffTier("sample2", "VIP tonight", 2000, "4", True, False, False, clock=VipClock.STREAM),
        StaffTier("sample3", "VIP Marathon", 25000, "20", False, True, False, clock=VipClock.LIVE),
    ]


def refused(parse: Callable[[], object]) -> InvalidInput:
    """What is said of something that can't be used."""
    try:
        parse()
    except InvalidInput as error:
        return error
    raise AssertionError("that is to be refused")
