"""Refresh the token, which has run out."""

from tests.services.faults.calls import ANSWER_LOST, TOKEN, around, refused
from tests.services.faults.endings import GIVEN, TOO_LATE, after, in_time, put_off, signed_in, unavailable
from tests.services.faults.hands import disconnect, expire_tokens, redeem
from tests.services.faults.outcome import Soon, Waits
from tests.services.faults.row import Row, Step
from tests.services.faults.scene import Scene
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import Trouble
from vip_manager.domain.redemption import RedemptionState

RECEIVED = RedemptionState.RECEIVED
SAVED = "users"


def sign_in_just_then(scene: Scene) -> None:
    scene.at_once(TOKEN.name, scene.connect)


def sign_in_just_then_and_dead(scene: Scene) -> None:
    """The sign-in's own request comes first."""
    TOKEN.says(400, after=1, message="Invalid refresh token")(scene)
    sign_in_just_then(scene)


ROWS = (
    Row(
        "no good answer",
        {
            **TOKEN.change_fails(),
            **TOKEN.on_the_way(ANSWER_LOST),
            "400 about the program": TOKEN.says(400, message="invalid client"),
            "403 about the program": TOKEN.says(403, message="invalid client secret"),
        },
        unavailable(RECEIVED),
        put_off(GIVEN),
    ),
    Row("", TOKEN.answers(429), Waits(RECEIVED, Trouble.RATE_LIMITED), put_off(GIVEN)),
    Row(
        "until they sign in again, within the day",
        {
            **TOKEN.answers(400, 401, message="Invalid refresh token"),
            "the program disconnected in Twitch's settings": disconnect,
        },
        Waits(RECEIVED, Trouble.RECONNECT),
        signed_in(GIVEN),
        after=in_time,
    ),
    Row(
        "until they sign in again, a day later",
        {
            **TOKEN.answers(400, 401, message="Invalid refresh token"),
            "the program disconnected in Twitch's settings": disconnect,
        },
        Waits(RECEIVED, Trouble.RECONNECT),
        signed_in(TOO_LATE),
        after=Scene.sign_in,
    ),
    Row(
        "they sign in again just then",
        {"the old one lives": sign_in_just_then, "the old one is dead": sign_in_just_then_and_dead},
        Soon.AT_ONCE,
        after(GIVEN, Action.CONNECTED),
    ),
    Row("kill -9", {**TOKEN.killed(200), **around(SAVED)}, Soon.NEXT_START, GIVEN),
    Row("the store does not take the new one", refused(SAVED), Waits(RECEIVED), GIVEN),
)

STEP = Step(
    "refresh the token",
    "The streamer's token has run out when it is needed: POST oauth2/token.",
    ROWS,
    arrange=expire_tokens,
    act=redeem,
)
