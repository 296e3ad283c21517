"""Whose board a name leads to, for routes that are asked again and again: what was found is remembered for a moment."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from starlette.requests import Request

from vip_manager.domain.terms import InvalidInput, parse_login
from vip_manager.ports import StoreUnavailable
from vip_manager.services import rates
from vip_manager.services.container import running
from vip_manager.services.pictures import PublicPicture

NAMED_FOR = 10.0
"""Seconds: a name leads elsewhere only after somebody was renamed on Twitch, and their picture tells that at once."""
NOBODY_FOR = 1.0
_MOST = 2000

T = TypeVar("T")


class NoBoard(Exception):
    """There is none by that name."""


class TooManyGuesses(Exception):
    """Somebody tries names: the store would be read for each. `wait` as `RateLimits.hit` says it."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


class Boards:
    """`guesses`: names that lead nowhere yet are counted by who asks, where nothing else counts them."""

    def __init__(self, *, guesses: bool = True, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._guesses = guesses
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, str]] = {}
        self._nobody: dict[str, float] = {}

    async def at(self, request: Request) -> tuple[str, str, PublicPicture]:
        """The name as Twitch writes it, whose it is, and the board's picture, which may say that it is off. Raises
        NoBoard, TooManyGuesses, StoreError."""
        try:
            name = parse_login(request.path_params["login"])
        except InvalidInput:
            raise NoBoard from None
        channel_id = await self._channel_id(name, request)
        picture = await running().board.public(channel_id)
        if picture.login and picture.login != name:
            # Others who asked meanwhile may have found the same.
            self._known.pop(name, None)
            channel_id = await self._channel_id(name, request)
            picture = await running().board.public(channel_id)
        if not picture.known:
            raise NoBoard
        return name, channel_id, picture

    async def _channel_id(self, name: str, request: Request) -> str:
        now = self._monotonic()
        until, known = self._known.get(name, (0.0, ""))
        if now < until:
            return known
        if now < self._nobody.get(name, 0.0):
            raise NoBoard
        if not known and self._guesses and request.client:
            wait = await running().rates.hit(rates.BOARD_GUESSES, rates.network(request.client.host))
            if wait is not None:
                raise TooManyGuesses(wait)
        try:
            found = await running().board.channel_id(name)
        except StoreUnavailable:
            running().reach.failed()
            if not known:
                raise
            return known
        if found is None:
            self._known.pop(name, None)
            _keep(self._nobody, name, now + NOBODY_FOR)
            raise NoBoard
        _keep(self._known, name, (now + NAMED_FOR, found))
        return found


def _keep(kept: dict[str, T], name: str, value: T) -> None:
    """At its end; what was found longest ago makes room."""
    kept.pop(name, None)
    if len(kept) >= _MOST:
        del kept[next(iter(kept))]
    kept[name] = value
