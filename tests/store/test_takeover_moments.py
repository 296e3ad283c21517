"""The forms of moments that an earlier system wrote, and what becomes of each."""

import pytest

from tests.store.test_takeover import NOW, SOON, old_session
from vip_manager.store import takeover
from vip_manager.store.fields import BrokenDocument


@pytest.mark.parametrize(
    "moment",
    [
        SOON,
        SOON.isoformat(),
        SOON.isoformat().replace("+00:00", ".000Z"),
        SOON.timestamp(),
        int(SOON.timestamp()),
        int(SOON.timestamp() * 1000),
    ],
    ids=["native", "text", "text by JavaScript", "seconds", "whole seconds", "milliseconds"],
)
def test_every_form_of_a_moment_is_understood(moment: object) -> None:
    [viewing], broken = takeover.sessions({"s1": old_session("s1", expiresAt=moment)}, NOW)
    assert not broken
    assert viewing.sessions[0].expires_at == SOON
    assert viewing.sessions[0].live


@pytest.mark.parametrize("moment", [10**30, float("nan"), float("inf"), True, -(10**20)])
def test_a_number_that_is_no_moment_is_broken(moment: object) -> None:
    viewings, [error] = takeover.sessions({"s1": old_session("s1", expiresAt=moment)}, NOW)
    assert not viewings
    assert isinstance(error, BrokenDocument)


def test_without_a_grant_its_hours_run_from_now() -> None:
    [viewing], _ = takeover.sessions({"s1": old_session("s1", grantedAt=None)}, NOW)
    [one] = viewing.sessions
    assert (one.granted_at, one.expires_at, one.hours) == (NOW, SOON, 5.0)
