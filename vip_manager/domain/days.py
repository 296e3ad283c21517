"""Days as somebody has them where they live."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LONGEST_NAME = 64


def zone_of(name: str) -> tzinfo:
    """By its IANA name, as a browser tells it (https://www.iana.org/time-zones); UTC for whatever is none."""
    if not name or len(name) > LONGEST_NAME:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def begins(day: date, zone: tzinfo) -> datetime:
    """The moment, in UTC, at which that day begins there. Where its midnight comes twice it is the first; where clocks
    skip it, the moment at which they do."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def last_days(now: datetime, count: int, zone: tzinfo) -> list[date]:
    """So many, oldest first; the last is the one that it is there now."""
    today = now.astimezone(zone).date()
    return [today - timedelta(days=back) for back in range(count - 1, -1, -1)]
