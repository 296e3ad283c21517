"""What a redemption means here and now. docs/rules.md has the same as tables, made by asking this module."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vip_manager.domain.channel import Channel
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.rules import Held, VipClock, WhenFull, WhenVip
from vip_manager.domain.session import Credit, SessionState, VipSession, by_reward


@dataclass(frozen=True, slots=True)
class Start:
    """Make the viewer VIP for these hours, if Twitch shows that they are not VIP by somebody else's hand, and there is
    a seat (`seats.seated`)."""

    hours: float
    clock: VipClock = VipClock.WALL

    def session(self, session_id: str, redemption: Redemption, now: datetime) -> VipSession:
        """The one that begins so."""
        credit = Credit(redemption.id, by_reward(redemption.reward_id), self.hours, now)
        viewer = (redemption.channel_id, redemption.user_id, redemption.login, redemption.username)
        return replace(VipSession.begun(session_id, viewer, credit, self.clock), trace=redemption.trace)


@dataclass(frozen=True, slots=True)
class Extend:
    """Add these hours to the session that the viewer has."""

    hours: float


@dataclass(frozen=True, slots=True)
class Hold:
    """It waits, for so many hours at most, and then goes back."""

    held_for: Held
    hours: float


@dataclass(frozen=True, slots=True)
class Later:
    """The viewer's session is over at this moment, and what comes next is decided when it is."""


@dataclass(frozen=True, slots=True)
class Refuse:
    refusal: Refusal


Decision = Start | Extend | Hold | Later | Refuse


@dataclass(frozen=True, slots=True)
class Situation:
    """`live` is the viewer's live session in that channel, if there is one; `around` when they made another redemption
    near this one that was not given back; `late`: VIP would come `too_old`; `settled`: Twitch has the redemption as
    done, so that the points can't go back and it can't be held."""

    redemption: Redemption
    channel: Channel
    live: VipSession | None
    now: datetime
    around: datetime | None = None
    late: bool = False
    settled: bool = False

    @property
    def hours(self) -> float:
        """What the reward gives: as promised when it was redeemed."""
        tier = self.channel.tier(self.redemption.reward_id)
        return self.redemption.promised or (tier.hours if tier else self.channel.vip_duration)

    @property
    def vip(self) -> VipSession | None:
        """The session that more time is for, if it is not at its end."""
        live = self.live
        over = live is not None and (live.state is SessionState.ENDING or live.due_to_end(self.now))
        return None if over else live


LEAST = 1 / 60
"""Hours for which nobody is to pay the whole price."""


def too_old(redemption: Redemption, channel: Channel, now: datetime) -> bool:
    """Whether the points are to go back because VIP comes too late. `now` by Twitch's clock, which dated it. What has
    waited by the streamer's choice came in time."""
    limit = timedelta(hours=channel.refund_after)
    return bool(limit) and redemption.held_at is None and now - redemption.redeemed_at > limit


def decide(situation: Situation) -> Decision:
    """The first rule that has something to say decides."""
    for rule in RULES:
        if (decision := rule.says(situation)) is not None:
            return decision
    raise AssertionError("the last rule decides everything")


@dataclass(frozen=True, slots=True)
class Rule:
    """`when` reads on from "Where", of the viewer who redeems."""

    when: str
    says: Callable[[Situation], Decision | None]


def _own_channel(it: Situation) -> Decision | None:
    return Refuse(Refusal.BROADCASTER) if it.redemption.user_id == it.channel.id else None


def _off(it: Situation) -> Decision | None:
    return None if it.channel.takes_redemptions else Refuse(Refusal.PAUSED)


def _blocked(it: Situation) -> Decision | None:
    return Refuse(Refusal.ON_BLOCK_LIST) if it.channel.rules.blocks(it.redemption.user_id) else None


def _late(it: Situation) -> Decision | None:
    return Refuse(Refusal.TOO_OLD) if it.late else None


def _too_soon(it: Situation) -> Decision | None:
    pause = timedelta(hours=it.channel.rules.pause_hours)
    if it.around is None or not pause or abs(it.redemption.redeemed_at - it.around) >= pause:
        return None
    return Refuse(Refusal.TOO_SOON)


def _seatless(it: Situation) -> Decision | None:
    if it.live is None or not it.live.seatless:
        return None
    rules = it.channel.rules
    waits = rules.when_full is WhenFull.WAIT and not it.settled
    return Hold(Held.SEAT, rules.wait_hours) if waits else Refuse(Refusal.FULL)


def _stream_is_over(it: Situation) -> Decision | None:
    ends = it.live is not None and it.live.clock is VipClock.STREAM and it.vip is None
    return Later() if ends else None


def _until_stream_ends(it: Situation) -> Decision | None:
    endless = it.vip is not None and it.vip.clock is VipClock.STREAM
    return Refuse(Refusal.UNTIL_STREAM_ENDS) if endless else None


def _still_vip(it: Situation) -> Decision | None:
    refuses = it.channel.rules.when_vip is WhenVip.REFUSE
    return Refuse(Refusal.STILL_VIP) if it.vip is not None and refuses else None


def _more_time(it: Situation) -> Decision | None:
    """Asked for the yes before it is added."""
    if it.live is None:
        return None
    more, left = it.hours, it.live.hours_left(it.now)
    if it.channel.rules.when_vip is WhenVip.START_OVER:
        more -= left
    if more < min(it.hours, LEAST):
        return Refuse(Refusal.NO_LONGER)
    most = it.channel.rules.most_hours_ahead
    if it.vip is not None and most and left + more > most:
        return Refuse(Refusal.TOO_FAR_AHEAD)
    return _to_approve(it) or Extend(more)


def _not_live(it: Situation) -> Decision | None:
    by_stream = it.channel.rules.clock is VipClock.STREAM
    return Refuse(Refusal.NOT_LIVE) if by_stream and it.channel.stream.over(it.now) else None


def _to_approve(it: Situation) -> Decision | None:
    rules, redemption = it.channel.rules, it.redemption
    if not rules.approval or redemption.approved_by or it.settled:
        return None
    return Hold(Held.APPROVAL, rules.approval_hours)


def _start(it: Situation) -> Decision:
    clock = it.channel.rules.clock
    return Start(0.0 if clock is VipClock.STREAM else it.hours, clock)


RULES = (
    Rule("it is their own channel", _own_channel),
    Rule("VIP by reward is off", _off),
    Rule("they are on the block list", _blocked),
    Rule("it is older than the streamer allows", _late),
    Rule("they redeemed another too short a while ago", _too_soon),
    Rule("somebody else has their seat, and their clock runs on", _seatless),
    Rule("they were VIP until the end of the stream, and it is over", _stream_is_over),
    Rule("they are VIP until the stream ends", _until_stream_ends),
    Rule("they are VIP already, and nobody may redeem then", _still_vip),
    Rule("they are VIP already", _more_time),
    Rule("VIP lasts until the stream ends, and there is none", _not_live),
    Rule("the streamer wants to say yes first", _to_approve),
    Rule("nothing of this is so", _start),
)
"""In this order."""
