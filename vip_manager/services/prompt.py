"""What viewers read on Twitch under a reward's title: what they get, by the streamer's rules."""

import re

from vip_manager.domain.rules import Rules, VipClock, WhenFull, WhenVip
from vip_manager.services.written import hours_text

LONGEST_PROMPT = 200
"""Twitch's limit (https://dev.twitch.tv/docs/api/reference/#create-custom-rewards)."""

_AGAIN = {WhenVip.ADD_TIME: "Redeem again to add time.", WhenVip.START_OVER: "Redeem again to start over."}
_FULL = {
    WhenFull.WAIT: "If all seats are taken, you wait for one or get the points back.",
    WhenFull.TAKE_SEAT: "If all seats are taken, the VIP with the least time left makes room.",
}
_APPROVAL = "The streamer says yes first."
_MORE = "|".join(map(re.escape, [*_AGAIN.values(), *_FULL.values(), _APPROVAL]))
_OURS = re.compile(
    rf"VIP in this channel (?:for [0-9.]+ hours?(?: of live time)?|until the stream ends)\.(?: (?:{_MORE}))*"
)


def prompt(hours: float, rules: Rules) -> str:
    """At most `LONGEST_PROMPT` characters."""
    sentences = [
        f"VIP in this channel {_how_long(hours, rules.clock)}.",
        # There is no more time than until the stream ends.
        "" if rules.clock is VipClock.STREAM else _AGAIN.get(rules.when_vip, ""),
        _FULL.get(rules.when_full, ""),
        _APPROVAL if rules.approval else "",
    ]
    return " ".join(filter(None, sentences))


def is_ours(text: str) -> bool:
    """Whether it was written here, by whatever rules, and not by the streamer's own hand."""
    return _OURS.fullmatch(text) is not None


def _how_long(hours: float, clock: VipClock) -> str:
    if clock is VipClock.STREAM:
        return "until the stream ends"
    text = hours_text(hours)
    unit = "hour" if text == "1" else "hours"
    return f"for {text} {unit}{' of live time' if clock is VipClock.LIVE else ''}"
