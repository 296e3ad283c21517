"""What can be asked of the log, and days as people have them."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from vip_manager.domain.audit import Action
from vip_manager.domain.days import begins, last_days, zone_of
from vip_manager.domain.history import TOPICS, Topic, parse_days, parse_topic
from vip_manager.domain.terms import InvalidInput

MOST_IN_ONE_QUERY = 30


def test_each_action_is_in_one_topic_that_one_query_can_ask_for() -> None:
    counts = Counter(action for actions in TOPICS.values() for action in actions)
    assert counts == Counter(Action)
    assert set(TOPICS) == set(Topic)
    assert max(map(len, TOPICS.values())) <= MOST_IN_ONE_QUERY


def test_topics_come_by_their_names() -> None:
    assert parse_topic("") is None
    assert parse_topic("given") is Topic.GIVEN
    with pytest.raises(InvalidInput):
        parse_topic("else")


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Europe/Berlin", True),
        ("America/New_York", True),
        ("", False),
        ("Nowhere/Else", False),
        ("localtime", False),
        ("posixrules", False),
        ("posix/Europe/Berlin", False),
        ("europe/berlin", False),
        ("../../etc/passwd", False),
        ("/etc/localtime", False),
        ("Europe", False),
        ("a" * 5000, False),
        ("Europe/\x00", False),
        ("\udfff", False),
    ],
)
def test_a_zone_is_one_that_there_is_or_utc(name: str, known: bool) -> None:
    assert (zone_of(name) is not UTC) is known


def test_days_begin_when_they_do_there() -> None:
    berlin = zone_of("Europe/Berlin")
    # https://www.timeanddate.com/time/change/germany/berlin?year=2026: forward on 29 March, back on 25 October.
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 3, 30), 24), (date(2026, 10, 25), 25)):
        assert begins(day + timedelta(days=1), berlin) - begins(day, berlin) == timedelta(hours=hours)
    assert begins(date(2026, 3, 29), berlin) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    # Clocks in Beirut are put forward at midnight.
    beirut = zone_of("Asia/Beirut")
    assert begins(date(2026, 3, 29), beirut) == datetime(2026, 3, 28, 22, tzinfo=UTC)


def test_the_last_days_end_with_the_one_that_it_is_there() -> None:
    now = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert last_days(now, 3, UTC) == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
    assert last_days(now, 1, zone_of("Europe/Berlin")) == [date(2026, 3, 2)]


def test_days_are_whole_ones() -> None:
    zone = zone_of("Europe/Berlin")
    assert parse_days("", "", zone) == (None, None)
    since, until = parse_days("2026-03-29", "2026-03-29", zone)
    assert since == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert until == datetime(2026, 3, 29, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-03-30", "2026-03-29", "to"),
        ("yesterday", "", "from"),
        ("", "2026-02-30", "to"),
        ("20260329", "", "from"),
        ("2026-W01-1", "", "from"),
        ("2026-03-29\n", "", "from"),
        ("٢٠٢٦-٠٣-٢٩", "", "from"),
        ("0001-01-01", "", "from"),
        ("", "9999-12-31", "to"),
    ],
)
def test_what_is_no_time_is_refused(first: str, last: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_days(first, last, UTC)
    assert refused.value.field == field
