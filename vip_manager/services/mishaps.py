"""What can go wrong on Twitch, as one can have it in the sandbox: each mishap and the fault rules that make it.

The rules are in the simulator's own words (simulator/faults.py). They hit every channel, but for those of ONE_CHANNEL,
until they are taken away.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

Rule = Mapping[str, Any]

SEED = 7
"""Where chance has a hand in it, it deals the same cards every time."""
ALWAYS = -1
LAG_SECONDS = 20.0


class Mishap(StrEnum):
    DOWN = "down"
    SLOW = "slow"
    LIMITED = "limited"
    LOST = "lost"
    LOST_ADDS = "lost_adds"
    FULL = "full"
    LAG = "lag"
    TWICE = "twice"
    TWIN = "twin"
    LATE = "late"
    REORDERED = "reordered"
    DROPPED = "dropped"


_VIPS = "/channels/vips"
_REDEMPTIONS = "/custom_rewards/redemptions"
_EVERYWHERE = (
    _VIPS,
    _REDEMPTIONS,
    "/custom_rewards",
    "/moderation/moderators",
    "/helix/users",
    "/helix/streams",
    "/eventsub/subscriptions",
    "/oauth2/token",
    "/oauth2/validate",
)
"""What the program asks of Twitch, signing in included: a person still comes as far as Twitch's own page. Pictures stay
well."""
_CHANGES = (("POST", _VIPS), ("DELETE", _VIPS), ("PATCH", _REDEMPTIONS))


def _all(**rule: Any) -> tuple[Rule, ...]:
    return tuple({"path": path, "times": ALWAYS, **rule} for path in _EVERYWHERE)


def _events(**rule: Any) -> tuple[Rule, ...]:
    return ({"event": "channel.", "times": ALWAYS, **rule},)


RULES: Mapping[Mishap, tuple[Rule, ...]] = {
    Mishap.DOWN: _all(do="status", status=503, message="Service Unavailable"),
    Mishap.SLOW: _all(do="delay", seconds=2),
    Mishap.LIMITED: _all(do="status", status=429, message="Too Many Requests"),
    Mishap.LOST: tuple(
        {"method": method, "path": path, "do": "lose_answer", "times": ALWAYS, "probability": 0.5, "seed": SEED}
        for method, path in _CHANGES
    ),
    Mishap.FULL: (
        {
            "method": "POST",
            "path": _VIPS,
            "do": "status",
            "status": 409,
            "message": "The broadcaster doesn't have available VIP slots.",
            "times": ALWAYS,
        },
    ),
    Mishap.LOST_ADDS: ({"method": "POST", "path": _VIPS, "do": "lose_answer", "times": ALWAYS},),
    Mishap.TWICE: _events(do="duplicate"),
    Mishap.TWIN: _events(do="twin"),
    Mishap.LATE: _events(do="late", seconds=8),
    Mishap.REORDERED: _events(do="reorder", seconds=5),
    Mishap.DROPPED: _events(do="drop"),
}
"""LAG is no rule but a state of one channel's VIP list."""

ONE_CHANNEL = frozenset({Mishap.FULL, Mishap.LAG})


def rules_of(mishap: Mishap, channel_id: str) -> tuple[Rule, ...]:
    """What makes that mishap, switched on in that channel."""
    where = {"broadcaster": channel_id} if mishap in ONE_CHANNEL else {}
    return tuple({**rule, **where} for rule in RULES[mishap])
