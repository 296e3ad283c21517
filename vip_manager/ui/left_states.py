"""The states of pages that nobody looks at any more, and how long they are kept.

A page that comes again reads everything afresh (`on_load`); what its state alone holds is what somebody has half typed.
So a person's is kept as long as Reflex keeps states, a visitor's for a minute, and only so many of either: a state
takes some 30 kB, and whoever has no browser makes as many as sockets can be opened. Knows how Reflex keeps states
(facts of Reflex 0.10.1).
"""

import asyncio
from collections.abc import Callable
from typing import Any

from vip_manager.ui.auth_state import Site

VISITORS_SECONDS = 60.0
MOST_OF_VISITORS = 1000
MOST_OF_PEOPLE = 2000


class LeftStates:
    """`states` gives Reflex's state manager, `looked_at` whether a socket is open for a tab's token."""

    def __init__(self, states: Callable[[], Any], looked_at: Callable[[str], bool]) -> None:
        self._states = states
        self._looked_at = looked_at
        self._visitors: dict[str, asyncio.TimerHandle] = {}
        self._people: dict[str, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._visitors) + len(self._people)

    def left(self, token: str) -> None:
        """The tab's socket is gone."""
        self.back(token)
        seconds, most = VISITORS_SECONDS, MOST_OF_VISITORS
        kept = self._visitors
        if self._of_person(token):
            seconds, most, kept = self._states().token_expiration, MOST_OF_PEOPLE, self._people
        kept[token] = asyncio.get_running_loop().call_later(seconds, self._over, token)
        if len(kept) > most:
            self._drop(next(iter(kept)))

    def back(self, token: str) -> None:
        """Its page is here again."""
        for kept in (self._visitors, self._people):
            if due := kept.pop(token, None):
                due.cancel()

    def _over(self, token: str) -> None:
        # Its last event may have been on its way when the socket went.
        if token in self._visitors and self._of_person(token):
            self.left(token)
        else:
            self._drop(token)

    def _drop(self, token: str) -> None:
        self.back(token)
        states = self._states()
        held = states._token_expires_at.get(token)
        if held is None or self._looked_at(token):
            return
        lock = states._states_locks.get(held[1].lock_key)
        if lock is not None and lock.locked():
            self._visitors[token] = asyncio.get_running_loop().call_later(VISITORS_SECONDS, self._over, token)
        else:
            states._purge_token(held[1])

    def _of_person(self, token: str) -> bool:
        root = self._states().states.get(token)
        site = root.substates.get(Site.get_name()) if root is not None else None
        return site is not None and bool(site._seen)
