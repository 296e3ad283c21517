"""The streamer's word on a redemption: give it back, try it again, leave it."""

from dataclasses import replace

from tests.services.faults.calls import ADD, ANSWER_LOST, REMOVE, SETTLE, VIPS, around, in_turn, refused
from tests.services.faults.endings import GIVEN, put_off, unavailable
from tests.services.faults.hands import (
    accept,
    fill_the_seats,
    free_the_seats,
    give,
    give_back,
    leave_it,
    redeem,
    refuse,
    try_again,
)
from tests.services.faults.outcome import Ends, Soon, Waits
from tests.services.faults.row import Row, Step, Ways, nothing
from tests.services.faults.scene import Scene
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.ports import TwitchStatus
from vip_manager.simulator.records import BY_HAND

RECEIVED, REFUNDING = RedemptionState.RECEIVED, RedemptionState.REFUNDING
GRANTED, GRANTING, CANCELED = RedemptionState.GRANTED, RedemptionState.GRANTING, RedemptionState.CANCELED

BACK = Ends(
    "",
    TwitchStatus.CANCELED,
    CANCELED,
    None,
    (Action.REFUSED, Action.REFUNDED),
    Refusal.GIVEN_BACK,
    by_hand=frozenset({Action.REFUSED}),
)
NOT_BACK = replace(
    BACK,
    status=TwitchStatus.FULFILLED,
    here=RedemptionState.KEPT,
    log=(Action.REFUSED, Action.POINTS_KEPT),
)
NOT_SAID = replace(GIVEN, log=GIVEN.log[1:])
"""What was said is not known any more, and VIP is given."""
BADGE_TOO = replace(
    BACK,
    session=SessionState.ENDED,
    log=(Action.REFUSED, Action.ENDED, Action.REFUNDED),
    why=(Refusal.GIVEN_BACK, EndReason.BY_HAND),
    by_hand=frozenset({Action.REFUSED, Action.ENDED}),
)
STILL_VIP = replace(unavailable(GRANTED, badge=True), seen=REFUNDING)
OF_TAKING = (Action.GIVE_BACK, Action.TAKEN_BACK, Action.ENDED)
TAKEN_BACK = replace(
    BACK,
    session=SessionState.ENDED,
    log=OF_TAKING,
    why=EndReason.BY_HAND,
    by_hand=frozenset(OF_TAKING),
)
TAKEN_BACK_LATER = replace(TAKEN_BACK, why=EndReason.EXPIRED, by_hand=frozenset({Action.GIVE_BACK, Action.TAKEN_BACK}))
"""By a sweep, since no hours are left."""
VIP_STAYS = replace(GIVEN, log=(Action.GIVE_BACK, Action.FULFILLED), by_hand=frozenset({Action.GIVE_BACK}))
SETTLED = replace(GIVEN, log=(Action.FULFILLED,))
"""What was said is not known any more."""
ENDING = unavailable(SessionState.ENDING, badge=True)
KEPT_THERE = RedemptionState.KEPT
SAID, DONE = "redemptions refunding, auditLog refused", "redemptions canceled, auditLog refunded"


def undecided(scene: Scene) -> None:
    """Twitch said no to the look."""
    VIPS.says(403)(scene)
    redeem(scene)


def lost(scene: Scene) -> None:
    """The look was answered when it was tried again: the badge is there, and the answer is not."""
    scene.mishap(ADD.method, ADD.path, "lose_answer", 1)
    scene.later(0.1)
    scene.opens()


def unsettled(scene: Scene) -> None:
    SETTLE.says(403)(scene)
    redeem(scene)


def kept(scene: Scene) -> None:
    fill_the_seats(scene)
    scene.at(SETTLE.name, lambda: accept(scene))
    redeem(scene)


def two_days(scene: Scene) -> None:
    scene.later(48)


def with_a_seat(ways: Ways) -> Ways:
    return {way: in_turn(free_the_seats, play) for way, play in ways.items()}


