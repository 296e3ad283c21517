"""Whether there is a VIP seat for a redemption, and what becomes of it if not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from vip_manager.domain.decision import Decision, Hold, Later, Refuse, Start
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.rules import Held, Rules, VipClock, WhenFull, WhenVip
from vip_manager.domain.session import SessionState, VipSession


@dataclass(frozen=True, slots=True)
class TakeSeat:
    """Start like this, on the seat of that session's viewer."""

    start: Start
    of: VipSession


@dataclass(frozen=True, slots=True)
class Seats:
    """`total` is 0 where nobody knows; `taken` by all VIPs that Twitch shows and all that we are about to make;
    `in_line`: whether somebody has waited for longer."""

    total: int = 0
    taken: int = 0
    in_line: bool = False

    def free(self, rules: Rules) -> int | None:
        """For redemptions; None where that is not known. Never less than 0."""
        return max(self.total - rules.seats_kept_free - self.taken, 0) if self.total else None


def sits(session: VipSession) -> bool:
    """Whether it has a seat, or Twitch is being asked for one."""
    return session.state in (SessionState.ACTIVE, SessionState.GRANTING)


def seated(
    start: Start, rules: Rules, seats: Seats, live: Iterable[VipSession], now: datetime, *, settled: bool = False
) -> Start | Hold | TakeSeat | Refuse:
    """Whether that start may be, with these live sessions of the channel. Twitch may know better, and says so.

    `settled`: Twitch has the redemption as done, so that it can't be held.
    """
    if settled and seats.free(rules) != 0:
        return start
    if seats.free(rules) != 0 and not seats.in_line:
        return start
    if rules.when_full is WhenFull.WAIT and not settled:
        return Hold(Held.SEAT, rules.wait_hours)
    if rules.when_full is WhenFull.TAKE_SEAT and (one := least_left(live, rules, now)):
        return TakeSeat(start, one)
    return Refuse(Refusal.FULL)


def without_seat(rules: Rules, *, on_anothers: bool) -> Hold | Later | Refuse:
    """Twitch has no seat for a redemption that had begun, and is open there. Later: decided anew, for somebody is to
    make room; `on_anothers`: somebody has made room for it already, and it is not tried for ever."""
    if on_anothers or rules.when_full is WhenFull.GIVE_BACK:
        return Refuse(Refusal.FULL)
    return Hold(Held.SEAT, rules.wait_hours) if rules.when_full is WhenFull.WAIT else Later()


def waits_on(redemption: Redemption, rules: Rules, now: datetime) -> Hold | Later | Refuse:
    """HELD, and open on Twitch. Later: decided anew, for now somebody is to make room."""
    seat = redemption.held_for is Held.SEAT
    if seat and rules.when_full is WhenFull.TAKE_SEAT:
        return Later()
    if redemption.held_until is not None and redemption.held_until <= now:
        return Refuse(Refusal.WAITED_FOR_SEAT if seat else Refusal.NOT_APPROVED)
    return Hold(Held.SEAT if seat else Held.APPROVAL, rules.wait_hours if seat else rules.approval_hours)


def by_the_clock(decision: Decision | TakeSeat, rules: Rules, live: VipSession | None) -> bool:
    """Whether what was decided for that redemption, or what comes of it, depends on what time it is."""
    reckoned = rules.when_vip is WhenVip.START_OVER or bool(rules.most_hours_ahead)
    return isinstance(decision, Hold | TakeSeat) or (live is not None and reckoned)


def least_left(live: Iterable[VipSession], rules: Rules, now: datetime) -> VipSession | None:
    """The temporary VIP whose seat may be taken: of those not protected any more, whoever has the least time left."""
    protected = timedelta(hours=rules.protected_hours)
    those = [
        session
        for session in live
        if session.state is SessionState.ACTIVE and session.ours and session.added_at
        if now - session.added_at >= protected and not session.due_to_end(now)
    ]
    return min(those, key=lambda session: _left(session, now), default=None)


def _left(session: VipSession, now: datetime) -> tuple[bool, float, datetime]:
    """Who is VIP until the stream ends, comes after all that are counted in hours."""
    return session.clock is VipClock.STREAM, session.hours_left(now), session.created_at
