"""Whether there is a seat for a redemption, and what becomes of it if not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.domain.records import NOW, granting, hours, redemption
from vip_manager.domain.decision import Hold, Later, Refuse, Start
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.rules import Held, Rules, VipClock, WhenFull
from vip_manager.domain.seats import Seats, TakeSeat, least_left, seated, waits_on, without_seat
from vip_manager.domain.session import VipSession
from vip_manager.domain.stream import Stream

START = Start(24.0)
FULL, WAITS = Refuse(Refusal.FULL), Hold(Held.SEAT, 24.0)


def vip(name: str, left: float, *, since: float = 2.0, clock: VipClock = VipClock.WALL) -> VipSession:
    """For some hours, with so many left."""
    began = NOW - hours(since)
    session = replace(granting(), id=name, clock=clock, owed=left + since).asking(began).active(began)
    return session.following(Stream(began))


@pytest.mark.parametrize(
    ("seats", "free"),
    [(Seats(), None), (Seats(20, 17), 1), (Seats(20, 18), 0), (Seats(20, 25), 0), (Seats(1, 0), 0)],
)
def test_seats_that_are_kept_are_not_free(seats: Seats, free: int | None) -> None:
    assert seats.free(Rules(seats_kept_free=2)) == free


@pytest.mark.parametrize("when", WhenFull)
def test_who_finds_a_seat_or_does_not_know_starts(when: WhenFull) -> None:
    for seats in (Seats(), Seats(20, 19)):
        assert seated(START, Rules(when_full=when), seats, [], NOW) == START


@pytest.mark.parametrize(
    ("when", "decision"),
    [(WhenFull.GIVE_BACK, FULL), (WhenFull.WAIT, WAITS), (WhenFull.TAKE_SEAT, TakeSeat(START, vip("a", 5)))],
)
@pytest.mark.parametrize("seats", [Seats(20, 20), Seats(20, 19, in_line=True), Seats(in_line=True)])
def test_without_a_free_seat_the_streamer_decides(when: WhenFull, decision: object, seats: Seats) -> None:
    assert seated(START, Rules(when_full=when), seats, [vip("b", 7), vip("a", 5)], NOW) == decision


def test_what_is_settled_can_not_be_held() -> None:
    rules = Rules(when_full=WhenFull.WAIT)
    assert seated(START, rules, Seats(20, 20), [], NOW, settled=True) == FULL
    assert seated(START, rules, Seats(20, 19, in_line=True), [], NOW, settled=True) == START


def test_the_seat_of_who_has_the_least_time_left() -> None:
    endless, short, live = vip("a", 0, clock=VipClock.STREAM), vip("b", 5), vip("c", 4, clock=VipClock.LIVE)
    assert least_left([endless, short, live], Rules(), NOW) == live
    assert least_left([endless, short], Rules(), NOW) == short
    assert least_left([endless], Rules(), NOW) == endless, "who is VIP until the stream ends comes last"


@pytest.mark.parametrize(
    "session",
    [
        replace(vip("a", 5), ours=False),
        vip("a", 5, since=0.9),
        vip("a", -0.1),
        vip("a", 5).set_aside(NOW),
        vip("a", 5).giving_seat("b", NOW),
        granting(),
    ],
    ids=["not ours", "protected", "at its end", "without a badge", "given already", "not VIP yet"],
)
def test_nobody_else_makes_room(session: VipSession) -> None:
    assert least_left([session], Rules(protected_hours=1.0), NOW) is None


@pytest.mark.parametrize(
    ("when", "decision"), [(WhenFull.GIVE_BACK, FULL), (WhenFull.WAIT, WAITS), (WhenFull.TAKE_SEAT, Later())]
)
def test_where_twitch_refuses_a_seat(when: WhenFull, decision: object) -> None:
    assert without_seat(Rules(when_full=when), on_anothers=False) == decision
    assert without_seat(Rules(when_full=when), on_anothers=True) == FULL


@pytest.mark.parametrize(
    ("held_for", "after", "decision"),
    [
        (Held.SEAT, 23.9, Hold),
        (Held.SEAT, 24, Refuse(Refusal.WAITED_FOR_SEAT)),
        (Held.APPROVAL, 23.9, Hold),
        (Held.APPROVAL, 24, Refuse(Refusal.NOT_APPROVED)),
    ],
)
def test_what_is_held_waits_to_its_limit(held_for: Held, after: float, decision: object) -> None:
    one = replace(redemption(RedemptionState.HELD), held_for=held_for)
    says = waits_on(one, Rules(), NOW + timedelta(hours=after))
    assert says == decision or isinstance(says, decision if isinstance(decision, type) else ())


def test_who_waits_for_a_seat_when_seats_are_to_be_taken_is_decided_anew() -> None:
    assert waits_on(redemption(RedemptionState.HELD), Rules(when_full=WhenFull.TAKE_SEAT), NOW) == Later()
