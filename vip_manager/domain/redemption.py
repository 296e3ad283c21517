"""A channel-point redemption, from the moment it is written down to the moment it is settled on Twitch."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from vip_manager.domain.reasons import Refusal
from vip_manager.domain.retry import Retry


class RedemptionState(StrEnum):
    """RECEIVED -> GRANTING -> GRANTED -> FULFILLED, or from the first three -> REFUNDING -> CANCELED.

    KEPT: no VIP was given, but somebody had settled it on Twitch, so the points could not go back.
    """

    RECEIVED = "received"
    GRANTING = "granting"
    GRANTED = "granted"
    REFUNDING = "refunding"
    FULFILLED = "fulfilled"
    CANCELED = "canceled"
    KEPT = "kept"


OPEN = frozenset(
    {RedemptionState.RECEIVED, RedemptionState.GRANTING, RedemptionState.GRANTED, RedemptionState.REFUNDING}
)

_NEXT: dict[RedemptionState, frozenset[RedemptionState]] = {
    RedemptionState.RECEIVED: frozenset(
        {RedemptionState.GRANTING, RedemptionState.GRANTED, RedemptionState.REFUNDING, RedemptionState.CANCELED}
    ),
    RedemptionState.GRANTING: frozenset({RedemptionState.GRANTED, RedemptionState.REFUNDING, RedemptionState.CANCELED}),
    RedemptionState.GRANTED: frozenset({RedemptionState.FULFILLED, RedemptionState.CANCELED}),
    RedemptionState.REFUNDING: frozenset({RedemptionState.CANCELED, RedemptionState.KEPT}),
    RedemptionState.FULFILLED: frozenset(),
    RedemptionState.CANCELED: frozenset(),
    RedemptionState.KEPT: frozenset(),
}


class TransitionRefused(Exception):
    """A record was asked to go where its state machine has no arrow: a fault of this program."""


@dataclass(frozen=True, slots=True)
class Redemption:
    """One redemption of one of our rewards. `id` is Twitch's; times are UTC; `cost` in channel points.

    `hours` is set once it is decided what the redemption is worth; `session_id` names the session that holds its
    credit.
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
    hours: float = 0.0
    session_id: str = ""
    refusal: Refusal | None = None
    settled_at: datetime | None = None
    retry: Retry = field(default_factory=Retry)
    version: str = ""

    @property
    def open(self) -> bool:
        return self.state in OPEN

    def granting(self, session_id: str, hours: float) -> "Redemption":
        return self._to(RedemptionState.GRANTING, session_id=session_id, hours=hours, retry=Retry())

    def granted(self, session_id: str, hours: float) -> "Redemption":
        return self._to(RedemptionState.GRANTED, session_id=session_id, hours=hours, retry=Retry())

    def refunding(self, refusal: Refusal) -> "Redemption":
        return self._to(RedemptionState.REFUNDING, refusal=refusal, session_id="", hours=0.0, retry=Retry())

    def fulfilled(self, now: datetime) -> "Redemption":
        return self._to(RedemptionState.FULFILLED, settled_at=now, retry=Retry())

    def canceled(self, now: datetime) -> "Redemption":
        return self._to(RedemptionState.CANCELED, settled_at=now, hours=0.0, retry=Retry())

    def kept(self, now: datetime) -> "Redemption":
        return self._to(RedemptionState.KEPT, settled_at=now, retry=Retry())

    def put_off(self, retry: Retry) -> "Redemption":
        return replace(self, retry=retry)

    def _to(self, state: RedemptionState, **changes: object) -> "Redemption":
        if state not in _NEXT[self.state]:
            raise TransitionRefused(f"redemption {self.id}: {self.state} -> {state}")
        return replace(self, state=state, **changes)  # type: ignore[arg-type]
