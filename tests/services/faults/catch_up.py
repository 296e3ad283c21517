"""Catch up with what Twitch lists."""

from tests.services.faults.calls import REDEMPTIONS, REWARDS, VIPS, around, in_turn, refused
from tests.services.faults.endings import GIVEN, TOO_LATE, after, in_time, put_off
from tests.services.faults.hands import affiliate, lists_lag, pause_reward, redeem, redeem_unheard
from tests.services.faults.hear import UNHEARD_OF, WRITTEN, accepted_unheard
from tests.services.faults.outcome import Soon, Waits
from tests.services.faults.row import Play, Row, Step
from tests.services.faults.scene import Scene
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.services.connections import Hearing


def sweep_when_due(scene: Scene) -> None:
    """A catch-up comes every ten minutes."""
    scene.later(11 / 60)


def no_affiliate(scene: Scene) -> None:
    affiliate(scene, "")


def clock_off(seconds: int) -> Play:
    return in_turn(accepted_unheard, lambda scene: scene.clock_is_off(seconds))


ROWS = (
    Row(
        "the reward is not shown",
        {**REWARDS.read_fails(), **REWARDS.answers(429), "404 though it is there": REWARDS.says(404)},
        UNHEARD_OF,
        GIVEN,
    ),
    Row(
        "its redemptions are not shown",
        {**REDEMPTIONS.read_fails(), **REDEMPTIONS.answers(429, 400, 403, 404)},
        UNHEARD_OF,
        GIVEN,
    ),
    Row(
        "the VIPs are not shown",
        {**VIPS.read_fails(), **VIPS.answers(429, 400, 403, 404)},
        Waits(RedemptionState.RECEIVED),
        GIVEN,
    ),
    Row(
        "401 once",
        {
            "the reward": REWARDS.token_died()[""],
            "its redemptions": REDEMPTIONS.token_died()[""],
            "the VIPs": VIPS.token_died()[""],
        },
        Soon.AT_ONCE,
        GIVEN,
    ),
    Row(
        "until they sign in again, within the day",
        REWARDS.tokens_died(),
        Waits(None, line=Hearing.RECONNECT),
        after(GIVEN, Action.DISCONNECTED, Action.CONNECTED, at=0),
        after=in_time,
    ),
    Row(
        "until they sign in again, a day later",
        REWARDS.tokens_died(),
        Waits(None, line=Hearing.RECONNECT),
        after(TOO_LATE, Action.DISCONNECTED, Action.CONNECTED, at=0),
        after=Scene.sign_in,
    ),
    Row(
        "no affiliate any more, for a while",
        {"": no_affiliate},
        UNHEARD_OF,
        GIVEN,
        after=in_turn(affiliate, Scene.calm),
    ),
    Row(
        "the reward was paused by hand",
        {"": in_turn(redeem_unheard, pause_reward)},
        Soon.AT_ONCE,
        GIVEN,
        act=sweep_when_due,
    ),
    Row(
        "the list of VIPs lags behind a badge of ours",
        {
            "": in_turn(lists_lag, redeem),
            "and our clock is 2 h ahead": in_turn(lists_lag, redeem, lambda scene: scene.clock_is_off(7200)),
        },
        Soon.AT_ONCE,
        GIVEN,
        act=Scene.listen,
    ),
    Row(
        "accepted in Twitch's own queue, and our clock is off",
        {"90 s ahead": clock_off(90), "2 h ahead": clock_off(7200), "2 h behind": clock_off(-7200)},
        Waits(RedemptionState.GRANTING, Trouble.CLOCK),
        put_off(GIVEN),
        act=sweep_when_due,
    ),
    Row(
        "kill -9",
        {**REWARDS.killed(200), **around(WRITTEN), "before the list of VIPs": VIPS.killed(200)["before the call"]},
        Soon.NEXT_START,
        GIVEN,
    ),
    Row("the store does not take what is found", refused(WRITTEN), UNHEARD_OF, GIVEN),
)

STEP = Step(
    "catch up",
    "The event was lost, and Twitch's lists are read: GET custom_rewards, redemptions and channels/vips.",
    ROWS,
    act=in_turn(redeem_unheard, sweep_when_due),
)
