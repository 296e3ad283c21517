"""Moments as text: ISO 8601, UTC, microseconds, always 27 characters, so that they sort as text."""

from datetime import UTC, datetime


def to_text(moment: datetime) -> str:
    """Raises ValueError where the moment has no time zone: guessing one would shift people's VIP by hours."""
    if moment.tzinfo is None:
        raise ValueError("a stored moment needs a time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Raises ValueError where it is no ISO 8601 moment with a time zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a stored moment needs a time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        # 9999-12-31T23:59:59-01:00 is a moment of the year 10000.
        raise ValueError("a stored moment needs a year from 1 to 9999") from None
