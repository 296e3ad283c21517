"""What a page is told: ready rows, computed once a change, the same for everybody who looks.

Times are milliseconds since 1970 (UTC), 0 where there is none: what a browser's clock counts in. Every picture
carries the server's `now`. A public picture holds nothing that is for the staff.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.leaving import Leaving
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.rules import Rules
from vip_manager.domain.unchanging import Unchanging
from vip_manager.services.chat_picture import StaffChat
from vip_manager.services.health import HealthPicture
from vip_manager.services.hook_picture import StaffHook
from vip_manager.services.written import hours_text, millis

JUST = timedelta(seconds=10)
"""For so long a VIP that is over by itself can go on at one press."""
OVER_SHOWN = 3


@dataclass(frozen=True, slots=True)
class RewardCard:
    """How one becomes VIP. `hours` as text, "24" or "1.5", and `clock` what they are counted by, a rules.VipClock;
    `open` says whether a viewer can redeem it now."""

    id: str = ""
    title: str = ""
    cost: int = 0
    hours: str = ""
    open: bool = False
    clock: str = "wall"


@dataclass(frozen=True, slots=True)
class StaffReward(RewardCard):
    """`closed_on_twitch`: somebody closed it there while it is on here. `refund_after`: hours as text."""

    closed_on_twitch: bool = False
    refund_after: str = ""


@dataclass(frozen=True, slots=True)
class StaffTier:
    """A reward that gives VIP for so many `hours`, as text; `open` and `closed_on_twitch` as of a StaffReward.
    `default`: the first one, whose hours a reward that is used again gets too; `comes` is a prospect.Prospect."""

    id: str
    title: str
    cost: int
    hours: str
    open: bool
    closed_on_twitch: bool
    default: bool
    clock: str = "wall"
    comes: str = "grant"


@dataclass(frozen=True, slots=True)
class Spare:
    """A reward of ours on Twitch that gives nothing here; it would give VIP for so many `hours`, as text."""

    id: str
    title: str
    cost: int
    hours: str


@dataclass(frozen=True, slots=True)
class PublicVip:
    """`state` is active or ending. `clock` is wall, stream or live (rules.VipClock); `left`: hours, as text, that stand
    while the channel is not live. Where there is neither an end nor that, it lasts until the stream ends."""

    user_id: str
    login: str
    username: str
    avatar_url: str
    granted_at: int
    expires_at: int
    state: str = "active"
    clock: str = "wall"
    left: str = ""


@dataclass(frozen=True, slots=True)
class PublicPicture(Unchanging):
    """The board. `known` is False where no such channel uses VIP Manager. `reward` is the first of `rewards`;
    `live_since` is when the stream began. `seatless`: those whose seat went to somebody else, and who are VIP again
    when there is one before their end. `out_of_reach`: it may be old, for what is stored can't be read now. `off`: the
    streamer shows none, and there is nothing else in it. `not_shown` counts those who are VIP and asked not to be
    shown: nothing else of them is in it. `seats` and `seats_free` as for the staff."""

    now: int = 0
    out_of_reach: bool = False
    known: bool = True
    off: bool = False
    login: str = ""
    username: str = ""
    avatar_url: str = ""
    live_since: int = 0
    vips: list[PublicVip] = field(default_factory=list)
    seatless: list[PublicVip] = field(default_factory=list)
    not_shown: int = 0
    reward: RewardCard = field(default_factory=RewardCard)
    rewards: list[RewardCard] = field(default_factory=list)
    seats: int = 0
    seats_free: int = -1


@dataclass(frozen=True, slots=True)
class StaffVip:
    """A live session. `state` is granting, active, aside or ending; an aside one's badge is gone, because the viewer is
    a `moderator`, or we are yet to learn why. `source` is reward, manual, api or import; `error` a Trouble where
    something is being tried again. `owed`: hours, as text, that run once VIP is there (again); `clock` and `left` as
    with a PublicVip. `mark` is another number whenever its time has changed. `seat_taken`: an aside one's badge went
    for somebody else's redemption, and comes back when there is a seat. `hidden`: the board does not show them.
    """

    session_id: str
    user_id: str
    login: str
    username: str
    avatar_url: str
    state: str
    granted_at: int
    expires_at: int
    source: str
    reward_title: str
    given_by: str
    error: str = ""
    moderator: bool = False
    owed: str = ""
    seat_taken: bool = False
    clock: str = "wall"
    left: str = ""
    mark: int = 0
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """A redemption that is not settled yet and was put off, or was KEPT and asks for a decision.

    `state` is a RedemptionState, `error` a Trouble, `refusal` why a KEPT one was not made VIP; `needs_you` says that it
    may never pass by itself.
    """

    redemption_id: str
    login: str
    username: str
    reward_title: str
    cost: int
    redeemed_at: int
    state: str
    error: str
    next_at: int
    refusal: str = ""
    needs_you: bool = False

    @classmethod
    def of(cls, redemption: Redemption) -> "Pending":
        return cls(
            redemption_id=redemption.id,
            login=redemption.login,
            username=redemption.username,
            reward_title=redemption.reward_title,
            cost=redemption.cost,
            redeemed_at=millis(redemption.redeemed_at),
            state=RedemptionState.REFUNDING if redemption.given_back_by else redemption.state,
            error=redemption.retry.error,
            next_at=millis(redemption.retry.next_at),
            refusal=redemption.refusal or "",
            needs_you=redemption.undecided or redemption.retry.stuck,
        )


@dataclass(frozen=True, slots=True)
class HeldOne:
    """A redemption that waits by the streamer's choice. `held_for` is a rules.Held; `until`: then the points go back;
    `place` counts from 1, among those that wait for the same."""

    redemption_id: str
    login: str
    username: str
    reward_title: str
    cost: int
    redeemed_at: int
    held_for: str
    until: int
    place: int


@dataclass(frozen=True, slots=True)
class BlockedViewer:
    user_id: str
    login: str
    username: str


@dataclass(frozen=True, slots=True)
class HiddenViewer:
    """`own_wish`: they asked for it themselves, so the staff can't show them again."""

    user_id: str
    login: str
    username: str
    own_wish: bool = False


