"""How many connections are open from one address, whatever they are for, and whether they say anything at all."""

from collections import Counter

import structlog

from vip_manager.services import rates
from vip_manager.services.bucket import Bucket

log = structlog.get_logger(__name__)

MOST_OF_PEER = 1000
"""Ten times the sockets of one address: whoever sits behind it with others has room for their pages' requests."""


class Peers:
    """Only where those who connect are the people themselves, and no proxy of ours. This very machine is not
    counted."""

    def __init__(self, most: int = MOST_OF_PEER) -> None:
        self._most = most
        self._of: dict[object, str] = {}
        self._open: Counter[str] = Counter()
        self._lines = Bucket(1 / 60, 1)

    def __len__(self) -> int:
        return len(self._of)

    def let_in(self, transport: object, address: str) -> bool:
        """Whether there is room for one more from there. It is counted until it is `gone`."""
        address = rates.socket_address(address)
        if not address:
            return True
        if self._open[address] >= self._most:
            if self._lines.take():
                log.warning("too many connections from one address, refused", most=self._most)
            return False
        self._of[transport] = address
        self._open[address] += 1
        return True

    def gone(self, transport: object) -> None:
        """One that was not let in, or is gone already, is none."""
        address = self._of.pop(transport, None)
        if address is None:
            return
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]
