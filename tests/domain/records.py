"""Records in every state they can be in, each brought there by its own moves."""

from datetime import UTC, datetime, timedelta

from vip_manager.domain.channel import Channel
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.rules import Held
from vip_manager.domain.session import MANUAL, Credit, SessionState, VipSession

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
CHANNEL = Channel("1001", "1001", "streamer", "Streamer", channel_point_reward_id="r1", vip_duration=24.0)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def credit(credit_id: str = "c1", number: float = 24.0) -> Credit:
    return Credit(credit_id, MANUAL, number, NOW)


def granting(first: Credit | None = None) -> VipSession:
    first = first or credit()
    return VipSession(
        id="s1",
        channel_id="1001",
        user_id="3001",
        login="viewer1",
        username="Viewer1",
        redeemed_with=first.source,
        created_at=NOW,
        credits=(first,),
        owed=first.hours,
    )


def session(state: SessionState) -> VipSession:
    """Of 24 hours, given at NOW where it was given."""
    fresh = granting()
    match state:
        case SessionState.GRANTING:
            return fresh
        case SessionState.REFUSED:
            return fresh.refused(NOW, Refusal.FULL)
        case SessionState.ACTIVE:
            return fresh.active(NOW)
        case SessionState.ASIDE:
            return fresh.active(NOW).set_aside(NOW).of_moderator(NOW)
        case SessionState.ENDING:
            return fresh.active(NOW).ending(EndReason.EXPIRED)
        case SessionState.ENDED:
            return fresh.active(NOW).ending(EndReason.EXPIRED).ended(NOW, EndReason.EXPIRED)


def redemption(state: RedemptionState) -> Redemption:
    received = Redemption("x1", "1001", "r1", "VIP", 500, "3001", "viewer1", "Viewer1", NOW, NOW)
    match state:
        case RedemptionState.RECEIVED:
            return received
        case RedemptionState.HELD:
            return received.holding(Held.SEAT, NOW, NOW + hours(24))
        case RedemptionState.GRANTING:
            return received.granting("s1", 24)
        case RedemptionState.GRANTED:
            return received.granting("s1", 24).granted("s1", 24)
        case RedemptionState.REFUNDING:
            return received.refunding(Refusal.FULL)
        case RedemptionState.FULFILLED:
            return received.granted("s1", 24).fulfilled(NOW)
        case RedemptionState.CANCELED:
            return received.refunding(Refusal.FULL).canceled(NOW)
        case RedemptionState.KEPT:
            return received.refunding(Refusal.FULL).kept(NOW)
