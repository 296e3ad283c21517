"""Which documents this instance has written, by channel, until those who show the channel know: the other instances,
and this one's own pictures."""

from collections.abc import Iterable

from vip_manager.domain.account import Account, SignIn
from vip_manager.domain.api_token import ApiCall
from vip_manager.domain.audit import AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.outbox import Outbox
from vip_manager.ports import Record, Touched
from vip_manager.store.documents import kind_of

MOST = 40
"""Documents of one channel: of more, all of it counts as changed."""


class Touches:
    """`untold` and `unseen` each hand over what was written since they were asked last."""

    def __init__(self) -> None:
        self._untold: dict[str, Touched] = {}
        self._unseen: dict[str, Touched] = {}

    def wrote(self, writes: Iterable[Record | AuditEntry]) -> None:
        """All of one commit."""
        for one in writes:
            if channel_id := _channel_of(one):
                self._add(channel_id, (f"{kind_of(one).collection}/{one.id}",))

    def deleted(self, record: Record) -> None:
        if channel_id := _channel_of(record):
            self.erased(channel_id)

    def erased(self, channel_id: str) -> None:
        """Whatever of that channel."""
        self._add(channel_id, None)

    def untold(self, channel_id: str) -> Touched:
        return self._untold.pop(channel_id, ())

    def not_told(self, channel_id: str, touched: Touched) -> None:
        """What was handed over is to be told with the next."""
        self._untold[channel_id] = together(touched, self._untold.get(channel_id, ()))

    def unseen(self, channel_id: str) -> Touched:
        return self._unseen.pop(channel_id, ())

    def _add(self, channel_id: str, touched: Touched) -> None:
        for known in (self._untold, self._unseen):
            known[channel_id] = together(known.get(channel_id, ()), touched)


def together(first: Touched, then: Touched) -> Touched:
    """Both, each document once."""
    if first is None or then is None:
        return None
    both = tuple(dict.fromkeys((*first, *then)))
    return both if len(both) <= MOST else None


def _channel_of(record: Record | AuditEntry) -> str:
    """Empty for what no picture of a channel is made of."""
    match record:
        case Account() | Channel() | Outbox():
            return record.id
        case SignIn() | ApiCall():
            return ""
    return record.channel_id
