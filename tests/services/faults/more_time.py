"""Add time to a VIP that runs."""

from dataclasses import replace

from tests.services.faults.calls import ADD, ANSWER_LOST, REMOVE, SETTLE, around, clock_off, in_turn, refused
from tests.services.faults.endings import EXTENDED, GIVEN, put_off, unavailable
from tests.services.faults.hands import accept, give_back, redeem, refuse, take
from tests.services.faults.hear import twice, twice_at_once
from tests.services.faults.outcome import Soon, Waits
from tests.services.faults.row import Row, Step, nothing
from tests.services.faults.scene import Scene
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason, Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.ports import TwitchStatus

COMMIT = "redemptions granted, auditLog extended, vipSessions active"
ANEW = replace(GIVEN, hours=2 * GIVEN.hours, lasts=GIVEN.hours)
"""The badge was being taken: what was bought is given with a badge of its own."""


def running(scene: Scene) -> None:
    redeem(scene)
    scene.calm()
    scene.later(1)


def past_the_end(scene: Scene) -> None:
    scene.stage.pass_time(GIVEN.hours)


def while_it_is_taken(scene: Scene) -> None:
    past_the_end(scene)
    scene.redeem_at(REMOVE.name, scene.stage.house.services.sweep.run)


ROWS = (
    Row(
        "the event comes twice",
        {"at once": twice_at_once, "one after the other": twice},
        Soon.AT_ONCE,
        EXTENDED,
        act=nothing,
    ),
    Row(
        "the end is past, and no sweep has come",
        {"": past_the_end},
        Soon.AT_ONCE,
        replace(EXTENDED, lasts=GIVEN.hours),
    ),
    Row(
        "the badge is being taken just then",
        {"": while_it_is_taken},
        Soon.AT_ONCE,
        replace(
            GIVEN,
            log=(Action.REDEEMED, Action.ENDED, Action.GRANTED, Action.FULFILLED),
            why=EndReason.EXPIRED,
        ),
        act=nothing,
    ),
    Row(
        "the badge is being taken, and that not answered",
        {"503": REMOVE.says(503), **REMOVE.on_the_way(ANSWER_LOST)},
        Soon.AT_ONCE,
        put_off(ANEW, at=0),
        act=in_turn(Scene.over, redeem),
    ),
    Row(
        "the badge is being taken, and neither that nor the next add answered",
        {"": in_turn(REMOVE.says(503), ADD.says(503))},
        unavailable(RedemptionState.GRANTING, badge=True),
        put_off(put_off(ANEW, at=0), at=2),
        act=in_turn(Scene.over, redeem),
    ),
    Row(
        "the badge was taken by hand, and that is not heard",
        {"": in_turn(take, Scene.lose_mail)},
        Waits(RedemptionState.RECEIVED, Trouble.LAGGING),
        replace(
            GIVEN,
            log=(Action.REDEEMED, Action.PUT_OFF, Action.ENDED, Action.GRANTED, Action.FULFILLED),
            why=EndReason.REMOVED_ON_TWITCH,
        ),
        after=Scene.calm_and_found_out,
    ),
    Row(
        "given back by the streamer before it was settled",
        {"": SETTLE.says(500)},
        Soon.AT_ONCE,
        replace(
            GIVEN,
            status=TwitchStatus.CANCELED,
            here=RedemptionState.CANCELED,
            log=(Action.REDEEMED, Action.EXTENDED, Action.PUT_OFF, Action.GIVE_BACK, Action.TAKEN_BACK),
            by_hand=frozenset({Action.GIVE_BACK, Action.TAKEN_BACK}),
        ),
        act=in_turn(redeem, give_back),
    ),
    Row("accepted in Twitch's own queue just then", SETTLE.just_then(accept), Soon.AT_ONCE, EXTENDED),
    Row(
        "refused in Twitch's own queue just then",
        SETTLE.just_then(refuse),
        Soon.AT_ONCE,
        replace(
            GIVEN,
            status=TwitchStatus.CANCELED,
            here=RedemptionState.CANCELED,
            log=(Action.REDEEMED, Action.EXTENDED, Action.TAKEN_BACK),
        ),
    ),
    Row(
        "our clock is off",
        {"90 s ahead": lambda scene: scene.clock_is_off(90), "2 h behind": lambda scene: scene.clock_is_off(-7200)},
        Soon.AT_ONCE,
        EXTENDED,
    ),
    Row(
        "our clock is so far ahead that the end seems past",
        {"": lambda scene: scene.clock_is_off(7200)},
        Waits(RedemptionState.RECEIVED, Trouble.CLOCK, badge=True),
        put_off(EXTENDED),
    ),
    Row(
        "the badge is being taken, and that not answered; then our clock is off",
        {way: in_turn(REMOVE.says(503), Scene.over, play) for way, play in clock_off().items()},
        Waits(RedemptionState.RECEIVED, Trouble.CLOCK, badge=True),
        replace(
            GIVEN,
            log=(Action.PUT_OFF, Action.REDEEMED, Action.PUT_OFF, Action.ENDED, Action.GRANTED, Action.FULFILLED),
            why=EndReason.EXPIRED,
        ),
    ),
    Row("kill -9", around(COMMIT), Soon.NEXT_START, EXTENDED),
    Row("the store does not take it", refused(COMMIT), Waits(RedemptionState.RECEIVED, badge=True), EXTENDED),
)

STEP = Step(
    "add time",
    "They redeem again while they are VIP by us: a commit, and no call.",
    ROWS,
    arrange=running,
    act=redeem,
)
