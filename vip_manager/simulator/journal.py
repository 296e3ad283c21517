"""What was asked of the simulator, what it did, where it misbehaved and what it told, in order; the newest few thousand
lines, in memory only.

| kind    | says                                                                                                   |
|---------|--------------------------------------------------------------------------------------------------------|
| request | `method`, `path`, `query` (Helix only; of unknown parameters the names), `status` that the routes gave, |
|         | `surface`, `caller` (the login whose token it is) and `client` (its id), as far as they can be told    |
| effect  | `what` changed, and ids                                                                                |
| fault   | which `rule` met what: `do`, and of a request `method`, `path`, `caller`; of a message `event`,        |
|         | `broadcaster`, `user`                                                                                  |
| event   | a message of EventSub that was put on its transport: `type`, `message`, `subscription`, `transport`    |

Each line says when it was written, `at` in real time and `world_at` in the world's. No line holds a secret. Texts of
over LONGEST_TEXT characters are cut. Lines are numbered from 1 in each run. What the audit must still know after a
restart stands in the world itself.
"""

from collections import deque
from collections.abc import Callable, Collection
from typing import Any

import structlog

from vip_manager.simulator.moments import rfc3339
from vip_manager.simulator.world import World

KEPT = 5000
LONGEST_TEXT = 500
MOST_IN_A_LIST = 50
KINDS = ("request", "effect", "fault", "event")
log = structlog.get_logger("simulator")


class Journal:
    """`told` is called after every line: pages that show this Twitch look again then."""

    def __init__(self, world: World, told: Callable[[], None] | None = None) -> None:
        self._world = world
        self._told = told
        self._lines: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.newest = 0

    def request(self, **details: Any) -> None:
        self._note("request", details)

    def effect(self, what: str, **details: Any) -> None:
        log.debug("twitch changed", what=what, **details)
        self._note("effect", {"what": what, **details})

    def fault(self, rule: str, do: str, **details: Any) -> None:
        log.debug("twitch misbehaves", rule=rule, do=do)
        self._note("fault", {"rule": rule, "do": do, **details})

    def event(self, **details: Any) -> None:
        self._note("event", details)

    def lines(self, limit: int, kinds: Collection[str] = KINDS) -> list[dict[str, Any]]:
        """Newest first."""
        found = (line for line in reversed(self._lines) if line["kind"] in kinds)
        return [line for line, _ in zip(found, range(limit), strict=False)]

    def lines_after(self, number: int, limit: int, kinds: Collection[str] = KINDS) -> list[dict[str, Any]]:
        """Oldest first, so that who asks on from the last one misses none (but what is no longer kept)."""
        found = (line for line in self._lines if line["number"] > number and line["kind"] in kinds)
        return [line for line, _ in zip(found, range(limit), strict=False)]

    def _note(self, kind: str, details: dict[str, Any]) -> None:
        self.newest += 1
        details = {name: _cut(value) for name, value in details.items()}
        moments = {"at": rfc3339(self._world.real_now()), "world_at": rfc3339(self._world.now())}
        self._lines.append({**details, "number": self.newest, **moments, "kind": kind})
        if self._told is not None:
            self._told()


def _cut(value: Any) -> Any:
    """Whoever asks says how long what is noted of it would be, and thousands of lines are kept."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[: LONGEST_TEXT - 1] + "…"
    return [_cut(one) for one in value[:MOST_IN_A_LIST]] if isinstance(value, list) else value
