"""Look whether they are VIP already."""

from tests.services.faults.calls import ALWAYS, ASKED_AGAIN, VIPS, around, in_turn, refused
from tests.services.faults.endings import (
    GIVEN,
    TOO_LATE,
    TOO_LATE_UNASKED,
    given_back,
    in_time,
    put_off,
    signed_in,
    unavailable,
)
from tests.services.faults.hands import accept, give, lists_lag, lists_lag_no_more, redeem, refuse
from tests.services.faults.outcome import Ends, Soon, Waits
from tests.services.faults.row import Row, Step, nothing
from tests.services.faults.scene import Scene
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import Refusal, Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.ports import TwitchStatus
from vip_manager.simulator.records import BY_HAND

RECEIVED = RedemptionState.RECEIVED
INTENT = "redemptions granting, vipSessions granting"
GIVEN_BACK_ELSEWHERE = Ends(
    "",
    TwitchStatus.CANCELED,
    RedemptionState.CANCELED,
    None,
    (Action.REDEEMED, Action.PUT_OFF, Action.REFUNDED),
)


def just_taken(scene: Scene) -> None:
    """A badge of ours, which the list still shows."""
    redeem(scene)
    scene.stage.pass_time(2)
    lists_lag(scene)
    scene.over()
    scene.opens()


ROWS = (
    Row("asked again at once", {**VIPS.on_the_way(ASKED_AGAIN), **VIPS.answers(503)}, Soon.AT_ONCE, GIVEN),
    Row("no good answer", VIPS.read_fails(), unavailable(RECEIVED), put_off(GIVEN)),
    Row("", VIPS.too_many(), Waits(RECEIVED, Trouble.RATE_LIMITED), put_off(GIVEN)),
    Row("401 once", VIPS.token_died(), Soon.AT_ONCE, GIVEN),
    Row(
        "until they sign in again, within the day",
        {**VIPS.tokens_died(), **VIPS.token_lacks()},
        Waits(RECEIVED, Trouble.RECONNECT),
        signed_in(GIVEN),
        after=in_time,
    ),
    Row(
        "until they sign in again, a day later",
        {"401 and no fresh token": VIPS.tokens_died()["401 and no fresh token"], **VIPS.token_lacks()},
        Waits(RECEIVED, Trouble.RECONNECT),
        signed_in(TOO_LATE),
        after=Scene.sign_in,
    ),
    Row(
        "401 of this call alone, for a day: the points go back without a sign-in",
        {"": VIPS.says(401, ALWAYS)},
        Waits(RECEIVED, Trouble.RECONNECT),
        TOO_LATE_UNASKED,
        after=Scene.sign_in,
    ),
    Row("no such viewer", VIPS.answers(400), Soon.AT_ONCE, given_back(Refusal.DECLINED, session=None)),
    Row("another no", VIPS.answers(403, 404), Waits(RECEIVED, Trouble.REJECTED), put_off(GIVEN)),
    Row(
        "VIP by hand already",
        {"": give},
        Soon.AT_ONCE,
        given_back(Refusal.ALREADY_VIP, vip=BY_HAND, session=None),
    ),
    Row(
        "the list still shows a badge that we have just taken",
        {"": just_taken},
        unavailable(RECEIVED),
        put_off(GIVEN),
        after=in_turn(lists_lag_no_more, Scene.calm),
    ),
    Row(
        "no good answer; then refused in Twitch's own queue",
        {"": in_turn(VIPS.says(500), redeem, refuse)},
        unavailable(RECEIVED),
        GIVEN_BACK_ELSEWHERE,
        act=nothing,
    ),
    Row(
        "no good answer; then accepted in Twitch's own queue",
        {"": in_turn(VIPS.says(500), redeem, accept)},
        unavailable(RECEIVED),
        put_off(GIVEN),
        act=nothing,
    ),
    Row("kill -9", {**VIPS.killed(200), **around(INTENT)}, Soon.NEXT_START, GIVEN),
    Row("the store does not take the intent", refused(INTENT), Waits(RECEIVED), GIVEN),
)

STEP = Step("look", "Whether they are VIP already: GET channels/vips.", ROWS, act=redeem)
