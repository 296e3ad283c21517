"""How many pages may be open at once: in all, from one address, and how many of all by people who are not signed in."""

from collections import Counter
from enum import Enum

MOST_OF_ADDRESS = 100
KEPT = 10
"""One in so many is kept for people who are signed in: visitors never lock the staff out."""
REFUSALS = 20
"""One in so many, beside the others, may be held for a moment to be refused in words."""

REFUSED = "vip_manager.refused"
"""Stands in the scope of a socket that is to be refused in words."""


class Room(Enum):
    FREE = "free"
    KEPT = "kept"
    """For whoever is signed in."""
    NONE = "none"


class Sockets:
    """Counts those of this process. Whoever takes a place gives it back when the socket is gone, however it went."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._refusals = max(1, most // REFUSALS)
        self._open: Counter[str] = Counter()
        self._refused = 0
        self.open = 0

    def room(self, address: str) -> Room:
        """`address` is empty where it is not known, and then has no number of its own."""
        if self.open >= self._most or (address and self._open[address] >= MOST_OF_ADDRESS):
            return Room.NONE
        return Room.FREE if self.open < self._most - self._most // KEPT else Room.KEPT

    def take(self, address: str) -> None:
        self.open += 1
        self._open[address] += 1

    def give_back(self, address: str) -> None:
        self.open -= 1
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]

    def take_refusal(self) -> bool:
        """Whether one more may be told in words that there is no room; then it is given back too."""
        if self._refused >= self._refusals:
            return False
        self._refused += 1
        return True

    def give_back_refusal(self) -> None:
        self._refused -= 1
