"""Watches what is written down while a test runs, and judges each commit by the tables of the domain."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.life import Hours, Transition
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.redemption_life import REDEMPTION_LIFE
from vip_manager.domain.session import VipSession
from vip_manager.domain.session_life import SESSION_LIFE

Commit = Callable[..., Coroutine[Any, Any, Any]]
Record = Redemption | VipSession
_FIRST = {one.after for life in (REDEMPTION_LIFE, SESSION_LIFE) for one in life.transitions if one.before is None}


@dataclass(frozen=True)
class Step:
    """What one commit made of one record; `before` is None where it made the record."""

    before: Record | None
    after: Record

    @property
    def transitions(self) -> list[Transition[Any, Any]]:
        """Those that the tables have for it. One commit may take hours from a session and move it on; where the state
        stays, what became of the hours tells the moves apart."""
        life = REDEMPTION_LIFE if isinstance(self.after, Redemption) else SESSION_LIFE
        state = self.before and self.before.state
        arrows = [one for one in life.transitions if (one.before, one.after) == (state, self.after.state)]
        if self.before is None or state is not self.after.state:
            return list(arrows)
        gained = self.after.hours - self.before.hours
        wanted = Hours.CREDITED if gained > 0 else Hours.TAKEN if gained < 0 else Hours.AS_THEY_WERE
        return [one for one in arrows if one.hours is wanted]


def wrong_with(steps: Sequence[Step], actions: set[Action]) -> str:
    """Why a commit that has lines of these actions is not as the tables say, "" where it is."""
    allowed: set[Action] = set()
    for step in steps:
        fitting = [one for one in step.transitions if one.log <= actions]
        if not fitting:
            return f"{step} with {sorted(actions)}"
        allowed.update(*(one.log | one.may_log for one in fitting))
    return f"{steps} with {sorted(actions - allowed)} too" if actions - allowed else ""


@dataclass
class WatchedCommits:
    """`wrong` has a sentence for each commit that was not as the tables say."""

    steps: list[Step] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _kept: dict[tuple[type, str, str], Record] = field(default_factory=dict)
    """By type, id and version: what a compare-and-set was made against is known without asking the store again."""

    def around(self, commit: Commit) -> Commit:
        async def watched(store: object, first: Any, /, *rest: Any) -> Any:
            done = await commit(store, first, *rest)
            self._judge([one for one in (first, *rest) if isinstance(one, Record)], done.version, (first, *rest))
            return done

        return watched

    def _judge(self, records: list[Record], version: str, commit: tuple[object, ...]) -> None:
        steps = [Step(self._kept.get((type(one), one.id, one.version)), one) for one in records]
        self._kept.update({(type(one), one.id, version): one for one in records})
        if not steps or any(_from_nowhere(step) for step in steps):
            return
        viewers = {one.user_id for one in records}
        lines = {one.action for one in commit if isinstance(one, AuditEntry) and one.subject_id in viewers}
        self.steps += steps
        if wrong := wrong_with(steps, lines):
            self.wrong.append(wrong)


def _from_nowhere(step: Step) -> bool:
    """What a test has planted in the middle of its life, or past this watch."""
    return step.before is None and (bool(step.after.version) or step.after.state not in _FIRST)
