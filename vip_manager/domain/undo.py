"""What can be undone once a VIP session is over."""

import hashlib
from collections.abc import Iterable

from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.rules import VipClock
from vip_manager.domain.session import Credit, SessionState, VipSession

_UNDONE = "undo:"
"""How the id of a credit begins that gives back what was taken by hand."""


def credit_id(session: VipSession) -> str:
    """Of the credit with which that ended session goes on: it counts once."""
    return f"again:{session.id}" if session.end_reason is EndReason.EXPIRED else f"{_UNDONE}{session.id}"


def id_after(session_id: str) -> str:
    """Of the session with which an ended one goes on. It is the same wherever that is asked for, and no store takes it
    twice."""
    return hashlib.sha256(f"again:{session_id}".encode()).hexdigest()[:24]


def gives_back(credit: Credit) -> bool:
    """Whether its hours are those of an earlier session, which has them still among its credits."""
    return credit.id.startswith(_UNDONE)


def undoable(session: VipSession) -> bool:
    """Whether VIP was taken by hand while there was time left, so that it can be given again as it was."""
    by_hand = session.state is SessionState.ENDED and session.end_reason is EndReason.BY_HAND
    if not by_hand or session.ended_at is None or session.granted_at is None or session.aside_at is not None:
        return False
    if session.clock is VipClock.STREAM:
        return bool(session.credits)
    return session.hours_left(session.ended_at) > 0


def paid_up(session: VipSession, redemptions: Iterable[Redemption]) -> bool:
    """Whether nothing of what was paid for that session went back, or can go back on Twitch yet: its hours, once they
    are on another session, would stay there. `redemptions` are all that name it."""
    return not any(
        one.open or (session.holds(one.id) and one.state is not RedemptionState.FULFILLED) for one in redemptions
    )
