"""One record of every kind with nothing left out, and one with all left out that may be."""

from tests.store.records import T0, account, active, channel, later, line, redemption, session
from vip_manager.domain.account import SignIn
from vip_manager.domain.api_token import ApiCall, ApiToken, TokenScope
from vip_manager.domain.audit import AuditEntry
from vip_manager.domain.channel import Hidden, SpareReward, Tier
from vip_manager.domain.chat import ChatLine, ChatSettings
from vip_manager.domain.gap import Gap
from vip_manager.domain.hook import Hook, HookForm
from vip_manager.domain.leaving import Leaving
from vip_manager.domain.notice import Event, Notice
from vip_manager.domain.outbox import Outbox, Parcel, Standing
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.rules import Blocked, Held, Rules
from vip_manager.domain.session import SessionState
from vip_manager.domain.stream import Stream
from vip_manager.domain.team import Member, Role
from vip_manager.ports import Record

RETRY = Retry(3, later(minutes=1), "Twitch did not answer")

NOTICE = Notice(
    "a1",
    Event.EXTENDED,
    "1001",
    T0,
    "2001",
    "viewer1",
    "Viewer1",
    hours=24.0,
    until=later(hours=24),
    reason="expired",
    reward="VIP",
    cost=5000,
    source="reward",
    session_id="s1",
    redemption_id="p1",
)

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
        chat=ChatSettings(True, (ChatLine(Event.ENDED, True, "Bye {viewer}"),), soon_minutes=5, answers=True),
        hooks=(
            Hook(
                "h1",
                HookForm.DISCORD,
                T0,
                "https://example.org/hook?key=secret",
                frozenset(Event),
                on=False,
                number=2,
                name="Log",
            ),
        ),
        hidden=(Hidden("3002", "viewer2", "Viewer2", "1001"),),
        gap=Gap(T0, later(hours=1), later(hours=2)),
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
    ApiToken("hash", "1001", "2001", "Stream Deck", TokenScope.WRITE, T0, later(hours=1), later(hours=2)),
    ApiCall("call", "1001", "request", T0, later(hours=24), 200, '{"a":1}'),
    Outbox(
        "1001",
        T0,
        T0,
        ("a1",),
        (Parcel("h1", NOTICE, T0, later(seconds=1), RETRY),),
        ("s1.5",),
        later(hours=1),
        (Standing("h1", T0, later(minutes=1), 3, "unreachable", 2),),
    ),
    line("a1", actor_name="S", subject_id="2001", detail={"until": "2026-03-01T12:00:00.123456Z", "nested": [1, {}]}),
)

MINIMAL: tuple[Record | AuditEntry, ...] = (
    account("1002", login="other", tokens=None),
    SignIn("another", "1002", T0, T0),
    channel("1002", login="other"),
    session("s2", state=SessionState.ENDED),
    redemption("p2", cost=0, reward_title=""),
    ApiToken("another", "1002", "1002", "", TokenScope.READ, T0),
    ApiCall("other", "1002", "request", T0, T0),
    Outbox("1002", T0, T0),
    line("a2"),
)
