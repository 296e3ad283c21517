"""What can go wrong on Twitch, as one can have it in the sandbox: each mishap and the fault rules that make it.

The rules are in the simulator's own words (simulator/faults.py). They hit every channel, until they are taken away.
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
"""What the program asks of Twitch. Signing in by hand, and pictures, stay well."""
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
    Mishap.LOST_ADDS: ({"method": "POST", "path": _VIPS, "do": "lose_answer", "times": ALWAYS},),
    Mishap.TWICE: _events(do="duplicate"),
    Mishap.TWIN: _events(do="twin"),
    Mishap.LATE: _events(do="late", seconds=8),
    Mishap.REORDERED: _events(do="reorder", seconds=5),
    Mishap.DROPPED: _events(do="drop"),
}
"""Two mishaps are no rules but states of one channel: FULL (as many seats as VIPs) and LAG (of its VIP list)."""
