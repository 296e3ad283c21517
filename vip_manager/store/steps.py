"""Keeps a store from taking a record where its life has no arrow, however the record came about."""

from vip_manager.domain.audit import AuditEntry
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.redemption_life import REDEMPTION_LIFE
from vip_manager.domain.session import VipSession
from vip_manager.domain.session_life import SESSION_LIFE
from vip_manager.ports import Record


def has_life(record: Record | AuditEntry) -> bool:
    """Whether the record goes from state to state."""
    return isinstance(record, Redemption | VipSession)


def check_step(stored: object, record: Record | AuditEntry) -> None:
    """`stored` is the `state` of the document that the record replaces, None where it has none, as an earlier system's:
    what that becomes is for those to say who take it over. Raises TransitionRefused.

    A record may begin in any state: an import brings in what has ended long ago.
    """
    if stored is None:
        return
    match record:
        case Redemption():
            REDEMPTION_LIFE.check_step(record.id, str(stored), record.state)
        case VipSession():
            SESSION_LIFE.check_step(record.id, str(stored), record.state)
