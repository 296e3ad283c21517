"""One record of every kind with nothing left out, and one with all left out that may be."""

from tests.store.records import T0, account, active, channel, later, line, redemption, session
from vip_manager.domain.account import SignIn
from vip_manager.domain.audit import AuditEntry
from vip_manager.domain.channel import Hidden, SpareReward, Tier
from vip_manager.domain.leaving import Leaving
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.rules import Blocked, Held, Rules
from vip_manager.domain.session import SessionState
from vip_manager.domain.stream import Stream
from vip_manager.domain.team import Member, Role
from vip_manager.ports import Record

RETRY = Retry(3, later(minutes=1), "Twitch did not answer")

FULL: tuple[Record | AuditEntry, ...] = (
    account(avatar_url="https://example.org/a.png", reconnect=True, validated_at=T0),
    SignIn("digest", "1001", T0, later(days=30), later(hours=1), "Firefox on Linux"),
    channel(
        # Looks like a moment, and is a title.
        reward_title="2026-03-01T12:00:00.123456Z",
        channel_point_reward_id="r1",
        spare_rewards=(SpareReward("r3", "Of before", 5),),
        tiers=(Tier("r2", "VIP for a week ✨", 30_000, 168.0, paused=True, since=T0),),
        rules=Rules(blocked=(Blocked("3001", "viewer1", "Viewer1"),)),
        stream=Stream(later(hours=1), T0, later(hours=2), later(hours=3)),
        closed_tiers=("r2",),
        catch_up_at=later(minutes=5),
        caught_up_at=later(minutes=4),
        team=(Member("2001", "mod", "Mod", Role.MANAGER, T0, "https://example.org/m.png"),),
        board_off=True,
        welcomed=True,
        overlay_number=3,
        hidden=(Hidden("3002", "viewer2", "Viewer2", "1001"),),
        leaving=Leaving(T0, end_vips=True, delete_data=True, without_twitch=True, left_at=later(minutes=1)),
    ),
    active(
        "s1",
        later(hours=25),
        state=SessionState.ENDING,
        added_at=later(seconds=2),
        seen_not_vip_at=later(seconds=-1),
        unanswered_at=later(minutes=-2),
        aside_at=later(hours=1),
        runs_until=later(hours=3),
        clock_at=later(hours=2),
        end_reason=EndReason.BY_HAND,
        ended_by="1001",
        ended_at=later(hours=2),
        refusal=Refusal.FULL,
        retry=RETRY,
    ),
    redemption(
        "p1",
        state=RedemptionState.REFUNDING,
        held_for=Held.SEAT,
        held_at=later(minutes=1),
        held_until=later(hours=24),
        refusal=Refusal.MODERATOR,
        settled_at=later(seconds=5),
        dismissed_at=later(seconds=6),
        retry=RETRY,
    ),
    line("a1", actor_name="S", subject_id="2001", detail={"until": "2026-03-01T12:00:00.123456Z", "nested": [1, {}]}),
)

MINIMAL: tuple[Record | AuditEntry, ...] = (
    account("1002", login="other", tokens=None),
    SignIn("another", "1002", T0, T0),
    channel("1002", login="other"),
    session("s2", state=SessionState.ENDED),
    redemption("p2", cost=0, reward_title=""),
    line("a2"),
)
