"""Days as somebody has them where they live."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

LONGEST_NAME = 64
_OF_THIS_MACHINE = frozenset({"localtime", "posixrules"})
"""Files that stand among the zones and are none."""


def zone_of(name: str) -> tzinfo:
    """By its IANA name, as a browser tells it (https://www.iana.org/time-zones); UTC for whatever is none."""
    if name not in _names():
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


@cache
def _names() -> frozenset[str]:
    """Of all zones. To find them takes some hundredths of a second, once."""
    return frozenset(available_timezones() - _OF_THIS_MACHINE)


def begins(day: date, zone: tzinfo) -> datetime:
    """The moment, in UTC, at which that day begins there. Where its midnight comes twice it is the first; where clocks
    skip it, the moment at which they do."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def last_days(now: datetime, count: int, zone: tzinfo) -> list[date]:
    """So many, oldest first; the last is the one that it is there now."""
    today = now.astimezone(zone).date()
    return [today - timedelta(days=back) for back in range(count - 1, -1, -1)]
