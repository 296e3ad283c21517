"""When to try again."""

from datetime import timedelta

import pytest

from tests.domain.records import NOW, hours
from vip_manager.domain.retry import LONGEST_PAUSE, Retry


def test_what_was_never_put_off_is_due() -> None:
    assert Retry().due(NOW)


def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    retry, pauses = Retry(), []
    for _ in range(10):
        retry = retry.put_off(NOW, "unavailable")
        assert retry.next_at
        pauses.append((retry.next_at - NOW).total_seconds())
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert (retry.attempts, retry.error) == (10, "unavailable")


def test_any_number_of_attempts_is_bearable() -> None:
    assert Retry(10**6).put_off(NOW, "").next_at == NOW + LONGEST_PAUSE


@pytest.mark.parametrize(("wait", "pause"), [(7.5, 7.5), (3600, 3600), (0, 0), (-5, 0)])
def test_a_wait_that_twitch_names_is_kept(wait: float, pause: float) -> None:
    retry = Retry(4, NOW, "").put_off(NOW, "rate_limited", timedelta(seconds=wait))
    assert retry == Retry(5, NOW + timedelta(seconds=pause), "rate_limited")


def test_it_is_due_from_its_moment_on() -> None:
    retry = Retry(1, NOW, "unavailable")
    assert not retry.due(NOW - timedelta(microseconds=1))
    assert retry.due(NOW)
    assert retry.due(NOW + hours(1))


def test_what_was_mended_is_due_now_and_keeps_its_history() -> None:
    assert Retry(3, NOW + hours(1), "reconnect").due_now(NOW) == Retry(3, NOW, "reconnect")
    assert Retry().due_now(NOW) == Retry()