def named(what: str, ways: Ways) -> Ways:
    return {f"{way} {what}": play for way, play in ways.items()}


OF_WAITING = (
    Row("no fault", {"": nothing}, Soon.AT_ONCE, BACK),
    Row("Twitch is down, or the answer lost", SETTLE.down_or_lost(), unavailable(REFUNDING), put_off(BACK)),
    Row("accepted in Twitch's own queue just then", SETTLE.just_then(accept), Soon.AT_ONCE, NOT_BACK),
    Row("refused in Twitch's own queue just then", SETTLE.just_then(refuse), Soon.AT_ONCE, BACK),
    Row("kill -9 before the word is written down", {"": around(SAID)["before the commit"]}, Soon.NEXT_START, NOT_SAID),
    Row(
        "kill -9",
        {"after that": around(SAID)["after it"], **SETTLE.killed(200), **named("of the outcome", around(DONE))},
        Soon.NEXT_START,
        BACK,
    ),
    Row("the store does not take the word", refused(SAID), Waits(RECEIVED, Trouble.REJECTED), NOT_SAID),
    Row("the store does not take the outcome", refused(DONE), Waits(REFUNDING), BACK),
    Row(
        "the badge was asked for, and the answer lost",
        {"": lost},
        Soon.AT_ONCE,
        BADGE_TOO,
    ),
)

WAITS = Step(
    "give back by hand what waits",
    "It waits, since Twitch said no to the look, and the streamer gives the points back.",
    OF_WAITING,
    arrange=undecided,
    act=give_back,
)

SAID_OF_VIP = "redemptions granted, auditLog give_back"
TAKEN = "redemptions canceled, auditLog taken_back, vipSessions active"

OF_VIP = (
    Row("no fault", {"": nothing}, Soon.AT_ONCE, TAKEN_BACK),
    Row("Twitch is down, or the answer lost", SETTLE.down_or_lost(), STILL_VIP, put_off(TAKEN_BACK_LATER)),
    Row("accepted in Twitch's own queue just then", SETTLE.just_then(accept), Soon.AT_ONCE, VIP_STAYS),
    Row("refused in Twitch's own queue just then", SETTLE.just_then(refuse), Soon.AT_ONCE, TAKEN_BACK),
    Row("the points are back, and the badge is not taken", REMOVE.answers(503), ENDING, put_off(TAKEN_BACK, at=2)),
    Row(
        "the points are back, and the badge taken, without an answer",
        REMOVE.on_the_way(ANSWER_LOST),
        replace(ENDING, badge=False),
        put_off(TAKEN_BACK, at=2),
    ),
    Row(
        "kill -9 before the word is written down",
        {"": around(SAID_OF_VIP)["before the commit"]},
        Soon.NEXT_START,
        SETTLED,
    ),
    Row(
        "kill -9",
        {
            "after that": around(SAID_OF_VIP)["after it"],
            **SETTLE.killed(200),
            "before the commit of the outcome": around(TAKEN)["before the commit"],
        },
        Waits(CANCELED, badge=True),
        TAKEN_BACK_LATER,
    ),
    Row("kill -9 after that commit", {"": around(TAKEN)["after it"]}, Soon.NEXT_START, TAKEN_BACK_LATER),
    Row(
        "the store does not take the word", refused(SAID_OF_VIP), Waits(GRANTED, Trouble.REJECTED, badge=True), SETTLED
    ),
    Row("the store does not take the outcome", refused(TAKEN), Waits(GRANTED, badge=True), TAKEN_BACK_LATER),
)

RUNS = Step(
    "give back by hand while VIP",
    "They are VIP, but Twitch said no to the fulfilling, and the streamer gives the points back.",
    OF_VIP,
    arrange=unsettled,
    act=give_back,
)

