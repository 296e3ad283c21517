"""A VIP session: one viewer, VIP in one channel, for the hours that were credited to it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from vip_manager.domain.life import TransitionRefused
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.retry import Retry
from vip_manager.domain.rules import VipClock
from vip_manager.domain.session_life import SESSION_LIFE, SessionMove
from vip_manager.domain.session_life import SessionState as SessionState
from vip_manager.domain.stream import Stream
from vip_manager.domain.stream_clock import Face, live_hours, until_stream_ends

MANUAL, API = "manual", "api"
REWARD = "reward:"


def by_reward(reward_id: str) -> str:
    """`redeemedWith` of a session that a reward started."""
    return f"{REWARD}{reward_id}"


LIVE = frozenset({SessionState.GRANTING, SessionState.ACTIVE, SessionState.ASIDE, SessionState.ENDING})
RUNNING = frozenset({SessionState.ACTIVE, SessionState.ASIDE})
"""Their clocks run."""

_CLAIMED_BY = {EndReason.EXPIRED: SessionMove.OVER, EndReason.BY_HAND: SessionMove.TAKEN}
_ENDED_BY = {
    **dict.fromkeys((EndReason.EXPIRED, EndReason.BY_HAND), SessionMove.REMOVED),
    EndReason.REMOVED_ON_TWITCH: SessionMove.LOST,
    EndReason.GIVEN_ON_TWITCH: SessionMove.LOST,
    EndReason.MADE_PERMANENT: SessionMove.MADE_PERMANENT,
    EndReason.LEFT: SessionMove.LEFT,
}
_ASIDE_ENDED_BY = {**_ENDED_BY, **_CLAIMED_BY}
"""Without a badge there is nothing to remove."""


@dataclass(frozen=True, slots=True)
class Credit:
    """Hours that one redemption, or one gift by hand, put on a session.

    `id` is the redemption's or the gift's, `source` reads like `redeemedWith`, `by` is the giver's user id.
    """

    id: str
    source: str
    hours: float
    at: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class VipSession:
    """At most one live session a viewer a channel; the store keeps that.

    While GRANTING, `owed` is how many hours run from Twitch's next 204; then `expires_at` is known. `granted_at` is the
    first 204 and `added_at` the latest. `seen_not_vip_at` is the recorded look that showed the viewer without VIP
    before an add; `unanswered_at` when the last add went out that may have reached Twitch without its answer reaching
    us, None where each was answered; `ours` says that the badge came from us and is ours to take. `aside_at` is when it
    was taken, or seen to be gone, and `moderator` whether Twitch has shown the viewer as one since: then, while
    GRANTING, `runs_until` is the end to which the clock runs on where no badge comes of it.

    `clock` is what its hours are counted by. LIVE: while the channel is not, `left` hours stand and it has no end;
    STREAM: it has one only when the stream is over. `clock_at` is when the clock last began to run or to stand.
    `takes_seat_of` is the session whose seat this one, GRANTING, is about to have; `seat_taken_by` the one that has
    this one's, until the badge is back. `owed` is then what was left when it was to go. `trace`: its redemption's.
    """

    id: str
    channel_id: str
    user_id: str
    login: str
    username: str
    redeemed_with: str
    created_at: datetime
    state: SessionState = SessionState.GRANTING
    credits: tuple[Credit, ...] = ()
    owed: float = 0.0
    granted_at: datetime | None = None
    added_at: datetime | None = None
    expires_at: datetime | None = None
    seen_not_vip_at: datetime | None = None
    unanswered_at: datetime | None = None
    ours: bool = False
    aside_at: datetime | None = None
    moderator: bool = False
    runs_until: datetime | None = None
    clock: VipClock = VipClock.WALL
    left: float = 0.0
    clock_at: datetime | None = None
    takes_seat_of: str = ""
    seat_taken_by: str = ""
    end_reason: EndReason | None = None
    ended_by: str = ""
    ended_at: datetime | None = None
    refusal: Refusal | None = None
    trace: str = ""
    retry: Retry = field(default_factory=Retry)
    version: str = ""

    @classmethod
    def begun(
        cls, session_id: str, viewer: tuple[str, str, str, str], credit: Credit, clock: VipClock = VipClock.WALL
    ) -> "VipSession":
        """A new one for that credit; `viewer` is the channel's id and the viewer's id, login and display name."""
        return cls(
            session_id,
            *viewer,
            redeemed_with=credit.source,
            created_at=credit.at,
            credits=(credit,),
            owed=credit.hours,
            clock=clock,
        )

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def unexplained(self) -> bool:
        """ASIDE, and it is yet to be found out why the badge is gone."""
        return self.state is SessionState.ASIDE and not self.moderator and not self.seat_taken_by

    @property
    def hours(self) -> float:
        return sum(credit.hours for credit in self.credits)

    @property
    def owes(self) -> bool:
        """GRANTING, and there is something that VIP is to be given for."""
        return bool(self.credits) if self.clock is VipClock.STREAM else self.owed > 0

    @property
    def seatless(self) -> bool:
        """Whether its badge went, or goes, to somebody else's redemption."""
        ending = self.state is SessionState.ENDING and self.end_reason is EndReason.SEAT_TAKEN
        return ending or (self.state is SessionState.ASIDE and bool(self.seat_taken_by))

    def holds(self, credit_id: str) -> bool:
        return any(credit.id == credit_id for credit in self.credits)

    @property
    def may_have_badge(self) -> bool:
        """Whether a badge that is there may be ours. If not, somebody else gave it."""
        return self.ours or self.unanswered_at is not None

    def asking(self, now: datetime) -> "VipSession":
        """An add goes out, the first one after a look that showed no badge, or for a badge of ours that may be gone:
        until it is answered, a badge may be ours."""
        repeated = self.unanswered_at is not None
        seen_not_vip_at = self.seen_not_vip_at if repeated else now
        return self._after(SessionMove.ASKED, seen_not_vip_at=seen_not_vip_at, unanswered_at=now)

    def active(self, now: datetime) -> "VipSession":
        """Twitch has made the viewer VIP: the hours owed run from `now`; by the stream, they are `following` it."""
        wall = self.clock is VipClock.WALL
        return self._after(
            SessionMove.ADDED,
            granted_at=self.granted_at or now,
            added_at=now,
            expires_at=now + timedelta(hours=self.owed) if wall else None,
            left=0.0 if wall else self.owed,
            clock_at=now,
            takes_seat_of="",
            seat_taken_by="",
            owed=0.0,
            unanswered_at=None,
            ours=True,
            aside_at=None,
            moderator=False,
            runs_until=None,
            retry=Retry(),
        )

    def put_on_clock(self, now: datetime) -> "VipSession":
        """Begun for a badge that is there already, of somebody else's hand: from now on it is ours."""
        return replace(
            self,
            state=SessionState.ACTIVE,
            granted_at=now,
            added_at=now,
            expires_at=now + timedelta(hours=self.owed),
            clock_at=now,
            owed=0.0,
            ours=True,
        )

    def credited(self, credit: Credit, now: datetime) -> "VipSession":
        """The session with more hours, from its end or from now, whichever is later. A credit counts once.

        Raises TransitionRefused where it is `unexplained`: whether anything was left is not known.
        """
        if self.holds(credit.id):
            return self
        if self.unexplained:
            raise TransitionRefused(f"session {self.id}: credited before it is known why its badge is gone")
        credits = (*self.credits, credit)
        if self.state is SessionState.GRANTING:
            return self._after(
                SessionMove.CREDITED,
                credit.by,
                credits=credits,
                owed=self.owed + credit.hours,
                runs_until=_moved(self.runs_until, credit.hours),
            )
        left = self.hours_left(now)
        if self.standing and self.state is SessionState.ACTIVE:
            return self._after(SessionMove.CREDITED, credit.by, credits=credits, left=left + credit.hours)
        if self.state is SessionState.ACTIVE:
            later = now + timedelta(hours=left + credit.hours)
            return self._after(SessionMove.CREDITED, credit.by, credits=credits, expires_at=later)
        # The removal may have reached Twitch already: VIP has to be added again before the session is active.
        return self._after(
            SessionMove.CREDITED,
            credit.by,
            credits=credits,
            owed=left + credit.hours,
            left=0.0,
            expires_at=None,
            runs_until=_moved(self.expires_at, credit.hours) if self.moderator and not self.by_stream else None,
            end_reason=None,
            ended_by="",
            retry=Retry(),
        )

    def debited(self, credit_id: str) -> "VipSession":
        """The session without that credit, shorter by exactly its hours. Unknown credit: unchanged."""
        if not self.holds(credit_id):
            return self
        taken = sum(credit.hours for credit in self.credits if credit.id == credit_id)
        credits = tuple(credit for credit in self.credits if credit.id != credit_id)
        if self.state is SessionState.GRANTING:
            owed, runs_until = max(self.owed - taken, 0.0), _moved(self.runs_until, -taken)
            return self._after(SessionMove.DEBITED, credits=credits, owed=owed, runs_until=runs_until)
        left = max(self.left - taken, 0.0) if self.standing else self.left
        expires_at = _moved(self.expires_at, -taken)
        if (self.standing and not left) or (self.clock is VipClock.STREAM and not credits):
            expires_at = self.clock_at or self.granted_at
        owed = max(self.owed - taken, 0.0)
        return self._after(SessionMove.DEBITED, credits=credits, expires_at=expires_at, left=left, owed=owed)

    def badge_gone(self) -> "VipSession":
        """GRANTING, and Twitch shows no badge: whatever badge comes next is ours only if our next add makes it."""
        return self._after(SessionMove.BADGE_GONE, ours=False, unanswered_at=None)

    def set_aside(self, at: datetime) -> "VipSession":
        """ACTIVE, and Twitch shows that the badge was taken then: no longer ours, whatever comes of it."""
        return self._after(SessionMove.SET_ASIDE, ours=False, unanswered_at=None, aside_at=at, retry=Retry())

    def of_moderator(self, now: datetime) -> "VipSession":
        """Twitch shows the viewer as a moderator. The clock runs on; what was only owed, from now on runs."""
        expires_at, left, clock_at = self.expires_at, self.left, self.clock_at
        if self.state is SessionState.GRANTING and self.clock is VipClock.WALL:
            expires_at = self.runs_until or now + timedelta(hours=self.owed)
        elif self.state is SessionState.GRANTING:
            left, clock_at = self.owed, now
        return self._after(
            SessionMove.MODERATOR,
            expires_at=expires_at,
            left=left,
            clock_at=clock_at,
            seat_taken_by="",
            owed=0.0,
            ours=False,
            unanswered_at=None,
            aside_at=self.aside_at or now,
            moderator=True,
            runs_until=None,
            retry=Retry(),
        )

    def back(self, now: datetime) -> "VipSession":
        """ASIDE, and VIP may come back: what is left is owed again."""
        return self._owing(self.hours_left(now), self.expires_at)

    def giving_seat(self, taker_id: str, now: datetime) -> "VipSession":
        """Its badge is to go, for the session of somebody else that is to have the seat. What is left now is kept in
        mind as `owed`."""
        return self._after(
            SessionMove.SEAT_TAKEN,
            end_reason=EndReason.SEAT_TAKEN,
            seat_taken_by=taker_id,
            owed=self.hours_left(now),
            retry=Retry(),
        )

    def seat_given_back(self, now: datetime) -> "VipSession":
        """The seat was given in vain: all that was left then is owed again."""
        return self._owing(self.owed, now + timedelta(hours=self.owed))

    def vacated(self, now: datetime) -> "VipSession":
        """The badge is gone for somebody else, or there is no seat for it yet: the clock runs on."""
        gone = self._after(
            SessionMove.VACATED, ours=False, unanswered_at=None, aside_at=now, end_reason=None, retry=Retry()
        )
        if self.state is SessionState.ENDING:
            return gone
        if self.clock is VipClock.WALL:
            ends = self.runs_until or now + timedelta(hours=self.owed)
            return replace(gone, expires_at=ends, runs_until=None, owed=0.0)
        return replace(gone, left=self.owed, clock_at=now, owed=0.0)

    def following(self, stream: Stream) -> "VipSession":
        """As its clock stands, now that this is known of the stream; the same where that changes nothing."""
        if not self.by_stream or self.state not in RUNNING or self.clock_at is None:
            return self
        before = Face(self.expires_at, self.left, self.clock_at)
        if self.clock is VipClock.LIVE:
            face = live_hours(before, stream)
        elif self.credits:
            face = until_stream_ends(before, stream, self.granted_at or self.clock_at)
        else:
            # All that it was for was taken back: over it stays.
            face = before
        if face == before:
            return self
        return self._after(
            SessionMove.STREAM, expires_at=face.expires_at, left=face.left, clock_at=face.clock_at, retry=Retry()
        )

    def renamed(self, login: str, username: str) -> "VipSession":
        """By the name that the viewer has now; of somebody deleted Twitch tells none, and the last one stays."""
        return replace(self, login=login, username=username or login) if login else self

    def ending(self, reason: EndReason, by: str = "") -> "VipSession":
        """Claimed, so that VIP is removed: EXPIRED, or BY_HAND and then by whom."""
        if reason not in _CLAIMED_BY:
            raise TransitionRefused(f"session {self.id}: nothing is removed because it was {reason}")
        return self._after(_CLAIMED_BY[reason], by, end_reason=reason, ended_by=by, owed=0.0, retry=Retry())

    def ended(self, now: datetime, reason: EndReason, by: str = "") -> "VipSession":
        """Over. `by` is who made it permanent, or leaves; who ended it by hand is known since `ending`."""
        moves = _ASIDE_ENDED_BY if self.state is SessionState.ASIDE else _ENDED_BY
        if reason not in moves:
            raise TransitionRefused(f"session {self.id}: none ends because it was {reason}")
        ended_by = by or self.ended_by
        return self._after(moves[reason], by, ended_at=now, end_reason=reason, ended_by=ended_by, retry=Retry())

    def refused(self, now: datetime, refusal: Refusal) -> "VipSession":
        return self._after(SessionMove.REFUSED, ended_at=now, refusal=refusal, retry=Retry())

    def unseated(self, now: datetime) -> "VipSession":
        """No VIP, and all who had paid for it wait for a seat."""
        return self._after(SessionMove.UNSEATED, ended_at=now, refusal=Refusal.FULL, retry=Retry())

    def tried_again(self, by: str) -> "VipSession":
        """Somebody does not wait for the next try, which stands where it was if this one is cut short."""
        return self._after(SessionMove.TRIED_AGAIN, by)

    def put_off(self, retry: Retry) -> "VipSession":
        return self._after(SessionMove.PUT_OFF, retry=retry)

    def due_to_end(self, now: datetime) -> bool:
        return self.state in RUNNING and self.expires_at is not None and self.expires_at <= now

    @property
    def by_stream(self) -> bool:
        """Whether its clock follows the stream."""
        return self.clock is not VipClock.WALL

    @property
    def standing(self) -> bool:
        """Whether its hours stand still, because the channel is not live."""
        return self.clock is VipClock.LIVE and self.expires_at is None

    def hours_left(self, now: datetime) -> float:
        """Hours that are ahead, or owed; none of a clock that ends with the stream."""
        if self.state is SessionState.GRANTING:
            return self.owed
        if self.standing:
            return self.left
        return max(self.expires_at - now, timedelta()) / timedelta(hours=1) if self.expires_at else 0.0

    def _owing(self, hours: float, runs_until: datetime | None) -> "VipSession":
        """VIP may come back, for so many hours; by the wall's clock they run out then in any case."""
        return self._after(
            SessionMove.BACK,
            owed=hours,
            left=0.0,
            expires_at=None,
            runs_until=runs_until if self.clock is VipClock.WALL else None,
            end_reason=None,
            retry=Retry(),
        )

    def _after(self, move: SessionMove, by: str | None = None, **changes: object) -> "VipSession":
        """What it is after that move. Raises TransitionRefused."""
        state = SESSION_LIFE.after(self.id, self.state, move, by)
        return replace(self, state=state, **changes)  # type: ignore[arg-type]


def _moved(moment: datetime | None, hours: float) -> datetime | None:
    try:
        return moment and moment + timedelta(hours=hours)
    except OverflowError:
        # Beyond the calendar, where only a document that somebody spoiled by hand can lead.
        return moment
