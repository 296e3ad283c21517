"""A VIP session: one viewer, VIP in one channel, for the hours that were credited to it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import TransitionRefused
from vip_manager.domain.retry import Retry

MANUAL = "manual"


def by_reward(reward_id: str) -> str:
    """`redeemedWith` of a session that a reward started."""
    return f"reward:{reward_id}"


class SessionState(StrEnum):
    """GRANTING -> ACTIVE -> ENDING -> ENDED; GRANTING -> REFUSED; ENDING -> GRANTING when hours came in meanwhile."""

    GRANTING = "granting"
    ACTIVE = "active"
    ENDING = "ending"
    ENDED = "ended"
    REFUSED = "refused"


LIVE = frozenset({SessionState.GRANTING, SessionState.ACTIVE, SessionState.ENDING})

_NEXT: dict[SessionState, frozenset[SessionState]] = {
    SessionState.GRANTING: frozenset(
        {SessionState.ACTIVE, SessionState.REFUSED, SessionState.ENDING, SessionState.ENDED}
    ),
    SessionState.ACTIVE: frozenset({SessionState.ENDING, SessionState.ENDED}),
    SessionState.ENDING: frozenset({SessionState.ENDED, SessionState.GRANTING}),
    SessionState.ENDED: frozenset(),
    SessionState.REFUSED: frozenset(),
}


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
    us, None where each was answered; `ours` says that the badge came from us and is ours to take.
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
    def hours(self) -> float:
        return sum(credit.hours for credit in self.credits)

    def holds(self, credit_id: str) -> bool:
        return any(credit.id == credit_id for credit in self.credits)

    @property
    def may_have_badge(self) -> bool:
        """GRANTING: whether a badge that is there may be ours. If not, somebody else gave it."""
        return self.ours or self.unanswered_at is not None

    def asking(self, now: datetime) -> "VipSession":
        """An add goes out, the first one after a look that showed no badge, or for a badge of ours that may be gone:
        until it is answered, a badge may be ours."""
        repeated = self.unanswered_at is not None
        return replace(self, seen_not_vip_at=self.seen_not_vip_at if repeated else now, unanswered_at=now)

    def active(self, now: datetime) -> "VipSession":
        """Twitch has made the viewer VIP: the hours owed run from `now`."""
        return self._to(
            SessionState.ACTIVE,
            granted_at=self.granted_at or now,
            added_at=now,
            expires_at=now + timedelta(hours=self.owed),
            owed=0.0,
            unanswered_at=None,
            ours=True,
            retry=Retry(),
        )

    def credited(self, credit: Credit, now: datetime) -> "VipSession":
        """The session with more hours, from its end or from now, whichever is later. A credit counts once."""
        if self.holds(credit.id):
            return self
        if not self.live:
            raise TransitionRefused(f"session {self.id}: hours for a session that is {self.state}")
        credited = replace(self, credits=(*self.credits, credit))
        if self.state is SessionState.GRANTING:
            return replace(credited, owed=self.owed + credit.hours)
        left = max(self.expires_at - now, timedelta()) if self.expires_at else timedelta()
        if self.state is SessionState.ACTIVE:
            return replace(credited, expires_at=now + left + timedelta(hours=credit.hours))
        # The removal may have reached Twitch already: VIP has to be added again before the session is active.
        return credited._to(
            SessionState.GRANTING,
            owed=left / timedelta(hours=1) + credit.hours,
            expires_at=None,
            end_reason=None,
            ended_by="",
            retry=Retry(),
        )

    def debited(self, credit_id: str) -> "VipSession":
        """The session without that credit, shorter by exactly its hours. Unknown credit: unchanged."""
        taken = sum(credit.hours for credit in self.credits if credit.id == credit_id)
        credits = tuple(credit for credit in self.credits if credit.id != credit_id)
        if self.state is SessionState.GRANTING:
            return replace(self, credits=credits, owed=max(self.owed - taken, 0.0))
        expires_at = self.expires_at - timedelta(hours=taken) if self.expires_at else None
        return replace(self, credits=credits, expires_at=expires_at)

    def badge_gone(self) -> "VipSession":
        """GRANTING, and Twitch shows no badge: whatever badge comes next is ours only if our next add makes it."""
        return replace(self, ours=False, unanswered_at=None)

    def ending(self, reason: EndReason, by: str = "") -> "VipSession":
        return self._to(SessionState.ENDING, end_reason=reason, ended_by=by, owed=0.0, retry=Retry())

    def ended(self, now: datetime, reason: EndReason, by: str = "") -> "VipSession":
        return self._to(
            SessionState.ENDED, ended_at=now, end_reason=reason, ended_by=by or self.ended_by, retry=Retry()
        )

    def refused(self, now: datetime, refusal: Refusal) -> "VipSession":
        return self._to(SessionState.REFUSED, ended_at=now, refusal=refusal, retry=Retry())

    def put_off(self, retry: Retry) -> "VipSession":
        return replace(self, retry=retry)

    def due_to_end(self, now: datetime) -> bool:
        return self.state is SessionState.ACTIVE and self.expires_at is not None and self.expires_at <= now

    def _to(self, state: SessionState, **changes: object) -> "VipSession":
        if state not in _NEXT[self.state]:
            raise TransitionRefused(f"session {self.id}: {self.state} -> {state}")
        return replace(self, state=state, **changes)  # type: ignore[arg-type]