@dataclass(frozen=True, slots=True)
class StaffLeaving:
    """That the streamer leaves: `since` when, 0 where they don't; `left_at` when all was done that concerns Twitch.
    `waits`: Twitch does not take the streamer's tokens, so it waits for a sign-in, or for the word to do without;
    `drags`: it takes them, and has not done all for hours. `open`: so many redemptions could not be given back."""

    since: int = 0
    left_at: int = 0
    delete_data: bool = False
    waits: bool = False
    drags: bool = False
    open: int = 0

    @classmethod
    def of(cls, leaving: Leaving | None, connected: bool, now: datetime, opened: int) -> "StaffLeaving":
        if leaving is None:
            return cls()
        waits = not (connected or leaving.without_twitch or leaving.left_at)
        drags = connected and not leaving.without_twitch and leaving.drags(now)
        open_still = opened if leaving.left_at else 0
        return cls(millis(leaving.since), millis(leaving.left_at), leaving.delete_data, waits, drags, open_still)


@dataclass(frozen=True, slots=True)
class StaffRules(Unchanging):
    """The channel's rules.Rules, as a form shows them: numbers as text, nothing for 0 where that means no limit or not
    known."""

    when_vip: str = "add_time"
    most_hours_ahead: str = ""
    when_full: str = "give_back"
    seats: str = ""
    seats_kept_free: str = ""
    wait_hours: str = "24"
    protected_hours: str = "1"
    close_when_full: bool = False
    clock: str = "wall"
    approval: bool = False
    approval_hours: str = "2"
    pause_hours: str = ""
    blocked: list[BlockedViewer] = field(default_factory=list)

    @classmethod
    def of(cls, rules: Rules) -> "StaffRules":
        return cls(
            when_vip=rules.when_vip,
            most_hours_ahead=hours_text(rules.most_hours_ahead) if rules.most_hours_ahead else "",
            when_full=rules.when_full,
            seats=str(rules.seats or ""),
            seats_kept_free=str(rules.seats_kept_free or ""),
            wait_hours=hours_text(rules.wait_hours),
            protected_hours=hours_text(rules.protected_hours),
            close_when_full=rules.close_when_full,
            clock=rules.clock,
            approval=rules.approval,
            approval_hours=hours_text(rules.approval_hours),
            pause_hours=hours_text(rules.pause_hours) if rules.pause_hours else "",
            blocked=[BlockedViewer(one.id, one.login, one.username) for one in rules.blocked],
        )


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody whom the owner named, `since` then; `role` is a team.Role."""

    user_id: str
    login: str
    username: str
    avatar_url: str
    role: str
    since: int


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """An audit entry as data; `ui/happened_words.py` has the words. `action` is an audit Action, `reason` a Refusal or
    EndReason; `held_for` a rules.Held; `taker` who has the seat now; `role` a team.Role; `token` the name of an API
    token, and `through` whether somebody did it with one; `request` is what it was done for, as log lines say too."""

    id: str
    at: int
    action: str
    actor: str
    login: str
    username: str
    hours: str
    until: int
    reason: str
    reward_title: str
    cost: int
    error: str
    held_for: str = ""
    taker: str = ""
    role: str = ""
    token: str = ""
    through: bool = False
    request: str = ""


@dataclass(frozen=True, slots=True)
class JustOver:
    """Somebody whose hours are over, and who is no longer VIP since `ended_at`, a moment ago."""

    session_id: str
    login: str
    username: str
    ended_at: int

    @classmethod
    def among(cls, activity: Iterable[AuditEntry], live: Set[str], now: datetime) -> "list[JustOver]":
        """Those of the log, the latest first, but for who is VIP again: `live` are users' ids."""
        over = [
            cls(one.detail.get("session_id", ""), one.detail.get("login", ""), one.subject_name, millis(one.at))
            for one in activity
            if one.action is Action.ENDED and one.detail.get("reason") == EndReason.EXPIRED
            if now - one.at < JUST and one.subject_id not in live
        ]
        return over[:OVER_SHOWN]


