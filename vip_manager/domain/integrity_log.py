"""Whether every grant, end and refund has its line in the audit log. A line that says that one was missing stands for
it."""

from collections.abc import Iterator

from vip_manager.domain.audit import Action
from vip_manager.domain.books import Books, Check, Finding, Mend, about, from_earlier_system
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import SessionState, VipSession

_SETTLED_BY: dict[RedemptionState, tuple[Action, ...]] = {
    RedemptionState.FULFILLED: (Action.FULFILLED,),
    RedemptionState.CANCELED: (Action.REFUNDED, Action.TAKEN_BACK),
    RedemptionState.KEPT: (Action.POINTS_KEPT,),
}
_AS_GOOD: dict[Action, tuple[str, ...]] = {
    Action.GRANTED: (Action.CLOCKED.value,),
    Action.REFUSED: (Action.HELD.value, Action.PUT_OFF.value),
}
"""Lines that say as much: of a badge that was there already; of somebody who waits for a seat instead, or is to have
another's."""


def unlogged(books: Books) -> Iterator[Finding]:
    logged = set()
    for entry in books.audit:
        # As texts: what stands in a detail may be anything.
        action = str(entry.detail.get("of")) if entry.action is Action.REPAIRED else entry.action.value
        logged |= {(action, str(entry.detail.get(name))) for name in ("session_id", "redemption_id")}
    for session in books.sessions:
        # A refusal is told of those who had paid, if anybody had.
        subjects = [session.id, *(credit.id for credit in session.credits)]
        for action in _due_lines(session):
            told_of = subjects if action is Action.REFUSED else subjects[:1]
            told = (action.value, *_AS_GOOD.get(action, ()))
            if not any((one, subject) in logged for one in told for subject in told_of):
                yield _finding(session, action)
    for redemption in books.redemptions:
        for actions in ((Action.REDEEMED,), _SETTLED_BY.get(redemption.state, ())):
            if actions and not any((action.value, redemption.id) in logged for action in actions):
                yield _finding(redemption, actions[0])


def _due_lines(session: VipSession) -> Iterator[Action]:
    if from_earlier_system(session):
        return
    if session.granted_at:
        yield Action.GRANTED
    if session.state is SessionState.ENDED:
        yield Action.ENDED
    if session.state is SessionState.REFUSED:
        yield Action.REFUSED


def _finding(record: VipSession | Redemption, action: Action) -> Finding:
    mend = Mend(record, "writes a line that it was missing", {"of": action.value})
    return about(record, Check.UNLOGGED, f"the audit log has no line {action.value!r} of it", mend=mend)
