"""Give the points back, where VIP can't be given."""

from dataclasses import replace

from tests.services.faults.calls import SETTLE, around, in_turn, refused
from tests.services.faults.endings import after, given_back, put_off, signed_in, unavailable
from tests.services.faults.fulfil import settling_fails
from tests.services.faults.hands import accept, delete_reward, fill_the_seats, redeem, refuse, switch_queue_off
from tests.services.faults.outcome import Soon, Waits
from tests.services.faults.row import Play, Row, Step, Ways
from tests.services.faults.scene import Scene
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import Refusal, Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.ports import TwitchStatus

REFUNDING = RedemptionState.REFUNDING
BACK = given_back(Refusal.FULL)
LATER = put_off(BACK, at=2)
KEPT = replace(
    BACK,
    status=TwitchStatus.FULFILLED,
    here=RedemptionState.KEPT,
    log=(Action.REDEEMED, Action.REFUSED, Action.POINTS_KEPT),
)
OUTCOME = "redemptions canceled, auditLog refunded"


def settled_or(status: int, settle: Play) -> Ways:
    """Twitch's own 404 then, or another no."""
    just_then = SETTLE.just_then(settle)[""]
    return {"404": just_then, str(status): in_turn(just_then, SETTLE.says(status))}


def forgotten(scene: Scene) -> None:
    """Twitch shows for three days what is settled."""
    redeem(scene)
    accept(scene)
    scene.lose_mail()
    scene.later(80)


ROWS = (
    Row("no good answer", settling_fails(), unavailable(REFUNDING), LATER),
    Row("", SETTLE.too_many(), Waits(REFUNDING, Trouble.RATE_LIMITED), LATER),
    Row("401 once", SETTLE.token_died(), Soon.AT_ONCE, BACK),
    Row(
        "until they sign in again",
        SETTLE.tokens_died(),
        Waits(REFUNDING, Trouble.RECONNECT),
        signed_in(BACK, at=2),
        after=Scene.sign_in,
    ),
    Row("a no", SETTLE.answers(400, 403), Waits(REFUNDING, Trouble.REJECTED), LATER),
    Row("refused in Twitch's own queue just then", settled_or(400, refuse), Soon.AT_ONCE, BACK),
    Row("accepted in Twitch's own queue just then", settled_or(400, accept), Soon.AT_ONCE, KEPT),
    Row(
        "accepted in Twitch's own queue, and they sign in again days later, when Twitch shows it no more",
        SETTLE.tokens_died(),
        Waits(REFUNDING, Trouble.RECONNECT),
        signed_in(KEPT, at=2),
        act=forgotten,
        after=Scene.sign_in,
    ),
    Row("the reward's queue was off", {"": switch_queue_off}, Soon.AT_ONCE, KEPT),
    Row(
        "the reward deleted just then",
        SETTLE.just_then(delete_reward),
        Waits(RedemptionState.KEPT),
        after(KEPT, Action.REWARD_LOST, at=3),
    ),
    Row("kill -9", {**SETTLE.killed(200), **around(OUTCOME)}, Soon.NEXT_START, BACK),
    Row("the store does not take the outcome", refused(OUTCOME), Waits(REFUNDING), BACK),
)

STEP = Step(
    "give back",
    "No seat is free, so the points are to go back: PATCH redemptions.",
    ROWS,
    arrange=fill_the_seats,
    act=redeem,
)
