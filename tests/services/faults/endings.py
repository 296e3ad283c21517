"""The endings that many rows share."""

from dataclasses import replace

from tests.ledger.stage import HOURS
from tests.services.faults.outcome import Ends, Waits
from tests.services.faults.scene import Scene
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.ports import TwitchStatus
from vip_manager.simulator.records import BY_API

HEARD = Action.REDEEMED
_SIGNED_IN = (Action.DISCONNECTED, Action.PUT_OFF, Action.CONNECTED)

GIVEN = Ends(
    BY_API,
    TwitchStatus.FULFILLED,
    RedemptionState.FULFILLED,
    SessionState.ACTIVE,
    (HEARD, Action.GRANTED, Action.FULFILLED),
    hours=HOURS,
)
EXTENDED = replace(GIVEN, log=(HEARD, Action.EXTENDED, Action.FULFILLED), hours=2 * HOURS)
OVER = Ends(
    "",
    TwitchStatus.FULFILLED,
    RedemptionState.FULFILLED,
    SessionState.ENDED,
    (Action.ENDED,),
    EndReason.EXPIRED,
    HOURS,
)


def given_back(why: Refusal, *, vip: str = "", session: SessionState | None = SessionState.REFUSED) -> Ends:
    """No VIP by us, and the points back."""
    log = (HEARD, Action.REFUSED, Action.REFUNDED)
    return Ends(vip, TwitchStatus.CANCELED, RedemptionState.CANCELED, session, log, why)


TAKEN_BACK = Ends(
    "",
    TwitchStatus.CANCELED,
    RedemptionState.CANCELED,
    SessionState.ENDED,
    (HEARD, Action.GRANTED, Action.TAKEN_BACK, Action.ENDED),
    EndReason.EXPIRED,
)
"""Refused in Twitch's own queue after we had given VIP."""


def after(ends: Ends, *first: Action, at: int = 1) -> Ends:
    """With these lines before the `at`th."""
    return replace(ends, log=(*ends.log[:at], *first, *ends.log[at:]))


def put_off(ends: Ends, at: int = 1) -> Ends:
    return after(ends, Action.PUT_OFF, at=at)


def signed_in(ends: Ends, at: int = 1) -> Ends:
    """Put off until the streamer had signed in again."""
    return after(ends, *_SIGNED_IN, at=at)


def unavailable(state: RedemptionState | SessionState, *, badge: bool = False) -> Waits:
    return Waits(state, Trouble.UNAVAILABLE, badge)


TOO_LATE = given_back(Refusal.TOO_OLD, session=None)
"""Older by then than VIP may come for it."""
TOO_LATE_UNASKED = after(after(TOO_LATE, Action.CONNECTED, at=3), Action.DISCONNECTED, Action.PUT_OFF)
"""The same, before anybody had signed in again."""
IN_TIME = 12.0
"""Hours, and a redemption is not too old yet."""


def in_time(scene: Scene) -> None:
    """The streamer signs in again within the day."""
    scene.sign_in(IN_TIME)
