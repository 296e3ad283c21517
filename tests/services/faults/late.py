"""Find a redemption late."""

from dataclasses import replace

from tests.services.faults.calls import REDEMPTIONS, SETTLE, around, in_turn, refused
from tests.services.faults.endings import GIVEN, TOO_LATE, put_off, unavailable
from tests.services.faults.hands import accept, late_is_never, redeem_unheard, refuse
from tests.services.faults.hear import NEVER_HEARD
from tests.services.faults.outcome import Soon, Waits
from tests.services.faults.row import Play, Row, Step, Ways
from tests.services.faults.scene import Scene
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.ports import TwitchStatus

YOUNGER, OLDER, MUCH_OLDER = 23.0, 25.0, 1000.0
"""Hours; the limit is a day."""
DECISION = "redemptions refunding, auditLog refused"
OUTCOME = "redemptions canceled, auditLog refunded"
RECEIVED, REFUNDING = RedemptionState.RECEIVED, RedemptionState.REFUNDING
KEPT = replace(
    TOO_LATE,
    status=TwitchStatus.FULFILLED,
    here=RedemptionState.KEPT,
    log=(Action.REDEEMED, Action.REFUSED, Action.POINTS_KEPT),
)


def aged(hours: float, *first: Play) -> Play:
    """For so long nothing is heard of it, nor of what is done to it first."""

    def play(scene: Scene) -> None:
        in_turn(redeem_unheard, *first, Scene.lose_mail)(scene)
        scene.stage.pass_time(hours)

    return play


def heard_late(scene: Scene) -> None:
    event = scene.redeem(heard=False)
    scene.stage.pass_time(OLDER)
    scene.hear(event)


def off_by(seconds: int) -> Play:
    return lambda scene: scene.clock_is_off(seconds)


def with_old(ways: Ways) -> Ways:
    return {way: in_turn(OLD, play) for way, play in ways.items()}


OLD = aged(OLDER)

ROWS = (
    Row("younger than a day", {"": aged(YOUNGER)}, Soon.AT_ONCE, GIVEN),
    Row("older", {"": OLD}, Soon.AT_ONCE, TOO_LATE),
    Row("older, found by the next start", {"": OLD}, Soon.NEXT_START, TOO_LATE, act=Scene.restart),
    Row("older, where late is never", {"": in_turn(late_is_never, Scene.opens, aged(MUCH_OLDER))}, Soon.AT_ONCE, GIVEN),
    Row("older, and accepted in Twitch's own queue", {"": aged(OLDER, accept)}, Soon.AT_ONCE, GIVEN),
    Row(
        "older, and accepted in Twitch's own queue just then",
        {"": in_turn(OLD, *SETTLE.just_then(accept).values())},
        Soon.AT_ONCE,
        KEPT,
    ),
    Row("older, and refused in Twitch's own queue", {"": aged(OLDER, refuse)}, Waits(None), NEVER_HEARD),
    Row(
        "older, and refused in Twitch's own queue just then",
        {"": in_turn(OLD, *SETTLE.just_then(refuse).values())},
        Soon.AT_ONCE,
        TOO_LATE,
    ),
    Row(
        "older, and what became of it is not shown",
        {**REDEMPTIONS.answers(500), **REDEMPTIONS.answers(503, times=2)},
        unavailable(RECEIVED),
        put_off(TOO_LATE),
        act=heard_late,
    ),
    Row(
        "older, and Twitch is down, or the answer lost",
        with_old(SETTLE.down_or_lost()),
        unavailable(REFUNDING),
        put_off(TOO_LATE, at=2),
    ),
    Row(
        "younger by Twitch's clock, and ours is 2 h ahead",
        {"": in_turn(aged(YOUNGER), off_by(7200))},
        Waits(RedemptionState.GRANTING, Trouble.CLOCK),
        put_off(GIVEN),
    ),
    Row("older by Twitch's clock, and ours is 2 h behind", {"": in_turn(OLD, off_by(-7200))}, Soon.AT_ONCE, TOO_LATE),
    Row(
        "older; kill -9",
        with_old(
            {
                **around(DECISION),
                **SETTLE.killed(200),
                **{f"{way} of the outcome": play for way, play in around(OUTCOME).items()},
            }
        ),
        Soon.NEXT_START,
        TOO_LATE,
    ),
    Row("older, and the store does not take the decision", with_old(refused(DECISION)), Waits(RECEIVED), TOO_LATE),
)

STEP = Step(
    "find late",
    "The program was off, or Twitch away, and what was redeemed is found in its lists; the limit is a day.",
    ROWS,
    act=Scene.listen,
)
