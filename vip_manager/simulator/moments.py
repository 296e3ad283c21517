"""Moments as Twitch writes them: RFC 3339, UTC, with a Z."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def rfc3339_nanos(moment: datetime) -> str:
    """EventSub stamps its messages with nine digits; clients must cope with that."""
    return rfc3339(moment)[:-1] + "000Z"


def rfc3339_seconds(text: str) -> str:
    """The same moment in whole seconds, as some of Helix's lists have it."""
    return from_rfc3339(text).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def from_rfc3339(text: str) -> datetime:
    return datetime.fromisoformat(text)
