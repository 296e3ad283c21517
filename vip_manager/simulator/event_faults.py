"""Rules meet EventSub's messages on their way to a transport: doubled, delayed, put out of order or lost.

Each subscription's message is met on its own, so of two sockets one may hear what the other doesn't.
"""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from vip_manager.simulator.faults import Faults, Rule, Told
from vip_manager.simulator.journal import Journal

Send = Callable[[str], None]


@dataclass(slots=True, eq=False)
class _Held:
    """A message that waits for the next event of its channel. Other subscriptions' messages of its own event are no
    next one: they come from the same task before it has let go."""

    rule: Rule
    send: Send
    task: asyncio.Task[object] | None
    same_event: bool = True

    def next_has_come(self) -> bool:
        return not self.same_event or asyncio.current_task() is not self.task


class EventFaults:
    def __init__(self, faults: Faults, journal: Journal) -> None:
        self._faults = faults
        self._journal = journal
        self._held: defaultdict[str, list[_Held]] = defaultdict(list)

    def carry(self, kind: str, broadcaster_id: str, user_id: str, send: Send) -> None:
        """`send` puts the message on its transport now, under the id that it is given. On the event loop only."""
        rule = self._faults.hit(Told(kind, broadcaster_id, user_id))
        if rule is not None:
            self._journal.fault(rule.id, rule.do, event=kind, broadcaster=broadcaster_id, user=user_id)
            if rule.do == "reorder":
                self._hold(rule, broadcaster_id, send)
                return
            self._misbehave(rule, send)
        else:
            send(_new_id())
        self._let_go(broadcaster_id)

    def _misbehave(self, rule: Rule, send: Send) -> None:
        message_id = _new_id()
        if rule.do == "late":
            rule.holding += 1
            asyncio.get_running_loop().call_later(rule.seconds, self._arrive, rule, send)
        elif rule.do in ("duplicate", "twin"):
            send(message_id)
            send(message_id if rule.do == "duplicate" else _new_id())

    def _hold(self, rule: Rule, broadcaster_id: str, send: Send) -> None:
        loop = asyncio.get_running_loop()
        held = _Held(rule, send, asyncio.current_task())
        rule.holding += 1
        self._held[broadcaster_id].append(held)
        loop.call_soon(_forget_event, held)
        loop.call_later(rule.seconds, self._release, broadcaster_id, held)

    def _let_go(self, broadcaster_id: str) -> None:
        """Only when this event is out to every subscription, else one of them would still have it in order."""
        for held in self._held.get(broadcaster_id, ()):
            if held.next_has_come():
                asyncio.get_running_loop().call_soon(self._release, broadcaster_id, held)

    def _release(self, broadcaster_id: str, held: _Held) -> None:
        if held in self._held[broadcaster_id]:
            self._held[broadcaster_id].remove(held)
            self._arrive(held.rule, held.send)

    def _arrive(self, rule: Rule, send: Send) -> None:
        rule.holding -= 1
        send(_new_id())


def _forget_event(held: _Held) -> None:
    held.same_event = False


def _new_id() -> str:
    return str(uuid.uuid4())
