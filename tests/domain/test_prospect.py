"""What a reward does right now, by the same rules that a redemption is decided by."""

from dataclasses import replace
from typing import Any

import pytest

from tests.domain.records import CHANNEL, NOW, hours, session
from vip_manager.domain.channel import Channel, Tier
from vip_manager.domain.leaving import Leaving
from vip_manager.domain.prospect import Prospect, prospect
from vip_manager.domain.rules import Rules, VipClock, WhenFull
from vip_manager.domain.seats import Seats
from vip_manager.domain.session import SessionState
from vip_manager.domain.stream import Stream

FULL = Seats(2, 2)
LEAVES = Leaving(NOW)


def of(channel: Channel, seats: Seats = Seats(), *, connected: bool = True, later: float = 0) -> Prospect:  # noqa: B008
    (tier,) = channel.every_tier
    live = [session(SessionState.ACTIVE)]
    return prospect(tier, channel, seats, live, NOW + hours(later), connected=connected)


def ruled(**rules: Any) -> Channel:
    return replace(CHANNEL, rules=Rules(**rules))


@pytest.mark.parametrize(
    ("channel", "seats", "comes"),
    [
        (CHANNEL, Seats(), Prospect.GRANT),
        (CHANNEL, Seats(2, 1), Prospect.GRANT),
        (CHANNEL, FULL, Prospect.FULL),
        (ruled(seats_kept_free=1), Seats(2, 1), Prospect.FULL),
        (ruled(when_full=WhenFull.WAIT), FULL, Prospect.WAIT),
        (ruled(when_full=WhenFull.WAIT), Seats(2, 1, in_line=True), Prospect.WAIT),
        (ruled(when_full=WhenFull.TAKE_SEAT, protected_hours=0), FULL, Prospect.TAKE_SEAT),
        (ruled(when_full=WhenFull.TAKE_SEAT, protected_hours=1), FULL, Prospect.FULL),
        (ruled(approval=True), Seats(), Prospect.APPROVAL),
        (ruled(approval=True), FULL, Prospect.APPROVAL),
        (ruled(clock=VipClock.STREAM), Seats(), Prospect.NOT_LIVE),
        (replace(ruled(clock=VipClock.STREAM), stream=Stream(NOW)), Seats(), Prospect.GRANT),
        (replace(CHANNEL, enabled=False), FULL, Prospect.OFF),
        (replace(CHANNEL, leaving=LEAVES), Seats(), Prospect.LEAVING),
        (replace(CHANNEL, reward_paused=True), FULL, Prospect.PAUSED),
        (replace(CHANNEL, reward_paused=True, closed_for_full=True), FULL, Prospect.PAUSED),
        (replace(CHANNEL, reward_paused=True, closed_for_full=True, closed_tiers=("r1",)), FULL, Prospect.SEATLESS),
    ],
)
def test_what_would_come_of_a_redemption_now(channel: Channel, seats: Seats, comes: Prospect) -> None:
    assert of(channel, seats) is comes


def test_a_seat_is_safe_no_longer_than_it_is_protected() -> None:
    channel = ruled(when_full=WhenFull.TAKE_SEAT, protected_hours=1)
    assert of(channel, FULL, later=2) is Prospect.TAKE_SEAT


def test_where_twitch_does_not_let_us_act_it_is_kept() -> None:
    assert of(CHANNEL, connected=False) is Prospect.UNCONNECTED


def test_another_rewards_pause_is_its_own() -> None:
    first = replace(CHANNEL, reward_paused=True)
    second = Tier("r2", "Week", 20_000, 168)
    channel = first.with_new_tier(second)
    assert prospect(second, channel, Seats(), [], NOW, connected=True) is Prospect.GRANT
