"""Rules meet EventSub's messages on their way to a transport: doubled, delayed, put out of order or lost.

Each subscription's message is met on its own, so of two sockets one may hear what the other doesn't.
"""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vip_manager.simulator.faults import Faults, Rule, Told
from vip_manager.simulator.journal import Journal

Send = Callable[[str], None]


@dataclass(slots=True, eq=False)
class _Held:
    rule: Rule
    broadcaster_id: str
    send: Send
    timer: asyncio.TimerHandle = field(init=False)


class EventFaults:
    def __init__(self, faults: Faults, journal: Journal) -> None:
        self._faults = faults
        self._journal = journal
        self._held: dict[_Held, None] = {}
        faults.when_removed(self._released)

    def carry(self, kind: str, broadcaster_id: str, user_id: str, messages: Sequence[Send]) -> None:
        """One event: each of `messages` puts it on a subscription's transport now, under the id that it is given. On
        the event loop only."""
        before = [one for one in self._held if one.rule.do == "reorder" and one.broadcaster_id == broadcaster_id]
        held_back = [self._meet(Told(kind, broadcaster_id, user_id), send) for send in messages]
        if not all(held_back):
            # Only now that the event is out to every subscription, else one of them would still have it in order.
            for one in before:
                self._arrive(one)

    def _meet(self, what: Told, send: Send) -> bool:
        """True where the message waits for the next event."""
        rule = self._faults.hit(what)
        if rule is None:
            send(_new_id())
            return False
        self._journal.fault(rule.id, rule.do, event=what.event, broadcaster=what.broadcaster, user=what.user)
        if rule.do in ("late", "reorder"):
            self._hold(_Held(rule, what.broadcaster, send))
        elif rule.do in ("duplicate", "twin"):
            message_id = _new_id()
            send(message_id)
            send(message_id if rule.do == "duplicate" else _new_id())
        return rule.do == "reorder"

    def _hold(self, held: _Held) -> None:
        held.rule.holding += 1
        self._held[held] = None
        held.timer = asyncio.get_running_loop().call_later(held.rule.seconds, self._arrive, held)

    def _released(self, rule: Rule) -> None:
        for held in [one for one in self._held if one.rule is rule]:
            self._arrive(held)

    def _arrive(self, held: _Held) -> None:
        if held in self._held:
            del self._held[held]
            held.timer.cancel()
            held.rule.holding -= 1
            held.send(_new_id())


def _new_id() -> str:
    return str(uuid.uuid4())
