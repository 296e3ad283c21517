"""A VIP session: one viewer, VIP in one channel, for the hours that were credited to it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from vip_manager.domain.life import TransitionRefused
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.retry import Retry
from vip_manager.domain.session_life import SESSION_LIFE, SessionMove
from vip_manager.domain.session_life import SessionState as SessionState

MANUAL = "manual"
REWARD = "reward:"
"""How the source of hours that were paid for begins."""


def by_reward(reward_id: str) -> str:
    """`redeemedWith` of a session that a reward started."""
    return f"{REWARD}{reward_id}"


LIVE = frozenset({SessionState.GRANTING, SessionState.ACTIVE, SessionState.ASIDE, SessionState.ENDING})
RUNNING = frozenset({SessionState.ACTIVE, SessionState.ASIDE})
"""Their clocks run."""

_CLAIMED_BY = {EndReason.EXPIRED: SessionMove.OVER, EndReason.BY_HAND: SessionMove.TAKEN}
_ENDED_BY = {
    EndReason.EXPIRED: SessionMove.REMOVED,
    EndReason.BY_HAND: SessionMove.REMOVED,
    EndReason.REMOVED_ON_TWITCH: SessionMove.LOST,
    EndReason.GIVEN_ON_TWITCH: SessionMove.LOST,
    EndReason.MADE_PERMANENT: SessionMove.MADE_PERMANENT,
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
    end_reason: EndReason | None = None
    ended_by: str = ""
    ended_at: datetime | None = None
    refusal: Refusal | None = None
    retry: Retry = field(default_factory=Retry)
    version: str = ""

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def unexplained(self) -> bool:
        """ASIDE, and it is yet to be found out why the badge is gone."""
        return self.state is SessionState.ASIDE and not self.moderator

    @property
    def hours(self) -> float:
        return sum(credit.hours for credit in self.credits)

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
        """Twitch has made the viewer VIP: the hours owed run from `now`."""
        return self._after(
            SessionMove.ADDED,
            granted_at=self.granted_at or now,
            added_at=now,
            expires_at=now + timedelta(hours=self.owed),
            owed=0.0,
            unanswered_at=None,
            ours=True,
            aside_at=None,
            moderator=False,
            runs_until=None,
            retry=Retry(),
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
        left = self._left(now)
        if self.state is SessionState.ACTIVE:
            later = now + timedelta(hours=left + credit.hours)
            return self._after(SessionMove.CREDITED, credit.by, credits=credits, expires_at=later)
        # The removal may have reached Twitch already: VIP has to be added again before the session is active.
        return self._after(
            SessionMove.CREDITED,
            credit.by,
            credits=credits,
            owed=left + credit.hours,
            expires_at=None,
            runs_until=_moved(self.expires_at, credit.hours) if self.moderator else None,
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
        return self._after(SessionMove.DEBITED, credits=credits, expires_at=_moved(self.expires_at, -taken))

    def badge_gone(self) -> "VipSession":
        """GRANTING, and Twitch shows no badge: whatever badge comes next is ours only if our next add makes it."""
        return self._after(SessionMove.BADGE_GONE, ours=False, unanswered_at=None)

    def set_aside(self, at: datetime) -> "VipSession":
        """ACTIVE, and Twitch shows that the badge was taken then: no longer ours, whatever comes of it."""
        return self._after(SessionMove.SET_ASIDE, ours=False, unanswered_at=None, aside_at=at, retry=Retry())

    def of_moderator(self, now: datetime) -> "VipSession":
        """Twitch shows the viewer as a moderator. The clock runs on; what was only owed, from now on runs."""
        expires_at = self.expires_at
        if self.state is SessionState.GRANTING:
            expires_at = self.runs_until or now + timedelta(hours=self.owed)
        return self._after(
            SessionMove.MODERATOR,
            expires_at=expires_at,
            owed=0.0,
            ours=False,
            unanswered_at=None,
            aside_at=self.aside_at or now,
            moderator=True,
            runs_until=None,
            retry=Retry(),
        )

    def back(self, now: datetime) -> "VipSession":
        """ASIDE, and a moderator no more: what is left is owed again."""
        return self._after(
            SessionMove.BACK, owed=self._left(now), expires_at=None, runs_until=self.expires_at, retry=Retry()
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
        """Over. `by` is who made it permanent; who ended it by hand is known since `ending`."""
        moves = _ASIDE_ENDED_BY if self.state is SessionState.ASIDE else _ENDED_BY
        if reason not in moves:
            raise TransitionRefused(f"session {self.id}: none ends because it was {reason}")
        ended_by = by or self.ended_by
        return self._after(moves[reason], by, ended_at=now, end_reason=reason, ended_by=ended_by, retry=Retry())

    def refused(self, now: datetime, refusal: Refusal) -> "VipSession":
        return self._after(SessionMove.REFUSED, ended_at=now, refusal=refusal, retry=Retry())

    def put_off(self, retry: Retry) -> "VipSession":
        return self._after(SessionMove.PUT_OFF, retry=retry)

    def due_to_end(self, now: datetime) -> bool:
        return self.state in RUNNING and self.expires_at is not None and self.expires_at <= now

    def _left(self, now: datetime) -> float:
        """Hours until its end, if it has one that is ahead."""
        return max(self.expires_at - now, timedelta()) / timedelta(hours=1) if self.expires_at else 0.0

    def _after(self, move: SessionMove, by: str | None = None, **changes: object) -> "VipSession":
        """What it is after that move. Raises TransitionRefused."""
        state = SESSION_LIFE.after(self.id, self.state, move, by)
        return replace(self, state=state, **changes)  # type: ignore[arg-type]


def _moved(moment: datetime | None, hours: float) -> datetime | None:
    return moment and moment + timedelta(hours=hours)
