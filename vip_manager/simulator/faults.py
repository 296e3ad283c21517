"""Twitch misbehaving on demand: rules, and which of them meets what. How they are written down says fault_wish.py.

Of requests (request_faults.py):

| do            | the effect      | the answer                                                              |
|---------------|-----------------|-------------------------------------------------------------------------|
| `status`      | none            | `status`, with an optional `message` and `headers`                      |
| `delay`       | after `seconds` | Twitch's own, if the caller still waits; up to `jitter` seconds later   |
| `silence`     | none            | none: held until the caller goes away or the rule is deleted, then cut  |
| `cut`         | none            | none: the connection breaks at once                                     |
| `lose_answer` | done and saved  | none: cut; or with `"then": "hold"` held as in `silence`                |
| `kill_token`  | of a dead token | 401: the access token dies first, with `"refresh": true` the other too  |
| `pass`        | done            | Twitch's own; of use with `hold`                                        |

A rule meets requests by `method` ("*" is any), by the end of their `path` (as Twitch has it, in either layout; `/ws` is
the socket's handshake), by `broadcaster` (a broadcaster_id of the query), by `user` (whom it is about: a user_id of the
query, or who redeemed the redemption that its id names) and by `caller` (whose token it is). People are named by id.

With `"hold": true` the request first waits at a gate, before any effect (its token lives, too), until the rule is
deleted; a caller who goes away meanwhile leaves no effect.

Of EventSub's messages (event_faults.py), by `event` (a type or its beginning), `broadcaster` and `user`:

| do          | the message comes                                                                                 |
|-------------|---------------------------------------------------------------------------------------------------|
| `duplicate` | twice under one message id                                                                        |
| `twin`      | twice under two message ids                                                                       |
| `late`      | after `seconds` (5 unless told)                                                                   |
| `reorder`   | when the next event of that channel has gone, or after `seconds` (5 unless told) at the latest    |
| `drop`      | never                                                                                             |

Deleting a rule lets what it still holds come at once.

Any rule lets the first `after` of what it could meet pass, then meets each with `probability`, `times` times (1 unless
told; -1 is always). Its dice begin with `seed`, so that the same rule meets the same again.
"""

import asyncio
import itertools
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from random import Random
from typing import Any

OF_REQUESTS = ("status", "delay", "silence", "cut", "lose_answer", "kill_token", "pass")
OF_EVENTS = ("duplicate", "twin", "late", "reorder", "drop")
FOREVER = -1
_SHOWN = ("broadcaster", "user", "times", "after", "probability", "seed", "seconds", "hits", "holding")
_SHOWN_OF_REQUESTS = ("method", "path", "caller", "status", "jitter", "then", "hold", "refresh")


@dataclass(slots=True)
class Rule:
    id: str
    do: str
    seed: int
    broadcaster: str = ""
    user: str = ""
    times: int = 1
    after: int = 0
    probability: float = 1.0
    seconds: float = 0.0
    method: str = "*"
    path: str = ""
    caller: str = ""
    status: int = 500
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    jitter: float = 0.0
    then: str = "cut"
    hold: bool = False
    refresh: bool = False
    event: str = ""
    met: int = 0
    hits: int = 0
    holding: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)
    dice: Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)  # noqa: S311  (to be repeated, not to be secret)

    def strikes(self) -> bool:
        """Counts one that it could meet, and says whether it does."""
        if self.times != FOREVER and self.hits >= self.times:
            return False
        self.met += 1
        if self.met <= self.after or self.dice.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def wait_seconds(self) -> float:
        return self.seconds + self.dice.uniform(0, self.jitter)

    def shown(self) -> dict[str, Any]:
        more = ("event",) if self.do in OF_EVENTS else _SHOWN_OF_REQUESTS
        return {name: getattr(self, name) for name in ("id", "do", *more, *_SHOWN)}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as rules see it; `path` is as Twitch has it."""

    method: str
    path: str
    broadcasters: Collection[str]
    users: Collection[str]
    caller: str

    def meant_by(self, rule: Rule) -> bool:
        return (
            rule.do in OF_REQUESTS
            and rule.method in ("*", self.method)
            and self.path.endswith(rule.path)
            and (not rule.broadcaster or rule.broadcaster in self.broadcasters)
            and (not rule.user or rule.user in self.users)
            and rule.caller in ("", self.caller)
        )


@dataclass(frozen=True, slots=True)
class Told:
    """A message of EventSub as rules see it."""

    event: str
    broadcaster: str
    user: str

    def meant_by(self, rule: Rule) -> bool:
        return (
            rule.do in OF_EVENTS
            and self.event.startswith(rule.event)
            and rule.broadcaster in ("", self.broadcaster)
            and rule.user in ("", self.user)
        )


class Faults:
    """Rules in the order they were made; the first that takes something has it. A spent rule stays listed."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}
        self._numbers = itertools.count(1)
        self._watchers: list[Callable[[Rule], None]] = []

    def when_removed(self, watcher: Callable[[Rule], None]) -> None:
        """`watcher` is told of each rule that goes: what it holds is to go on."""
        self._watchers.append(watcher)

    def add(self, make: Callable[[str], Rule]) -> Rule:
        """`make` is given the rule's id."""
        rule = make(str(next(self._numbers)))
        self._rules[rule.id] = rule
        return rule

    def remove(self, rule_id: str | None = None) -> int:
        """One rule, or all; what they hold goes on. Says how many went."""
        gone = [rule for rule in self._rules.values() if rule_id in (None, rule.id)]
        for rule in gone:
            del self._rules[rule.id]
            rule.over.set()
            for watcher in self._watchers:
                watcher(rule)
        return len(gone)

    def shown(self) -> list[dict[str, Any]]:
        return [rule.shown() for rule in self._rules.values()]

    def hit(self, what: Asked | Told) -> Rule | None:
        return next((rule for rule in self._rules.values() if what.meant_by(rule) and rule.strikes()), None)
