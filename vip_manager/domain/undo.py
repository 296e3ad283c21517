"""What can be undone once a VIP session is over."""

from vip_manager.domain.reasons import EndReason
from vip_manager.domain.rules import VipClock
from vip_manager.domain.session import SessionState, VipSession


def undoable(session: VipSession) -> bool:
    """Whether VIP was taken by hand while there was time left, so that it can be given again as it was."""
    by_hand = session.state is SessionState.ENDED and session.end_reason is EndReason.BY_HAND
    if not by_hand or session.ended_at is None or session.granted_at is None or session.aside_at is not None:
        return False
    return session.clock is VipClock.STREAM or session.hours_left(session.ended_at) > 0
