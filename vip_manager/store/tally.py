"""Counts what was committed: from the same records and lines that the audit log has, so that the figures and the log
tell the same story."""

from collections.abc import Iterable

from vip_manager import measures
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.retry import STUCK_AFTER
from vip_manager.domain.session import SessionState, VipSession

_NOT_OURS = frozenset({Refusal.ALREADY_VIP, Refusal.MODERATOR, Refusal.BROADCASTER})
_TAKEN_BY_US = frozenset({EndReason.EXPIRED, EndReason.BY_HAND})
_GIVEN = frozenset({Action.GRANTED, Action.EXTENDED})


def tally(writes: Iterable[object]) -> None:
    """`writes`: all of one commit that was done."""
    writes = list(writes)
    lines = [one for one in writes if isinstance(one, AuditEntry)]
    ending = any(isinstance(one, VipSession) and one.state is SessionState.ENDING for one in writes)
    for line in lines:
        _count(line, ending=ending)
    given_at = next((line.at for line in lines if line.action in _GIVEN), None)
    for one in writes:
        # What the streamer let wait for a seat or a yes is not late.
        if isinstance(one, Redemption) and one.state is RedemptionState.GRANTED and given_at and not one.held_at:
            # Twitch's clock and ours may differ by some seconds.
            measures.redemption_to_vip.record(max((given_at - one.redeemed_at).total_seconds(), 0.0))
        if isinstance(one, Redemption | VipSession) and one.retry.stuck and one.retry.attempts == STUCK_AFTER:
            measures.dead_letters.add(1)


def _count(line: AuditEntry, *, ending: bool) -> None:
    match line.action:
        case Action.REDEEMED:
            measures.redemptions.add(1)
        case Action.GRANTED | Action.EXTENDED:
            measures.grants.add(1, {"outcome": line.action.value})
        case Action.REFUSED:
            measures.grants.add(1, {"outcome": "not_ours" if line.detail.get("reason") in _NOT_OURS else "refused"})
        case Action.PUT_OFF if ending:
            measures.removals.add(1, {"outcome": "put_off"})
        case Action.PUT_OFF:
            measures.grants.add(1, {"outcome": "put_off"})
        case Action.ENDED:
            measures.removals.add(1, {"outcome": "removed" if line.detail.get("reason") in _TAKEN_BY_US else "let_go"})
        case Action.REFUNDED | Action.TAKEN_BACK:
            measures.refunds.add(1)
