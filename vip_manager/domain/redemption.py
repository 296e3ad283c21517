"""A channel-point redemption, from the moment it is written down to the moment it is settled on Twitch."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption_life import REDEMPTION_LIFE, RedemptionMove
from vip_manager.domain.redemption_life import RedemptionState as RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.rules import Held

OPEN = frozenset(
    {
        RedemptionState.RECEIVED,
        RedemptionState.HELD,
        RedemptionState.GRANTING,
        RedemptionState.GRANTED,
        RedemptionState.REFUNDING,
    }
)


@dataclass(frozen=True, slots=True)
class Redemption:
    """One redemption of one of our rewards. `id` is Twitch's; times are UTC; `cost` in channel points.

    `promised` is how many hours its reward gave when it was written down, 0 where that is not known. `held_for` is what
    it waits for, or waited for last, since `held_at` and until `held_until`; `approved_by` whoever has said yes to it.
    `hours` is set once it is decided what the redemption is worth; `session_id` names the session that holds its
    credit. `given_back_by` is whoever gives back a GRANTED one; `dismissed_at` when the streamer left a KEPT one as it
    is. `trace` names the request that brought it (tracing.here), so that later work on it is found with that.
    """

    id: str
    channel_id: str
    reward_id: str
    reward_title: str
    cost: int
    user_id: str
    login: str
    username: str
    redeemed_at: datetime
    received_at: datetime
    state: RedemptionState = RedemptionState.RECEIVED
    promised: float = 0.0
    held_for: Held | None = None
    held_at: datetime | None = None
    held_until: datetime | None = None
    approved_by: str = ""
    hours: float = 0.0
    session_id: str = ""
    refusal: Refusal | None = None
    settled_at: datetime | None = None
    given_back_by: str = ""
    dismissed_at: datetime | None = None
    trace: str = ""
    retry: Retry = field(default_factory=Retry)
    version: str = ""

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def undecided(self) -> bool:
        """Whether the streamer is asked what becomes of it."""
        return self.state is RedemptionState.KEPT and self.dismissed_at is None

    @property
    def held(self) -> bool:
        return self.state is RedemptionState.HELD

    def holding(self, held_for: Held, now: datetime, until: datetime) -> "Redemption":
        """It waits, and is looked at again when it has waited for as long as it may. To wait for the same again is to
        go on waiting."""
        if self.held_for is held_for and self.held_at and self.held_until:
            now, until = self.held_at, self.held_until
        return self._after(
            RedemptionMove.HELD,
            held_for=held_for,
            held_at=now,
            held_until=until,
            session_id="",
            hours=0.0,
            retry=Retry(next_at=until),
        )

    def held_on(self) -> "Redemption":
        """HELD, and looked at: it goes on to wait."""
        return self._after(RedemptionMove.HELD, retry=Retry(next_at=self.held_until))

    def admitted(self, by: str = "") -> "Redemption":
        """HELD no longer, or no VIP as it was begun: decided anew. `by` is whoever has said yes."""
        return self._after(RedemptionMove.ADMITTED, approved_by=by or self.approved_by, session_id="", hours=0.0)

    def granting(self, session_id: str, hours: float) -> "Redemption":
        return self._after(RedemptionMove.BEGUN, session_id=session_id, hours=hours)

    def granted(self, session_id: str, hours: float) -> "Redemption":
        return self._after(RedemptionMove.CREDITED, session_id=session_id, hours=hours)

    def refunding(self, refusal: Refusal) -> "Redemption":
        return self._after(RedemptionMove.REFUSED, refusal=refusal, session_id="", hours=0.0)

    def giving_back(self, by: str) -> "Redemption":
        """GRANTED, and the points are to go back, if Twitch still lets them."""
        return self._after(RedemptionMove.GIVING_BACK, given_back_by=by)

    def fulfilled(self, now: datetime) -> "Redemption":
        return self._after(RedemptionMove.FULFILLED, settled_at=now)

    def canceled(self, now: datetime) -> "Redemption":
        return self._after(RedemptionMove.CANCELED, settled_at=now, hours=0.0)

    def kept(self, now: datetime) -> "Redemption":
        return self._after(RedemptionMove.KEPT, settled_at=now)

    def reopened(self) -> "Redemption":
        return self._after(RedemptionMove.REOPENED, refusal=None, settled_at=None)

    def dismissed(self, now: datetime) -> "Redemption":
        return self._after(RedemptionMove.DISMISSED, dismissed_at=now)

    def tried_again(self) -> "Redemption":
        """Somebody does not wait for the next try, which stands where it was if this one is cut short."""
        return self._after(RedemptionMove.TRIED_AGAIN, retry=self.retry)

    def put_off(self, retry: Retry) -> "Redemption":
        return self._after(RedemptionMove.PUT_OFF, retry=retry)

    def _after(self, move: RedemptionMove, **changes: object) -> "Redemption":
        """What it is after that move, with the next step due at once. Raises TransitionRefused."""
        state = REDEMPTION_LIFE.after(self.id, self.state, move)
        return replace(self, **{"state": state, "retry": Retry(), **changes})  # type: ignore[arg-type]
