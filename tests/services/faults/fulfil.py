"""Fulfil the redemption, after VIP was given."""

from datetime import timedelta
from functools import partial

from tests.services.faults.calls import ANSWER_LOST, REDEMPTIONS, SETTLE, around, in_turn, refused
from tests.services.faults.endings import GIVEN, TAKEN_BACK, after, put_off, signed_in, unavailable
from tests.services.faults.hands import accept, delete_reward, redeem, refuse
from tests.services.faults.outcome import Soon, Waits
from tests.services.faults.row import Row, Step, Ways
from tests.services.faults.scene import Scene
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import Trouble
from vip_manager.domain.redemption import RedemptionState

GRANTED = RedemptionState.GRANTED
LATER = put_off(GIVEN, at=2)
OUTCOME = "redemptions fulfilled, auditLog fulfilled"


def clock_far_ahead(scene: Scene) -> None:
    """By more than Twitch shows what is settled, at the least."""
    scene.stage.clock.wrong = timedelta(hours=30)


def settling_fails() -> Ways:
    """Whether it is done or not: what Twitch says of it later is believed."""
    not_listed = in_turn(SETTLE.says(404), REDEMPTIONS.says(404))
    return {
        **SETTLE.change_fails(),
        **SETTLE.on_the_way(ANSWER_LOST),
        "404 though it is open": SETTLE.says(404),
        "404 and not listed": not_listed,
        "the same and our clock is 30 h ahead": in_turn(not_listed, *SETTLE.just_then(clock_far_ahead).values()),
    }


ROWS = (
    Row("no good answer", settling_fails(), unavailable(GRANTED, badge=True), LATER),
    Row("", SETTLE.too_many(), Waits(GRANTED, Trouble.RATE_LIMITED, badge=True), LATER),
    Row("401 once", SETTLE.token_died(), Soon.AT_ONCE, GIVEN),
    Row(
        "until they sign in again",
        SETTLE.tokens_died(),
        Waits(GRANTED, Trouble.RECONNECT, badge=True),
        signed_in(GIVEN, at=2),
        after=partial(Scene.sign_in, hours=1),
    ),
    Row("a no", SETTLE.answers(400, 403), Waits(GRANTED, Trouble.REJECTED, badge=True), LATER),
    Row("accepted in Twitch's own queue just then", SETTLE.just_then(accept), Soon.AT_ONCE, GIVEN),
    Row(
        "refused in Twitch's own queue just then",
        SETTLE.just_then(refuse),
        Waits(RedemptionState.CANCELED, badge=True),
        TAKEN_BACK,
    ),
    Row(
        "the reward deleted just then",
        SETTLE.just_then(delete_reward),
        Waits(RedemptionState.FULFILLED, badge=True),
        after(GIVEN, Action.REWARD_LOST, at=3),
    ),
    Row("kill -9", {**SETTLE.killed(200), **around(OUTCOME)}, Soon.NEXT_START, GIVEN),
    Row("the store does not take the outcome", refused(OUTCOME), Waits(GRANTED, badge=True), GIVEN),
)

STEP = Step("fulfil", "They are VIP, and Twitch is told that it is done: PATCH redemptions.", ROWS, act=redeem)
