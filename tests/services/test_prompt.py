"""What viewers read on Twitch under a reward's title."""

from itertools import product

import pytest

from vip_manager.domain.rules import Rules, VipClock, WhenFull, WhenVip
from vip_manager.domain.terms import LONGEST_HOURS
from vip_manager.services.prompt import LONGEST_PROMPT, is_ours, prompt


@pytest.mark.parametrize(
    ("hours", "rules", "text"),
    [
        (24, Rules(), "VIP in this channel for 24 hours. Redeem again to add time."),
        (1, Rules(), "VIP in this channel for 1 hour. Redeem again to add time."),
        (1.5, Rules(when_vip=WhenVip.START_OVER), "VIP in this channel for 1.5 hours. Redeem again to start over."),
        (24, Rules(when_vip=WhenVip.REFUSE), "VIP in this channel for 24 hours."),
        (
            24,
            Rules(clock=VipClock.LIVE),
            "VIP in this channel for 24 hours of live time. Redeem again to add time.",
        ),
        (24, Rules(clock=VipClock.STREAM), "VIP in this channel until the stream ends."),
        (
            24,
            Rules(when_vip=WhenVip.REFUSE, when_full=WhenFull.WAIT),
            "VIP in this channel for 24 hours. If all seats are taken, you wait for one or get the points back.",
        ),
        (
            24,
            Rules(when_vip=WhenVip.REFUSE, when_full=WhenFull.TAKE_SEAT),
            "VIP in this channel for 24 hours. If all seats are taken, the VIP with the least time left makes room.",
        ),
        (
            24,
            Rules(approval=True),
            "VIP in this channel for 24 hours. Redeem again to add time. The streamer says yes first.",
        ),
    ],
)
def test_it_says_what_one_gets(hours: float, rules: Rules, text: str) -> None:
    assert prompt(hours, rules) == text


def test_twitch_takes_it_whatever_the_rules() -> None:
    for when_vip, when_full, clock, approval in product(WhenVip, WhenFull, VipClock, (False, True)):
        rules = Rules(when_vip=when_vip, when_full=when_full, clock=clock, approval=approval)
        text = prompt(LONGEST_HOURS - 0.0001, rules)
        assert len(text) <= LONGEST_PROMPT
        assert is_ours(text)
        assert is_ours(prompt(1, rules))


@pytest.mark.parametrize("text", ["", "VIP!", "VIP in this channel for 24 hours. Be nice.", "Be VIP in this channel."])
def test_what_a_streamer_has_written_is_not_ours(text: str) -> None:
    assert not is_ours(text)
