"""Which fields of a document are moments, where a text could be one or not. Its name decides, never its look: a title
may look like a moment, and the texts in an audit line's `detail` do."""

from typing import Any

from vip_manager.store.fields import Document
from vip_manager.store.timestamps import from_text

MOMENTS: dict[str, frozenset[str]] = {
    "users": frozenset({"expiresAt", "validatedAt"}),
    "signIns": frozenset({"createdAt", "expiresAt", "seenAt"}),
    "channels": frozenset(
        {
            "tiers[].since",
            "stream.liveSince",
            "stream.offAt",
            "stream.seenAt",
            "stream.offBy",
            "catchUpAt",
            "caughtUpAt",
            "team[].since",
            "leaving.since",
            "leaving.leftAt",
            "hooks[].madeAt",
            "gap.since",
            "gap.until",
            "gap.closedAt",
        }
    ),
    "vipSessions": frozenset(
        {
            "grantedAt",
            "expiresAt",
            "createdAt",
            "credits[].at",
            "addedAt",
            "seenNotVipAt",
            "unansweredAt",
            "asideAt",
            "runsUntil",
            "clockAt",
            "endedAt",
            "dueAt",
            "nextAt",
        }
    ),
    "redemptions": frozenset(
        {
            "redeemedAt",
            "receivedAt",
            "heldAt",
            "heldUntil",
            "settledAt",
            "dismissedAt",
            "dueAt",
            "nextAt",
        }
    ),
    "auditLog": frozenset({"at"}),
    "apiTokens": frozenset({"madeAt", "usedAt", "revokedAt"}),
    "apiCalls": frozenset({"madeAt", "expiresAt"}),
    "outboxes": frozenset(
        {
            "begunAt",
            "readUntil",
            "parcels[].madeAt",
            "parcels[].claimedAt",
            "parcels[].nextAt",
            "parcels[].notice.at",
            "parcels[].notice.until",
            "soonAt",
            "standings[].arrivedAt",
            "standings[].failedAt",
            "dueAt",
        }
    ),
}
"""By collection. `a.b` is `b` in the map `a`, `a[].b` is `b` of each in the list `a`."""


def with_moments(collection: str, document: Document) -> Document:
    """The document with datetimes where its texts are moments. A text that is none stays, for whoever reads it to find
    it broken, or to have no use for it, as for an earlier system's tokens."""
    converted: Document = _converted(document, "", MOMENTS[collection])
    return converted


def _converted(value: Any, path: str, moments: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _converted(one, f"{path}.{name}" if path else name, moments) for name, one in value.items()}
    if isinstance(value, list):
        return [_converted(one, f"{path}[]", moments) for one in value]
    if isinstance(value, str) and path in moments:
        try:
            return from_text(value)
        except ValueError:
            return value
    return value
