"""What a redemption means, by who redeems, whether VIP is on, and what the viewer has."""

from dataclasses import replace

import pytest

from tests.domain.records import CHANNEL, NOW, redemption, session
from vip_manager.domain.decision import Decision, Extend, Refuse, Situation, Start, decide
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState

STREAMER, VIEWER = CHANNEL.id, "3001"


@pytest.mark.parametrize(
    ("user_id", "enabled", "state", "decision"),
    [
        (VIEWER, True, None, Start(24)),
        (VIEWER, True, SessionState.GRANTING, Extend(24)),
        (VIEWER, True, SessionState.ACTIVE, Extend(24)),
        (VIEWER, True, SessionState.ENDING, Extend(24)),
        (VIEWER, False, None, Refuse(Refusal.PAUSED)),
        (VIEWER, False, SessionState.GRANTING, Refuse(Refusal.PAUSED)),
        (VIEWER, False, SessionState.ACTIVE, Refuse(Refusal.PAUSED)),
        (VIEWER, False, SessionState.ENDING, Refuse(Refusal.PAUSED)),
        (STREAMER, True, None, Refuse(Refusal.BROADCASTER)),
        (STREAMER, False, None, Refuse(Refusal.BROADCASTER)),
    ],
)
def test_what_a_redemption_means(user_id: str, enabled: bool, state: SessionState | None, decision: Decision) -> None:
    redeemed = replace(redemption(RedemptionState.RECEIVED), user_id=user_id)
    live = session(state) if state else None
    assert decide(Situation(redeemed, replace(CHANNEL, enabled=enabled), live, NOW)) == decision


@pytest.mark.parametrize("hours", [0.5, 24, 8760])
def test_it_is_worth_what_the_channel_says_now(hours: float) -> None:
    channel = replace(CHANNEL, vip_duration=hours)
    received = redemption(RedemptionState.RECEIVED)
    assert decide(Situation(received, channel, None, NOW)) == Start(hours)
    assert decide(Situation(received, channel, session(SessionState.ACTIVE), NOW)) == Extend(hours)


@pytest.mark.parametrize(("ours", "reward_id", "redeems"), [("r1", "r1", True), ("r1", "r2", False), ("", "", False)])
def test_only_our_reward_gives_vip(ours: str, reward_id: str, redeems: bool) -> None:
    assert replace(CHANNEL, channel_point_reward_id=ours).redeems(reward_id) is redeems
