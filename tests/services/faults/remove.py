"""Remove VIP when the hours are over."""

from dataclasses import replace

from tests.services.faults.calls import ANSWER_LOST, REMOVE, TIME, WITHOUT_EFFECT, around, clock_off, in_turn, refused
from tests.services.faults.endings import OVER, put_off, signed_in, unavailable
from tests.services.faults.hands import ban, give, redeem, take, take_and_give
from tests.services.faults.more_time import past_the_end
from tests.services.faults.outcome import Soon, Waits
from tests.services.faults.row import Row, Step
from tests.services.faults.scene import Scene
from tests.services.faults.while_vip import AS_IT_WAS
from vip_manager.domain.reasons import Trouble
from vip_manager.domain.session import SessionState
from vip_manager.simulator.records import BY_HAND

ACTIVE, ENDING = SessionState.ACTIVE, SessionState.ENDING
LATER = put_off(OVER, at=0)
CLAIM = "vipSessions ending"
OUTCOME = "vipSessions ended, auditLog ended"


def clock_ahead(scene: Scene) -> None:
    scene.later(1)
    scene.clock_is_off(7200)


ROWS = (
    Row("nothing done", REMOVE.change_fails(), unavailable(ENDING, badge=True), LATER),
    Row("", REMOVE.on_the_way(ANSWER_LOST), unavailable(ENDING), LATER),
    Row(
        "done but no answer; then made VIP by hand, heard",
        REMOVE.on_the_way({"": "lose_answer"}),
        unavailable(SessionState.ENDED, badge=True),
        replace(LATER, vip=BY_HAND),
        act=in_turn(Scene.over, give, Scene.hear_all),
    ),
    Row(
        "done but no answer; then made VIP by hand, not heard, which nobody can tell",
        REMOVE.on_the_way({"": "lose_answer"}),
        unavailable(ENDING, badge=True),
        LATER,
        act=in_turn(Scene.over, give, Scene.lose_mail),
    ),
    Row("", REMOVE.too_many(), Waits(ENDING, Trouble.RATE_LIMITED, badge=True), LATER),
    Row("401 once", REMOVE.token_died(), Soon.AT_ONCE, OVER),
    Row(
        "until they sign in again",
        {**REMOVE.tokens_died(), **REMOVE.token_lacks()},
        Waits(ENDING, Trouble.RECONNECT, badge=True),
        signed_in(OVER, at=0),
        after=Scene.sign_in,
    ),
    Row("a no though they are VIP", REMOVE.answers(400, 403), Waits(ENDING, Trouble.REJECTED, badge=True), LATER),
    Row("no such viewer, though they are listed", REMOVE.answers(404), Waits(ENDING, Trouble.GONE, badge=True), LATER),
    Row(
        "not VIP any more",
        {
            "taken by hand just then": REMOVE.just_then(take)[""],
            "taken by hand and 404": in_turn(REMOVE.just_then(take)[""], REMOVE.says(404)),
            "banned just then": REMOVE.just_then(ban)[""],
        },
        Soon.AT_ONCE,
        OVER,
    ),
    Row(
        "taken and given by hand just then, not heard, which nobody can tell",
        REMOVE.just_then(take_and_give),
        Soon.AT_ONCE,
        OVER,
        act=in_turn(Scene.over, Scene.lose_mail),
    ),
    Row("two sweeps at once", {"": past_the_end}, Soon.AT_ONCE, OVER, act=Scene.sweep_twice),
    Row("our clock is off", clock_off(), Waits(ACTIVE, badge=True), OVER),
    Row(
        "our clock is 2 h ahead, an hour before the end",
        {"": clock_ahead},
        Waits(ACTIVE, badge=True),
        AS_IT_WAS,
        act=Scene.sweep,
    ),
    Row("Twitch's time can't be read", TIME.on_the_way(WITHOUT_EFFECT), Waits(ACTIVE, badge=True), OVER),
    Row(
        "kill -9",
        {
            "before the claim": around(CLAIM)["before the commit"],
            **REMOVE.killed(204),
            **around(OUTCOME),
        },
        Soon.NEXT_START,
        OVER,
    ),
    Row("the store does not take the claim", refused(CLAIM), Waits(ACTIVE, badge=True), OVER),
    Row("the store does not take the outcome", refused(OUTCOME), Waits(ENDING), OVER),
)

STEP = Step(
    "remove",
    "Their hours are over, and a sweep takes the badge: DELETE channels/vips.",
    ROWS,
    arrange=in_turn(redeem, Scene.calm),
    act=Scene.over,
)
