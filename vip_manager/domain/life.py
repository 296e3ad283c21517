"""A record's life as a table: from which state what may happen, by whom, where it leads, and what it leaves behind.

Redemptions and sessions each have one. Their moves go through it, and so does what a store is asked to keep.
`docs/ledger.md` draws both tables.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from vip_manager.domain.audit import Action

S = TypeVar("S", bound=StrEnum)
M = TypeVar("M", bound=StrEnum)


class TransitionRefused(Exception):
    """A record was asked to go where its life has no arrow: a fault of this program."""


class Who(StrEnum):
    """Whose doing a transition is. STAFF: the streamer or somebody of the team, on our pages or by our API, and known
    by name. ON_TWITCH: somebody who did it there by hand, or Twitch itself."""

    VIEWER = "the viewer"
    PROGRAM = "us"
    STAFF = "the streamer here"
    ON_TWITCH = "somebody on Twitch"


class Hours(StrEnum):
    """What becomes of hours of VIP. RUN: those owed begin to run."""

    AS_THEY_WERE = "-"
    CREDITED = "credited"
    TAKEN = "taken back"
    RUN = "run from now"


class Points(StrEnum):
    """What becomes of the viewer's channel points. HELD: Twitch still lists the redemption as open."""

    HELD = "held"
    SPENT = "spent"
    BACK = "back"


NOTHING: frozenset[Action] = frozenset()
"""Of a transition that leaves no line in the audit log."""


@dataclass(frozen=True, slots=True)
class Transition(Generic[S, M]):
    """One arrow. `before` is None for a record that is not written down yet.

    The commit that makes the transition has a line about the same viewer of each action in `log`, and may have one of
    those in `may_log`.
    """

    before: S | None
    move: M
    after: S
    who: frozenset[Who]
    log: frozenset[Action]
    may_log: frozenset[Action]
    means: str
    hours: Hours = Hours.AS_THEY_WERE
    points: Points | None = None


class Life(Generic[S, M]):
    """All that can happen to records of one kind, at most once for each state and move."""

    def __init__(self, kind: str, *transitions: Transition[S, M]) -> None:
        self.kind = kind
        self.transitions = transitions
        self._by_move = {(one.before, one.move): one for one in transitions}
        if len(self._by_move) != len(transitions):
            raise ValueError(f"the life of a {kind} says two things of one state and move")
        self._steps = {(one.before, one.after) for one in transitions if one.before is not None}
        self.last = frozenset(one.after for one in transitions) - {one.before for one in transitions}

    def after(self, record_id: str, before: S, move: M, by: str | None = None) -> S:
        """The state that follows. `by` is the user id of whoever did it here, "" for nobody, None where the move does
        not say. Raises TransitionRefused, also where it was not theirs to make."""
        transition = self._by_move.get((before, move))
        if transition is None:
            raise TransitionRefused(f"{self.kind} {record_id}: {move} while {before}")
        if by and Who.STAFF not in transition.who:
            raise TransitionRefused(f"{self.kind} {record_id}: {move} while {before} is not for {by} to do")
        if by == "" and transition.who == {Who.STAFF}:
            raise TransitionRefused(f"{self.kind} {record_id}: {move} while {before} without a name")
        return transition.after

    def check_step(self, record_id: str, stored: str, wanted: S) -> None:
        """Whether a record that is kept as `stored` may be kept as `wanted` next: one move apart, or the same state
        with other contents. Raises TransitionRefused."""
        if stored != wanted and (stored, wanted) not in self._steps:
            raise TransitionRefused(f"{self.kind} {record_id}: kept as {stored}, can't be kept as {wanted} next")