AGAIN = "redemptions received, auditLog reopened"
LEFT = "redemptions kept, auditLog dismissed"
TRIED = frozenset({Action.REOPENED})
DECIDED_ANEW = replace(GIVEN, log=(Action.REOPENED, Action.GRANTED, Action.FULFILLED), by_hand=TRIED)
UNDECIDED = replace(NOT_BACK, session=SessionState.REFUSED, log=(), why=(), by_hand=frozenset())
DISMISSED = replace(UNDECIDED, log=(Action.DISMISSED,), by_hand=frozenset({Action.DISMISSED}))
KEPT_AGAIN = replace(
    UNDECIDED, log=(Action.REOPENED, Action.REFUSED, Action.POINTS_KEPT), why=Refusal.FULL, by_hand=TRIED
)

OF_KEPT = (
    Row("“Leave it”", {"": nothing}, Soon.AT_ONCE, DISMISSED, act=leave_it),
    Row("“Leave it”, twice", {"": leave_it}, Soon.AT_ONCE, DISMISSED, act=leave_it),
    Row(
        "“Leave it”; kill -9 before it is written down",
        {"": around(LEFT)["before the commit"]},
        Waits(KEPT_THERE),
        UNDECIDED,
        act=leave_it,
    ),
    Row("“Leave it”; kill -9 after that", {"": around(LEFT)["after it"]}, Soon.NEXT_START, DISMISSED, act=leave_it),
    Row("“Leave it”, and the store does not take it", refused(LEFT), Waits(KEPT_THERE), UNDECIDED, act=leave_it),
    Row("“Try again”, and there is a seat", {"": free_the_seats}, Soon.AT_ONCE, DECIDED_ANEW),
    Row("“Try again”, and there is none", {"": nothing}, Soon.AT_ONCE, KEPT_AGAIN),
    Row(
        "“Try again”, and they are VIP by hand",
        {"": in_turn(free_the_seats, give)},
        Soon.AT_ONCE,
        replace(KEPT_AGAIN, vip=BY_HAND, session=SessionState.REFUSED, why=Refusal.ALREADY_VIP),
    ),
    Row(
        "“Try again”, twice",
        {"": in_turn(free_the_seats, try_again)},
        Soon.AT_ONCE,
        DECIDED_ANEW,
    ),
    Row("“Try again”, after “Leave it”", {"": in_turn(free_the_seats, leave_it)}, Soon.AT_ONCE, DISMISSED),
    Row("“Try again”, two days later", {"": in_turn(free_the_seats, two_days)}, Soon.AT_ONCE, DECIDED_ANEW),
    Row(
        "“Try again”, and the look is not answered",
        with_a_seat(VIPS.answers(500)),
        unavailable(RECEIVED),
        put_off(DECIDED_ANEW),
    ),
    Row(
        "“Try again”, and VIP is not given",
        with_a_seat(ADD.answers(503)),
        unavailable(GRANTING),
        put_off(DECIDED_ANEW),
    ),
    Row(
        "“Try again”, and VIP is given, without an answer",
        with_a_seat(ADD.on_the_way(ANSWER_LOST)),
        unavailable(GRANTING, badge=True),
        put_off(DECIDED_ANEW),
    ),
    Row(
        "“Try again”; kill -9 before it is written down",
        with_a_seat({"": around(AGAIN)["before the commit"]}),
        Waits(KEPT_THERE),
        UNDECIDED,
    ),
    Row(
        "“Try again”; kill -9",
        with_a_seat({"after that": around(AGAIN)["after it"], **VIPS.killed(200), **ADD.killed(204)}),
        Soon.NEXT_START,
        DECIDED_ANEW,
    ),
    Row("“Try again”, and the store does not take it", with_a_seat(refused(AGAIN)), Waits(KEPT_THERE), UNDECIDED),
)

KEPT = Step(
    "decide on kept points",
    "No seat was free, but the streamer had accepted it in Twitch's own queue: it is shown until they decide.",
    OF_KEPT,
    arrange=kept,
    act=try_again,
)
