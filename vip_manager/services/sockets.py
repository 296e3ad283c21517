"""How many pages may be open at once: in all, from one address, and how many of all by people who are not signed in."""

from collections import Counter
from enum import Enum

MOST_OF_ADDRESS = 100
MOST_OF_PERSON = 100
"""Who is signed in is counted for themselves where an address is full: visitors behind it never lock the staff out."""
KEPT = 10
"""One in so many is kept for people who are signed in: visitors never lock the staff out."""
REFUSALS = 20
"""One in so many, beside the others, may be held for a moment to be refused in words."""

PAGES = "/_event"
"""Where the pages' sockets are."""
REFUSED = "vip_manager.refused"
"""Stands in the scope of a socket that is to be refused in words."""
WRITE = "vip_manager.write"
"""Among the extensions of a socket's scope: what writes a frame at once, see `connection.BoundedSocket`."""


def of_person(user_id: str) -> str:
    """The key of somebody's places; no address is like it."""
    return f"person:{user_id}"


class Room(Enum):
    FREE = "free"
    KEPT = "kept"
    """For whoever is signed in."""
    NONE = "none"


class Sockets:
    """Counts those of this process. Whoever takes a place gives it back when the socket is gone, however it went.

    Places are counted by a key: an address (empty where it is not known, and then it has no number of its own), or
    `of_person`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._refusals = max(1, most // REFUSALS)
        self._open: Counter[str] = Counter()
        self._refused = 0
        self.open = 0

    def room(self, address: str) -> Room:
        """For whoever comes from there."""
        if self.open >= self._most:
            return Room.NONE
        full = address and self._open[address] >= MOST_OF_ADDRESS
        return Room.KEPT if full or self.open >= self._most - self._most // KEPT else Room.FREE

    def room_of_person(self, key: str) -> bool:
        """Whether there is room for them wherever they come from."""
        return self.open < self._most and self._open[key] < MOST_OF_PERSON

    def take(self, key: str) -> None:
        self.open += 1
        self._open[key] += 1

    def give_back(self, key: str) -> None:
        self.open -= 1
        self._open[key] -= 1
        if not self._open[key]:
            del self._open[key]

    def take_refusal(self) -> bool:
        """Whether one more may be told in words that there is no room; then it is given back too."""
        if self._refused >= self._refusals:
            return False
        self._refused += 1
        return True

    def give_back_refusal(self) -> None:
        self._refused -= 1