@dataclass(frozen=True, slots=True)
class StaffPicture(Unchanging):
    """The dashboard of one channel.

    `connection` is what we hear of Twitch: live, connecting (with `connection_error`), or reconnect (the streamer must
    sign in again; nothing can be done on Twitch until then). `tiers` are all rewards that give VIP, that of `reward`
    first. `live_since` is when the stream began. `seats` is how many VIP seats there are, 0 where that is not known,
    `seats_typed` whether the streamer said so or Twitch's last refusal, `seats_free` how many of them redemptions can
    have, -1 where unknown. `closed_for_full`: the rewards are paused for that. `reward_lost`: the title of the one that
    was deleted on Twitch, if that is the last that is known to have come or gone. `vips`: the soonest end first, those
    without an end last. `vips_now` counts those of them who wear the badge, or are about to; `permanent` counts VIPs
    that are not ours, -1 where unknown. `just_over`: the latest first, and few of them. `out_of_reach` as on the board.
    `board_off`: the public sees no board. `overlay_number` tells one secret link of the overlay from the next. `hidden`
    are those whom the board does not show, the latest first, and no more of the `hidden_count` than a page has room
    for. `welcomed`: nobody needs the way to a reward any more. `tokens_mark` is another text whenever somebody's API
    tokens are others.
    """

    now: int = 0
    out_of_reach: bool = False
    channel_id: str = ""
    login: str = ""
    username: str = ""
    avatar_url: str = ""
    connected: bool = False
    enabled: bool = True
    connection: str = "connecting"
    connection_error: str = ""
    reward: StaffReward = field(default_factory=StaffReward)
    tiers: list[StaffTier] = field(default_factory=list)
    reward_lost: str = ""
    live_since: int = 0
    spare_rewards: list[Spare] = field(default_factory=list)
    vips: list[StaffVip] = field(default_factory=list)
    vips_now: int = 0
    just_over: list[JustOver] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    activity: list[ActivityLine] = field(default_factory=list)
    held: list[HeldOne] = field(default_factory=list)
    rules: StaffRules = field(default_factory=StaffRules)
    team: list[StaffMember] = field(default_factory=list)
    seats: int = 0
    seats_typed: bool = False
    seats_free: int = -1
    closed_for_full: bool = False
    today: int = 0
    refunds_today: int = 0
    permanent: int = -1
    board_off: bool = False
    overlay_number: int = 0
    hidden: list[HiddenViewer] = field(default_factory=list)
    hidden_count: int = 0
    leaving: StaffLeaving = field(default_factory=StaffLeaving)
    health: HealthPicture = field(default_factory=HealthPicture)
    welcomed: bool = False
    hooks: list[StaffHook] = field(default_factory=list)
    tokens_mark: str = ""
    chat: StaffChat = field(default_factory=StaffChat)
